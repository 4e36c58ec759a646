/** Two records side by side: what matches, what does not, what is blank; and how well it does on labelled pairs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFacts } from '#node/matching/compare.ts';
import type { SearchableFacts } from '#node/matching/facts.ts';
import { namePairs } from '../../fixtures/names/corpus.ts';
import { measurePairs } from '../../fixtures/names/measure.ts';

const base: SearchableFacts = {
  names: [
    {
      parts: [
        { kind: 'given', value: 'Oksana' },
        { kind: 'family', value: 'Melnyk' },
      ],
      script: 'Latn',
    },
  ],
  births: [{ earliest: '2010-03-04', latest: '2010-03-04' }],
  gender: 'Feminine',
  nationalities: ['XA'],
};
const name = (given: string, family?: string): SearchableFacts['names'] => [
  {
    parts: [
      { kind: 'given', value: given },
      ...(family === undefined ? [] : [{ kind: 'family', value: family }]),
    ],
    script: 'Latn',
  },
];
const fieldOf = (field: string, one: SearchableFacts, other: SearchableFacts) => {
  const { outcome, reason } = compareFacts(one, other).fields.find((each) => each.field === field)!;
  return `${outcome}: ${reason}`;
};
const against = (field: string, change: Partial<SearchableFacts>) =>
  fieldOf(field, base, { ...base, ...change });
const born = (earliest: string, latest = earliest) => ({ births: [{ earliest, latest }] });

describe('each field', () => {
  it('of names', () => {
    expect(against('names', {})).toBe('match: same-words');
    expect(against('names', { names: name('Melnyk', 'Oksana') })).toBe('match: same-words');
    expect(against('names', { names: name('Oxana', 'Melnik') })).toBe('match: sounds-alike');
    expect(against('names', { names: name('Oksana') })).toBe('match: one-word-alike');
    expect(against('names', { names: name('Oksana', 'Bondar') })).toBe('mismatch: some-words-alike');
    expect(against('names', { names: name('Petro', 'Bondar') })).toBe('mismatch: no-word-alike');
    expect(against('names', { names: [] })).toBe('blank: not-given');
    expect(against('names', { names: [...name('Petro', 'Bondar'), ...name('Oksana', 'Melnyk')] })).toBe(
      'match: same-words',
    );
  });

  it('of names: given and family alike though a third word differs; the third and one alike are not enough', () => {
    const three = (given: string, patronymic: string, family: string): SearchableFacts => ({
      ...base,
      names: [
        {
          parts: [
            { kind: 'given', value: given },
            { kind: 'patronymic', value: patronymic },
            { kind: 'family', value: family },
          ],
          script: 'Latn',
        },
      ],
    });
    const one = three('Omar', 'Ali', 'Hassan');
    expect(fieldOf('names', one, three('Omar', 'Said', 'Hassan'))).toBe('match: given-and-family-alike');
    expect(fieldOf('names', one, three('Ahmed', 'Ali', 'Hassan'))).toBe('mismatch: some-words-alike');
  });

  it('of births', () => {
    expect(against('births', {})).toBe('match: same-day');
    expect(against('births', born('2010-01-01', '2010-12-31'))).toBe('match: intervals-overlap');
    expect(against('births', born('2010-04-03'))).toBe('mismatch: day-and-month-exchanged');
    expect(against('births', born('2011-03-04'))).toBe('mismatch: within-a-year');
    expect(against('births', born('2014-03-04'))).toBe('mismatch: years-apart');
    expect(against('births', { births: [] })).toBe('blank: not-given');
    expect(against('births', { births: [...born('2014-03-04').births, ...base.births] })).toBe(
      'match: same-day',
    );
  });

  it('of gender and nationalities', () => {
    expect(against('gender', {})).toBe('match: same-code');
    expect(against('gender', { gender: 'Masculine' })).toBe('mismatch: other-code');
    expect(against('gender', { gender: 'NonSpecifiedUnknown' })).toBe('blank: not-given');
    expect(against('nationalities', { nationalities: ['XB', 'XA'] })).toBe('match: shared-nationality');
    expect(against('nationalities', { nationalities: ['XB'] })).toBe('mismatch: no-shared-nationality');
    expect(against('nationalities', { nationalities: [] })).toBe('blank: not-given');
  });
});

describe('the score', () => {
  it('orders by how much speaks for it', () => {
    const order = [
      base,
      { ...base, names: name('Oxana', 'Melnik') },
      { ...base, names: name('Oksana') },
      { ...base, ...born('2014-01-01'), names: name('Oksana') },
      { ...base, names: name('Petro', 'Bondar') },
      { names: name('Petro', 'Bondar'), ...born('1999-01-01'), gender: 'Masculine', nationalities: ['XB'] },
    ].map((other) => compareFacts(base, other).score);
    expect(order).toEqual([...order].sort((one, other) => other - one));
    expect(new Set(order).size).toBe(order.length);
    expect(order[0]).toBe(1);
  });

  it('is the same both ways round, between 0 and 1', () => {
    const some = fc.constantFrom(...namePairs.flatMap(({ left, right }) => [left, right]));
    fc.assert(
      fc.property(some, some, (one, other) => {
        const [there, back] = [compareFacts(one, other), compareFacts(other, one)];
        expect(there).toEqual(back);
        expect(there.score).toBeGreaterThanOrEqual(0);
        expect(there.score).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the corpus of invented pairs', () => {
  it('has at least 300 pairs in at least ten scripts, each line once', () => {
    expect(namePairs.length).toBeGreaterThanOrEqual(300);
    expect(new Set(namePairs.map(({ line }) => line)).size).toBe(namePairs.length);
    expect(new Set(namePairs.flatMap(({ scripts }) => scripts.split('-'))).size).toBeGreaterThanOrEqual(10);
    expect(namePairs.filter(({ same }) => !same).length).toBeGreaterThanOrEqual(90);
  });

  // A little below what was measured, so that a change that loses pairs is seen: 1.00, 0.99 and 0.94; held out 0.99, 0.95 and 0.92.
  it.each([
    [false, { found: 0.99, recall: 0.98, precision: 0.93 }],
    [true, { found: 0.98, recall: 0.93, precision: 0.91 }],
  ])('is matched as well as it was (held out: %s)', (heldOut, floor) => {
    const measured = measurePairs(namePairs.filter((pair) => pair.heldOut === heldOut));
    expect(measured.found).toBeGreaterThanOrEqual(floor.found);
    expect(measured.recall).toBeGreaterThanOrEqual(floor.recall);
    expect(measured.precision).toBeGreaterThanOrEqual(floor.precision);
  });
});
