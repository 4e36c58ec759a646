/**
 * The first half of signing in: what was begun is remembered, bound to the browser, and the browser is sent to the provider.
 */
import { AccessError } from '../access-error.ts';
import { hashSecret, isSecret, makeSecret } from '../secret.ts';
import type { SignInContext } from './context.ts';
import { parseLocalPath } from './local-path.ts';

export const LOGIN_MS = 10 * 60_000;
/** Proof older than the longest session is no proof. */
const MAX_AUTH_AGE_S = 12 * 3600;

export interface Beginning {
  /** Path of this address to go to afterwards, as the browser gave it. */
  readonly returnTo: string | null;
  /** A fresh and strong proof, for what is not done without one. */
  readonly stepUp: boolean;
  /** Challenge of a program that the person signs in for. */
  readonly program: string | null;
  /** Cookies the browser has already. */
  readonly browser: string | null;
  readonly session: string | null;
}

/**
 * Begins a sign-in.
 * @returns where the browser goes, and the value of its cookie; one browser may begin several, in several tabs
 * @throws AccessError RETURN_INVALID, CHALLENGE_INVALID, PROVIDER_AWAY
 */
export async function beginSignIn(
  { db, surroundings, provider, settings }: SignInContext,
  { returnTo, stepUp, program, ...has }: Beginning,
): Promise<{ url: URL; browser: string }> {
  if (program !== null && !isSecret(program)) throw new AccessError('CHALLENGE_INVALID');
  const path = returnTo === null ? '/session' : parseLocalPath(returnTo);
  const secret = () => makeSecret(surroundings.random);
  const [state, nonce, verifier] = [secret(), secret(), secret()];
  const browser = has.browser ?? secret();
  // A link that somebody sends must not yield a code for a program without the person noticing: they are asked anew.
  const fresh = stepUp || program !== null;
  const url = await provider.authorize({
    state,
    nonce,
    verifier,
    fresh,
    maxAgeS: fresh ? 0 : MAX_AUTH_AGE_S,
    acr: fresh ? settings.stepUpAcr : settings.acr,
  });
  const nowMs = surroundings.nowMs();
  await db.deleteFrom('login').where('expires_at', '<=', nowMs).execute();
  await db
    .insertInto('login')
    .values({
      state_hash: hashSecret(state),
      browser_hash: hashSecret(browser),
      nonce,
      verifier,
      return_to: path,
      step_up: stepUp,
      program,
      session: has.session && hashSecret(has.session),
      created_at: nowMs,
      expires_at: nowMs + LOGIN_MS,
    })
    .execute();
  return { url, browser };
}

/** What a returning sign-in must prove. */
export function provingOf(
  { settings }: Pick<SignInContext, 'settings'>,
  login: { step_up: boolean; program: string | null; created_at: number },
): { acr: readonly string[]; provedSinceMs: number } {
  return login.step_up || login.program !== null
    ? { acr: settings.stepUpAcr, provedSinceMs: login.created_at }
    : { acr: settings.acr, provedSinceMs: login.created_at - MAX_AUTH_AGE_S * 1000 };
}
