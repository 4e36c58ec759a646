/**
 * A proposal that has not left is taken back: by who made it, or by who would have had to approve it.
 */

import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { isPermitted, requirePermission } from '../access/permit.ts';
import { runOperation } from '../operation.ts';
import { lockProposal } from './approve-release.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { settleTasks } from './task.ts';

/** Who made the proposal, and who may decide on it, may take back what came of it. */
export function mayTakeBack(actor: Actor, { proposer, type }: { proposer: string; type: string }): boolean {
  const decision = type === 'REF' ? 'act.approve-refusal' : 'act.approve';
  return actor.id === proposer || isPermitted(actor.role, decision);
}

/** @throws AccessError NOT_PERMITTED; EnquiryError PROPOSAL_UNKNOWN, PROPOSAL_DECIDED */
export async function withdrawProposal(ctx: EnquiryContext, actor: Actor, proposalId: string): Promise<void> {
  requirePermission(actor, 'conversation.read');
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    const proposal = await lockProposal(op, proposalId);
    if (!mayTakeBack(actor, proposal)) throw new AccessError('NOT_PERMITTED');
    if (!['stopped', 'waiting', 'stale'].includes(proposal.status))
      throw new EnquiryError('PROPOSAL_DECIDED');
    await op.trx.updateTable('proposal').set({ status: 'withdrawn' }).where('id', '=', proposalId).execute();
    await op.audit('proposal.withdrawn', { proposal: proposalId, digest: proposal.digest, actor: actor.id });
    const settled = { messageIds: proposal.message_id === null ? [] : [proposal.message_id], by: actor.id };
    for (const kind of ['expired-release', 'undelivered'] as const)
      await settleTasks(op, { ...settled, kind, reason: 'withdrawn' });
    op.afterCommit(() => ctx.changes.publish(proposal.thread));
  });
}
