// The schema files that others write clients from are what the endpoints serve.
import { readFileSync } from 'node:fs';
import { buildSchema, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printedSchemas } from '#deploy/print-sdl.ts';

describe.each(Object.entries(printedSchemas))('%s', (file, print) => {
  const stored = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

  it('is what its endpoint serves; if not, run `npm run sdl`', () => {
    expect(stored).toBe(print());
  });

  it('is a valid schema in which every mutation can be called', () => {
    const schema = buildSchema(stored);
    expect(validateSchema(schema)).toEqual([]);
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {}).length).toBeGreaterThan(0);
  });
});
