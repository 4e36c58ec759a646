/**
 * Hebrew without vowel points, as names are written. Source: the simple romanisation of the Academy of the Hebrew Language (2006),
 * and how families write it: ב as b or v, פ as p or f, ח and כ as h or kh. ICAO Doc 9303 has no Hebrew table. Vowels are mostly
 * unwritten, as in Arabic.
 */
import { readingsOf } from './rows.ts';

export const hebrewReadings = readingsOf(`
  ג׳ dj
  ז׳ zh
  צ׳ tsh
  ץ׳ tsh
  א a
  ב b|v
  ג g
  ד d
  ה h
  ו w
  ז z
  ח h
  ט t
  י y
  כ kh
  ך kh
  ל l
  מ m
  ם m
  נ n
  ן n
  ס s
  ע -
  פ p|f
  ף f
  צ ts
  ץ ts
  ק k
  ר r
  ש sh
  ת t
  װ w
  ױ oy
  ײ y`);
/** What opens a word with a vowel. */
export const HEBREW_OPENERS: Readonly<Record<string, string>> = { ע: 'a' };
