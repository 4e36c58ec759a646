/**
 * A token that names a person and a role, for demonstrations and tests until people sign in. Its secret lives in the
 * memory of one process. It must never exist in production, and refuses to.
 */
import { jwtVerify, SignJWT } from 'jose';
import { AccessError } from './access-error.ts';
import { Actor } from './actor.ts';

const TYP = 'focalnet-development+jwt';
const MAX_AGE_S = 12 * 3600;

export interface DevelopmentTokens {
  /** @param lifetimeS at most 12 hours */
  issue(actor: Actor, lifetimeS?: number): Promise<string>;
  /** @throws AccessError TOKEN_INVALID */
  verify(token: string): Promise<Actor>;
}

/**
 * @param origin the node's log origin, e.g. `focalnet.example/xa`: issuer and audience, so that one node's token is none elsewhere
 * @param environment value of NODE_ENV, as the configuration read it
 * @throws AccessError DEVELOPMENT_IN_PRODUCTION, SECRET_TOO_SHORT
 */
export function openDevelopmentTokens(settings: {
  tokenSecret: string;
  origin: string;
  environment: string | undefined;
  nowMs: () => number;
}): DevelopmentTokens {
  if (settings.environment === 'production') throw new AccessError('DEVELOPMENT_IN_PRODUCTION');
  if (settings.tokenSecret.length < 32) throw new AccessError('SECRET_TOO_SHORT');
  const { origin } = settings;
  const secret = new TextEncoder().encode(settings.tokenSecret);
  return {
    async issue(actor, lifetimeS = MAX_AGE_S) {
      const nowS = Math.floor(settings.nowMs() / 1000);
      return new SignJWT({ actor: Actor.parse(actor) })
        .setProtectedHeader({ alg: 'HS256', typ: TYP })
        .setIssuer(origin)
        .setAudience(`${origin}/officer`)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + Math.min(lifetimeS, MAX_AGE_S))
        .sign(secret);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: ['HS256'],
          typ: TYP,
          issuer: origin,
          audience: `${origin}/officer`,
          requiredClaims: ['iat', 'exp', 'iss', 'aud', 'actor'],
          maxTokenAge: MAX_AGE_S,
          currentDate: new Date(settings.nowMs()),
        });
        // maxTokenAge bounds the age, not the lifetime that a token claims for itself.
        if (payload.exp! - payload.iat! > MAX_AGE_S) throw new AccessError('TOKEN_INVALID');
        return Actor.parse(payload.actor);
      } catch (cause) {
        throw new AccessError('TOKEN_INVALID', { cause });
      }
    },
  };
}

/** The actor of a request's `authorization` header. @throws AccessError TOKEN_MISSING, TOKEN_INVALID */
export async function readBearer(tokens: DevelopmentTokens, header: string | undefined): Promise<Actor> {
  const token = /^Bearer ([A-Za-z0-9_.-]{1,4096})$/i.exec(header ?? '')?.[1];
  if (token === undefined) throw new AccessError('TOKEN_MISSING');
  return tokens.verify(token);
}
