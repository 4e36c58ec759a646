/**
 * Sealing: a document or an attachment part becomes one OpenPGP blob, signed by its sender and then encrypted
 * to the recipient only (PROTOCOL.md, S rules). The nonce and all times are the caller's; only session keys are
 * drawn here. Signs no envelope and stores nothing.
 */
import { encodeHex } from '#schema/protocol/base64.ts';
import { CanonicalError, encodeCanonical } from '#schema/protocol/canonical.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Document } from '#schema/protocol/document.ts';
import type { Profile } from '#schema/protocol/envelope.ts';
import { limits, paddingClasses } from '#schema/protocol/limits.ts';
import type { Certificate, SealingKey } from './keys.ts';
import { sealBytes } from './openpgp.ts';

type DistributiveOmit<T, Names extends PropertyKey> = T extends unknown ? Omit<T, Names> : never;

/** A document before the sealer adds its recipients' fingerprints and its padding. */
export type UnsealedDocument = DistributiveOmit<Document, 'pad' | 'rcpt'>;

export type SealOptions = {
  signWith: SealingKey;
  /** All certificates of the recipient State that are in use; one to four, of one profile. */
  encryptTo: readonly Certificate[];
  profile: Profile;
};

export type SealedPart = {
  /** The OpenPGP blob. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the blob, lower-case hex. */
  readonly sha256: string;
};

export type Sealed = SealedPart & {
  /** SHA-256 of the signed plaintext with its nonce and padding, lower-case hex. */
  readonly docHash: string;
};

/**
 * Seals a document, padded so that its size tells only a class. The signature carries the document's `iat`.
 * @throws ProtocolError `DOCUMENT_INVALID` (naming the field), `TOO_LARGE` above the largest class
 * @throws SealingKeyError `KEY_MISMATCH` where keys are not of the profile
 */
export async function sealDocument(document: UnsealedDocument, options: SealOptions): Promise<Sealed> {
  const rcpt = options.encryptTo.map(({ fingerprint }) => fingerprint);
  const plain = padDocument({ ...document, rcpt });
  const bytes = await sealPlain(plain, options, document.iat);
  return { bytes, sha256: await hashBytes(bytes), docHash: await hashBytes(plain) };
}

/**
 * Seals one attachment part of at most 4 MiB. The document that lists its hash says whose it is and when;
 * the signature's own date, that of the newest key, says nothing.
 * @throws ProtocolError `TOO_LARGE`
 * @throws SealingKeyError `KEY_MISMATCH`
 */
export async function sealPart(plain: Uint8Array, options: SealOptions): Promise<SealedPart> {
  if (plain.length > limits.partBytes) throw new ProtocolError('TOO_LARGE');
  const keys = [options.signWith, ...options.encryptTo];
  const newestMs = Math.max(...keys.map(({ key }) => key.getCreationTime().getTime()));
  const bytes = await sealPlain(plain, options, newestMs / 1000);
  return { bytes, sha256: await hashBytes(bytes) };
}

function sealPlain(plain: Uint8Array, options: SealOptions, dateS: number): Promise<Uint8Array<ArrayBuffer>> {
  const { signWith, encryptTo, profile } = options;
  return sealBytes(plain, {
    signWith: signWith.key,
    encryptTo: encryptTo.map(({ key }) => key),
    profile,
    dateS,
  });
}

/** Canonical bytes of the document with as many spaces in `pad` as its class needs. */
function padDocument(document: UnsealedDocument & { rcpt: readonly string[] }): Uint8Array<ArrayBuffer> {
  const bare = parseDocument({ ...document, pad: '' });
  const length = encodeDocument(bare).length;
  const size = paddingClasses.find((bytes) => bytes >= length);
  if (size === undefined) throw new ProtocolError('TOO_LARGE');
  return encodeDocument({ ...bare, pad: ' '.repeat(size - length) });
}

function parseDocument(value: unknown): Document {
  const parsed = Document.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProtocolError('DOCUMENT_INVALID', parsed.error.issues[0]?.path.slice(0, 1).map(String).join('.'));
}

function encodeDocument(document: Document): Uint8Array<ArrayBuffer> {
  try {
    return encodeCanonical(document);
  } catch (cause) {
    if (cause instanceof CanonicalError) throw new ProtocolError('DOCUMENT_INVALID', undefined, { cause });
    throw cause;
  }
}

/** SHA-256 of bytes, lower-case hex; native, since parts are megabytes. */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
