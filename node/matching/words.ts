/**
 * The words of a name that can be compared: cleaned, read in Latin letters, without particles and articles that some write and
 * others leave out, compounds written in one way. The order in which they are spoken is lost on purpose: offices disagree on it.
 */
import { cleanWords, LONGEST_WORD } from './clean.ts';
import type { SearchableName } from './facts.ts';
import { type Sounds, soundsOf } from './sounds.ts';
import { type ReadWord, readWord, UNKNOWN_VOWEL } from './transliterate.ts';

export interface Word extends Sounds {
  /** The usual reading in a-z; in a script without a table the word itself. */
  readonly exact: string;
  /** Whether its script writes vowels. */
  readonly vowelled: boolean;
  /** Code of the part of the name it stands in. */
  readonly kind: string;
  /** Made of two neighbours that some write together; never counts as a word of its own. */
  readonly joined: boolean;
}

/** A name has this many words at most, its joined ones not counted. */
const MOST_WORDS = 8;

type Read = ReadWord & { readonly raw: string; readonly kind: string };

/** The words of a name as written, and of its romanised form as another name: empty lists are left out. */
export function wordsOfName(name: SearchableName): Word[][] {
  const written = name.parts.flatMap(({ kind, value }) =>
    cleanWords(value, name.script).map((raw) => readPart(raw, kind, name.language)),
  );
  const romanised = cleanWords(name.romanised ?? '').map((raw) => readPart(raw, 'undivided', undefined));
  return [written, romanised].map(settle).filter((words) => words.length > 0);
}

/** The usual reading of each word of a text, in the order written: the same text folded again is the same. */
export function foldText(text: string, language?: string): string {
  return cleanWords(text)
    .map((raw) => exactOf(raw, readWord(raw, language)))
    .join(' ');
}

function readPart(raw: string, kind: string, language: string | undefined): Read {
  const variants = splitArticle(raw).map((variant) => readWord(variant, language));
  const readings = [...new Set(variants.flatMap((variant) => variant.readings))];
  return { raw, kind, readings, vowelled: variants.every(({ vowelled }) => vowelled) };
}

/** Without the Arabic article, and as written: ال also opens names such as الياس. After عبد it is written in one word with it. */
function splitArticle(raw: string): string[] {
  const servant = /^عبد?ال(?=.{2})/u.test(raw) ? raw.replace(/^(عبد?)ال/u, '$1') : raw;
  return /^ال.{2}/u.test(servant) ? [servant.slice(2), servant] : [servant];
}

function settle(read: readonly Read[]): Word[] {
  const merged = mergeServants(read.filter((_, n) => !isArticle(read, n)));
  const kept = merged.filter(
    ({ readings, kind }) => kind !== 'particle' && !PARTICLES.has(readings[0] ?? ''),
  );
  const words = (kept.length > 0 ? kept : merged).slice(0, MOST_WORDS);
  return [...words.map((word) => wordOf(word, false)), ...joinNeighbours(words)];
}

function wordOf({ raw, kind, readings, vowelled }: Read, joined: boolean): Word {
  const plain = [...new Set(readings.map(withoutServantsArticle).flatMap(withoutArticle))];
  return {
    exact: exactOf(raw, { readings: plain, vowelled }),
    kind,
    vowelled,
    joined,
    ...soundsOf(plain, vowelled),
  };
}

const exactOf = (raw: string, { readings }: ReadWord): string =>
  readings[0]?.replaceAll(UNKNOWN_VOWEL, '').slice(0, LONGEST_WORD) || raw;

/** `Anne Marie` is also `Annemarie`, within one part of a name; `محمدرضا` is `Mohammad Reza`. */
function joinNeighbours(words: readonly Read[]): Word[] {
  return words.slice(1).flatMap((word, n) => {
    const before = words[n]!;
    const fits = before.kind === word.kind && word.readings[0] && before.readings[0];
    const readings = [`${before.readings[0]}${word.readings[0]}`];
    const both = { raw: `${before.raw}${word.raw}`, kind: word.kind, readings };
    return fits ? [wordOf({ ...both, vowelled: before.vowelled && word.vowelled }, true)] : [];
  });
}

/** Said before a name and left out by others; never when nothing else is left of the name. */
const PARTICLES = new Set(
  `al el ul bin ibn bn ben bint bnt bt ould wld de da do dos das del della di du la le los las van von der den ter ten zu zur af
   av y e oglu ogly oghlu oglou uly kyzy qizi kizi gizi mac`.split(/\s+/),
);
const ASSIMILATED = /^[aeiou](?:([rsnzdt])|sh|ch)$/;

/** The Arabic article written apart, also where it takes on the sound that follows: al-Rashid, ar-Rashid. */
function isArticle(read: readonly Read[], n: number): boolean {
  const [own, next] = [read[n]?.readings[0] ?? '', read[n + 1]?.readings[0] ?? ''];
  if (next === '') return false;
  if (/^[aeu]l$/.test(own)) return true;
  return ASSIMILATED.test(own) && next.startsWith(own.slice(1));
}

const SERVANT = /^a'?b'?d'?[aeiou]?[lrsnzdt]?'?$/;

/** `Abd al-Rahman`, `Abdul Rahman` and `Abdulrahman` are one word: nobody is called Servant alone. */
function mergeServants(read: readonly Read[]): Read[] {
  const merged: Read[] = [];
  for (const word of read) {
    const last = merged.at(-1);
    if (last && SERVANT.test(last.readings[0] ?? '')) {
      const readings = word.readings.map((reading) => `${vowellessServant(last)}${reading}`);
      merged[merged.length - 1] = { ...word, raw: `${last.raw}${word.raw}`, readings };
    } else merged.push(word);
  }
  return merged;
}

const vowellessServant = ({ vowelled }: Read): string => (vowelled ? 'abd' : "a'b'd'");

/** The Arabic article written in one word with the name, where it may be one: Alzahrani, Elhasan, Errachid, Eddine. */
const withoutArticle = (reading: string): string[] => {
  const rest = /^(?:[ae]l(?=[^aeiouyl])|[ae]([rsnzdt])(?=\1))(.{3,})$/.exec(reading)?.[2];
  return rest === undefined ? [reading] : [reading, rest];
};

/** abdulrahman, abdurrahman → abdrahman. */
const withoutServantsArticle = (reading: string): string =>
  reading.replace(/^abd[aeiou]+(?:l|([rsnzdt])(?=\1))/, 'abd');
