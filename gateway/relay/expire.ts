/**
 * Removes what nobody fetched in time. Where a message of a lane goes, the lane's reader is told that something was trimmed.
 */
import { sql, type Transaction } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type GatewayContext, nowS } from '../context.ts';
import { forgetNonces } from '../nonces.ts';
import type { GatewayDatabase } from '../tables.ts';

/** Longest sleep: something that expires earlier may come in meanwhile, also through another process. */
const LOOK_MS = 60_000;
const BATCH_ITEMS = 500;

/** Wall clock less monotonic clock: constant while nobody sets the clock. */
const clockOffsetMs = (ctx: GatewayContext): number => ctx.nowMs() - performance.now();

/** More than any correction of a clock that was nearly right. */
const JUMP_MS = 3_600_000;

/**
 * The worker that removes what is due. A clock that is set forward while it runs makes it stop, so that held messages are
 * not thrown away on the word of a wrong clock; a restart, after the clock is right, lets it go on.
 */
export function makeExpiry(ctx: GatewayContext): () => Promise<number> {
  const startedMs = clockOffsetMs(ctx);
  return async () => {
    if (clockOffsetMs(ctx) - startedMs <= JUMP_MS) return expireItems(ctx);
    ctx.out.error('clock-jumped');
    return LOOK_MS;
  };
}

/** Removes all that is due. @returns milliseconds until the next thing expires, a minute at most */
async function expireItems(ctx: GatewayContext): Promise<number> {
  while ((await ctx.db.transaction().execute((trx) => expireBatch(ctx, trx))) === BATCH_ITEMS);
  await ctx.db.deleteFrom('part').where('expires_at', '<=', ctx.nowMs()).execute();
  await forgetNonces(ctx.db, nowS(ctx));
  // By then the recalled message's own time is over.
  await ctx.db
    .deleteFrom('recalled_ahead')
    .where('at', '<', ctx.nowMs() - (limits.ttlS + 2 * limits.skewS) * 1000)
    .execute();
  ctx.sequencer.wake();
  const { rows } = await sql<{ at: number | null }>`
    select least((select min(expires_at) from mailbox_item), (select min(expires_at) from part)) as at`.execute(
    ctx.db,
  );
  const at = rows[0]?.at ?? Number.POSITIVE_INFINITY;
  return Math.min(Math.max(at - ctx.nowMs(), 0), LOOK_MS);
}

type Gone = {
  recipient: string;
  lane: string;
  cursor: number;
  kind: 'message' | 'control' | 'receipt';
  sender: string;
  message_id: string;
};

async function expireBatch(ctx: GatewayContext, trx: Transaction<GatewayDatabase>): Promise<number> {
  const nowMs = ctx.nowMs();
  // First the promise, then the item, as receipts and recalls do; what another has locked is left for the next round.
  const { rows: held } = await sql<{ sender: string; message_id: string }>`
    select sender, message_id from relayed where (sender, message_id) in (
      select sender, message_id from mailbox_item where expires_at <= ${nowMs} and kind = 'message'
      order by expires_at limit ${BATCH_ITEMS})
    for update skip locked`.execute(trx);
  const senders = held.map(({ sender }) => sender);
  const ids = held.map(({ message_id }) => message_id);
  const { rows: gone } = await sql<Gone>`
    delete from mailbox_item where (recipient, lane, cursor) in (
      select recipient, lane, cursor from mailbox_item where expires_at <= ${nowMs}
        and (kind <> 'message' or (sender, message_id) in (select * from unnest(${senders}::text[], ${ids}::text[])))
      order by expires_at limit ${BATCH_ITEMS} for update skip locked)
    returning recipient, lane, cursor, kind, sender, message_id`.execute(trx);
  if (gone.length === 0) return 0;
  await sql`
    update mailbox_head h set trimmed = greatest(h.trimmed, g.top)
    from (select recipient, lane, max(cursor) as top
          from unnest(${gone.map((one) => one.recipient)}::text[], ${gone.map((one) => one.lane)}::text[],
                      ${gone.map((one) => one.cursor)}::bigint[]) as gone (recipient, lane, cursor)
          group by recipient, lane) g
    where h.recipient = g.recipient and h.lane = g.lane`.execute(trx);
  await noteExpired(
    ctx,
    trx,
    gone.filter(({ kind }) => kind === 'message'),
    nowMs,
  );
  return gone.length;
}

async function noteExpired(
  ctx: GatewayContext,
  trx: Transaction<GatewayDatabase>,
  messages: readonly Gone[],
  atMs: number,
): Promise<void> {
  const senders = messages.map(({ sender }) => sender);
  const ids = messages.map(({ message_id }) => message_id);
  await sql`
    delete from part where (sender, message_id) in (select * from unnest(${senders}::text[], ${ids}::text[]))`.execute(
    trx,
  );
  await sql`
    update relayed set state = 'expired' where state = 'held'
      and (sender, message_id) in (select * from unnest(${senders}::text[], ${ids}::text[]))`.execute(trx);
  await appendEntries(
    trx,
    messages.map(({ sender, recipient, message_id }) => ({
      type: 'message.expired',
      atMs,
      salt: ctx.random(32),
      detail: { id: message_id, from: sender, to: recipient },
    })),
  );
}
