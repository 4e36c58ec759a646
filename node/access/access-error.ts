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
