/**
 * Why a file of another system cannot be taken or given. Names lines and fields, never what stands in them.
 */

const table = {
  TABLE_BROKEN: [
    422,
    'This cannot be read as a table: save it as CSV in UTF-8, with the names of fields in the first line.',
  ],
  TABLE_TOO_LARGE: [413, 'The table is too large: at most 100,000 rows, 200 columns and 32 MiB; split it.'],
  TABLE_EMPTY: [422, 'The table has no row beneath the names of its fields.'],
  COLUMN_TWICE: [422, 'Two columns have one name: rename or remove one.'],
  NO_KNOWN_COLUMN: [
    422,
    'No column has the name of an HTCDS field, such as prs_FirstName: rename the columns.',
  ],
  ROWS_INVALID: [422, 'Nothing was written: correct the rows named, or leave them out.'],
  RECORD_BROKEN: [422, 'This is no JSON object of a case.'],
  CODES_UNCLEAR: [409, 'Nothing was written: say what the codes named mean.'],
} as const satisfies Record<string, readonly [number, string]>;

export type InterchangeErrorCode = keyof typeof table;

export class InterchangeError extends Error {
  override readonly name = 'InterchangeError';
  readonly code: InterchangeErrorCode;
  readonly status: number;
  /** @param places lines or fields, never values */
  constructor(code: InterchangeErrorCode, places: readonly string[] = []) {
    super([table[code][1], ...places.map((place) => `[${place}]`)].join(' '));
    this.code = code;
    this.status = table[code][0];
  }
}
