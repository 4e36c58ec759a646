/** Tokens of records: what is shared, what is not, and that no name can break them (SECURITY.md case 48). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOfChild, type SearchableFacts } from '#node/matching/facts.ts';
import { MatchingError } from '#node/matching/matching-error.ts';
import { MOST_TOKENS, type TokenKind, tokensOf } from '#node/matching/tokens.ts';
import { foldText } from '#node/matching/words.ts';
import { namePairs } from '../../fixtures/names/corpus.ts';

/** Any UTF-16 at all, lone surrogates and NUL among them, and strings that look like names. */
const anyText = fc.oneof(
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    ...namePairs.flatMap(({ left, right }) => [left, right].map(({ names }) => names[0]!.parts[0]!.value)),
  ),
);
const anyScript = fc.constantFrom('Latn', 'Cyrl', 'Grek', 'Arab', 'Hebr', 'Hani', 'Zzzz');
const anyLanguage = fc.constantFrom(undefined, 'ru', 'uk', 'sr', 'ar', 'tr', 'so', 'xx-Latn');
const anyDate = fc.oneof(
  fc
    .date({ min: new Date('1990-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
    .map((d) => d.toJSON().slice(0, 10)),
  fc.string({ maxLength: 12 }),
);
const anyFacts: fc.Arbitrary<SearchableFacts> = fc.record({
  names: fc.array(
    fc.record({
      parts: fc.array(
        fc.record({ kind: fc.constantFrom('given', 'family', 'undivided', 'particle'), value: anyText }),
        { maxLength: 14 },
      ),
      script: anyScript,
      language: anyLanguage,
      romanised: fc.option(anyText, { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
  births: fc.array(fc.record({ earliest: anyDate, latest: anyDate }), { maxLength: 2 }),
  gender: fc.constant(undefined),
  nationalities: fc.constant([]),
});

const named = (value: string, script = 'Latn', language?: string): SearchableFacts => ({
  names: [{ parts: [{ kind: 'undivided', value }], script, language }],
  births: [],
  nationalities: [],
});
const valuesOf = (facts: SearchableFacts, kind: TokenKind) =>
  tokensOf(facts).flatMap((token) => (token.kind === kind ? [token.value] : []));

describe('any input', () => {
  it('gives tokens or the typed error, never more than the limit, none of them empty or with a NUL', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        try {
          const tokens = tokensOf(facts);
          expect(tokens.length).toBeLessThanOrEqual(MOST_TOKENS);
          for (const { value } of tokens) {
            expect(value).not.toBe('');
            expect(value).not.toContain('\0');
            expect(value.isWellFormed()).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof MatchingError)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });

  it('folds to the same when folded again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = foldText(text);
        expect(foldText(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the same tokens whatever the order of names and parts', () => {
    const shuffled = anyFacts.chain((facts) =>
      fc
        .tuple(fc.constant(facts), fc.shuffledSubarray([...facts.names], { minLength: facts.names.length }))
        .map(([one, names]) => [one, { ...one, names }] as const),
    );
    const attempt = (facts: SearchableFacts) => {
      try {
        return tokensOf(facts);
      } catch (error) {
        return (error as MatchingError).code;
      }
    };
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(attempt(one)).toEqual(attempt(other));
      }),
    );
    const words = ['Anna', 'Ivanova', 'Petrovna'];
    const inOrder = (order: readonly number[]) =>
      valuesOf(named(order.map((n) => words[n]!).join(' ')), 'pair');
    expect(inOrder([1, 0, 2])).toEqual(inOrder([2, 1, 0]));
    expect(inOrder([0, 1, 2])).toHaveLength(3);
  });

  it('shares a year wherever two births overlap', () => {
    const day = fc
      .integer({ min: 0, max: 7_000 })
      .map((n) => new Date(Date.UTC(2005, 0, 1 + n)).toJSON().slice(0, 10));
    const interval = fc
      .tuple(day, day)
      .map(([one, other]) =>
        one < other ? { earliest: one, latest: other } : { earliest: other, latest: one },
      );
    fc.assert(
      fc.property(interval, interval, (left, right) => {
        fc.pre(left.earliest <= right.latest && right.earliest <= left.latest);
        const years = (birth: typeof left) =>
          valuesOf({ names: [], births: [birth], nationalities: [] }, 'birthYear');
        expect(years(left).some((year) => years(right).includes(year))).toBe(true);
      }),
    );
  });
});

describe('names made to be missed or to break things (case 48)', () => {
  const plain = tokensOf(named('Maria Ivanova'));
  it.each([
    ['bidirectional controls', '\u202eMaria\u202c \u2066Ivanova\u2069'],
    ['zero-width characters', 'Ma\u200bri\u200da Iva\u2060no\ufeffva'],
    ['a soft hyphen and a variation selector', 'Mar\u00adia Ivanova\ufe0f'],
    ['NUL', 'Ma\0ria Ivanova'.replace('\0', '\u0000').replace('Ma\u0000ria', '\u0000Maria\u0000')],
    ['lone surrogates', '\ud800Maria\udc00 Ivanova\udfff'],
    ['Cyrillic homoglyphs', 'M\u0430ri\u0430 Iv\u0430n\u043ev\u0430'],
    ['Greek homoglyphs', '\u039caria Ivan\u03bfva'],
    ['full-width letters', 'Ｍａｒｉａ Ｉｖａｎｏｖａ'],
    ['mathematical letters', '𝐌𝐚𝐫𝐢𝐚 𝕴𝖛𝖆𝖓𝖔𝖛𝖆'],
    ['combining marks', 'M\u0300a\u0301r\u0302i\u0308a\u030a Iva\u0303nova'],
    ['capitals', 'MARIA IVANOVA'],
    ['other spaces and signs', '\u3000Maria\u00a0--\tIvanova!'],
  ])('%s', (_, name) => {
    expect(tokensOf(named(name))).toEqual(plain);
  });

  it('a name of 4 kB is cut in the same way each time', () => {
    const long = 'Maria Ivanova '.repeat(300);
    expect(tokensOf(named(long))).toEqual(tokensOf(named(`${long}and more`)));
    expect(valuesOf(named('щ'.repeat(4_096), 'Cyrl'), 'part')[0]!.length).toBeLessThanOrEqual(60);
  });

  it('no surname, a name of particles only, nothing but signs', () => {
    expect(valuesOf(named('Maria'), 'part')).toEqual(['maria']);
    expect(valuesOf(named('Maria'), 'pair')).toEqual([]);
    expect(valuesOf(named('Ben'), 'part')).toEqual(['ben']);
    expect(tokensOf(named(' -- '))).toEqual([]);
  });

  it('a word wholly of another script than declared is what it looks like', () => {
    expect(valuesOf(named('\u0421\u041e\u0421\u041e'), 'part')).toEqual(['coco']);
    expect(valuesOf(named('СОСО', 'Cyrl', 'ru'), 'part')).toEqual(['soso']);
  });
});

describe('spellings that meet', () => {
  it('Юлия, Yuliya, Iuliia and Julia by sound', () => {
    for (const spelling of ['Yuliya', 'Iuliia', 'Julia', 'Ioulia', 'Julija'])
      expect(valuesOf(named(spelling), 'sound'), spelling).toContain('uLa');
    expect(valuesOf(named('Юлия', 'Cyrl', 'ru'), 'sound')).toContain('uLa');
  });

  it('scripts without vowels by skeleton, whatever vowels others write', () => {
    for (const spelling of ['Mohammed', 'Muhammad', 'Mohamed', 'Magomed', 'Mehmet'])
      expect(valuesOf(named(spelling), 'skeleton'), spelling).toContain('MKMT');
    expect(valuesOf(named('محمد', 'Arab', 'ar'), 'skeleton')).toContain('MKMT');
    expect(valuesOf(named('محمد', 'Arab', 'ar'), 'sound')).toEqual([]);
  });

  it('the servant and the article in every way of writing', () => {
    for (const spelling of ['Abdul Rahman', 'Abd al-Rahman', 'Abdurrahman', 'Abd ar-Rahman', 'Abdulrahman'])
      expect(valuesOf(named(spelling), 'part'), spelling).toEqual(['abdrahman']);
    for (const spelling of ['عبد الرحمن', 'عبدالرحمن'])
      expect(valuesOf(named(spelling, 'Arab', 'ar'), 'skeleton')).toContain('*PTRKMN');
  });

  it('a romanised form stands beside the name', () => {
    const facts: SearchableFacts = {
      ...named('王小明', 'Hani', 'zh'),
      names: [
        { parts: [{ kind: 'undivided', value: '王小明' }], script: 'Hani', romanised: 'Wang Xiaoming' },
      ],
    };
    expect(valuesOf(facts, 'part')).toEqual(['wang', 'xiaoming', '王小明']);
  });
});

describe('births', () => {
  const born = (earliest: string, latest: string): SearchableFacts => ({
    names: [],
    births: [{ earliest, latest }],
    nationalities: [],
  });

  it('are years, and months where they are few', () => {
    expect(tokensOf(born('2010-03-01', '2010-03-01')).map(({ kind }) => kind)).toEqual([
      'birthYear',
      'birthMonth',
    ]);
    expect(valuesOf(born('2010-01-01', '2010-12-31'), 'birthMonth')).toEqual([]);
    expect(valuesOf(born('2009-11-01', '2011-02-01'), 'birthYear')).toEqual(['2009', '2010', '2011']);
    expect(tokensOf(born('1970-01-01', '2020-01-01'))).toEqual([]);
  });

  it.each([
    ['2010-02-30', '2010-03-01'],
    ['2010-03-02', '2010-03-01'],
    ['01.03.2010', '2010-03-01'],
    ['2010-03-01', ''],
  ])('that are none are refused: %s to %s', (earliest, latest) => {
    expect(() => tokensOf(born(earliest, latest))).toThrow(
      expect.objectContaining({ code: 'BIRTH_INVALID' }) as Error,
    );
  });
});

describe('records', () => {
  it('beyond the limits are refused', () => {
    const many: SearchableFacts = {
      names: Array.from({ length: 25 }, () => named('Maria').names[0]!),
      births: [],
      nationalities: [],
    };
    expect(() => tokensOf(many)).toThrow(expect.objectContaining({ code: 'FACTS_TOO_MANY' }) as Error);
  });

  it('come from a child of an enquiry, without denied nationalities', () => {
    const birth = {
      earliest: '2010-01-01',
      latest: '2010-12-31',
      precision: 'year',
      basis: 'document',
    } as const;
    const facts = factsOfChild({
      names: [{ kind: 'birth', parts: [{ kind: 'given', value: 'INVENTED' }], script: 'Latn' }],
      birth: {
        ...birth,
        disputed: true,
        presumedMinor: true,
        findings: [{ ...birth, earliest: '2009-01-01' }],
      },
      gender: 'Feminine',
      nationalities: [
        { country: 'XA', status: 'claimed' },
        { country: 'XB', status: 'denied' },
      ],
    } as Parameters<typeof factsOfChild>[0]);
    expect(facts.births.map(({ earliest }) => earliest)).toEqual(['2010-01-01', '2009-01-01']);
    expect(facts.nationalities).toEqual(['XA']);
    expect(valuesOf(facts, 'part')).toEqual(['invented']);
  });
});
