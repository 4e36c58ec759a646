/**
 * A proposal that has not left is taken back: by who made it, or by who would have had to approve it. What one person sent in
 * danger only another takes back: it may have arrived, and somebody else must look at it.
 */

import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { isPermitted, requirePermission } from '../access/permit.ts';
import { runOperation } from '../operation.ts';
import { lockProposal } from './approve-release.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { isPending } from './review-proposal.ts';
import { awaitsSecond, settleSecond } from './second-person.ts';

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError PROPOSAL_UNKNOWN, PROPOSAL_DECIDED */
export async function withdrawProposal(ctx: EnquiryContext, actor: Actor, proposalId: string): Promise<void> {
  requirePermission(actor, 'conversation.read');
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    const proposal = await lockProposal(op, proposalId);
    const mayDecide = isPermitted(
      actor.role,
      proposal.type === 'REF' ? 'act.approve-refusal' : 'act.approve',
    );
    if (actor.id !== proposal.proposer && !mayDecide) throw new AccessError('NOT_PERMITTED');
    if (!isPending(proposal)) throw new EnquiryError('PROPOSAL_DECIDED');
    const awaited = awaitsSecond(proposal);
    if (awaited && actor.id === proposal.proposer) throw new AccessError('SAME_PERSON');
    await op.trx.updateTable('proposal').set({ status: 'withdrawn' }).where('id', '=', proposalId).execute();
    await op.audit('proposal.withdrawn', { proposal: proposalId, digest: proposal.digest, actor: actor.id });
    // Another person has looked at what one had sent, and decided.
    if (awaited) await settleSecond(op, proposal.message_id!, actor, 'withdrawn');
    op.afterCommit(() => ctx.changes.publish(proposal.thread));
  });
}
