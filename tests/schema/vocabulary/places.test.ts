import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { languages } from '#schema/vocabulary/code-list.ts';
import * as places from '#schema/vocabulary/places.ts';

const { countryCodes } = places;
const countryName = (code: string, language: string) => places.countryName(code, language).text;
const languageName = (tag: string, language: string) => places.languageName(tag, language).text;

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
    'shows %j as it came, and never as confirmed',
    (code) => {
      for (const language of languages)
        expect(places.countryName(code, language)).toEqual({ text: code, reviewed: false });
    },
  );

  test('any other text too, without an error of the runtime', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^(..|xx[abcx])$/i.test(text));
        expect(places.countryName(text, 'en')).toEqual({ text, reviewed: false });
      }),
    );
  });

  test('count as confirmed where speakers of the language have voted on them, or the words are our English', () => {
    const reviewed = (code: string) => languages.map((each) => places.countryName(code, each).reviewed);
    expect(reviewed('FR')).toEqual([true, true, true, true]);
    expect(reviewed('XA')).toEqual([true, false, false, false]);
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

  test('are given for the tags that bodies use', () => {
    expect(['bg', 'ru', 'sr-Latn', 'ar'].map((tag) => languageName(tag, 'ru'))).toEqual([
      'болгарский',
      'русский',
      'сербский (латиница)',
      'арабский',
    ]);
    expect(places.languageName('bg', 'ar')).toEqual({ text: 'البلغارية', reviewed: true });
  });

  test('a name in another language than the reader’s is not confirmed', () => {
    const named = places.languageName('xyz', 'ru');
    expect(named).toEqual({ text: 'xyz', reviewed: false });
    expect(places.languageName('rmy', 'ru').reviewed).toBe(false);
  });

  test.each(['q', 'english', 'r1s', '', 'ab-123456789', 'en-x', 'ru-ru-ru'])('shows %j as it came', (tag) => {
    expect(places.languageName(tag, 'en')).toEqual({ text: tag, reviewed: false });
  });
});

describe('names of scripts', () => {
  test('are given in the reader’s language', () => {
    expect(['Cyrl', 'Arab', 'Latn'].map((code) => places.scriptName(code, 'ru').text)).toEqual([
      'кириллица',
      'арабица',
      'латиница',
    ]);
    expect(places.scriptName('Zzzq', 'en')).toEqual({ text: 'Zzzq', reviewed: false });
  });
});
