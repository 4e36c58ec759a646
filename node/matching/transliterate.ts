/**
 * Names in Latin letters: as ICAO Doc 9303 writes them in the machine-readable zone, and as people read them. The first is one
 * published form; the second may be several, and is what matching goes by: an Arabic name is MXHMD in a passport's zone, and
 * nobody writes it so.
 *
 * Pure. Texts are as node/matching/clean.ts leaves them.
 */
import { cleanWords } from './clean.ts';
import * as abugidas from './letters/abugidas.ts';
import * as arabic from './letters/arabic.ts';
import * as caucasus from './letters/caucasus.ts';
import { cyrillicIcao, cyrillicReadings } from './letters/cyrillic.ts';
import * as greek from './letters/greek.ts';
import * as hebrew from './letters/hebrew.ts';
import { latinIcao, latinReadings } from './letters/latin.ts';
import type { Readings } from './letters/rows.ts';
import { type Script, scriptOf } from './scripts.ts';

/** Stands between consonants where a script leaves vowels unwritten: there may be one. */
export const UNKNOWN_VOWEL = "'";
const MOST_READINGS = 8;

export interface ReadWord {
  /** In a-z, the usual first; with UNKNOWN_VOWEL in scripts without vowels. Empty if there is no table of the script. */
  readonly readings: readonly string[];
  /** Whether the script writes vowels. */
  readonly vowelled: boolean;
}

/**
 * The form that ICAO Doc 9303 Part 3 section 6 recommends, by language where it differs (Cyrillic): A to Z, digits, one space
 * between words. Scripts that Doc 9303 has no table of are written by our readings; letters without any table are left out.
 * @param language BCP 47; only its first subtag counts
 */
export function transliterate(text: string, language?: string): string {
  const words = cleanWords(text).map((word) => icaoOfWord(word, primary(language)));
  return words.filter((word) => word !== '').join(' ');
}

function icaoOfWord(word: string, language: string | undefined): string {
  const runs = splitByScript(word);
  return runs
    .map(([script, letters], place) => {
      if (script === 'Cyrl') return icaoOfCyrillic(letters, language, place === 0);
      if (script === 'Arab') return icaoOfArabic(letters);
      if (script === 'Latn' || script === undefined)
        return letters.map((letter) => latinIcao.get(letter) ?? baseOf(letter).toUpperCase()).join('');
      return readRun(script, letters, language, true)
        .map(([usual]) => usual)
        .join('')
        .replaceAll(UNKNOWN_VOWEL, '')
        .toUpperCase();
    })
    .join('')
    .replace(/[^A-Z0-9]/g, '');
}

function icaoOfCyrillic(letters: readonly string[], language: string | undefined, opens: boolean): string {
  const first = cyrillicIcao.first.get(language ?? '');
  const own = cyrillicIcao.in.get(language ?? '');
  const form = (letter: string) => own?.get(letter) ?? cyrillicIcao.all.get(letter);
  return letters
    .map((letter, n) => {
      const known = (n === 0 && opens && first?.get(letter)) || form(letter);
      const read = () => cyrillicReadings(language).get(letter)?.[0] ?? form(baseOf(letter)) ?? '';
      return known ?? read().toUpperCase();
    })
    .join('');
}

function icaoOfArabic(letters: readonly string[]): string {
  const plain = letters.filter((letter) => !/[\u064b-\u0650\u0652\u0670]/.test(letter));
  const forms = plain.map((letter, n) => {
    if (letter === 'ة' && plain.slice(n + 1).every((next) => next === SHADDA))
      return arabic.FINAL_TEH_MARBUTA;
    return arabic.arabicIcao.get(letter) ?? '';
  });
  return forms.map((form, n) => (plain[n] === SHADDA ? (forms[n - 1] ?? '') : form)).join('');
}
const SHADDA = '\u0651';

/** How a word may be read. @param language BCP 47; only its first subtag counts */
export function readWord(word: string, language?: string): ReadWord {
  const runs = splitByScript(word);
  if (runs.some(([script, letters]) => script === undefined && letters.some((one) => /\p{L}/u.test(one))))
    return { readings: [], vowelled: true };
  const units = runs.flatMap(([script, letters], place) =>
    script === undefined
      ? letters.filter((letter) => /\p{N}/u.test(letter)).map((digit) => [digit])
      : readRun(script, letters, primary(language), place === 0),
  );
  const readings = combine(units, MOST_READINGS).filter((reading) => reading !== '');
  return { readings, vowelled: !runs.some(([script]) => script === 'Arab' || script === 'Hebr') };
}

const primary = (language: string | undefined): string | undefined => language?.split('-')[0];

/** Letters of a word in runs of one script; marks go with what they follow. */
function splitByScript(word: string): [Script | undefined, string[]][] {
  const runs: [Script | undefined, string[]][] = [];
  for (const letter of word.normalize('NFC')) {
    const last = runs.at(-1);
    const script =
      /\p{M}/u.test(letter) && last && scriptOf(letter) === undefined ? last[0] : scriptOf(letter);
    if (last && last[0] === script) last[1].push(letter);
    else runs.push([script, [letter]]);
  }
  return runs;
}

