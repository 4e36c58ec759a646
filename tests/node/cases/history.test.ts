/** A case file as the sum of its entries: nothing is won by being last, and nothing is lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type CaseEntry, historyOf, isContested, readItems, valuesOf } from '#node/cases/history.ts';
import { caseKindNames, caseKinds } from '#node/cases/kinds.ts';
import { caseFieldName } from '#schema/vocabulary/cases.ts';
import { meaningOf } from '#schema/vocabulary/coded.ts';
import { fieldName } from '#schema/vocabulary/field-names.ts';

const entry = (id: string, change: Partial<CaseEntry> = {}): CaseEntry => ({
  id,
  n: Number(id.replace(/\D/g, '')) || 1,
  caseId: 'case-a',
  atMs: 1_000,
  author: 'ana.xa',
  authorName: 'Ana',
  item: 'gender',
  kind: 'gender',
  replaces: [],
  value: { gender: 'Feminine' },
  provenance: { source: 'document', confidence: 'verified' },
  reason: null,
  ...change,
});
const heads = (entries: readonly CaseEntry[], asOfMs?: number) =>
  readItems(entries, asOfMs).map((item) => [item.item, item.heads.map(({ id }) => id)]);

describe('what stands', () => {
  it('is the entry that no other takes the place of', () => {
    const entries = [entry('e1'), entry('e2', { replaces: ['e1'] }), entry('e3', { replaces: ['e2'] })];
    expect(heads(entries)).toEqual([['gender', ['e3']]]);
  });

  it('is both where two wrote over the same one, until a third takes the place of both', () => {
    const both = [entry('e1'), entry('e2', { replaces: ['e1'] }), entry('e3', { replaces: ['e1'] })];
    const [contested] = readItems(both);
    expect([contested!.heads.map(({ id }) => id), isContested(contested!)]).toEqual([['e2', 'e3'], true]);
    const resolved = [...both, entry('e4', { replaces: ['e2', 'e3'] })];
    expect(heads(resolved)).toEqual([['gender', ['e4']]]);
    expect(historyOf(resolved, 'gender')).toHaveLength(4);
  });

  it('is both where one ended it and another changed it: a dispute hides no warning', () => {
    const warning = { item: 'i-1', kind: 'warning' as const };
    const entries = [
      entry('e1', { ...warning, value: { code: 'do-not-contact-family' } }),
      entry('e2', { ...warning, replaces: ['e1'], value: null, reason: 'no longer so' }),
      entry('e3', { ...warning, replaces: ['e1'], value: { code: 'do-not-reveal-location' } }),
    ];
    expect(heads(entries)).toEqual([['i-1', ['e2', 'e3']]]);
    expect(valuesOf(readItems(entries), 'warning').map(({ id }) => id)).toEqual(['e3']);
  });

  it('is nothing once it was ended, and is known as of a time before', () => {
    const entries = [
      entry('e1', { atMs: 1 }),
      entry('e2', { atMs: 5, replaces: ['e1'], value: null, reason: 'said by mistake' }),
    ];
    expect(heads(entries)).toEqual([]);
    expect(heads(entries, 4)).toEqual([['gender', ['e1']]]);
  });
});

describe('any history', () => {
  /** Writers who have before them what stood at some moment, and take the place of all of it. */
  const histories = fc.array(fc.record({ sawUpTo: fc.nat(30), ends: fc.boolean() }), {
    minLength: 1,
    maxLength: 25,
  });
  const play = (writers: readonly { sawUpTo: number; ends: boolean }[]) => {
    const entries: CaseEntry[] = [];
    for (const [index, { sawUpTo, ends }] of writers.entries()) {
      const seen = readItems(entries.slice(0, sawUpTo))[0]?.heads ?? [];
      entries.push(
        entry(`e${index + 1}`, {
          replaces: seen.map(({ id }) => id),
          ...(ends && { value: null, reason: 'x' }),
        }),
      );
    }
    return entries;
  };

  it('keeps what its writers did not have before them', () => {
    fc.assert(
      fc.property(histories, (writers) => {
        const entries = play(writers);
        const replaced = new Set(entries.flatMap(({ replaces }) => replaces));
        const standing = entries.filter(({ id }) => !replaced.has(id)).map(({ id }) => id);
        const shown = readItems(entries).flatMap((item) => item.heads.map(({ id }) => id));
        expect(standing.length).toBeGreaterThan(0);
        const allEnded = entries
          .filter(({ id }) => standing.includes(id))
          .every(({ value }) => value === null);
        expect(shown).toEqual(allEnded ? [] : standing);
      }),
    );
  });

  it('is the same whatever order its entries come in', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (writers, keys) => {
        const entries = play(writers);
        const shuffled = [...entries].map((one) => [keys.next().value!, one] as const);
        const order = shuffled.sort(([a], [b]) => a - b).map(([, one]) => one);
        expect(heads(order)).toEqual(heads(entries));
      }),
    );
  });
});

describe('the kinds of a file', () => {
  /** Names of fields, however deep, and codes that no list explains. */
  function look(schema: z.ZodType, fields: Set<string>, bare: Set<string>, at: string): void {
    if (schema instanceof z.ZodOptional) look(schema.unwrap() as z.ZodType, fields, bare, at);
    if (schema instanceof z.ZodArray) look(schema.element as z.ZodType, fields, bare, at);
    if (schema instanceof z.ZodEnum && meaningOf(schema) === undefined) bare.add(at);
    if (!(schema instanceof z.ZodObject)) return;
    for (const [key, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
      fields.add(key);
      look(field, fields, bare, key);
    }
  }

  it('have a name in four languages for every field, and a list for every code', () => {
    const [fields, bare] = [new Set<string>(), new Set<string>()];
    for (const kind of caseKindNames) look(caseKinds[kind].value, fields, bare, kind);
    const named = new Set<string>([...fieldName.codes, ...caseFieldName.codes]);
    expect([...fields].filter((field) => !named.has(field))).toEqual([]);
    expect([...bare]).toEqual([]);
    expect(fields.size).toBeGreaterThan(60);
    for (const field of caseFieldName.codes) expect([field, fields.has(field)]).toEqual([field, true]);
  });
});
