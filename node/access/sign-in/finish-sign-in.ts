/**
 * The second half of signing in: the browser comes back from the provider, and gets a session, or a code for its program.
 */
import type { Selectable } from 'kysely';
import { type Operation, runOperation } from '../../operation.ts';
import { AccessError } from '../access-error.ts';
import { hashSecret, isSecret } from '../secret.ts';
import { endSessions, startSession } from '../sessions.ts';
import { admitPerson } from './admit-person.ts';
import { provingOf } from './begin-sign-in.ts';
import type { SignInContext } from './context.ts';
import { makeProgramCode } from './program-code.ts';
import type { LoginTable } from './tables.ts';
import { verifyIdToken } from './verify-token.ts';

export type Finished = { session: string; returnTo: string } | { code: string };

/**
 * Finishes a sign-in that this browser began. It happens once, whatever comes of it.
 * @param query of the callback, with its `?`
 * @throws AccessError SIGN_IN_STALE, SIGN_IN_REFUSED, TOKEN_INVALID, ACR_TOO_LOW, AUTH_STALE, PERSON_UNKNOWN, PERSON_DISABLED,
 *   NO_ENDPOINT, OTHER_PERSON, PROVIDER_AWAY; then nothing has been made
 */
export async function finishSignIn(
  ctx: SignInContext,
  { query, browser }: { query: string; browser: string | null },
): Promise<Finished> {
  const state = new URLSearchParams(query).get('state') ?? '';
  const login = await takeLogin(ctx, state, browser);
  const { nonce, verifier } = login;
  const token = await ctx.provider.redeem(query, { state, nonce, verifier });
  const nowMs = ctx.surroundings.nowMs();
  const expected = { nonce, nowMs, ...provingOf(ctx, login) };
  const { subject, ...shown } = await verifyIdToken(ctx.provider, token, expected);
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const proof = { ...shown, ...(await admitPerson(op, { issuer: ctx.provider.issuer, subject })) };
    if (login.program !== null) return { code: await makeProgramCode(op, login.program, proof) };
    if (login.step_up) await refuseAnother(op, login.session, proof.person);
    if (login.session !== null) await endSessions(op, { idHash: login.session }, 'replaced');
    const session = await startSession(op, proof, login.step_up ? 'step-up' : 'browser');
    return { session, returnTo: login.return_to };
  });
}

async function takeLogin(
  { db, surroundings }: SignInContext,
  state: string,
  browser: string | null,
): Promise<Selectable<LoginTable>> {
  if (!isSecret(state) || browser === null) throw new AccessError('SIGN_IN_STALE');
  const login = await db
    .deleteFrom('login')
    .where('state_hash', '=', hashSecret(state))
    .where('browser_hash', '=', hashSecret(browser))
    .where('expires_at', '>', surroundings.nowMs())
    .returningAll()
    .executeTakeFirst();
  if (!login) throw new AccessError('SIGN_IN_STALE');
  return login;
}

/** A step-up goes on with the person's own session; it is no way to change places. */
async function refuseAnother(op: Operation, session: string | null, person: string): Promise<void> {
  if (session === null) return;
  const before = await op.trx
    .selectFrom('session')
    .select('person')
    .where('id_hash', '=', session)
    .executeTakeFirst();
  if (before && before.person !== person) throw new AccessError('OTHER_PERSON');
}
