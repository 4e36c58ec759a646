/**
 * Why somebody may not come in or may not do something. Never says who or what was asked for.
 */

const table = {
  TOKEN_MISSING: [401, 'Sign in first: send the header `authorization: Bearer …`.'],
  TOKEN_INVALID: [401, 'The token is not valid here or its time is over: sign in again.'],
  NOT_PERMITTED: [403, 'This role may not do that: ask a person whose role may.'],
  NOT_FOUND: [404, 'There is no such thing here.'],
  READ_ONLY_IN_NEED: [
    403,
    'What was opened in need may be read, and nothing may be sent from it: ask the unit it belongs to.',
  ],
  STEP_UP_NEEDED: [403, 'Prove again who you are for this: open /sign-in?step-up=1, then repeat it.'],
  PURPOSE_UNKNOWN: [
    400,
    'The header x-focalnet-purpose names no purpose: leave it out, or name one of the list.',
  ],
  SAME_PERSON: [403, 'A second person must do this: nobody approves what they proposed themselves.'],
  REASON_MISSING: [422, 'Say why, in at least ten characters.'],
  TIME_INVALID: [
    422,
    'That time does not fit: it must be ISO 8601, on the right side of now, and not too far off.',
  ],
  INPUT_INVALID: [422, 'That does not fit: see what the field says of its values.'],
  NO_SUCH_PERSON: [404, 'Nobody has this id: see the list of people.'],
  PERSON_NOT_FIT: [
    409,
    'This person cannot take it on: they are disabled, away, of another unit, or their role works at another endpoint.',
  ],
  UNIT_EMPTY: [409, 'There is no such unit, or nobody in it who could take it on.'],
  ADMIT_A_READER: [409, 'This conversation is for named readers: the head of office admits them.'],
  READERS_FULL: [409, 'It has as many named readers as may be: remove one first.'],
  ALREADY_YOURS: [409, 'You may read it as it is: nothing need be opened.'],
  ALREADY_DECIDED: [409, 'That has been decided or ended already: read it again.'],
  NEEDS_A_FINDING: [409, 'This ends when what it asks for is recorded, not by a word: see what it is about.'],
  DIGEST_DIFFERS: [409, 'It has changed since you were shown it: see the differences before you approve.'],
  DEVELOPMENT_IN_PRODUCTION: [
    500,
    'Development tokens are switched on while NODE_ENV is production: remove the token secret from the configuration.',
  ],
  SECRET_TOO_SHORT: [500, 'The secret of development tokens needs at least 32 characters.'],
} as const satisfies Record<string, readonly [number, string]>;

export type AccessErrorCode = keyof typeof table;

export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;
  readonly status: number;
  constructor(code: AccessErrorCode, options?: ErrorOptions) {
    super(table[code][1], options);
    this.code = code;
    this.status = table[code][0];
  }
}
