/**
 * An act of ours that was given up has arrived after all: a late receipt says so, or an act of the peer that has seen it. It
 * counts again, under the number it had, and nobody is asked to send it a second time.
 */
import type { Act } from '#schema/conversation/acts.ts';
import { openBreachOf } from '../access/report-breach.ts';
import type { Operation } from '../operation.ts';
import { type ActHead, type ActRow, counts } from './store.ts';
import { moveTasks, openTask, settleProposalTasks, settleTasks } from './task.ts';

/**
 * Acts of ours in doubt that this act of the peer proves to have arrived: its author has seen them, or answers one. Where
 * another act of ours counts under the number, that one is meant. Pure.
 */
export function provenBy(rows: readonly ActHead[], act: Pick<Act, 'seen' | 'facts'>): ActHead[] {
  const ours = rows.filter((row) => row.stage !== null);
  const counted = new Set(ours.filter(counts).map((row) => row.n));
  const proven = ours.filter(
    ({ in_doubt, n }) => in_doubt && !counted.has(n) && (n <= act.seen || n === act.facts.re),
  );
  return [...new Map(proven.toReversed().map((row) => [row.n, row])).values()];
}

/**
 * @param deliveredAtMs the time its receipt names; null while only an act of the peer proves that it arrived
 */
export async function reviveAct(
  op: Operation,
  act: ActHead,
  stage: 'delivered' | 'opened',
  deliveredAtMs: number | null,
): Promise<void> {
  const messageId = act.message_id;
  const released = await readReleases(op, act);
  // The peer holds this one: the same act released anew under its number is refused there, if it ever comes.
  const anew = released.filter((id) => id !== messageId);
  if (anew.length > 0) {
    await op.trx
      .updateTable('act')
      .set({ stage: 'undelivered', stage_code: 'superseded', void: true, in_doubt: false })
      .where('message_id', 'in', anew)
      .where('n', '=', act.n)
      .where('void', '=', false)
      .execute();
    await moveTasks(op, anew, messageId);
  }
  await op.trx
    .updateTable('act')
    .set({ stage, stage_code: null, void: false, in_doubt: false, delivered_at: deliveredAtMs })
    .where('message_id', '=', messageId)
    .execute();
  await giveBack(op, act, released);
  await tellIfUnwanted(op, act);
  await op.audit('act.arrived-after-all', { messageId, thread: act.thread, n: act.n });
}

/** Every message that the act's proposal became. */
async function readReleases(op: Operation, act: ActHead): Promise<string[]> {
  if (act.proposal_id === null) return [act.message_id];
  const query = op.trx.selectFrom('act').select('message_id').where('proposal_id', '=', act.proposal_id);
  return (await query.execute()).map((row) => row.message_id);
}

/** The proposal and its files belong to the act that arrived; that it must be released anew is settled. */
async function giveBack(op: Operation, act: ActHead, released: readonly string[]): Promise<void> {
  const { message_id } = act;
  const proposal = op.trx.updateTable('proposal').where('id', '=', act.proposal_id ?? '');
  await proposal.set({ message_id }).execute();
  await proposal.set({ status: 'released' }).where('status', '=', 'stale').execute();
  await op.trx
    .updateTable('attachment')
    .set({ message_id })
    .where('message_id', 'in', [...released])
    .execute();
  const settled = { messageIds: released, by: 'peer', reason: 'it arrived after all' };
  await settleTasks(op, { ...settled, kind: 'expired-release' });
  await settleTasks(op, { ...settled, kind: 'undelivered' });
  if (act.proposal_id === null) return;
  const { by, reason } = settled;
  await settleProposalTasks(op, { kind: 'approval-waits', proposalId: act.proposal_id, by, reason });
}

/** What arrived had been taken back, or was not to be released anew: whoever wanted that must know that the peer has it. */
export async function tellIfUnwanted(op: Operation, act: ActHead): Promise<void> {
  const proposal = await op.trx
    .selectFrom('proposal')
    .select(['id', 'proposer', 'status'])
    .where('id', '=', act.proposal_id ?? '')
    .executeTakeFirst();
  const recalled = act.recalled_by !== null;
  if (recalled) await noteBreach(op, act);
  if (!recalled && proposal?.status !== 'withdrawn') return;
  await openTask(op, {
    kind: 'arrived-after-all',
    thread: act.thread,
    messageId: act.message_id,
    detail: recalled ? 'recalled' : 'withdrawn',
    assignedTo: act.recalled_by ?? proposal!.proposer,
    ...(proposal && { proposalId: proposal.id }),
  });
}

/** What was taken back because it was meant for another State, and is with this one, goes into the register of breaches by itself. */
export async function noteBreach(
  op: Operation,
  act: Pick<ActRow, 'message_id' | 'thread' | 'recalled_by' | 'recall_reason'>,
): Promise<void> {
  const { message_id, thread, recalled_by, recall_reason } = act;
  if (recall_reason !== 'wrong-recipient' || recalled_by === null) return;
  await openBreachOf(op, { messageIds: [message_id], thread, by: recalled_by, cause: 'recall-too-late' });
}
