/**
 * What the roster can refuse. Says what to do, and nothing of a person.
 */
const table = {
  PERSON_UNSUITABLE: [422, 'Name an officer, a supervisor or the head who works here at present.'],
  RANK_INVALID: [422, 'Say 1 for who is told first, or 2 for who stands in.'],
  TIMES_INVALID: [422, 'A shift ends after it begins, not in the past, and within 31 days.'],
  SHIFT_UNKNOWN: [404, 'There is no such shift here, or it has ended.'],
  NO_ALERT: [409, 'There is no alert of the other State here that waits to be confirmed.'],
} as const satisfies Record<string, readonly [number, string]>;

export class DutyError extends Error {
  override readonly name = 'DutyError';
  readonly code: keyof typeof table;
  readonly status: number;
  constructor(code: keyof typeof table) {
    super(table[code][1]);
    this.code = code;
    this.status = table[code][0];
  }
}
