/** Types derived from zod: what parses by the schema passes the GraphQL type unchanged, and the reverse is refused by name. */
import SchemaBuilder from '@pothos/core';
import { graphql, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { makeDerivation } from '#node/graphql/derive.ts';
import { DeriveError } from '#node/graphql/shape.ts';

const Colour = z.enum(['red', 'dark-blue']).meta({ id: 'test-colour' });
const Kind = z.enum(['ENQ', 'RPT']).meta({ id: 'test-kind' });
const Part = z
  .strictObject({ text: z.string().max(10), count: z.int().min(0).max(5).optional() })
  .meta({ id: 'test-part' });
const Body = z.strictObject({
  colour: Colour,
  kind: Kind.optional(),
  parts: z.array(Part).min(1),
  ok: z.boolean(),
  atMs: z.int(),
  move: z.discriminatedUnion('phase', [
    z.strictObject({ phase: z.literal('ask'), why: z.string() }),
    z.strictObject({ phase: z.literal('answer'), re: z.int().min(1).max(9), why: z.string() }),
  ]),
});

function makeSchema(body: z.ZodType) {
  const builder = new SchemaBuilder({});
  const derivation = makeDerivation(builder);
  const input = derivation.input(body, 'TestBody');
  const output = derivation.output(body, 'TestBody');
  builder.queryType({
    fields: (t) => ({
      echo: t.field({
        type: output as never,
        args: { body: t.arg({ type: input as never, required: true }) },
        resolve: (_parent, args) => (args as { body: unknown }).body as never,
      }),
    }),
  });
  return builder.toSchema();
}

const BODY = {
  colour: 'dark-blue',
  kind: 'RPT',
  parts: [{ text: 'عائشة', count: 2 }, { text: 'ё' }],
  ok: true,
  atMs: 1_800_000_000_000,
  move: { phase: 'answer', re: 1, why: 'x' },
};
const QUERY = `query($body: TestBodyInput!) {
  echo(body: $body) { colour kind parts { text count } ok atMs move { phase re why } } }`;

describe('derived types', () => {
  it('carries a body through unchanged, codes with hyphens included', async () => {
    const result = await graphql({ schema: makeSchema(Body), source: QUERY, variableValues: { body: BODY } });
    expect(result.errors).toBeUndefined();
    const echoed = JSON.parse(JSON.stringify(result.data?.echo));
    expect(echoed.parts[1].count).toBeNull();
    delete echoed.parts[1].count;
    expect(Body.parse(echoed)).toEqual(BODY);
  });

  it.each([
    ['an unknown code', { ...BODY, colour: 'green' }],
    ['an unknown field', { ...BODY, extra: 1 }],
    ['a missing field', { ...BODY, ok: undefined }],
    ['a list of nothing required', { ...BODY, parts: [null] }],
  ])('refuses %s', async (_what, body) => {
    const result = await graphql({ schema: makeSchema(Body), source: QUERY, variableValues: { body } });
    expect(result.errors).toHaveLength(1);
  });

  it('says which codes there are where something is none, and does not repeat it', async () => {
    const body = { ...BODY, colour: 'green' };
    const { errors } = await graphql({ schema: makeSchema(Body), source: QUERY, variableValues: { body } });
    expect(errors![0]!.originalError?.message ?? errors![0]!.message).toBe(
      'Not a code of TestColour: one of red, dark-blue.',
    );
  });

  it('names types after their ids and their places', () => {
    const sdl = printSchema(makeSchema(Body));
    expect(sdl).toContain('enum TestKind {\n  ENQ\n  RPT\n}');
    expect(sdl).toContain('"""One of: red, dark-blue"""\nscalar TestColour');
    expect(sdl).toContain('input TestPartInput {\n  count: Int\n  text: String!\n}');
    expect(sdl).toContain('parts: [TestPartInput!]!');
    expect(sdl).toContain('atMs: Float!');
    expect(sdl).toMatch(
      /input TestBodyMoveInput \{\n {2}phase: TestBodyMovePhase!\n {2}re: Int\n {2}why: String!\n\}/,
    );
  });

  it('refuses two schemas of one name and kinds it does not know', () => {
    const twice = z.strictObject({
      a: z.strictObject({ x: z.string() }).meta({ id: 'test-same-a' }),
      b: z.strictObject({ a: z.strictObject({ y: z.string() }) }),
    });
    expect(() => makeSchema(twice)).not.toThrow();
    const clash = z.strictObject({
      aB: z.strictObject({ x: z.string() }),
      a: z.strictObject({ b: z.strictObject({ y: z.string() }) }),
    });
    expect(() => makeSchema(clash)).toThrow(DeriveError);
    expect(() => makeSchema(z.strictObject({ when: z.date() }))).toThrow(DeriveError);
  });
});