type Units = readonly (readonly string[])[];

/** For each letter of a run how it may be read. */
function readRun(
  script: Script,
  letters: readonly string[],
  language: string | undefined,
  opens: boolean,
): Units {
  switch (script) {
    case 'Latn':
      return lookUp(letters, latinReadings(language), opens);
    case 'Cyrl':
      return lookUp(letters, cyrillicReadings(language), opens);
    case 'Grek':
      return lookUp(letters, greek.greekReadings, opens, greek.greekFirst);
    case 'Geor':
      return lookUp(letters, caucasus.georgianReadings, opens);
    case 'Armn':
      return lookUp(letters, caucasus.armenianReadings, opens, caucasus.armenianFirst);
    case 'Ethi':
      return lookUp(letters, abugidas.ethiopicReadings, opens);
    case 'Arab':
      return openVowels(lookUp(letters, arabic.arabicReadings, opens), letters, arabic.ARABIC_OPENERS);
    case 'Hebr':
      return openVowels(lookUp(letters, hebrew.hebrewReadings, opens), letters, hebrew.HEBREW_OPENERS);
    case 'Indic':
      return readIndic(letters);
  }
}

/** Two letters first, then one, then the letter without its mark; what no table has is left out, but a-z stays. */
function lookUp(letters: readonly string[], table: Readings, opens: boolean, first?: Readings): Units {
  const units: (readonly string[])[] = [];
  for (let n = 0; n < letters.length; n++) {
    const letter = letters[n]!;
    const two = `${letter}${letters[n + 1] ?? ''}`;
    const isFirst = opens && n === 0;
    const pair = two.length > letter.length && ((isFirst && first?.get(two)) || table.get(two));
    if (pair) {
      units.push(pair);
      n += 1;
    } else units.push((isFirst && first?.get(letter)) || (table.get(letter) ?? readBase(letter, table)));
  }
  return units;
}

function readBase(letter: string, table: Readings): readonly string[] {
  const base = baseOf(letter);
  return [Array.from(base, (one) => table.get(one)?.[0] ?? (/[a-z0-9]/.test(one) ? one : '')).join('')];
}

const baseOf = (letter: string): string => letter.normalize('NFD').replace(/\p{M}/gu, '');

/** Consonants of a script without vowels, a vowel before them where the word opens with one. */
function openVowels(
  units: Units,
  letters: readonly string[],
  openers: Readonly<Record<string, string>>,
): Units {
  const opener = openers[letters[0] ?? ''];
  return units
    .map((options, n) => (n === 0 && opener !== undefined ? [opener] : options))
    .map((options) => options.map((option) => (option === '' ? '' : `${option}${UNKNOWN_VOWEL}`)));
}

/** An inherent a after each consonant, unless a sign follows or the word ends. */
function readIndic(letters: readonly string[]): Units {
  const own = letters.map(toDevanagari);
  const units: (readonly string[])[] = [];
  for (let n = 0; n < own.length; n++) {
    const dotted = `${own[n]}${own[n + 1] ?? ''}`.normalize('NFC');
    const isDotted = own[n + 1] === NUKTA;
    const consonant =
      (isDotted && abugidas.indicConsonants.get(dotted)) || abugidas.indicConsonants.get(own[n]!);
    if (isDotted) n += 1;
    if (consonant === undefined) units.push(readSign(own[n]!));
    else {
      const next = own[n + 1];
      const bare = next === undefined || abugidas.indicSigns.has(next);
      units.push(bare ? consonant : consonant.map((reading) => `${reading}a`));
    }
  }
  return units;
}
const NUKTA = '\u093c';

const readSign = (letter: string): readonly string[] =>
  abugidas.indicVowels.get(letter) ??
  abugidas.indicSigns.get(letter) ??
  abugidas.indicMarks.get(letter) ?? [''];

/** Letters that Bengali and Gurmukhi have in a place of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = { ৎ: 'त', 'ੰ': 'ं', 'ੱ': '' };

/** The letter at the same place of Devanagari. */
function toDevanagari(letter: string): string {
  const code = letter.codePointAt(0)!;
  const elsewhere = ELSEWHERE[letter];
  if (elsewhere !== undefined) return elsewhere;
  const block = abugidas.INDIC_BLOCKS.find((first) => code >= first && code < first + 0x80);
  return block === undefined ? letter : String.fromCodePoint(code - block + 0x0900);
}

/** All combinations, the usual ones first, at most `most`. */
export function combine(units: Units, most: number): string[] {
  let all = [''];
  for (const options of units) {
    all = options.flatMap((option) => all.map((before) => before + option)).slice(0, most);
  }
  return [...new Set(all)];
}
