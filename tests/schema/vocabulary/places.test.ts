import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { languages } from '#schema/vocabulary/code-list.ts';
import { countryCodes, countryName, languageName } from '#schema/vocabulary/places.ts';

const unknown = expect.objectContaining({ code: 'UNKNOWN_CODE' });

describe('country names', () => {
  test('all 249 assigned codes and Kosovo have a name in every language', () => {
    expect(countryCodes).toHaveLength(250);
    expect(new Set(countryCodes).size).toBe(250);
    for (const code of countryCodes) {
      for (const language of languages)
        expect(countryName(code, language), `${code} ${language}`).not.toBe(code);
    }
  });

  test('are given in the reader’s language, English otherwise, either case', () => {
    expect([countryName('fr', 'en'), countryName('FR', 'ru'), countryName('FR', 'de')]).toEqual([
      'France',
      'Франция',
      'France',
    ]);
    expect([countryName('XK', 'en'), countryName('XK', 'ar')]).toEqual(['Kosovo', 'كوسوفو']);
  });

  test.each(['xa', 'xb', 'xc'])(
    '%s is labelled as invented, not as the pseudo-locale of that code',
    (code) => {
      expect(countryName(code, 'en')).toBe(`Invented State ${code[1]!.toUpperCase()}`);
      expect(countryName(code, 'fr')).toMatch(/inventé/);
      expect(countryName(code, 'ru')).toMatch(/Вымышленное/);
      expect(countryName(code, 'ar')).toMatch(/مخترعة/);
    },
  );

  test('persons whom no State names', () => {
    expect(countryName('XXA', 'en')).toBe('Stateless person');
    expect(countryName('XXX', 'ru')).toBe('Гражданство не указано');
    const all = ['XXA', 'XXB', 'XXC', 'XXX'].map((code) => countryName(code, 'en'));
    expect(new Set(all).size).toBe(4);
    for (const name of all) expect(name).not.toMatch(/refugee/i);
  });

  test.each(['ZZ', 'EU', 'UN', 'QO', 'AA', 'XD', '001', 'SU', '', 'FRA', '__proto__'])(
    'refuses %j',
    (code) => {
      expect(() => countryName(code, 'en')).toThrowError(unknown);
    },
  );

  test('any other text is refused with our error, never the runtime’s', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^(..|xx[abcx])$/i.test(text));
        expect(() => countryName(text, 'en')).toThrowError(unknown);
      }),
    );
  });
});

describe('language names', () => {
  test('are given for ISO 639-3 codes', () => {
    expect([languageName('rus', 'en'), languageName('rus', 'ru'), languageName('pus', 'fr')]).toEqual([
      'Russian',
      'русский',
      'pachto',
    ]);
  });

  test('Romani varieties are told apart', () => {
    const names = ['rom', 'rmn', 'rmy', 'rmc', 'rml', 'rmo'].map((code) => languageName(code, 'en'));
    expect(new Set(names).size).toBe(6);
  });

  test('a language nobody here can name is shown by its code', () => {
    expect(languageName('xyz', 'ar')).toBe('xyz');
    expect(languageName('und', 'en')).toBe('Language not identified');
  });

  test.each(['q', 'ru', 'english', 'r1s', ''])('refuses %j', (code) => {
    expect(() => languageName(code, 'en')).toThrowError(unknown);
  });
});
