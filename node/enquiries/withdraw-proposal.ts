/**
 * A proposal that has not left is taken back: by who made it, who stands in for them, or who would have had to approve it.
 */

import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { standsInFor } from '../access/hand-over.ts';
import { isPermitted, requirePermission } from '../access/permit.ts';
import { runAs } from '../operation.ts';
import { approvalOf, lockProposal } from './approve-release.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';

/** @throws AccessError NOT_PERMITTED; EnquiryError PROPOSAL_UNKNOWN, PROPOSAL_DECIDED */
export async function withdrawProposal(ctx: EnquiryContext, actor: Actor, proposalId: string): Promise<void> {
  requirePermission(actor, 'conversation.read');
  await runAs(ctx, actor, async (op) => {
    const proposal = await lockProposal(op, proposalId);
    await op.require('conversation.read', proposal.thread);
    const mayDecide = isPermitted(actor.role, approvalOf(proposal));
    if (actor.id !== proposal.proposer && !mayDecide && !(await standsInFor(op, actor, proposal.proposer)))
      throw new AccessError('NOT_PERMITTED');
    if (!['stopped', 'waiting', 'stale'].includes(proposal.status))
      throw new EnquiryError('PROPOSAL_DECIDED');
    await op.trx.updateTable('proposal').set({ status: 'withdrawn' }).where('id', '=', proposalId).execute();
    await op.audit('proposal.withdrawn', { proposal: proposalId, digest: proposal.digest, actor: actor.id });
    op.afterCommit(() => ctx.changes.publish(proposal.thread));
  });
}
