/**
 * Opening: the only way from a verified envelope and a blob to a document that may be applied (PROTOCOL.md,
 * "Opening"). Each step has its own code, and the steps cannot be reordered or skipped from outside.
 * The caller has already made sure that the envelope is addressed to this State.
 */
import type { Verified } from '#schema/jws/compact.ts';
import { CanonicalError, parseCanonical } from '#schema/protocol/canonical.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Document } from '#schema/protocol/document.ts';
import type { Envelope, Profile } from '#schema/protocol/envelope.ts';
import { limits, paddingClasses } from '#schema/protocol/limits.ts';
import type { Certificate, SealingKey } from './keys.ts';
import { openBytes } from './openpgp.ts';
import { hashBytes } from './seal.ts';

declare const stage: unique symbol;

/** Sent by whom it claims, to this State, with the content its envelope names. Only this can be applied. */
export type Opened<T> = {
  readonly [stage]: 'opened';
  readonly value: T;
  /** SHA-256 of the signed plaintext with its nonce and padding, lower-case hex. */
  readonly docHash: string;
};

export type OpenOptions = {
  /** Own keys, former ones included: whichever opens it. */
  decryptWith: readonly SealingKey[];
  /** Certificates that the trust list names for the sender, and no others. */
  senderCerts: readonly Certificate[];
};

/**
 * Opens the blob of an envelope.
 * @throws ProtocolError `BLOB_MISMATCH`, `CANNOT_DECRYPT`, `NOT_SIGNED_INSIDE`, `INNER_MISMATCH` (naming the
 *   field), `NOT_FOR_THIS_KEY`, `DOCUMENT_INVALID` (naming the field)
 */
export async function openDocument(
  envelope: Verified<Envelope>,
  blob: Uint8Array,
  options: OpenOptions,
): Promise<Opened<Document>> {
  const { sealed, iat } = envelope.value;
  const own = copyBytes(blob);
  if (own.length !== sealed.bytes || (await hashBytes(own)) !== sealed.sha256)
    throw new ProtocolError('BLOB_MISMATCH');
  const opened = await openPlain(own, options, iat);
  if (opened.profile !== sealed.profile) throw new ProtocolError('INNER_MISMATCH', 'profile');
  const members = parseMembers(opened.bytes);
  requireSameOrigin(members, envelope.value);
  requireOwnKey(members.rcpt, opened.recipients, options.decryptWith);
  const value = parseDocument(members);
  return { value, docHash: await hashBytes(opened.bytes) } as Opened<Document>;
}

/**
 * Opens one attachment part. Its hash must come from an opened document: that makes it the sender's.
 * @param expectedSha256 SHA-256 of the sealed part, lower-case hex
 * @param options.profile of the document it belongs to: a part is never sealed in a weaker one
 * @throws ProtocolError `TOO_LARGE`, `BLOB_MISMATCH`, `CANNOT_DECRYPT`, `NOT_SIGNED_INSIDE`, `INNER_MISMATCH`
 */
export async function openPart(
  blob: Uint8Array,
  expectedSha256: string,
  options: OpenOptions & { profile: Profile },
): Promise<Uint8Array<ArrayBuffer>> {
  if (blob.length > limits.sealedPartBytes) throw new ProtocolError('TOO_LARGE');
  const own = copyBytes(blob);
  if ((await hashBytes(own)) !== expectedSha256) throw new ProtocolError('BLOB_MISMATCH');
  const opened = await openPlain(own, options, null);
  if (opened.profile !== options.profile) throw new ProtocolError('INNER_MISMATCH', 'profile');
  return opened.bytes;
}

/** Hashing and opening are asynchronous: the bytes must not change between the two. */
function copyBytes(blob: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(blob);
}

function openPlain(blob: Uint8Array, options: OpenOptions, notAfterS: number | null) {
  return openBytes(blob, {
    decryptWith: options.decryptWith.map(({ key }) => key),
    senderCerts: options.senderCerts.map(({ key }) => key),
    notAfterS,
  });
}

function parseMembers(plain: Uint8Array): Record<string, unknown> {
  try {
    const value = parseCanonical(plain, { maxBytes: limits.documentBytes, maxDepth: limits.depth });
    const padded = paddingClasses.some((size) => size === plain.length);
    if (padded && typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw new ProtocolError('DOCUMENT_INVALID', undefined, { cause });
  }
  throw new ProtocolError('DOCUMENT_INVALID');
}

const ORIGIN = ['v', 'class', 'id', 'from', 'to', 'iat', 'exp'] as const;

/** What the relays saw must be what was signed inside; a control message has no number in either place. */
function requireSameOrigin(inner: Record<string, unknown>, outer: Envelope): void {
  for (const name of ORIGIN) if (inner[name] !== outer[name]) throw new ProtocolError('INNER_MISMATCH', name);
  if (outer.class === 'ctl') return;
  if (inner.lane !== outer.lane) throw new ProtocolError('INNER_MISMATCH', 'lane');
  if (inner.seq !== outer.seq) throw new ProtocolError('INNER_MISMATCH', 'seq');
}

/** OpenPGP does not authenticate recipients, so the signed text names them: re-encryption to a third contradicts it. */
function requireOwnKey(rcpt: unknown, recipients: number, own: readonly SealingKey[]): void {
  const named: unknown[] = Array.isArray(rcpt) ? rcpt : [];
  const mine = own.some(({ fingerprint }) => named.includes(fingerprint));
  if (!mine || named.length !== recipients) throw new ProtocolError('NOT_FOR_THIS_KEY');
}

function parseDocument(members: Record<string, unknown>): Document {
  const parsed = Document.safeParse(members);
  if (parsed.success) return parsed.data;
  // Only the member of the document itself is named: deeper names may be content.
  throw new ProtocolError('DOCUMENT_INVALID', parsed.error.issues[0]?.path.slice(0, 1).map(String).join('.'));
}
