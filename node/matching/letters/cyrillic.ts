/**
 * Cyrillic. Columns: letter, ICAO. Source of the column: ICAO Doc 9303, Part 3, eighth edition (2021), section 6, table B, with its
 * exceptions by language. Letters that table B does not list stand below it, from the national and BGN/PCGN systems of their
 * languages (Kazakh 1979, Kyrgyz 1979, Tajik 1994, Mongolian 1964, Tatar and Bashkir 2007), without an ICAO form of their own.
 */
import { parseRows, plain, type Readings } from './rows.ts';

const ICAO = `
  ё E
  ђ D
  є IE
  ѕ DZ
  і I
  ї I
  ј J
  љ LJ
  њ NJ
  ќ K
  ў U
  џ DZ
  а A
  б B
  в V
  г G
  д D
  е E
  ж ZH
  з Z
  и I
  й I
  к K
  л L
  м M
  н N
  о O
  п P
  р R
  с S
  т T
  у U
  ф F
  х KH
  ц TS
  ч CH
  ш SH
  щ SHCH
  ъ IE
  ы Y
  ь -
  э E
  ю IU
  я IA
  ѫ U
  ѵ Y
  ґ G
  ғ G
  һ C`;

/** Language → its exceptions in table B. */
const ICAO_IN: Readonly<Record<string, string>> = {
  be: 'ё IO\nг H',
  bg: 'щ SHT',
  mk: 'ќ KJ\nџ DJ\nх H\nц C\nѓ GJ',
  sr: 'г G\nж Z\nх H\nц C\nч C\nш S',
  uk: 'г H\nи Y',
};

/** Ukrainian, at the beginning of a word. */
const ICAO_FIRST: Readonly<Record<string, string>> = { uk: 'є YE\nї YI\nй Y\nю YU\nя YA' };

/** Where people read a letter otherwise than ICAO writes it, in any language or in one; and letters ICAO does not list. */
const READ = `
  ъ -
  һ h
  ѓ gj|dj
  ћ ch
  ђ dj|d
  џ dzh
  ә a
  ң ng|n
  ү u
  ұ u
  ө o
  қ q
  ғ gh|g
  ҳ h
  ҷ dj
  җ zh
  ҹ ch
  ҝ g
  ӣ i
  ӯ u
  ҡ q
  ҙ dh
  ҫ th
  ӑ a
  ӗ e
  ӳ u
  ӏ -
  ѣ e`;
const READ_IN: Readonly<Record<string, string>> = {
  bg: 'ъ a',
  sr: 'ж zh\nц ts\nч ch\nш sh',
  mk: 'ц ts\nќ kj|ch',
  mn: 'ж dj\nз dz',
};

const table = (text: string): ReadonlyMap<string, string> =>
  new Map(parseRows(text).map(([letter, latin]) => [letter, plain(latin!)]));
const byLanguage = (texts: Readonly<Record<string, string>>) =>
  new Map(Object.entries(texts).map(([language, text]) => [language, table(text)]));

/** ICAO's form of each letter; `in` a language; `first` of a word in a language. */
export const cyrillicIcao = { all: table(ICAO), in: byLanguage(ICAO_IN), first: byLanguage(ICAO_FIRST) };

const readings = (texts: readonly string[]): Readings =>
  new Map(
    texts.flatMap((text) =>
      parseRows(text).map(
        ([letter, latin]) => [letter, plain(latin!).toLowerCase().split('|')] as [string, string[]],
      ),
    ),
  );
const read = new Map(
  [...new Set([...Object.keys(ICAO_IN), ...Object.keys(READ_IN)])].map((language) => [
    language,
    readings([ICAO, ICAO_IN[language] ?? '', READ, READ_IN[language] ?? '']),
  ]),
);
const readAnywhere = readings([ICAO, READ]);

/** How a Cyrillic letter is read in a language; without one, as in Russian. */
export const cyrillicReadings = (language: string | undefined): Readings =>
  read.get(language ?? '') ?? readAnywhere;
