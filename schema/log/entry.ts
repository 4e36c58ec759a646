/**
 * Audit entries: what one leaf of a log says — a type, a time and a salted commitment to a detail kept
 * elsewhere. Never any personal data: once salt and detail are deleted, what remains cannot be linked.
 * Clock and salt are parameters.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { LogError } from '#schema/log/log-error.ts';
import { leafHash } from '#schema/log/tree.ts';
import { decodeBase64Url, encodeBase64Url } from '#schema/protocol/base64.ts';
import { encodeCanonical, parseCanonical } from '#schema/protocol/canonical.ts';

/** What an entry's bytes say. `commit` is SHA-256(salt || canonical detail). */
export type Entry = { readonly type: string; readonly atMs: number; readonly commit: Uint8Array };

/** Fixed, so that salt and detail cannot be divided in another way. */
export const SALT_BYTES = 32;
const MAX_ENTRY_BYTES = 512;
const COMMIT_BYTES = 32;
/** Two to five dotted words, e.g. `enquiry.sent`: a fixed vocabulary, no place for content. */
const ENTRY_TYPE = /^[a-z][a-z0-9-]{0,31}(\.[a-z][a-z0-9-]{0,31}){1,4}$/;
const MEMBERS = 'at,commit,type,v';
/** 9999-12-31T23:59:59.999Z: later years have another text form. */
const LAST_MS = 253_402_300_799_999;

/**
 * Makes an entry: its bytes (what the log publishes), its leaf hash, and the canonical bytes of the detail
 * (what the node keeps beside the salt until they are erased).
 * @param input.atMs milliseconds since 1970
 * @param input.salt 32 random bytes, never used twice
 * @throws LogError `ENTRY_MALFORMED`; CanonicalError for a detail that has no canonical form
 */
export function makeEntry(input: { type: string; atMs: number; detail: unknown; salt: Uint8Array }): {
  bytes: Uint8Array<ArrayBuffer>;
  leaf: Uint8Array;
  detail: Uint8Array<ArrayBuffer>;
} {
  const { type, atMs, salt } = input;
  const timeGood = Number.isSafeInteger(atMs) && atMs >= 0 && atMs <= LAST_MS;
  if (!ENTRY_TYPE.test(type) || !timeGood || salt.length !== SALT_BYTES)
    throw new LogError('ENTRY_MALFORMED');
  const detail = encodeCanonical(input.detail);
  const commit = encodeBase64Url(commitTo(salt, detail));
  const bytes = encodeCanonical({ at: new Date(atMs).toISOString(), commit, type, v: 1 });
  return { bytes, leaf: leafHash(bytes), detail };
}

function commitTo(salt: Uint8Array, detail: Uint8Array): Uint8Array {
  return sha256.create().update(salt).update(detail).digest();
}

/**
 * Reads the bytes of an entry.
 * @throws LogError `ENTRY_MALFORMED` unless they are what `makeEntry` would write
 */
export function parseEntry(bytes: Uint8Array): Entry {
  const members = readMembers(bytes);
  const { at, commit, type, v } = members;
  const textual = typeof at === 'string' && typeof commit === 'string' && typeof type === 'string';
  if (Object.keys(members).join() !== MEMBERS || v !== 1 || !textual) throw new LogError('ENTRY_MALFORMED');
  const atMs = Date.parse(at);
  const timeGood = atMs >= 0 && atMs <= LAST_MS && new Date(atMs).toISOString() === at;
  if (!timeGood || !ENTRY_TYPE.test(type)) throw new LogError('ENTRY_MALFORMED');
  return { type, atMs, commit: readCommit(commit) };
}

function readMembers(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value = parseCanonical(bytes, { maxBytes: MAX_ENTRY_BYTES, maxDepth: 1 });
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through: any unreadable form is one and the same error to the caller.
  }
  throw new LogError('ENTRY_MALFORMED');
}

function readCommit(text: string): Uint8Array {
  try {
    const commit = decodeBase64Url(text);
    if (commit.length === COMMIT_BYTES) return commit;
  } catch {
    // Falls through.
  }
  throw new LogError('ENTRY_MALFORMED');
}

/**
 * Checks that an entry commits to this salt and detail, and returns what it says.
 * @throws LogError `ENTRY_MALFORMED`, `COMMITMENT_MISMATCH`; CanonicalError for an impossible detail
 */
export function verifyEntry(bytes: Uint8Array, opening: { salt: Uint8Array; detail: unknown }): Entry {
  const entry = parseEntry(bytes);
  const commit = commitTo(opening.salt, encodeCanonical(opening.detail));
  const same = opening.salt.length === SALT_BYTES && commit.every((byte, i) => byte === entry.commit[i]);
  if (!same) throw new LogError('COMMITMENT_MISMATCH');
  return entry;
}
