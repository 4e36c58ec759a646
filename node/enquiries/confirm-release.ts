/**
 * A release that grew old in the outbox, was taken back, or has to be sealed anew for other keys, is confirmed anew: all gates run
 * again, and it leaves as a new message (PRACTICE.md A14). Where the old one may have arrived, the new one has its number: the peer takes one of the two.
 */
import type { Actor } from '../access/actor.ts';
import { runAs } from '../operation.ts';
import { release } from './approve-release.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { lockProposal } from './lock-proposal.ts';
import { requireApprover, settleSecond, sufficesAlone } from './second-person.ts';
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
    if (proposal.status !== 'stale') throw new EnquiryError('NOT_STALE');
    if (proposal.digest !== digest) throw new EnquiryError('DIGEST_DIFFERS');
    const alone = sufficesAlone(actor, proposal);
    if (alone) await op.require('act.propose', proposal.thread);
    else await requireApprover(op, proposal);
    const old = proposal.message_id!;
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
  return outcome.ok;
}
