/**
 * A spreadsheet as CSV (RFC 4180; comma, semicolon or tab; UTF-8 with or without a mark) becomes records by the names of its first
 * line. The package csv-parse reads the form; what is said of a broken file is ours and repeats nothing of it. Pure.
 */
import { type CsvError, parse } from 'csv-parse/sync';
import { InterchangeError } from './interchange-error.ts';

export const tableLimits = {
  bytes: 32 * 1024 * 1024,
  rows: 100_000,
  columns: 200,
  cellChars: 8_000,
} as const;

export interface Table {
  readonly columns: readonly string[];
  /** Null for a line that is empty: it keeps its number, as the spreadsheet shows it. */
  readonly rows: readonly (readonly string[] | null)[];
  /** The number by which a spreadsheet shows the first of them: that of its first line is 1. */
  readonly firstRow: number;
}

/** @throws InterchangeError TABLE_BROKEN with the line, TABLE_TOO_LARGE, TABLE_EMPTY, COLUMN_TWICE */
export function readTable(bytes: Uint8Array): Table {
  const text = decode(bytes);
  const lines = parseLines(text).map((cells) => (cells.length === 1 && cells[0] === '' ? null : cells));
  const head = lines.findIndex((cells) => cells !== null);
  const columns = lines[head];
  const rows = lines.slice(head + 1);
  if (!columns || rows.every((cells) => cells === null)) throw new InterchangeError('TABLE_EMPTY');
  const names = columns.map((name) => name.trim());
  if (new Set(names).size !== names.length) throw new InterchangeError('COLUMN_TWICE');
  const isTooLarge = rows.length > tableLimits.rows || names.length > tableLimits.columns;
  if (isTooLarge) throw new InterchangeError('TABLE_TOO_LARGE');
  return { columns: names, rows, firstRow: head + 2 };
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > tableLimits.bytes) throw new InterchangeError('TABLE_TOO_LARGE');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InterchangeError('TABLE_BROKEN', ['save it as UTF-8']);
  }
}

function parseLines(text: string): string[][] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const count = (mark: string) => head.split(mark).length;
  const delimiter = [';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best), ',');
  try {
    return parse(text, {
      delimiter,
      bom: true,
      // A row with a cell too few or too many is a problem of that row.
      relax_column_count: true,
      max_record_size: 200 * tableLimits.cellChars,
    });
  } catch (error) {
    const { lines } = error as CsvError & { lines?: number };
    throw new InterchangeError('TABLE_BROKEN', lines === undefined ? [] : [`line ${lines}`]);
  }
}
