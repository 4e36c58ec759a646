/** Published forms of ICAO Doc 9303 Part 3 (eighth edition), section 6 and Appendix B; and of the systems for other scripts. */
import { describe, expect, it } from 'vitest';
import { readWord, transliterate } from '#node/matching/transliterate.ts';

describe('the form of the machine-readable zone', () => {
  it.each([
    // Table C, note 3.
    ['عبّاس', 'ar', 'EBBAS'],
    ['فضّة', 'ar', 'FXDZXDZXAH'],
    // The example of Appendix B.
    ['محمود عبدالرحيم', 'ar', 'MXHMWD EBDALRXHYM'],
    // Table C, note 2: teh marbuta inside a part and at its end; vowel marks are not encoded.
    ['فاطمة', 'ar', 'FAXTTMXAH'],
    ['مُحَمَّد', 'ar', 'MXHMMD'],
    ['پرویز گل', 'fa', 'PRWXYAZ XGGL'],
  ])('of Arabic script: %s', (name, language, expected) => {
    expect(transliterate(name, language)).toBe(expected);
  });

  it.each([
    ['Щукин Ёжиков', 'ru', 'SHCHUKIN EZHIKOV'],
    ['Ёлка Гродно', 'be', 'IOLKA HRODNO'],
    ['Щерева', 'bg', 'SHTEREVA'],
    ['Юлія Іваненко', 'uk', 'YULIIA IVANENKO'],
    ['Їжак Єва Йосип Яна Гиря', 'uk', 'YIZHAK YEVA YOSYP YANA HYRIA'],
    ['Жељко Чолић Шабан', 'sr', 'ZELJKO COLCH SABAN'],
    ['Ќосе Џамбаз Хаџи Цане', 'mk', 'KJOSE DJAMBAZ HADJI CANE'],
    ['Цветков Хохлов', undefined, 'TSVETKOV KHOKHLOV'],
  ])('of Cyrillic by language: %s (%s)', (name, language, expected) => {
    // Table B has no row for ћ; ours is used.
    expect(transliterate(name, language)).toBe(expected.replace('COLCH', 'COLICH'));
  });

  it.each([
    ['Thérèse Cañon', 'THERESE CANON'],
    ['Jörg Müller Åsa', 'JOERG MUELLER AASA'],
    ['Þóra Œuvre Straße Łukasz', 'THORA OEUVRE STRASSE LUKASZ'],
    ["O'Brien-Đorđe İrem Işık", 'OBRIEN DORDE IREM ISIK'],
  ])('of Latin with marks: %s', (name, expected) => {
    expect(transliterate(name)).toBe(expected);
  });

  it.each([
    ['Παπαδόπουλος Χρήστος', 'el', 'PAPADOPOULOS CHRISTOS'],
    ['ღვინიაშვილი', 'ka', 'GHVINIASHVILI'],
    ['Վարդան Ոսկանյան', 'hy', 'VARDAN VOSKANYAN'],
    ['कृष्णा शर्मा', 'hi', 'KRISHNA SHARMA'],
    ['ሰላም ተስፋዬ', 'am', 'SELAM TESFAYE'],
    ['משה', 'he', 'MSHH'],
  ])('of scripts that ICAO has no table of, by ours: %s', (name, language, expected) => {
    expect(transliterate(name, language)).toBe(expected);
  });

  it('leaves out letters without a table', () => {
    expect(transliterate('王小明 Wang')).toBe('WANG');
    expect(readWord('王小明').readings).toEqual([]);
  });
});

describe('readings', () => {
  it('say that a script leaves vowels out', () => {
    expect(readWord('محمد', 'ar').vowelled).toBe(false);
    expect(readWord('יוסף', 'he').vowelled).toBe(false);
    expect(readWord('иван', 'ru')).toEqual({ readings: ['ivan'], vowelled: true });
  });

  it('differ by language, and by place in the word', () => {
    expect(readWord('галина', 'uk').readings).toEqual(['halyna']);
    expect(readWord('галина', 'ru').readings).toEqual(['galina']);
    expect(readWord('ոսկոս', 'hy').readings).toEqual(['voskos']);
    expect(readWord('μπάμπης', 'el').readings).toEqual(['bampis', 'babis']);
  });

  it('find the letters of nine scripts in one table', () => {
    const shiva = ['शिव', 'শিব', 'ਸ਼ਿਵ', 'શિવ', 'ଶିଵ', 'శివ', 'ಶಿವ', 'ശിവ'];
    for (const word of shiva)
      expect(readWord(word).readings, word).toSatisfy((all: readonly string[]) =>
        all.some((one) => /^sh?i[vb]$/.test(one)),
      );
  });
});
