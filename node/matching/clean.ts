/**
 * What is done to the text of a name before anything reads it: whatever it holds, the result is short, well-formed, lower-case and
 * of one script a word. Nothing here refuses: a name that somebody spoiled on purpose must still be found.
 */
import { type Script, scriptOf } from './scripts.ts';

/** In UTF-16 code units before, in code points after normalisation. What is longer says no more of who somebody is. */
const LONGEST_RAW = 4_096;
const LONGEST = 1_000;
/** Words of one text, and code points of a word; together below LONGEST, so that folding again cuts nothing more. */
const MOST_WORDS = 16;
export const LONGEST_WORD = 60;

/** Invisible and formatting characters, combining grapheme joiner, Arabic tatweel, Hebrew points, the mark of a lone surrogate. */
const UNSEEN = /[\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u0640\u0591-\u05bd\u05bf-\u05c7\ufffd]/gu;
/** Not pronounced apart, and left out by some: O'Neil, Mar’iana, Ra‘ad. */
const APOSTROPHES = /(?<=\p{L})['’‘ʼʻ`´ʹʺ"”“](?=\p{L})/gu;
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}׳]+/u;

/** The words of a name, cleaned (SECURITY.md case 48). @param declared ISO 15924: the script the name is said to be in */
export function cleanWords(text: string, declared?: string): string[] {
  const seen = text
    .slice(0, LONGEST_RAW)
    .toWellFormed()
    .normalize('NFKC')
    .replace(UNSEEN, '')
    .replace(/\p{Cc}/gu, ' ')
    .replace(APOSTROPHES, '');
  return shorten(seen, LONGEST)
    .split(BETWEEN_WORDS)
    .map((word) => shorten(toOneForm(word, declared), LONGEST_WORD))
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS);
}

/** Lookalikes are settled before and after capitals go: В and B look alike, в and b do not; Ѵ and V do not, ѵ and v do. */
function toOneForm(word: string, declared: string | undefined): string {
  const lower = unmix(word, declared).toLowerCase().normalize('NFKC');
  return unmix(lower, declared).replace(/^\p{M}+/u, '');
}

const shorten = (text: string, most: number): string => Array.from(text).slice(0, most).join('');

/**
 * Letters of three scripts that look alike, each row Latin, Cyrillic, Greek; `.` where a script has none. Source: Unicode
 * Technical Standard 39, confusables.txt, cut down to letters that keyboards have.
 */
const ALIKE = `
  a а α
  c с ϲ
  e е .
  i і ι
  j ј ϳ
  o о ο
  p р ρ
  s ѕ .
  v ѵ ν
  x х χ
  y у γ
  k к κ
  h һ .
  A А Α
  B В Β
  C С .
  E Е Ε
  H Н Η
  I І Ι
  J Ј .
  K К Κ
  M М Μ
  N . Ν
  O О Ο
  P Р Ρ
  S Ѕ .
  T Т Τ
  X Х Χ
  Y У Υ
  Z . Ζ`;
const LOOKALIKES: readonly Script[] = ['Latn', 'Cyrl', 'Grek'];

/** Script to which → letter → the letter there that looks like it. */
const alike = new Map(
  LOOKALIKES.map((script, to) => {
    const rows = ALIKE.trim()
      .split('\n')
      .map((line) => line.trim().split(' '));
    const pairs = rows.flatMap((row) => row.map((letter) => [letter, row[to]!] as const));
    return [script, new Map(pairs.filter(([letter, there]) => letter !== '.' && there !== '.'))] as const;
  }),
);

/** A word of lookalikes from several scripts, or all from another one than declared, in one script; others as they are. */
function unmix(word: string, declared: string | undefined): string {
  const letters = Array.from(word.normalize('NFC'));
  const scripts = letters.map(scriptOf).filter((script) => script !== undefined);
  if (scripts.every((script) => script === 'Latn') && (declared === undefined || declared === 'Latn'))
    return word;
  const targets = [declared, ...byCount(scripts)].filter(
    (script): script is Script => script !== undefined && LOOKALIKES.includes(script as Script),
  );
  for (const target of targets) {
    const letterThere = alike.get(target)!;
    const foreign = (letter: string) => ![target, undefined].includes(scriptOf(letter));
    if (letters.every((letter) => !foreign(letter) || letterThere.has(letter)))
      return letters.map((letter) => (foreign(letter) ? letterThere.get(letter)! : letter)).join('');
  }
  return word;
}

function byCount(scripts: readonly Script[]): Script[] {
  const counts = new Map<Script, number>();
  for (const script of scripts) counts.set(script, (counts.get(script) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([script]) => script);
}
