/**
 * Why something at rest cannot be sealed or opened. Never says what it was, whose it was, or where it stands.
 */

const table = {
  MOVED_OR_ALTERED: [
    500,
    'What is kept here is not what was written here: tell who operates this node, who compares it with a backup.',
  ],
  KEY_UNAVAILABLE: [
    503,
    'The keys of what is kept here cannot be had at present: try again in a moment. Nothing is lost.',
  ],
  BLOCKED: [
    403,
    'The time in which this is used is over, and nobody reads it: two persons may lift that for a day, with a reason (proposeLift).',
  ],
  ERASED: [410, 'This has been erased: it can be read by nobody any more, and nothing can be added to it.'],
} as const satisfies Record<string, readonly [number, string]>;

export type VaultErrorCode = keyof typeof table;

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;
  readonly status: number;
  /** @param options cause: for logs only by its code; never shown */
  constructor(code: VaultErrorCode, options?: ErrorOptions) {
    super(table[code][1], options);
    this.code = code;
    this.status = table[code][0];
  }
}

const advice = {
  FILE_UNREADABLE:
    'FOCALNET_VAULT must name a JSON file that this process can read: see `focalnet keys vault`.',
  FILE_MODE:
    'Others can read the file of wrapping keys: chmod 600 it, and think of its keys as known to them.',
  FILE_INVALID:
    'The file named by FOCALNET_VAULT is no file of wrapping keys and no settings of a token: take it from its backup.',
  KEY_MISSING: 'A wrapping key is not there: restore it from its backup.',
  KEY_WRONG:
    'A wrapping key does not open what was wrapped with it: it is another key of the same name. Restore the right one.',
  KEY_IN_USE: 'The current wrapping key cannot be removed: rotate first.',
  PACKAGE_MISSING:
    'The package pkcs11js is not built here: install a C++ compiler and run `npm rebuild pkcs11js --ignore-scripts=false`.',
  MODULE_MISSING: 'The PKCS#11 module cannot be loaded: name the library of the token in `module`.',
  TOKEN_MISSING: 'There is no token of this label: see whether it is connected, and what `token` says.',
  PIN_REFUSED: 'The token refuses the PIN: see the file that `pinFile` names, before the token locks itself.',
  TOKEN_FAILED: 'The token does not answer as it should: see whether it is connected.',
} as const;

export type KeyProviderErrorCode = keyof typeof advice;

/** Of the key provider itself, for whoever operates the node: it names what to do, and no key. */
export class KeyProviderError extends Error {
  override readonly name = 'KeyProviderError';
  readonly code: KeyProviderErrorCode;
  constructor(code: KeyProviderErrorCode, options?: ErrorOptions) {
    super(`${code}: ${advice[code]}`, options);
    this.code = code;
  }
}
