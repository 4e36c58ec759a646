/**
 * Why an auditor's question has no answer. Never repeats what was asked.
 */

const table = {
  CURSOR_INVALID: [400, 'The cursor is none of a page of this list: begin with the first page.'],
  RANGE_INVALID: [400, 'Give from and to, from before to, as 2027-01-15T08:00:00Z.'],
  RANGE_TOO_LONG: [400, 'Ask for at most 31 days at a time.'],
  NO_SUCH_ENTRY: [404, 'The log has no entry at this place, or no checkpoint of this size that covers it.'],
} as const satisfies Record<string, readonly [number, string]>;

export type AuditErrorCode = keyof typeof table;

export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditErrorCode;
  readonly status: number;
  constructor(code: AuditErrorCode) {
    super(table[code][1]);
    this.code = code;
    this.status = table[code][0];
  }
}
