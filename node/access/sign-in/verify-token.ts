/**
 * The one place where a token of the identity provider is believed: OpenID Connect Core 1.0 section 3.1.3.7 and Back-Channel
 * Logout 1.0 section 2.6, and stricter. An access token or a logout token is never taken for an ID token, nor the reverse.
 */
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import * as z from 'zod';
import { AccessError } from '../access-error.ts';
import type { Provider } from './provider.ts';

/** Public-key signatures only: no `none`, and no secret that both sides hold. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Between the clocks of the node and the provider. */
const TOLERANCE_S = 30;
/** From when a token was signed until we see it. */
const MAX_TOKEN_AGE_S = 300;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

type Keys = Pick<Provider, 'issuer' | 'clientId' | 'findKey'>;

const Subject = z.string().regex(/^[\x20-\x7e]{1,255}$/);
const Sid = z.string().min(1).max(255);

const IdClaims = z.looseObject({
  sub: Subject,
  nonce: z.string(),
  azp: z.string().optional(),
  acr: z.string().max(200).optional(),
  auth_time: z.int().min(0),
  sid: Sid.optional(),
  events: z.undefined().optional(),
});

export interface Identity {
  readonly subject: string;
  readonly sid: string | null;
  readonly acr: string;
  /** Milliseconds since 1970. */
  readonly authTimeMs: number;
}

/**
 * Who signed in, by an ID token.
 * @param expected.provedSinceMs an older proof of who they are is not good enough, milliseconds since 1970
 * @throws AccessError TOKEN_INVALID, ACR_TOO_LOW, AUTH_STALE, PROVIDER_AWAY
 */
export async function verifyIdToken(
  keys: Keys,
  token: string,
  expected: { nonce: string; acr: readonly string[]; provedSinceMs: number; nowMs: number },
): Promise<Identity> {
  const { header, payload } = await verifyToken(keys, token, expected.nowMs, {
    requiredClaims: ['exp', 'sub', 'nonce', 'auth_time'],
  });
  // Core 1.0 names no `typ`; tokens of other kinds name theirs (RFC 9068, RFC 8417).
  if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') throw new AccessError('TOKEN_INVALID');
  const claims = parse(IdClaims, payload);
  const manyAudiences = Array.isArray(payload.aud) && payload.aud.length > 1;
  if (claims.azp === undefined ? manyAudiences : claims.azp !== keys.clientId)
    throw new AccessError('TOKEN_INVALID');
  if (claims.nonce !== expected.nonce) throw new AccessError('TOKEN_INVALID');
  const authTimeMs = claims.auth_time * 1000;
  if (authTimeMs > expected.nowMs + TOLERANCE_S * 1000) throw new AccessError('TOKEN_INVALID');
  if (authTimeMs < expected.provedSinceMs - TOLERANCE_S * 1000) throw new AccessError('AUTH_STALE');
  if (claims.acr === undefined || !expected.acr.includes(claims.acr)) throw new AccessError('ACR_TOO_LOW');
  return { subject: claims.sub, sid: claims.sid ?? null, acr: claims.acr, authTimeMs };
}

const LogoutClaims = z
  .looseObject({
    jti: z.string().min(1).max(255),
    events: z.looseObject({ [LOGOUT_EVENT]: z.looseObject({}) }),
    sub: Subject.optional(),
    sid: Sid.optional(),
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

export interface Logout {
  readonly jti: string;
  readonly subject: string | null;
  readonly sid: string | null;
  /** No token is good for longer, milliseconds since 1970. */
  readonly goodUntilMs: number;
}

/** Whose sessions end, by a logout token. @throws AccessError TOKEN_INVALID, PROVIDER_AWAY */
export async function verifyLogoutToken(keys: Keys, token: string, nowMs: number): Promise<Logout> {
  const { payload } = await verifyToken(keys, token, nowMs, {
    typ: 'logout+jwt',
    requiredClaims: ['exp', 'jti', 'events'],
  });
  const { jti, sub, sid } = parse(LogoutClaims, payload);
  const goodUntilMs = (payload.iat! + MAX_TOKEN_AGE_S + 2 * TOLERANCE_S) * 1000;
  return { jti, subject: sub ?? null, sid: sid ?? null, goodUntilMs };
}

async function verifyToken(keys: Keys, token: string, nowMs: number, rules: JWTVerifyOptions) {
  try {
    // A token does not say where its own key is.
    const { jku, jwk, x5u, x5c } = decodeProtectedHeader(token);
    if ([jku, jwk, x5u, x5c].some((member) => member !== undefined)) throw new AccessError('TOKEN_INVALID');
    const { payload, protectedHeader } = await jwtVerify(token, keys.findKey, {
      ...rules,
      requiredClaims: ['iss', 'aud', 'iat', ...(rules.requiredClaims ?? [])],
      algorithms: ALGORITHMS,
      issuer: keys.issuer,
      audience: keys.clientId,
      maxTokenAge: MAX_TOKEN_AGE_S,
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(nowMs),
    });
    return { header: protectedHeader, payload };
  } catch (cause) {
    throw cause instanceof AccessError ? cause : new AccessError('TOKEN_INVALID', { cause });
  }
}

function parse<T>(schema: z.ZodType<T>, payload: JWTPayload): T {
  const { data, success, error } = schema.safeParse(payload);
  if (!success) throw new AccessError('TOKEN_INVALID', { cause: error });
  return data;
}
