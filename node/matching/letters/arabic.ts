/**
 * Arabic script, with letters of Persian, Urdu and Pashto. Columns: letter, ICAO, readings. Source of the second column: ICAO Doc
 * 9303, Part 3, eighth edition (2021), section 6, table C, and Appendix B for ڤ and ڥ. The readings are those of BGN/PCGN (Arabic
 * 1956, Persian 1958, Urdu 2007) without marks, and how States and families write the letter: ق as q, k or g; ج as j or g.
 * Short vowels are not written (Kurdish and Uyghur write them), so readings hold consonants, and vowels only where a letter stands for one; the aspirate ھ is part of the
 * letter before it.
 */
import { parseRows, plain, readingsOf } from './rows.ts';

const ROWS = `
  ء XE -
  آ XAA a
  أ XAE a
  ؤ U -
  إ I i
  ئ XI -
  ا A a
  ب B b
  ة XTA a
  ت T t
  ث XTH th
  ج J dj|g
  ح XH h
  خ XKH kh
  د D d
  ذ XDH dh
  ر R r
  ز Z z
  س S s
  ش XSH sh
  ص XSS s
  ض XDZ d|z
  ط XTT t
  ظ XZZ z|d
  ع E -
  غ G gh
  ف F f
  ق Q q
  ك K k
  ل L l
  م M m
  ن N n
  ه H h
  و W w
  ى XAY a
  ي Y y
  ٱ XXA a
  ٹ XXT t
  ټ XRT t
  پ P p
  ځ XKE dz
  څ XXH ts
  چ XC tsh
  ڈ XXD d
  ډ XDR d
  ڑ XXR r
  ړ XRR r
  ږ XRX zh|g
  ژ XJ zh
  ښ XXS sh|kh
  ڤ V v
  ڥ XF v
  ک XKK k
  ګ XXK g
  ڭ XNG ng
  گ XGG g
  ں XNN n
  ڼ XXN n
  ھ XDO -
  ۀ XYH h
  ہ XXG h
  ۂ XGE h
  ۃ XTG a
  ی XYA y
  ۍ XXY i
  ې Y i
  ے XYB i
  ۓ XBE i
  ە - a
  ۆ - o
  ێ - e
  ۇ - u
  ۈ - u
  ۋ - v
  ڕ - r
  ڵ - l`;

/** Teh marbuta at the end of a part of the name (note 2 of table C). */
export const FINAL_TEH_MARBUTA = 'XAH';

export const arabicIcao: ReadonlyMap<string, string> = new Map(
  parseRows(ROWS).map(([letter, icao]) => [letter, plain(icao!)]),
);
export const arabicReadings = readingsOf(ROWS, 2);
/** What opens a word with a vowel, however it is read inside one. */
export const ARABIC_OPENERS: Readonly<Record<string, string>> = { ع: 'a', ئ: 'i', ؤ: 'u', ء: 'a' };
