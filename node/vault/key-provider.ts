/**
 * Who holds the wrapping keys: a file for demo, tests and small offices (file-keys.ts), or a token that never gives them out
 * (pkcs11-keys.ts). Wrapping keys wrap data keys and nothing else; what they have wrapped lies in the database (tables.ts).
 */

export interface WrappedKey {
  /** Id of the wrapping key, e.g. `wrap-1`. */
  readonly keyId: string;
  readonly wrapped: Uint8Array;
}

/** Every operation throws KeyProviderError. */
export interface KeyProvider {
  /** Under the current wrapping key. @param subject whose data key it is: it opens under no other name */
  readonly wrap: (dataKey: Uint8Array, subject: string) => Promise<WrappedKey>;
  readonly unwrap: (key: WrappedKey, subject: string) => Promise<Uint8Array>;
  readonly currentId: () => Promise<string>;
  readonly keyIds: () => Promise<readonly string[]>;
  /** Makes the next wrapping key, which is then the current one; former ones still unwrap. @returns its id */
  readonly makeNext: () => Promise<string>;
  /** Removes a wrapping key for good. @throws KeyProviderError KEY_IN_USE for the current one */
  readonly remove: (keyId: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** `wrap-1`, `wrap-2`, …: which follows. */
export function nextKeyId(ids: readonly string[]): string {
  return `wrap-${Math.max(0, ...ids.map(numberOf)) + 1}`;
}

/** The number of a wrapping key; 0 for what is none. */
export const numberOf = (id: string): number => Number(/^wrap-([1-9][0-9]{0,5})$/.exec(id)?.[1] ?? 0);
