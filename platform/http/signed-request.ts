/**
 * Who sent a signed request (RFC 9421), for route handlers. The signature is checked by its headers before a
 * byte of the body is read; then the body must be the announced one. Decides nothing about what a party may do.
 */
import { createHash } from 'node:crypto';
import { type FindKey, RequestError, verifyRequest } from '#schema/jws/request.ts';
import type { Party } from '#schema/protocol/ids.ts';
import { HttpError } from './http-error.ts';
import type { HttpRequest } from './route.ts';

/** An authenticated party. */
export type Caller = { party: Party; kid: string };

/**
 * Remembers a nonce until a time; false if it was remembered already.
 * @param untilS seconds since 1970
 */
export type RememberNonce = (
  kid: string,
  nonce: string,
  untilS: number,
  nowS: number,
) => boolean | Promise<boolean>;

/** Codes of refused requests beside those of `RequestError`. */
export const checkCodes = ['AUTHORITY_FOREIGN', 'NONCE_REUSED'] as const;

export type CheckRequest = (request: HttpRequest, maxBodyBytes: number) => Promise<Caller>;

/** Whether a request claims to be signed at all. */
export const isSigned = (request: HttpRequest): boolean =>
  request.headers.signature !== undefined || request.headers['signature-input'] !== undefined;

/**
 * A function that says who signed a request.
 * @throws (the function) HttpError 401 with the code of the broken rule, `AUTHORITY_FOREIGN`, `NONCE_REUSED`, 413 `BODY_TOO_LARGE`
 */
export function makeRequestCheck(trust: {
  findKey: FindKey;
  /** The listed addresses of this server; a request signed for another address is not for it. */
  ownUrls: () => readonly string[];
  remember: RememberNonce;
  nowMs: () => number;
}): CheckRequest {
  return async (request, maxBodyBytes) => {
    const nowS = Math.floor(trust.nowMs() / 1000);
    const { method, authority, path, query, headers } = request;
    if (!trust.ownUrls().some((url) => new URL(url).host === authority.replace(/:(?:80|443)$/, '')))
      throw new HttpError(
        401,
        'AUTHORITY_FOREIGN',
        'The request is signed for another address: use the listed one.',
      );
    const bodySha256 = readDigest(headers['content-digest']);
    const target = { method, authority, path, query, headers, bodySha256 };
    const signed = await verifyRequest(target, trust.findKey, nowS).catch(answerUnauthorised);
    const fresh = await trust.remember(signed.kid, signed.nonce, signed.rememberNonceUntilS, nowS);
    if (!fresh) throw new HttpError(401, 'NONCE_REUSED', 'This request was received before: sign a new one.');
    const body = await request.readBody(maxBodyBytes, signed.party);
    if (createHash('sha256').update(body).digest('hex') !== bodySha256) {
      answerUnauthorised(new RequestError('DIGEST_MISMATCH'));
    }
    return { party: signed.party, kid: signed.kid };
  };
}

/** The announced digest as hex; whether it has the right form is verifyRequest's to say. */
function readDigest(header: string | undefined): string {
  const text = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(header ?? '')?.[1] ?? '';
  return Buffer.from(text, 'base64').toString('hex');
}

function answerUnauthorised(error: unknown): never {
  if (error instanceof RequestError) throw new HttpError(401, error.code, error.message);
  throw error;
}

/** More than a busy hour of one key; beyond it its requests are refused rather than nonces forgotten. */
const MAX_NONCES_PER_KEY = 100_000;

/** Nonces of one process. Where several processes answer for one party, remember them in their database. */
export function makeNonceMemory(): RememberNonce {
  const remembered = new Map<string, Map<string, number>>();
  return (kid, nonce, until, nowS) => {
    const untilS = remembered.get(kid) ?? new Map<string, number>();
    remembered.set(kid, untilS);
    // Oldest first, though not exactly by expiry: what lingers a few minutes longer does no harm.
    for (const [old, expiry] of untilS) {
      if (expiry >= nowS) break;
      untilS.delete(old);
    }
    if (untilS.has(nonce)) return false;
    if (untilS.size >= MAX_NONCES_PER_KEY)
      throw new HttpError(503, 'OVERLOADED', 'Too much at once: try again later.', 60);
    untilS.set(nonce, until);
    return true;
  };
}
