/**
 * A sender takes back what its recipient has not pulled yet: deleted unread. What never came here is not taken any more if it
 * comes later: a call of the sender may still be on its way.
 */
import type { Transaction } from 'kysely';
import { appendEntry } from '#platform/log/append-entry.ts';
import { parseRecall, verifyRecall } from '#schema/jws/recall.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { Recall } from '#schema/protocol/envelope.ts';
import { type GatewayContext, nowS } from '../context.ts';
import type { GatewayDatabase } from '../tables.ts';
import { lockSender, QUOTA } from './quota.ts';

export type RecallOutcome = 'recalled' | 'already-pulled' | 'unknown';

/** Asking again gets the same answer. @throws ProtocolError where the recall is not the caller's own; OVERLOADED */
export async function recallMessage(
  ctx: GatewayContext,
  caller: string,
  jws: string,
): Promise<RecallOutcome> {
  const { value } = await verifyRecall(parseRecall(jws), ctx.keyring(), nowS(ctx));
  if (value.from !== caller) throw new ProtocolError('SENDER_UNKNOWN');
  const outcome = await ctx.db.transaction().execute(async (trx): Promise<RecallOutcome> => {
    await lockSender(trx, caller);
    const relayed = await trx
      .selectFrom('relayed')
      .select('state')
      .where('sender', '=', caller)
      .where('message_id', '=', value.id)
      .where('recipient', '=', value.to)
      .forUpdate()
      .executeTakeFirst();
    if (relayed?.state === 'receipted') return 'already-pulled';
    if (relayed?.state === 'recalled') return 'recalled';
    if (relayed === undefined) await recallAhead(ctx, trx, value);
    if (relayed?.state !== 'held') return 'unknown';
    // Waits for a reader who is marking it pulled, and is seen by one who comes later.
    const gone = await trx
      .deleteFrom('mailbox_item')
      .where('message_id', '=', value.id)
      .where('sender', '=', caller)
      .where('kind', '=', 'message')
      .where('pulled', '=', false)
      .returning('cursor')
      .execute();
    if (gone.length === 0) return 'already-pulled';
    await trx.deleteFrom('part').where('message_id', '=', value.id).where('sender', '=', caller).execute();
    await trx
      .updateTable('relayed')
      .set({ state: 'recalled' })
      .where('sender', '=', caller)
      .where('message_id', '=', value.id)
      .execute();
    const detail = { id: value.id, from: value.from, to: value.to };
    await appendEntry(trx, { type: 'message.recalled', atMs: ctx.nowMs(), detail, salt: ctx.random(32) });
    return 'recalled';
  });
  if (outcome === 'recalled') ctx.sequencer.wake();
  return outcome;
}

/** @throws ProtocolError OVERLOADED where the sender has recalled too much that never came */
async function recallAhead(
  ctx: GatewayContext,
  trx: Transaction<GatewayDatabase>,
  { id, from }: Recall,
): Promise<void> {
  const { count } = await trx
    .selectFrom('recalled_ahead')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('sender', '=', from)
    .executeTakeFirstOrThrow();
  if (Number(count) >= QUOTA.messages) throw new ProtocolError('OVERLOADED');
  await trx
    .insertInto('recalled_ahead')
    .values({ sender: from, message_id: id, at: ctx.nowMs() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await trx.deleteFrom('part').where('message_id', '=', id).where('sender', '=', from).execute();
}
