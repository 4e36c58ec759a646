/**
 * Why somebody may not come in or may not do something. Never says who or what was asked for.
 */

const table = {
  SIGN_IN_NEEDED: [401, 'Sign in first: open /sign-in with a browser, or use `focalnet sign-in`.'],
  SESSION_OVER: [401, 'The session is over: sign in again.'],
  STEP_UP_NEEDED: [
    403,
    'This needs a fresh proof of who you are: open /sign-in?step-up=1 and then do it again within five minutes.',
  ],
  WRONG_ENDPOINT: [403, 'People of this role work at another address of this office: ask there.'],
  NO_ENDPOINT: [403, 'There is no place here yet for people of this role.'],
  PERSON_UNKNOWN: [
    403,
    'You are known to the identity provider and not entered here: show issuer and subject to the head of your office, who can have you entered.',
  ],
  PERSON_DISABLED: [403, 'You may not come in at present: ask the head of your office.'],
  OTHER_PERSON: [403, 'Another person signed in than the one whose session this is: sign out first.'],
  SIGN_IN_STALE: [
    400,
    'This sign-in was not begun by this browser in the last ten minutes, or was used already: begin again at /sign-in.',
  ],
  SIGN_IN_REFUSED: [403, 'The identity provider did not sign you in: begin again at /sign-in.'],
  TOKEN_INVALID: [401, 'What the identity provider said of you does not hold: tell who operates this node.'],
  ACR_TOO_LOW: [403, 'The way you proved who you are is not enough here: use your second factor.'],
  AUTH_STALE: [
    403,
    'The identity provider did not ask you anew: sign out there, then begin again at /sign-in.',
  ],
  RETURN_INVALID: [400, '`return` must be a path of this address, such as /session.'],
  CHALLENGE_INVALID: [400, '`program` must be a challenge that `focalnet sign-in` made.'],
  CODE_INVALID: [400, 'The code is wrong, used or older than two minutes: run `focalnet sign-in` again.'],
  TOO_MANY_TRIES: [
    429,
    'Too many tries to sign in from this address: wait a few seconds and try again. Whoever was signed in with this browser before is let through.',
  ],
  TOO_MANY_CODES: [429, 'Too many wrong codes: none is good any more. Run `focalnet sign-in` again.'],
  LOGOUT_INVALID: [400, 'The logout token does not hold.'],
  PROVIDER_AWAY: [
    503,
    'The identity provider cannot be reached: try again in a moment. Who is signed in, stays.',
  ],
  SIGN_IN_NOT_SET_UP: [503, 'No identity provider is set up here: the operator sets FOCALNET_SIGN_IN.'],
  NOT_PERMITTED: [403, 'This role may not do that: ask a person whose role may.'],
  NOT_FOUND: [404, 'There is no such thing here.'],
  READ_ONLY_IN_NEED: [
    403,
    'What was opened in need may be read, and nothing may be sent from it: ask the unit it belongs to.',
  ],
  PURPOSE_UNKNOWN: [
    400,
    'The header x-focalnet-purpose names no purpose of your role: leave it out, or name one of the list.',
  ],
  NOT_BLOCKED: [409, 'This is not blocked: who may see it reads it as before.'],
  NOT_ENDED: [409, 'Only what was closed is erased: end it first, or ask the other State what it needs.'],
  LEGAL_HOLD: [
    409,
    'This is kept by law until a day that an authority has named: answer so, or end the hold if that is over.',
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
  STILL_REPRESENTS: [
    409,
    'This person represents a child: end the links first. Nobody works on the file of a child whom they represent.',
  ],
  UNIT_EMPTY: [409, 'There is no such unit, or nobody in it who could take it on.'],
  FIREWALL: [
    403,
    'What was gathered to protect a child is not given to immigration enforcement. Nothing was recorded as given; the auditor has been told.',
  ],
  ADMIT_A_READER: [409, 'This conversation is for named readers: the head of office admits them.'],
  READERS_FULL: [409, 'It has as many named readers as may be: remove one first.'],
  ALREADY_YOURS: [409, 'You may read it as it is: nothing need be opened.'],
  ALREADY_DECIDED: [409, 'That has been decided or ended already: read it again.'],
  NEEDS_A_FINDING: [409, 'This ends when what it asks for is recorded, not by a word: see what it is about.'],
  CONFLICT_OPEN: [
    409,
    'A possible conflict of interest stands: a third person, who neither wrote nor approves it, says first why it is none.',
  ],
  DIGEST_DIFFERS: [409, 'It has changed since you were shown it: see the differences before you approve.'],
  PERSON_EXISTS: [
    409,
    'Somebody has this id, or this subject of the issuer, already: see `focalnet person list`.',
  ],
  PERSON_ALIKE: [
    409,
    'Somebody of this name is entered for this office, or somebody with this mail address: one human has one entry, or could approve what they proposed. If these are two humans, confirm it with --another-human.',
  ],
  PERSON_NOT_FOUND: [404, 'Nobody has this id: see `focalnet person list`.'],
} as const satisfies Record<string, readonly [number, string]>;

export type AccessErrorCode = keyof typeof table;

export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;
  readonly status: number;
  /** When another try makes sense, in seconds. */
  declare readonly retryAfterS?: number;
  constructor(code: AccessErrorCode, options?: ErrorOptions & { readonly retryAfterS?: number }) {
    super(table[code][1], options);
    this.code = code;
    this.status = table[code][0];
    if (options?.retryAfterS !== undefined) this.retryAfterS = options.retryAfterS;
  }
}
