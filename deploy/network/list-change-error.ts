/**
 * Why a change of the trust list is not drafted.
 */
const ADVICE = {
  NOT_LISTED: 'no such State in the list; see `focalnet list show`',
  LISTED_ALREADY: 'the State takes part already; use `list update` or `list rotate`',
  NOT_ACTIVE: 'the State does not take part at present; see `focalnet list show`',
  NOT_SUSPENDED: 'only a suspended State can be resumed; one that has left is added anew with `list add`',
  LEFT_ALREADY: 'the State has left already',
  OTHER_NETWORK: 'the keys are of another network',
  OTHER_PARTY: 'the keys are of another party',
  KEYS_INCOMPLETE: 'a State needs at least one certificate, the gateway has none',
  KEY_NUMBER_USED:
    'the number of a signing key only grows; make the keys with `keys next`, or with `keys new --number`',
  LOG_KEYS_DIFFER:
    'log and witness keys stay when keys are rotated; make the new keys with `keys next` from the old ones',
  NO_OVERLAP:
    'none of the certificates listed so far is kept; make the new keys with `keys next`, or say --lost',
  CERTIFICATE_UNUSABLE: 'a certificate cannot be read, or is not the one its fingerprint names',
  PROFILE_WITHOUT_CERTIFICATE:
    'the list names a sealing profile of a State but no certificate of it; make the keys with --profile',
  TOO_MANY_KEYS: 'the list has room for eight signing keys of a party; wait until an old one may go',
  WRONG_PREDECESSOR: 'the draft does not follow that list; fetch the one in force and draft anew',
  NOT_A_BASE: 'start from the signed list in force (`list fetch`), or from a draft made from it',
  UNREADABLE: 'the file is neither a signed list, nor a draft, nor the JSON of a list',
} as const;

export type ListChangeCode = keyof typeof ADVICE;

/** `where` names a State, a field or a fingerprint. */
export class ListChangeError extends Error {
  override readonly name = 'ListChangeError';
  readonly code: ListChangeCode;
  constructor(code: ListChangeCode, where?: string) {
    super(`${code}: ${ADVICE[code]}${where === undefined ? '' : ` (${where})`}`);
    this.code = code;
  }
}
