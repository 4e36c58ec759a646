/**
 * A sender takes back what its recipient has not pulled yet: deleted unread.
 */
import { appendEntry } from '#platform/log/append-entry.ts';
import { parseRecall, verifyRecall } from '#schema/jws/recall.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { type GatewayContext, nowS } from '../context.ts';

export type RecallOutcome = 'recalled' | 'already-pulled' | 'unknown';

/** Asking again gets the same answer. @throws ProtocolError where the recall is not the caller's own */
export async function recallMessage(
  ctx: GatewayContext,
  caller: string,
  jws: string,
): Promise<RecallOutcome> {
  const { value } = await verifyRecall(parseRecall(jws), ctx.keyring(), nowS(ctx));
  if (value.from !== caller) throw new ProtocolError('SENDER_UNKNOWN');
  const outcome = await ctx.db.transaction().execute(async (trx): Promise<RecallOutcome> => {
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
