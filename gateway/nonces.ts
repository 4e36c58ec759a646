/**
 * Nonces of signed calls, remembered for all processes of the gateway: a call that one has taken, none takes again.
 */

import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { GatewayDatabase } from './tables.ts';

/**
 * False if the nonce was used before.
 * @param untilS how long it could still pass, in seconds since 1970
 */
export async function rememberNonce(
  db: Kysely<GatewayDatabase>,
  kid: string,
  nonce: string,
  untilS: number,
): Promise<boolean> {
  const { rows } = await sql`
    insert into nonce (kid, nonce, until_s) values (${kid}, ${nonce}, ${untilS}) on conflict do nothing returning 1`.execute(
    db,
  );
  return rows.length === 1;
}

/** Removes nonces that no longer pass anyway. */
export async function forgetNonces(db: Kysely<GatewayDatabase>, nowS: number): Promise<void> {
  await db.deleteFrom('nonce').where('until_s', '<', nowS).execute();
}
