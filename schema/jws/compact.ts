/**
 * Compact JWS (RFC 7515) in one fixed form: Ed25519 (RFC 9864), a header of exactly five members, a canonical
 * payload. What envelope, receipt and recall have in common. A value is `Unverified` until the file of its kind
 * has found a listed key for it; only those files may mark it `Verified`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import * as z from 'zod';
import { decodeBase64Url, EncodingError, encodeBase64Url, encodeHex } from '#schema/protocol/base64.ts';
import { CanonicalError, encodeCanonical, parseCanonical } from '#schema/protocol/canonical.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Kid, type Party } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { PublicJwk } from '#schema/protocol/trust-list.ts';
import type { Keyring, ListedKey } from './keyring.ts';
import { importVerifyKey, type SigningKey, signBytes, verifyBytes } from './keys.ts';

/** The `typ` of what is signed; a signature for one kind is worthless for another. */
export type Typ =
  | 'focalnet-envelope+jws'
  | 'focalnet-receipt+jws'
  | 'focalnet-recall+jws'
  | 'focalnet-list+jws';

declare const stage: unique symbol;

type Signed<T, Stage extends string> = {
  readonly [stage]: Stage;
  readonly value: T;
  /** The signed text exactly as received: what is stored, sent on and hashed. */
  readonly jws: string;
  /** SHA-256 of the text's ASCII bytes, lower-case hex. */
  readonly hash: string;
  /** Key id the header names. */
  readonly kid: string;
};

/** Well-formed, but anybody may have written it. */
export type Unverified<T> = Signed<T, 'unverified'>;
/** Signed by the key that the trust list names for its sender, at a time when that key was valid. */
export type Verified<T> = Signed<T, 'verified'>;

const COMPACT_FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

const encoder = new TextEncoder();

/** The protected header of a typ and key, base64url of canonical JSON. */
export function encodeHeader(typ: Typ, kid: string): string {
  return encodeBase64Url(encodeCanonical({ alg: 'Ed25519', crit: ['focalnet'], focalnet: 1, kid, typ }));
}

const Header = z.object({ kid: Kid });

/**
 * The kid of a protected header that is exactly the one `encodeHeader` writes.
 * @throws ProtocolError `MALFORMED` for any other member, value, order or encoding (`none`, `jwk`, `x5u`, …).
 */
export function parseHeader(text: string, typ: Typ): string {
  const header = Header.safeParse(decodeMember(text, 'header'));
  if (!header.success || encodeHeader(typ, header.data.kid) !== text)
    throw new ProtocolError('MALFORMED', 'header');
  return header.data.kid;
}

/**
 * The value of a base64url member that holds canonical JSON.
 * @param where name of the member, for the error
 * @throws ProtocolError `MALFORMED`
 */
export function decodeMember(text: string, where: string, maxBytes: number = limits.jwsBytes): unknown {
  try {
    return parseCanonical(decodeBase64Url(text), { maxBytes, maxDepth: limits.depth });
  } catch (cause) {
    if (cause instanceof EncodingError || cause instanceof CanonicalError) {
      throw new ProtocolError('MALFORMED', where, { cause });
    }
    throw cause;
  }
}

/** The signature over a header and a payload in base64url (RFC 7515 section 5.1), base64url. */
export async function signMembers(header: string, payload: string, key: SigningKey): Promise<string> {
  return encodeBase64Url(await signBytes(encoder.encode(`${header}.${payload}`), key.key));
}

/** Whether a base64url signature over header and payload is that of a public key. */
export async function verifyMembers(
  header: string,
  payload: string,
  signature: string,
  jwk: PublicJwk,
): Promise<boolean> {
  const bytes = decodeSignature(signature);
  return verifyBytes(bytes, encoder.encode(`${header}.${payload}`), await importVerifyKey(jwk));
}

function decodeSignature(text: string): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64Url(text);
  } catch (cause) {
    throw new ProtocolError('MALFORMED', 'signature', { cause });
  }
}

/** SHA-256 of a text of ASCII, lower-case hex. */
export function hashText(text: string): string {
  return encodeHex(sha256(encoder.encode(text)));
}

/**
 * Signs a payload.
 * @throws ProtocolError `TOO_LARGE` above limits.jwsBytes
 * @throws CanonicalError for values without a canonical form
 */
export async function signCompact(typ: Typ, payload: unknown, key: SigningKey): Promise<string> {
  const header = encodeHeader(typ, key.kid);
  const body = encodeBase64Url(encodeCanonical(payload));
  const jws = `${header}.${body}.${await signMembers(header, body, key)}`;
  if (jws.length > limits.jwsBytes) throw new ProtocolError('TOO_LARGE');
  return jws;
}

/**
 * Parses size, form, header, canonical payload, shape and sense, in that order; says nothing of who signed.
 * @param findFault names the field that contradicts another, or null
 * @throws ProtocolError `TOO_LARGE`, `MALFORMED`
 */
export function parseCompact<T>(
  typ: Typ,
  jws: string,
  schema: z.ZodType<T>,
  findFault: (value: T) => string | null = () => null,
): Unverified<T> {
  if (jws.length > limits.jwsBytes) throw new ProtocolError('TOO_LARGE');
  const [, header, payload, signature] = COMPACT_FORM.exec(jws) ?? [];
  if (header === undefined || payload === undefined || signature === undefined)
    throw new ProtocolError('MALFORMED');
  const kid = parseHeader(header, typ);
  decodeSignature(signature);
  const value = parseShape(schema, decodeMember(payload, 'payload'));
  const fault = findFault(value);
  if (fault !== null) throw new ProtocolError('MALFORMED', fault);
  return { value, jws, hash: hashText(jws), kid } as Unverified<T>;
}

/**
 * A value of a schema.
 * @throws ProtocolError `MALFORMED` with the path of the first wrong field, never its content
 */
export function parseShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProtocolError('MALFORMED', namePath(parsed.error.issues[0]?.path));
}

/** Names of unknown members come from outside, so only members this protocol knows, which zod gives, are named. */
function namePath(path: readonly PropertyKey[] | undefined): string {
  return path === undefined || path.length === 0 ? 'payload' : path.map(String).join('.');
}

/**
 * The listed key of a signature, once the signature has been checked with it.
 * @param party who must have signed
 * @param atS when, in seconds since 1970
 * @throws ProtocolError `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`, `BAD_SIGNATURE`
 */
export async function verifyCompact(
  unverified: Unverified<unknown>,
  keyring: Keyring,
  party: Party | string,
  atS: number,
): Promise<ListedKey> {
  const found = keyring.findKey(unverified.kid, atS);
  if (found.party !== party) throw new ProtocolError('KEY_UNKNOWN');
  const [header, payload, signature] = unverified.jws.split('.') as [string, string, string];
  if (!(await verifyMembers(header, payload, signature, found.jwk))) throw new ProtocolError('BAD_SIGNATURE');
  return found;
}

/** Only for the files beside this one, after `verifyCompact` and the checks of the kind. */
export function markVerified<T>(unverified: Unverified<T>): Verified<T> {
  return unverified as unknown as Verified<T>;
}
