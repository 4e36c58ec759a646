/**
 * What one sender may have waiting here, all recipients together, so that a hostile State cannot fill the gateway's disk.
 */
import { type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import type { GatewayDatabase } from '../tables.ts';
import type { Room } from './judge-batch.ts';

/** Messages and control messages; bytes of these and of parts together. */
export const QUOTA: Readonly<Room> = { messages: 20_000, bytes: 4 * 1024 ** 3 };

/** When it makes sense to try again once the quota is used up, in seconds. */
export const QUOTA_RETRY_S = 60;

/** One call of a sender at a time: its messages keep their order, its quota holds, nothing is taken twice or after its recall. */
export async function lockSender(trx: Transaction<GatewayDatabase>, sender: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`relay/${sender}`}))`.execute(trx);
}

/** What the quota of a sender still leaves. */
export async function readRoom(db: QueryExecutorProvider, sender: string): Promise<Room> {
  const { rows } = await sql<{ messages: number; bytes: number }>`
    select m.messages, m.bytes + p.bytes as bytes from
      (select count(*) as messages, coalesce(sum(bytes), 0)::bigint as bytes
       from mailbox_item where sender = ${sender} and kind in ('message', 'control')) m,
      (select coalesce(sum(bytes), 0)::bigint as bytes from part where sender = ${sender}) p`.execute(db);
  const used = rows[0]!;
  return { messages: QUOTA.messages - used.messages, bytes: QUOTA.bytes - used.bytes };
}
