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

  it('is a valid schema, and changes something only where its people or nodes act', () => {
    const schema = buildSchema(stored);
    expect(validateSchema(schema)).toEqual([]);
    const acts = ['officer', 'guardian', 'machine', 'gateway'].some((one) => file.includes(one));
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {}).length > 0).toBe(acts);
  });
});
