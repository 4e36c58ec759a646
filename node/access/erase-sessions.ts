/**
 * Sessions that are over do not stay: after a while nothing needs to know that they were, and the log says who signed in. Runs by
 * a timer, and any number of processes may run it at once.
 */
import { type Kysely, sql } from 'kysely';
import { runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { IDLE_MS } from './sessions.ts';

/**
 * So long a session that is over is kept, as a hash: who was signed in with a browser is known there again when an address tries
 * too often (sign-in/limit-tries.ts). Milliseconds. D
 */
export const SESSION_KEPT_MS = 30 * 24 * 3_600_000;
const EVERY_MS = 3_600_000;

/** @returns milliseconds until the next look */
export async function eraseSessions(store: {
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
}): Promise<number> {
  await runOperation(store.db, store.surroundings, async (op) => {
    const over = sql<number>`coalesce(ended_at, least(seen_at + ${IDLE_MS}, expires_at))`;
    const { numDeletedRows } = await op.trx
      .deleteFrom('session')
      .where(over, '<', op.nowMs - SESSION_KEPT_MS)
      .executeTakeFirst();
    if (numDeletedRows > 0n) await op.audit('session.erased', { count: Number(numDeletedRows) });
  });
  return EVERY_MS;
}

/** What it takes in the database: the role of what time alone brings about may find sessions that are over, and remove them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`grant select (ended_at, expires_at, seen_at), delete on session to app_jobs`.execute(db);
  await sql`create policy app_jobs_erases on session for delete to app_jobs using (true)`.execute(db);
}
