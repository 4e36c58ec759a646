/**
 * Back-Channel Logout 1.0: the provider says that somebody's session there is over, and it is over here.
 */
import { runOperation } from '../../operation.ts';
import { AccessError } from '../access-error.ts';
import { hashSecret } from '../secret.ts';
import { endSessions, peopleOf } from '../sessions.ts';
import type { SignInContext } from './context.ts';
import { verifyLogoutToken } from './verify-token.ts';

/** Ends the sessions that a logout token names. @throws AccessError LOGOUT_INVALID, also for one that was taken before; PROVIDER_AWAY */
export async function takeLogout(ctx: SignInContext, token: string): Promise<void> {
  const { issuer } = ctx.provider;
  const logout = await verifyLogoutToken(ctx.provider, token, ctx.surroundings.nowMs()).catch((cause) => {
    const isAway = cause instanceof AccessError && cause.code === 'PROVIDER_AWAY';
    throw isAway ? cause : new AccessError('LOGOUT_INVALID', { cause });
  });
  const { jti, subject, sid, goodUntilMs } = logout;
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    await op.trx.deleteFrom('logout_token').where('expires_at', '<=', op.nowMs).execute();
    const taken = await op.trx
      .insertInto('logout_token')
      .values({ jti_hash: hashSecret(jti), expires_at: goodUntilMs })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (taken.numInsertedOrUpdatedRows !== 1n) throw new AccessError('LOGOUT_INVALID');
    await endSessions(op, { issuer, subject, sid }, 'provider');
    const codes = op.trx.deleteFrom('program_code').where('person', 'in', peopleOf(op, { issuer, subject }));
    await (sid === null ? codes : codes.where('sid', '=', sid)).execute();
  });
}
