/**
 * Latin with marks. Columns: letter, ICAO. Source: ICAO Doc 9303, Part 3, eighth edition (2021), section 6, table A, its first
 * recommendation where it gives several; only the letters that are more than their base letter without its mark, and some of African and Turkic alphabets without an ICAO form. Readings are the
 * base letter, so that Müller, Mueller and Muller meet by sound.
 */
import { parseRows, type Readings, readingsOf } from './rows.ts';

const ROWS = `
  ä AE a
  å AA a
  æ AE ae
  ð D d
  ö OE o
  ø OE o
  ü UE u
  þ TH th
  đ D d|dj
  ħ H h
  ı I i
  ĳ IJ ij
  ŀ L l
  ł L l
  ŋ N n
  œ OE oe
  ŧ T t
  ţ T t|ts
  ț - t|ts
  ß SS ss
  ə - a
  ɛ - e
  ɔ - o
  ɓ - b
  ɗ - d
  ƙ - k
  ƴ - y
  ɣ - gh
  ʒ - zh`;

export const latinIcao: ReadonlyMap<string, string> = new Map(
  parseRows(ROWS)
    .filter(([, icao]) => icao !== '-')
    .map(([letter, icao]) => [letter, icao!]),
);
/** Where a language reads a plain letter otherwise than most. */
const READ_IN: Readonly<Record<string, string>> = {
  so: 'x h\nc -',
  tr: 'c dj',
  az: 'c dj\nx kh\nq g',
  ku: 'c dj\nx kh',
  es: 'j j|h',
  pt: 'x sh|x',
  mt: 'x sh',
  ca: 'x sh|x',
  sq: 'xh dj\nq tsh|k',
  pl: 'rz zh',
};
const read = new Map(
  Object.entries(READ_IN).map(([language, text]) => [
    language,
    new Map([...readingsOf(ROWS, 2), ...readingsOf(text)]) as Readings,
  ]),
);
const readAnywhere = readingsOf(ROWS, 2);

/** How a Latin letter that is not simply itself is read in a language. */
export const latinReadings = (language: string | undefined): Readings =>
  read.get(language ?? '') ?? readAnywhere;
