/**
 * Signed HTTP requests between machines: RFC 9421 message signatures with RFC 9530 digests, in one fixed
 * profile. Everything that is not exactly this profile is refused, so there is nothing to negotiate.
 * Remembering nonces is the caller's: this file keeps no state and reads no clock.
 */
import { decodeBase64, encodeBase64, encodeHex } from '#schema/protocol/base64.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { Party } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { PublicJwk } from '#schema/protocol/trust-list.ts';
import { importVerifyKey, type SigningKey, signBytes, verifyBytes } from './keys.ts';

/** What every signature covers, in this order. A missing body is covered as an empty one. */
const COMPONENTS = ['@method', '@authority', '@path', '@query', 'content-digest'] as const;
const COMPONENT_LIST = COMPONENTS.map((name) => `"${name}"`).join(' ');

/** How long a request made here is valid, in seconds. */
const LIFE_S = 60;
/** Longest validity accepted, in seconds: bounds how long nonces must be remembered. */
const MAX_LIFE_S = 300;

const INPUT_FORM =
  /^sig=\(([^()]{0,200})\);created=([1-9]\d{9,10});expires=([1-9]\d{9,10});nonce="([A-Za-z0-9_-]{16,64})";keyid="([a-z0-9#-]{1,32})";alg="ed25519";tag="focalnet"$/;
