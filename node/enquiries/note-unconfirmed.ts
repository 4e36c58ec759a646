/**
 * An act of ours has not reached its recipient and nothing lets it leave any more: its release grew old in the mailbox, or a
 * clearance it rests on was taken back. A named person confirms it anew or takes it back (PRACTICE.md A14).
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { describeFailure, lockOwnAct } from './note-receipt.ts';
import { openTask } from './task.ts';

/** The gateway holds it, and its release is over. */
export async function noteUnconfirmed(
  ctx: EnquiryContext,
  op: Operation,
  messageId: MessageId,
): Promise<void> {
  const act = await lockOwnAct(op, messageId);
  if (act?.stage !== 'relayed') return;
  await openTask(op, { ...(await describeFailure(op, act, 'stale')), detail: 'relayed' });
  op.afterCommit(() => ctx.changes.publish(act.thread));
}

/** @returns ids of the messages that rest on this clearance and have not arrived; for each a task is open now */
export async function noteWithdrawnGround(
  op: Operation,
  clearance: { readonly thread: string; readonly peer: string; readonly digest: string | null },
): Promise<string[]> {
  const { thread, peer, digest } = clearance;
  const resting = await op.trx
    .selectFrom('act')
    .innerJoin('proposal', 'proposal.message_id', 'act.message_id')
    .select(['act.message_id', 'act.thread'])
    .where('act.thread', '=', thread)
    .where('act.stage', 'in', ['queued', 'relayed'])
    .where('proposal.peer', '=', peer)
    .$if(digest !== null, (query) => query.where('proposal.digest', '=', digest!))
    .execute();
  for (const act of resting)
    await openTask(op, { ...(await describeFailure(op, act, 'stale')), detail: 'clearance-revoked' });
  return resting.map(({ message_id }) => message_id);
}
