/**
 * A release that grew old in the outbox, was taken back, or has to be sealed anew for other keys, is confirmed anew: all gates run
 * again, and it leaves as a new message (PRACTICE.md A14). Where the old one may have arrived, the new one has its number: the peer
 * takes one of the two. What the gateway holds stays the message it is, and may be handed over again.
 */
import type { Actor } from '../access/actor.ts';
import { confirmMessage } from '../exchange/unconfirmed.ts';
import { type Operation, runAs, runOperation } from '../operation.ts';
import { approveAfterwards, judgeAgain, release } from './approve-release.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { lockProposal } from './lock-proposal.ts';
import { approvalTimes, type ProposalRow } from './release-act.ts';
import { awaitsSecond, requireApprover, settleSecond, sufficesAlone } from './second-person.ts';
import { settleTasks } from './task.ts';

/**
 * @param digest what the confirming person was shown
 * @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError OTHER_SUPERVISOR, PROPOSAL_UNKNOWN, NOT_STALE,
 *   DIGEST_DIFFERS, ACT_NOT_ALLOWED, GATE_CLOSED
 */
export async function confirmRelease(
  ctx: EnquiryContext,
  actor: Actor,
  proposalId: string,
  digest: string,
): Promise<{ messageId: string }> {
  const outcome = await runAs(ctx, actor, async (op) => {
    const proposal = await lockProposal(op, proposalId);
    const isHeld = await isUnconfirmed(op, proposal);
    if (proposal.status !== 'stale' && !isHeld) throw new EnquiryError('NOT_STALE');
    if (proposal.digest !== digest) throw new EnquiryError('DIGEST_DIFFERS');
    const alone = sufficesAlone(actor, proposal);
    if (alone) await op.require('act.propose', proposal.thread);
    else await requireApprover(op, proposal);
    const old = proposal.message_id!;
    if (isHeld) {
      const judged = await judgeAgain(ctx, op, actor, proposal);
      if ('refused' in judged) return judged;
      if (!alone && awaitsSecond(proposal)) await approveAfterwards(op, actor, proposal);
      return { ok: { messageId: old }, held: proposal };
    }
    const released = await release(ctx, op, actor, proposal, alone ? null : actor);
    if ('ok' in released) {
      const messageIds = [old, released.ok.messageId];
      const settled = { messageIds, by: actor.id, reason: 'released anew' };
      await settleTasks(op, { ...settled, kind: 'expired-release' });
      await settleTasks(op, { ...settled, kind: 'undelivered' });
      if (!alone) for (const id of messageIds) await settleSecond(op, id, actor, 'released anew');
    }
    return released;
  });
  if ('refused' in outcome) throw outcome.refused;
  if ('held' in outcome) await confirmHeld(ctx, actor, outcome.held);
  return outcome.ok;
}

/** The gateway holds it, and a person was asked to confirm it or take it back. */
async function isUnconfirmed(op: Operation, { status, message_id }: ProposalRow): Promise<boolean> {
  if (status !== 'released') return false;
  const asked = await op.trx
    .selectFrom('act')
    .innerJoin('task', 'task.message_id', 'act.message_id')
    .select('task.id')
    .where('act.message_id', '=', message_id)
    .where('act.stage', '=', 'relayed')
    .where('task.kind', '=', 'expired-release')
    .executeTakeFirst();
  return asked !== undefined;
}

/** The exchange's own rows are no person's: what this one may is settled. */
async function confirmHeld(ctx: EnquiryContext, actor: Actor, proposal: ProposalRow): Promise<void> {
  const { id, thread, digest, lane } = proposal;
  const messageId = proposal.message_id!;
  await runOperation(ctx.doors.exchange, ctx.surroundings, async (op) => {
    // It may have been taken back, or have arrived, meanwhile.
    if (!(await confirmMessage(op, messageId, op.nowMs + approvalTimes[lane])))
      throw new EnquiryError('NOT_STALE');
    const settled = { messageIds: [messageId], by: actor.id, reason: 'confirmed' };
    await settleTasks(op, { ...settled, kind: 'expired-release' });
    await op.audit('act.confirmed', { proposal: id, messageId, thread, digest, actor: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}
