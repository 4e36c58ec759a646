/**
 * How a word sounds, so coarsely that its spellings meet: Юлия, Yuliya, Iuliia and Julia, or محمد, Mohammed, Muhammad and Магомед.
 * Variants are not listed; letters fall into classes by what States and families do with them.
 *
 * - Eight classes of consonants: S (s z sh zh ch ts j), K (k g kh gh h q), T (t d th), P (p b), F (f v w), M, N, L, R.
 * - `sound` keeps three classes of vowels (a, i, u); `skeleton` keeps none but that the word opens with one (`*`), which is what
 *   scripts without vowels can tell.
 * - Where letters are read in several ways (c as k or ts, j as y or zh, h heard or not), a word has several sounds. Two words sound
 *   alike if they share one.
 */
import { combine, UNKNOWN_VOWEL } from './transliterate.ts';

export interface Sounds {
  /** None for words of scripts without vowels. */
  readonly sounds: readonly string[];
  readonly skeletons: readonly string[];
}

/** More readings than these add little; what they would find is found by another word of the name. */
const MOST = 6;

/** Letters at this place of the word → their classes, lower case for vowels. In this order. */
const RULES: readonly (readonly [RegExp, ...string[]])[] = [
  [/(?:shch|schtsch|chtch|szcz|stsch|tzsch|tsch|dsch|tch|tsh|dzh|djh|dzs)/y, 'S'],
  [/(?:dj|dz|ts|tz|cz|cs|zs|zh|sch|sh|sz|xh|jh|z+|s+)/y, 'S'],
  [/chh?/y, 'S', 'K'],
  [/(?:ck|kh|gh|cqu?|qu?|k+|gg)/y, 'K'],
  [/cc?(?=[eiy])/y, 'S'],
  [/cc?/y, 'K', 'S'],
  [/x/y, 'KS', 'S', 'K'],
  [/j+/y, 'S', 'i'],
  [/gu(?=[eiy])/y, 'K'],
  [/g(?=[eiy])/y, 'K', 'S'],
  [/g/y, 'K'],
  [/h'*$/y, ''],
  [/^h/y, 'K', ''],
  [/(?:th|dh)(?=.)/y, 'T', 'S'],
  [/(?:th|dh|t+|d+)/y, 'T'],
  [/ph/y, 'F', 'P'],
  [/(?:bh|b+|p+)/y, 'P'],
  [/^ou(?=[aei])/y, 'F', 'u'],
  [/^wh?/y, 'F'],
  [/w/y, 'F', 'u'],
  [/(?:f+|v+)/y, 'F'],
  [/m+/y, 'M'],
  [/n+/y, 'N'],
  [/l+/y, 'L'],
  [/(?:^rh|r+)/y, 'R'],
  // Lost between vowels where the reader's language has no h: Anahit, Анаит.
  [/(?<=[aeiouy'])h(?=[aeiouy'])/y, 'K', ''],
  [/h/y, 'K'],
  // Greek and Belarusian diphthongs: Eugenia and Evgenia, Lukashau and Lukashov.
  [/[ao]u/y, 'u', 'aF'],
  [/eu/y, 'iu', 'iF'],
  [/(?:oo|u)/y, 'u'],
  [/(?:a|o)/y, 'a'],
  [/(?:e|i|y)/y, 'i'],
];

/** @param readings of one word, from readWord */
export function soundsOf(readings: readonly string[], vowelled: boolean): Sounds {
  const heard = [...new Set(readings.flatMap(hear))].slice(0, 2 * MOST);
  const firsts = (keys: string[]) => [...new Set(keys)].filter((key) => key !== '').slice(0, MOST);
  return { sounds: vowelled ? firsts(heard.map(blend)) : [], skeletons: firsts(heard.map(strip)) };
}

/** Classes of a reading, consonants that meet without a vowel between them once. */
function hear(reading: string): string[] {
  const units: (readonly string[])[] = [];
  for (let at = 0; at < reading.length; ) {
    const rule = RULES.find(([pattern]) => {
      pattern.lastIndex = at;
      return pattern.test(reading);
    });
    const end = rule ? rule[0].lastIndex : at + 1;
    units.push(rule ? (rule.slice(1) as string[]) : [reading[at] === UNKNOWN_VOWEL ? UNKNOWN_VOWEL : '']);
    at = Math.max(end, at + 1);
  }
  return combine(units, 2 * MOST).map((heard) => heard.replace(/([A-Z])\1+/g, '$1'));
}

/** Each run of vowels as one sound: an i before another vowel is a glide, and equal ones are one. */
const blend = (heard: string): string =>
  heard
    .replaceAll(UNKNOWN_VOWEL, '')
    .replace(/[aiu]+/g, (run) => run.replace(/(.)\1+/g, '$1').replace(/i(?=[au])/g, ''));

const strip = (heard: string): string => {
  const consonants = heard.replace(/[^A-Z]/g, '');
  return /^[aiu]/.test(heard) ? `*${consonants}` : consonants;
};
