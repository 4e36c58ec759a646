/**
 * What became of an act of ours: the peer or the gateway has signed for it. Stages only go forward; a receipt that comes late
 * or twice changes nothing, except that it settles what was given up and in doubt.
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { NotedReceipt } from '../exchange/handler.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { settleUnreceipted } from './no-receipt.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { reviveAct, tellIfUnwanted } from './revive-act.ts';
import { type ActHead, lockConversation } from './store.ts';
import type { DeliveryStage } from './tables.ts';
import { openTask, settleTasks } from './task.ts';

const ORDER: readonly DeliveryStage[] = ['queued', 'relayed', 'delivered', 'opened', 'rejected'];

/** Notes a receipt. The time it names starts the legal clocks, and both States hold it. */
export async function noteReceipt(
  ctx: EnquiryContext,
  op: Operation,
  messageId: MessageId,
  receipt: NotedReceipt,
): Promise<void> {
  const act = await lockOwnAct(op, messageId);
  if (!act) return;
  const noted = await (act.stage === 'undelivered'
    ? settleDoubt(op, act, receipt)
    : moveOn(op, act, receipt));
  if (!noted) return;
  if (receipt.stage !== 'relayed') await settleUnreceipted(op, messageId, `${receipt.stage} there`);
  if (receipt.stage === 'opened')
    await settleTasks(op, {
      kind: 'call-duty-phone',
      messageIds: [messageId],
      by: 'peer',
      // A peer says so only of a person who may answer (PROTOCOL.md, R8).
      reason: 'opened by a person there',
    });
  await refreshConversation(op, ctx, act.thread);
}

const isArrival = ({ stage }: NotedReceipt): boolean => stage === 'delivered' || stage === 'opened';

/** @returns whether anything changed */
async function moveOn(op: Operation, act: ActHead, receipt: NotedReceipt): Promise<boolean> {
  const { stage, code, atMs } = receipt;
  const dated = isArrival(receipt) && act.delivered_at === null && act.stage !== 'rejected';
  const isForward = ORDER.indexOf(stage) > ORDER.indexOf(act.stage ?? 'queued');
  if (!isForward && !dated) return false;
  const forward = { stage, stage_code: code ?? null, void: stage === 'rejected' };
  await op.trx
    .updateTable('act')
    // A rejected act never took effect there: its number is free again.
    .set({ ...(isForward && forward), ...(dated && { delivered_at: atMs }) })
    .where('message_id', '=', act.message_id)
    .execute();
  if (isForward) await auditReceipt(op, act, receipt);
  if (stage !== 'relayed') await settleUnconfirmed(op, act.message_id, `${stage} there`);
  if (isForward && dated) await tellIfUnwanted(op, act);
  if (stage === 'rejected') await noteRejected(op, act, code ?? 'rejected');
  return true;
}

/** It is with the recipient, or will not come: nobody need confirm it any more. */
export const settleUnconfirmed = (op: Operation, messageId: string, reason: string): Promise<void> =>
  settleTasks(op, { kind: 'expired-release', messageIds: [messageId], by: 'peer', reason });

/** Not the act was refused but the form it came in: sealed anew, with the keys and rules now in force, it may be taken. */
const SEALED_WRONGLY: readonly string[] = [
  'CANNOT_DECRYPT',
  'NOT_FOR_THIS_KEY',
  'PROFILE_TOO_WEAK',
  'EXPIRED',
];

/** A person hears of it. What only has to be sealed anew they can confirm; all gates run again. */
async function noteRejected(op: Operation, act: ActHead, code: string): Promise<void> {
  await openTask(op, await describeFailure(op, act, code));
  if (!SEALED_WRONGLY.includes(code)) return;
  await op.trx
    .updateTable('proposal')
    .set({ status: 'stale' })
    .where('message_id', '=', act.message_id)
    .where('status', '=', 'released')
    .execute();
}

/** What was given up here: it arrived after all, or the peer has signed that it never will. */
async function settleDoubt(op: Operation, act: ActHead, receipt: NotedReceipt): Promise<boolean> {
  if (receipt.stage === 'relayed' || !act.in_doubt) return false;
  await auditReceipt(op, act, receipt);
  if (receipt.stage === 'rejected') {
    await op.trx
      .updateTable('act')
      .set({ in_doubt: false, void: true })
      .where('message_id', '=', act.message_id)
      .execute();
    if (act.recalled_by !== null) await settleAlarm(op, act);
  } else await reviveAct(op, act, receipt.stage, receipt.atMs);
  return true;
}

/** What was taken back unread nobody there can read: nobody need ring about it. */
export async function settleAlarm(op: Operation, act: ActHead): Promise<void> {
  const messageIds = [act.message_id];
  const by = act.recalled_by ?? 'peer';
  await settleTasks(op, { kind: 'call-duty-phone', messageIds, by, reason: 'taken back unread' });
}

async function auditReceipt(op: Operation, act: ActHead, { stage, code }: NotedReceipt): Promise<void> {
  const { message_id: messageId, thread } = act;
  await op.audit(`act.${stage}`, { messageId, thread, ...(code === undefined ? {} : { code }) });
}

/** Locks the conversation first, as every other operation does, and then reads the act. */
export async function lockOwnAct(op: Operation, messageId: string): Promise<ActHead | undefined> {
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
export async function describeFailure(
  op: Operation,
  act: Pick<ActHead, 'message_id' | 'thread'>,
  detail: string,
) {
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
