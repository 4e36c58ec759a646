/**
 * Scripts whose letters are syllables. Devanagari stands for the nine scripts that Unicode lays out alike (Devanagari, Bengali,
 * Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam: the order of ISCII, IS 13194:1991): a letter of another one is
 * looked up at the same place here. Readings follow the Hunterian system of India's surveys, without marks. Ethiopic: rows of eight
 * in the order of Unicode, readings of BGN/PCGN 1967 without marks.
 */
import { parseRows, readingsOf } from './rows.ts';

export const indicConsonants = readingsOf(`
  क k
  ख kh
  ग g
  घ gh
  ङ n
  च ch
  छ chh|ch
  ज j
  झ jh|j
  ञ n
  ट t
  ठ th
  ड d
  ढ dh
  ण n
  त t
  थ th
  द d
  ध dh
  न n
  ऩ n
  प p
  फ ph|f
  ब b
  भ bh
  म m
  य y
  र r
  ऱ r
  ल l
  ळ l
  ऴ zh|l
  व v|b
  श sh
  ष sh
  स s
  ह h
  क़ q
  ख़ kh
  ग़ gh
  ज़ z
  ड़ r
  ढ़ rh
  फ़ f
  य़ y`);
export const indicVowels = readingsOf(`
  अ a
  आ a
  इ i
  ई i
  उ u
  ऊ u
  ऋ ri
  ए e
  ऐ ai
  ओ o
  औ au
  ऍ e
  ऑ o`);
export const indicSigns = readingsOf(`
  ा a
  ि i
  ी i
  ु u
  ू u
  ृ ri
  ॅ e
  ॆ e
  े e
  ै ai
  ॉ o
  ॊ o
  ो o
  ौ au
  ् -`);
/** Nasals after a syllable, and what is not heard. */
export const indicMarks = readingsOf(`
  ँ n
  ं n
  ः h
  ऽ -`);
/** First code point of each block, 128 code points long. */
export const INDIC_BLOCKS = [0x0900, 0x0980, 0x0a00, 0x0a80, 0x0b00, 0x0b80, 0x0c00, 0x0c80, 0x0d00] as const;

/** Consonant of each row of Ethiopic, from U+1200. */
const ETHIOPIC_ROWS = `
  1200 h
  1208 l
  1210 h
  1218 m
  1220 s
  1228 r
  1230 s
  1238 sh
  1240 q
  1248 qw
  1250 q
  1258 qw
  1260 b
  1268 v
  1270 t
  1278 ch
  1280 h
  1288 hw
  1290 n
  1298 ny
  12a0 -
  12a8 k
  12b0 kw
  12b8 kh
  12c0 kw
  12c8 w
  12d0 -
  12d8 z
  12e0 zh
  12e8 y
  12f0 d
  12f8 d
  1300 j
  1308 g
  1310 gw
  1318 g
  1320 t
  1328 ch
  1330 p
  1338 ts
  1340 ts
  1348 f
  1350 p`;
/** Vowel of each place in a row. The sixth is a short vowel or none. */
const ETHIOPIC_VOWELS = ['e', 'u', 'i', 'a', 'e', '', 'o', 'wa'] as const;

export const ethiopicReadings: ReadonlyMap<string, readonly string[]> = new Map(
  parseRows(ETHIOPIC_ROWS).flatMap(([first, consonant]) =>
    ETHIOPIC_VOWELS.map((vowel, place) => {
      const silent = consonant === '-';
      const reading = silent ? vowel.replace(/^$/, 'i').replace(/^e$/, 'a') : `${consonant}${vowel}`;
      return [String.fromCodePoint(Number.parseInt(first, 16) + place), [reading]] as const;
    }),
  ),
);
