/**
 * Signing a program in: the person signs in with a browser, reads a code there and types it into the program, which proves by
 * its verifier that it is the one that asked (as PKCE does, RFC 7636). The program gets a session of its own.
 */
import { type Operation, runOperation } from '../../operation.ts';
import { AccessError } from '../access-error.ts';
import { challengeOf, hashSecret, isSecret } from '../secret.ts';
import { type Proof, startSession } from '../sessions.ts';
import { admitPerson } from './admit-person.ts';
import type { SignInContext } from './context.ts';

const CODE_MS = 2 * 60_000;
/** Crockford's letters: none that is taken for another. Ten of them are 50 bits, for two minutes. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code for the program with this challenge, good once and for two minutes. */
export async function makeProgramCode(op: Operation, challenge: string, proof: Proof): Promise<string> {
  const letters = [...op.random(10)].map((byte) => LETTERS[byte % LETTERS.length]!).join('');
  const code = `${letters.slice(0, 5)}-${letters.slice(5)}`;
  const { person, sid, acr, authTimeMs } = proof;
  await op.trx
    .insertInto('program_code')
    .values({
      code_hash: hashCode(challenge, code),
      person,
      sid,
      acr,
      auth_time: authTimeMs,
      expires_at: op.nowMs + CODE_MS,
    })
    .execute();
  return code;
}

/**
 * Gives the program its session.
 * @returns the value of its session cookie
 * @throws AccessError CODE_INVALID, PERSON_DISABLED, NO_ENDPOINT
 */
export async function redeemProgramCode(
  ctx: Pick<SignInContext, 'db' | 'surroundings'>,
  { code, verifier }: { code: string; verifier: string },
): Promise<string> {
  if (!isSecret(verifier)) throw new AccessError('CODE_INVALID');
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    await op.trx.deleteFrom('program_code').where('expires_at', '<=', op.nowMs).execute();
    const row = await op.trx
      .deleteFrom('program_code')
      .where('code_hash', '=', hashCode(challengeOf(verifier), code))
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new AccessError('CODE_INVALID');
    const { sid, acr, auth_time: authTimeMs } = row;
    return startSession(
      op,
      { ...(await admitPerson(op, { id: row.person })), sid, acr, authTimeMs },
      'program',
    );
  });
}

/** People type letters small, and with or without the hyphen. */
const hashCode = (challenge: string, code: string): string =>
  hashSecret(`${challenge}.${code.toUpperCase().replace(/[\s-]/g, '')}`);
