/**
 * An act of ours was given up: its time ran out, its release grew old before it was taken, it was taken back, the State does not
 * understand it any more, or has left. That is never the end of anything: a named person gets a task (PRACTICE.md A5). Where
 * its bytes may have left it stays in doubt, and its number taken, until the peer has signed what became of it.
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { UndeliveredReason } from '../exchange/handler.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { settleUnreceipted } from './no-receipt.ts';
import { describeFailure, lockOwnAct, settleAlarm, settleUnconfirmed } from './note-receipt.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { openTask } from './task.ts';

export async function noteUndelivered(
  ctx: EnquiryContext,
  op: Operation,
  messageId: MessageId,
  reason: UndeliveredReason,
  mayHaveArrived: boolean,
): Promise<void> {
  const act = await lockOwnAct(op, messageId);
  if (!act || (act.stage !== 'queued' && act.stage !== 'relayed')) return;
  await op.trx
    .updateTable('act')
    .set({ stage: 'undelivered', stage_code: reason, void: !mayHaveArrived, in_doubt: mayHaveArrived })
    .where('message_id', '=', messageId)
    .execute();
  await op.trx
    .updateTable('proposal')
    .set({ status: 'stale' })
    .where('message_id', '=', messageId)
    .where('status', '=', 'released')
    .execute();
  await op.audit('act.undelivered', { messageId, thread: act.thread, reason, mayHaveArrived });
  await settleUnreceipted(op, messageId, 'given up');
  if (reason !== 'stale') await settleUnconfirmed(op, messageId, 'given up');
  if (reason === 'recalled' && !mayHaveArrived) await settleAlarm(op, act);
  await openTask(op, await describeFailure(op, act, reason));
  await refreshConversation(op, ctx, act.thread);
}
