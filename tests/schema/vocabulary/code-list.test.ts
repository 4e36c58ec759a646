import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import {
  type CodeOf,
  codeList,
  isCodeOf,
  type LabelRow,
  labelOf,
  languages,
} from '#schema/vocabulary/code-list.ts';

const fruit = codeList('fruit', 3, 'test', {
  apple: 'Apple | Pomme | Яблоко | تفاحة',
  pear: 'Pear | Poire | Груша | كمثرى',
});

describe('a code list', () => {
  test('keeps id, version, source and the order of codes', () => {
    expect([fruit.id, fruit.version, fruit.source, fruit.codes]).toEqual([
      'fruit',
      3,
      'test',
      ['apple', 'pear'],
    ]);
    expectTypeOf<CodeOf<typeof fruit>>().toEqualTypeOf<'apple' | 'pear'>();
  });

  test('is frozen through and through', () => {
    const labels = fruit.labels('apple');
    for (const part of [fruit, fruit.codes, labels, labels.en, labels.ar])
      expect(Object.isFrozen(part)).toBe(true);
  });

  test('its codes make a zod enum', () => {
    const Fruit = z.enum(fruit.codes);
    expectTypeOf<z.infer<typeof Fruit>>().toEqualTypeOf<'apple' | 'pear'>();
    expect(Fruit.parse('pear')).toBe('pear');
    expect(Fruit.safeParse('plum').success).toBe(false);
  });

  test('only the English label counts as reviewed', () => {
    expect(fruit.labels('pear')).toEqual({
      en: { text: 'Pear', reviewed: true },
      fr: { text: 'Poire', reviewed: false },
      ru: { text: 'Груша', reviewed: false },
      ar: { text: 'كمثرى', reviewed: false },
    });
  });

  test.each(['A | B | C', 'A | B | C | D | E', 'A |  | C | D'])('refuses the row %s', (row) => {
    expect(() => codeList('bad', 1, 'test', { x: row as LabelRow })).toThrowError(
      expect.objectContaining({ code: 'BAD_LABEL_ROW' }),
    );
  });
});

describe('labelOf', () => {
  test.each(languages)('gives the label in %s', (language) => {
    expect(labelOf(fruit, 'apple', language)).toBe(fruit.labels('apple')[language]);
  });

  test.each(['de', 'bs', '', '__proto__', 'toString'])(
    'falls back to English for language %j',
    (language) => {
      expect(labelOf(fruit, 'apple', language).text).toBe('Apple');
    },
  );

  test('refuses anything that is not a code, and never repeats it', () => {
    const notACode = fc.string().filter((text) => !isCodeOf(fruit, text));
    fc.assert(
      fc.property(fc.oneof(notACode, fc.constantFrom('__proto__', 'constructor', 'Apple')), (text) => {
        try {
          labelOf(fruit, text, 'en');
        } catch (error) {
          expect(error).toMatchObject({
            code: 'UNKNOWN_CODE',
            message: 'Not a code of list fruit: use one of its codes, or update the list.',
          });
          return;
        }
        throw new Error('accepted');
      }),
    );
  });
});
