/**
 * An act of ours will not arrive: its time ran out, its release grew old before it left, it was taken back unread, the State does
 * not understand it any more, or has left. That is never the end of anything: a named person gets a task (PRACTICE.md A5).
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { UndeliveredReason } from '../exchange/handler.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { describeFailure, lockOwnAct } from './note-receipt.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { openTask } from './task.ts';

/** It may be there and only its receipt be lost: its number stays taken. */
const mayHaveArrived: readonly UndeliveredReason[] = ['expired', 'left'];

export async function noteUndelivered(
  ctx: EnquiryContext,
  op: Operation,
  messageId: MessageId,
  reason: UndeliveredReason,
): Promise<void> {
  const act = await lockOwnAct(op, messageId);
  if (!act || (act.stage !== 'queued' && act.stage !== 'relayed')) return;
  await op.trx
    .updateTable('act')
    .set({ stage: 'undelivered', stage_code: reason, void: !mayHaveArrived.includes(reason) })
    .where('message_id', '=', messageId)
    .execute();
  await op.trx
    .updateTable('proposal')
    .set({ status: 'stale' })
    .where('message_id', '=', messageId)
    .where('status', '=', 'released')
    .execute();
  await op.audit('act.undelivered', { messageId, thread: act.thread, reason });
  await openTask(op, await describeFailure(op, act, reason));
  await refreshConversation(op, ctx, act.thread);
}
