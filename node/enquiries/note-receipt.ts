/**
 * What became of an act of ours: the peer or the gateway has signed for it. Stages only go forward; a receipt that comes late
 * or twice changes nothing.
 */
import type { Stage } from '#schema/protocol/envelope.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { type ActRow, lockConversation } from './store.ts';
import type { DeliveryStage } from './tables.ts';
import { openTask, settleTasks } from './task.ts';

const ORDER: readonly DeliveryStage[] = [
  'queued',
  'relayed',
  'undelivered',
  'delivered',
  'opened',
  'rejected',
];

/**
 * @param receiptAtMs the time the receipt names; without it, now. It starts the legal clocks, and both States hold it.
 */
export async function noteReceipt(
  ctx: EnquiryContext,
  op: Operation,
  messageId: MessageId,
  stage: Stage,
  code?: string,
  receiptAtMs: number = op.nowMs,
): Promise<void> {
  const act = await lockOwnAct(op, messageId);
  if (!act || ORDER.indexOf(stage) <= ORDER.indexOf(act.stage ?? 'queued')) return;
  const arrived = stage === 'delivered' || stage === 'opened';
  await op.trx
    .updateTable('act')
    .set({
      stage,
      stage_code: code ?? null,
      // A rejected act never took effect there: its number is free again.
      void: stage === 'rejected',
      ...(arrived && act.delivered_at === null ? { delivered_at: receiptAtMs } : {}),
    })
    .where('message_id', '=', messageId)
    .execute();
  await op.audit(`act.${stage}`, { messageId, thread: act.thread, ...(code === undefined ? {} : { code }) });
  if (stage === 'rejected') await openTask(op, await describeFailure(op, act, code ?? 'rejected'));
  if (stage === 'opened') {
    await settleTasks(op, {
      kind: 'call-duty-phone',
      messageIds: [messageId],
      by: 'peer',
      reason: 'opened by a person there',
    });
  }
  await refreshConversation(op, ctx, act.thread);
}

/** Locks the conversation first, as every other operation does, and then reads the act. */
export async function lockOwnAct(op: Operation, messageId: string): Promise<ActRow | undefined> {
  const found = await op.trx
    .selectFrom('act')
    .select('thread')
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  if (!found) return undefined;
  await lockConversation(op.trx, found.thread);
  return op.trx
    .selectFrom('act')
    .selectAll()
    .where('message_id', '=', messageId)
    .where('stage', 'is not', null)
    .executeTakeFirst();
}

/** A task for the person who proposed what did not arrive. */
export async function describeFailure(op: Operation, act: ActRow, detail: string) {
  const proposal = await op.trx
    .selectFrom('proposal')
    .select(['id', 'proposer'])
    .where('message_id', '=', act.message_id)
    .executeTakeFirst();
  return {
    kind: detail === 'stale' ? ('expired-release' as const) : ('undelivered' as const),
    thread: act.thread,
    messageId: act.message_id,
    detail,
    ...(proposal && { proposalId: proposal.id, assignedTo: proposal.proposer }),
  };
}
