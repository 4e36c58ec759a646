/**
 * A proposal that has not left is taken back: by who made it, who stands in for them, or who would have had to approve it. What one
 * person sent in danger only another takes back: it may have arrived, and somebody else must look at it.
 */

import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { standsInFor } from '../access/hand-over.ts';
import { isPermitted } from '../access/permit.ts';
import { runAs } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { lockProposal } from './lock-proposal.ts';
import { isPending } from './review-proposal.ts';
import { approvalOf, awaitsSecond, settleSecond } from './second-person.ts';
import { sealedProposal, type TracingWay } from './tables.ts';
import { settleProposalTasks, settleTasks } from './task.ts';

/** Who made the proposal, and who may decide on it, may take back what came of it. */
export const mayTakeBack = (actor: Actor, proposal: { proposer: string; type: string }): boolean =>
  actor.id === proposal.proposer || isPermitted(actor.role, approvalOf(proposal));

/** What becomes of the matter instead; it stays in this node. */
export interface Instead {
  /** Who traces the family now, where States may not be asked (PRACTICE.md A3). */
  readonly outsideBy?: TracingWay | undefined;
  readonly reason?: string | undefined;
}

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError REASON_MISSING, PROPOSAL_UNKNOWN, PROPOSAL_DECIDED */
export async function withdrawProposal(
  ctx: EnquiryContext,
  actor: Actor,
  proposalId: string,
  { outsideBy, reason }: Instead = {},
): Promise<void> {
  // Tracing by others is a decision about the child: somebody must be able to read why.
  if ((outsideBy !== undefined || reason !== undefined) && (reason ?? '').trim().length < 10)
    throw new EnquiryError('REASON_MISSING');
  await runAs(ctx, actor, async (op) => {
    const proposal = await lockProposal(op, proposalId);
    await op.require('conversation.read', proposal.thread);
    if (!mayTakeBack(actor, proposal) && !(await standsInFor(op, actor, proposal.proposer)))
      throw new AccessError('NOT_PERMITTED');
    if (!isPending(proposal)) throw new EnquiryError('PROPOSAL_DECIDED');
    const awaited = awaitsSecond(proposal);
    if (awaited && actor.id === proposal.proposer) throw new AccessError('SAME_PERSON');
    const sealed = await sealColumns(op, sealedProposal, proposal, {
      withdraw_reason: reason?.trim() ?? null,
    });
    await op.trx
      .updateTable('proposal')
      .set({ status: 'withdrawn', outside_by: outsideBy ?? null, ...sealed })
      .where('id', '=', proposalId)
      .execute();
    await op.audit('proposal.withdrawn', {
      proposal: proposalId,
      digest: proposal.digest,
      actor: actor.id,
      ...(outsideBy !== undefined && { outsideBy }),
    });
    const ended = { proposalId, by: actor.id, reason: 'withdrawn' };
    await settleProposalTasks(op, { ...ended, kind: 'approval-waits' });
    // Another person has looked at what one had sent, and decided.
    if (awaited) await settleSecond(op, proposal.message_id!, actor, 'withdrawn');
    const settled = { messageIds: proposal.message_id === null ? [] : [proposal.message_id], by: actor.id };
    for (const kind of ['expired-release', 'undelivered'] as const)
      await settleTasks(op, { ...settled, kind, reason: 'withdrawn' });
    op.afterCommit(() => ctx.changes.publish(proposal.thread));
  });
}
