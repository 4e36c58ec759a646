/**
 * What the gateway holds when its release has grown old: nothing of it is handed over here any more until a person has confirmed
 * it anew or taken it back (PRACTICE.md A14). Decides nothing about who may.
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import { type Operation, runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';

const BATCH = 64;

/** Sets aside what lies in the mailbox past its release. A person hears of each. */
export async function setUnconfirmed(ctx: ExchangeContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const overdue = ctx.db.selectFrom('outbox').select('id').where('state', '=', 'relayed');
  const rows = await overdue.where('approved_until', '<', nowMs).limit(BATCH).execute();
  for (const { id } of rows) {
    await runOperation(ctx.db, ctx.surroundings, async (op) => {
      const { numUpdatedRows } = await op.trx
        .updateTable('outbox')
        .set({ state: 'unconfirmed' })
        .where('id', '=', id)
        // Its receipt may have come meanwhile.
        .where('state', '=', 'relayed')
        .executeTakeFirst();
      if (numUpdatedRows > 0n) await ctx.handler.noteUnconfirmed(op, id as MessageId);
    });
  }
}

/** From the commit on these releases are over, as if their time had run out. */
export async function endReleases(op: Operation, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return;
  const over = { approved_until: op.nowMs - 1 };
  await op.trx
    .updateTable('seal_request')
    .set(over)
    .where('message_id', 'in', [...messageIds])
    .execute();
  await op.trx
    .updateTable('outbox')
    .set(over)
    .where('id', 'in', [...messageIds])
    .where('state', 'in', ['ready', 'relayed'])
    .execute();
}

/**
 * The same bytes may be handed over again, until this time in epoch milliseconds; the gateway is offered them too, which may have lost them.
 * @returns whether it was still waiting for that
 */
export async function confirmMessage(op: Operation, messageId: string, untilMs: number): Promise<boolean> {
  const { numUpdatedRows } = await op.trx
    .updateTable('outbox')
    .set({ state: 'ready', approved_until: untilMs, next_attempt_at: op.nowMs })
    .where('id', '=', messageId)
    .where('state', 'in', ['relayed', 'unconfirmed'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
