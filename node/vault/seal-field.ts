/**
 * One value of one row, sealed so that it opens only where it was written: AES-256-GCM (NIST SP 800-38D) with a random 96-bit
 * nonce; node, table, column, row, subject and version are authenticated with it. There is no way back to plaintext on failure.
 *
 *   1 byte format (1) | 12 bytes nonce | ciphertext | 16 bytes tag
 */
import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import { VaultError } from './vault-error.ts';

export const KEY_BYTES = 32;
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What sealing adds to a value, in bytes. */
export const SEAL_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Where a value stands. What is moved to another place does not open. */
export interface Place {
  readonly table: string;
  readonly column: string;
  /** The row's key; of several columns, canonical JSON of an array. */
  readonly row: string;
  /** Whose data key seals it: `conversation:<thread>`, `case:<id>`, `attachment:<id>`. */
  readonly subject: string;
  /** Of the row, where one and the same row is written several times and an older value must not pass for the newer; else 1. */
  readonly version: number;
}

/** No two places have one name: JSON quotes what stands in its strings. */
export const namePlace = (node: string, { table, column, row, subject, version }: Place): string =>
  JSON.stringify(['focalnet-field', FORMAT, node, table, column, row, subject, version]);

export function sealField(
  key: CipherKey,
  node: string,
  place: Place,
  plain: Uint8Array,
  random: (bytes: number) => Uint8Array,
): Buffer {
  return sealBytes(key, namePlace(node, place), plain, random);
}

/** @throws VaultError MOVED_OR_ALTERED: sealed elsewhere, under another key, or changed since */
export function openField(key: CipherKey, node: string, place: Place, sealed: Uint8Array): Buffer {
  return openBytes(key, namePlace(node, place), sealed);
}

/** @param name what the sealed bytes are bound to */
export function sealBytes(
  key: CipherKey,
  name: string,
  plain: Uint8Array,
  random: (bytes: number) => Uint8Array,
): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(name));
  return Buffer.concat([
    Uint8Array.of(FORMAT),
    nonce,
    cipher.update(plain),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** @throws VaultError MOVED_OR_ALTERED */
export function openBytes(key: CipherKey, name: string, sealed: Uint8Array): Buffer {
  if (sealed.length < SEAL_BYTES || sealed[0] !== FORMAT) throw new VaultError('MOVED_OR_ALTERED');
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const opened = decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    // A stream cipher: what update gave is all of it, and worth nothing before final has said so.
    decipher.final();
  } catch {
    throw new VaultError('MOVED_OR_ALTERED');
  }
  return opened;
}
