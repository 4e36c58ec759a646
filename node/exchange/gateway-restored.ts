/**
 * A gateway that was restored from an old backup has forgotten mail it had promised to hold, and may give out the numbers of
 * its mailboxes a second time. Every node finds that out by itself and begins anew with it: repeating is harmless, since
 * every message is known by its id.
 */
import { sql } from 'kysely';
import type { ExchangeContext } from './context.ts';

const AGAIN_MS = 3_600_000;

/** Offers again what the gateway had promised to hold, and reads this node's mailbox from its start. */
export async function beginAnew(ctx: ExchangeContext): Promise<void> {
  ctx.log.error('gateway-restored');
  const nowMs = ctx.surroundings.nowMs();
  await ctx.db.transaction().execute(async (trx) => {
    await trx
      .updateTable('outbox')
      .set({ state: 'ready', next_attempt_at: nowMs })
      .where('state', '=', 'relayed')
      .execute();
    // What waits for a person to confirm it is offered then.
    await sql`update outbox_part set put_to = array_remove(put_to, 'gateway')
      where message_id in (select id from outbox where state in ('ready', 'unconfirmed'))`.execute(trx);
    // Tombstones and their answers may have been among what is lost.
    await trx
      .updateTable('outbox')
      .set({ tombstone_due: true })
      .where('state', 'in', ['expired', 'stale', 'recalled'])
      .where('receipt', 'is', null)
      .execute();
    await trx.updateTable('mailbox_cursor').set({ urgent: 0, routine: 0 }).execute();
  });
  ctx.wake.deliver();
  ctx.wake.pull();
}

const begunAtMs = new WeakMap<ExchangeContext, number>();

/** As beginAnew, once an hour at most: its log goes on giving a restored gateway away, and a lying one could at any time. */
export async function beginAnewOnce(ctx: ExchangeContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  if (nowMs - (begunAtMs.get(ctx) ?? 0) < AGAIN_MS) return;
  begunAtMs.set(ctx, nowMs);
  await beginAnew(ctx);
}