const COMPONENTS_FORM = /^(?:"[a-z@-]{1,40}"(?: (?=")|$))*$/;
const SIGNATURE_FORM = /^sig=:([A-Za-z0-9+/]{86}==):$/;
const DIGEST_FORM = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;
const NONCE_FORM = /^[A-Za-z0-9_-]{16,64}$/;
const METHOD_FORM = /^[A-Z]{1,16}$/;
const AUTHORITY_FORM = /^[a-z0-9.\-[\]:]{1,255}$/;
/** Visible ASCII only: a line break in a component could forge another component. */
const PATH_FORM = /^\/[!"$->@-~]*$/;
const QUERY_FORM = /^\?[!"$-~]*$/;

const ADVICE = {
  SIGNATURE_MISSING: 'the request carries no Signature and Signature-Input; sign it',
  SIGNATURE_MALFORMED: 'the signature headers do not follow the profile of this network',
  COMPONENT_MISSING: 'the signature must cover method, authority, path, query and content-digest',
  TARGET_INVALID: 'method, authority, path or query holds characters a request may not have',
  DIGEST_MISMATCH: 'the body is not the one that was signed; send it unchanged',
  REQUEST_EXPIRED: 'the request is too old; check both clocks and sign it again',
  REQUEST_FROM_FUTURE: 'the request comes from the future; check both clocks',
  SENDER_UNKNOWN: 'no such party in the trust list; check the list in force',
  KEY_UNKNOWN: 'the key id is not listed; check the list in force',
  KEY_NOT_VALID: 'the key is not valid now; sign with the current key',
  BAD_SIGNATURE: 'the signature does not verify; method, address, path, query or body was changed',
} as const;

export type RequestCode = keyof typeof ADVICE;
export const requestCodes = Object.keys(ADVICE) as readonly RequestCode[];

/** Why a request is not authenticated. Nothing of the request is repeated. Answer with HTTP 401. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestCode;
  constructor(code: RequestCode, options?: ErrorOptions) {
    super(`${code}: ${ADVICE[code]}`, options);
    this.code = code;
  }
}

/** Where a request goes, as both ends see it. */
export type RequestTarget = {
  method: string;
  /** Host and, unless the default of the scheme, port. */
  authority: string;
  /** Path as on the request line, still percent-encoded. */
  path: string;
  /** Query as on the request line; '' for none; with or without its '?'. */
  query: string;
};

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type SignatureHeaders = { 'content-digest': string; 'signature-input': string; signature: string };

/** Who signed a request. The caller must refuse a (kid, nonce) it has seen and remember it long enough. */
export type SignedBy = {
  party: Party;
  kid: string;
  nonce: string;
  /** Seconds since 1970. */
  expires: number;
  /** Until when the nonce can still pass the checks here, in seconds since 1970. */
  rememberNonceUntilS: number;
};

/** Finds the listed key of a kid. Throws ProtocolError SENDER_UNKNOWN, KEY_UNKNOWN or KEY_NOT_VALID. */
export type FindKey = (kid: string, atS: number) => { party: Party; jwk: PublicJwk };

/**
 * The text that is signed (RFC 9421 section 2.5).
 * @param components names with their values, in signing order
 * @param params the serialised `@signature-params`
 */
export function buildSignatureBase(
  components: readonly (readonly [string, string])[],
  params: string,
): string {
  const lines = components.map(([name, value]) => `"${name}": ${value}`);
  return [...lines, `"@signature-params": ${params}`].join('\n');
}

/**
 * The three headers that authenticate a request for 60 seconds.
 * @param request.nonce 16 to 64 base64url characters, fresh for each request
 * @throws RequestError `TARGET_INVALID`, `SIGNATURE_MALFORMED` (nonce)
 */
export async function signRequest(
  request: RequestTarget & { body: Uint8Array; nowS: number; nonce: string },
  key: SigningKey,
): Promise<SignatureHeaders> {
  if (!NONCE_FORM.test(request.nonce)) throw new RequestError('SIGNATURE_MALFORMED');
  const digest = formatDigest(await digestBody(request.body));
  const created = Math.trunc(request.nowS);
  const params = `(${COMPONENT_LIST});created=${created};expires=${created + LIFE_S};nonce="${request.nonce}";keyid="${key.kid}";alg="ed25519";tag="focalnet"`;
  const signature = await signBytes(encodeBase(request, digest, params), key.key);
  return {
    'content-digest': digest,
    'signature-input': `sig=${params}`,
    signature: `sig=:${encodeBase64(signature)}:`,
  };
}

/**
 * Who signed a request, or why that cannot be said. Freshness is checked before the key, the signature last.
 * For a streamed body pass `bodySha256` (lower-case hex) as announced, and compare it once the body is read.
 * @throws RequestError
 */
export async function verifyRequest(
  request: RequestTarget & { headers: RequestHeaders } & ({ body: Uint8Array } | { bodySha256: string }),
  findKey: FindKey,
  nowS: number,
): Promise<SignedBy> {
  const input = parseInput(readHeader(request.headers, 'signature-input'));
  const signature = parseSignature(readHeader(request.headers, 'signature'));
  const digest = await checkDigest(request);
  checkFreshness(input, nowS);
  const { party, jwk } = lookUpKey(findKey, input.kid, nowS);
  const base = encodeBase(request, digest, input.params);
  if (!(await verifyBytes(signature, base, await importVerifyKey(jwk))))
    throw new RequestError('BAD_SIGNATURE');
  const { kid, nonce, expires } = input;
  return { party, kid, nonce, expires, rememberNonceUntilS: expires + limits.skewS };
}

function readHeader(headers: RequestHeaders, name: string): string {
  const value = headers[name];
  if (value === undefined || value === '') throw new RequestError('SIGNATURE_MISSING');
  if (typeof value !== 'string') throw new RequestError('SIGNATURE_MALFORMED');
  return value;
}

type Input = { params: string; created: number; expires: number; nonce: string; kid: string };

function parseInput(header: string): Input {
  const match = INPUT_FORM.exec(header);
  const [, covered, created, expires, nonce, kid] = match ?? [];
  if (covered === undefined || !COMPONENTS_FORM.test(covered)) throw new RequestError('SIGNATURE_MALFORMED');
  if (covered !== COMPONENT_LIST) throw new RequestError(explainComponents(covered));
  return {
    params: header.slice(4),
    created: Number(created),
    expires: Number(expires),
    nonce: nonce!,
    kid: kid!,
  };
}

function explainComponents(covered: string): RequestCode {
  const names = new Set(covered.split(' '));
  return COMPONENTS.every((name) => names.has(`"${name}"`)) ? 'SIGNATURE_MALFORMED' : 'COMPONENT_MISSING';
}

function parseSignature(header: string): Uint8Array<ArrayBuffer> {
  const text = SIGNATURE_FORM.exec(header)?.[1];
  if (text === undefined) throw new RequestError('SIGNATURE_MALFORMED');
  return decodeStrict(text);
}

function decodeStrict(text: string): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64(text);
  } catch (cause) {
    throw new RequestError('SIGNATURE_MALFORMED', { cause });
  }
}

async function checkDigest(
  request: { headers: RequestHeaders } & ({ body: Uint8Array } | { bodySha256: string }),
): Promise<string> {
  const header = request.headers['content-digest'];
  if (header === undefined) throw new RequestError('COMPONENT_MISSING');
  const text = typeof header === 'string' ? DIGEST_FORM.exec(header)?.[1] : undefined;
  if (text === undefined) throw new RequestError('SIGNATURE_MALFORMED');
  const actual = 'body' in request ? encodeHex(await digestBody(request.body)) : request.bodySha256;
  if (encodeHex(decodeStrict(text)) !== actual) throw new RequestError('DIGEST_MISMATCH');
  return header as string;
}

function checkFreshness({ created, expires }: Input, nowS: number): void {
  if (expires <= created || expires - created > MAX_LIFE_S) throw new RequestError('SIGNATURE_MALFORMED');
  if (created > nowS + limits.skewS) throw new RequestError('REQUEST_FROM_FUTURE');
  if (expires + limits.skewS < nowS) throw new RequestError('REQUEST_EXPIRED');
}

function lookUpKey(findKey: FindKey, kid: string, nowS: number): { party: Party; jwk: PublicJwk } {
  try {
    return findKey(kid, nowS);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const known = cause.code === 'SENDER_UNKNOWN' || cause.code === 'KEY_NOT_VALID';
    throw new RequestError(known ? (cause.code as RequestCode) : 'KEY_UNKNOWN', { cause });
  }
}

/** The signed bytes, from a target brought to one form (RFC 9421 sections 2.2.1, 2.2.3, 2.2.6, 2.2.7). */
function encodeBase(target: RequestTarget, digest: string, params: string): Uint8Array<ArrayBuffer> {
  const authority = target.authority.toLowerCase().replace(/:(?:80|443)$/, '');
  const path = target.path === '' ? '/' : target.path;
  const query = target.query.startsWith('?') ? target.query : `?${target.query}`;
  const valid = METHOD_FORM.test(target.method) && AUTHORITY_FORM.test(authority) && PATH_FORM.test(path);
  if (!valid || !QUERY_FORM.test(query)) throw new RequestError('TARGET_INVALID');
  const values = [target.method, authority, path, query, digest];
  return new TextEncoder().encode(
    buildSignatureBase(
      COMPONENTS.map((name, at) => [name, values[at]!] as const),
      params,
    ),
  );
}

async function digestBody(body: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', body as Uint8Array<ArrayBuffer>));
}

function formatDigest(hash: Uint8Array): string {
  return `sha-256=:${encodeBase64(hash)}:`;
}
