/**
 * How the tables of letters are written: one row a letter, its columns apart by spaces, `-` for nothing. A reading says how the
 * letter sounds in Latin letters; where it may sound in several ways, the usual one comes first, apart by `|`.
 */

/** Letter in lower case → readings, the usual first. */
export type Readings = ReadonlyMap<string, readonly string[]>;

/** Rows of `letter column column …`. */
export function parseRows(text: string): readonly (readonly [string, ...string[]])[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length > 1) as [string, ...string[]][];
}

/** @param column which column of the rows holds the readings, from 1 */
export function readingsOf(text: string, column = 1): Readings {
  return new Map(parseRows(text).map((row) => [row[0], row[column]!.split('|').map(plain)] as const));
}

export const plain = (column: string): string => (column === '-' ? '' : column);
