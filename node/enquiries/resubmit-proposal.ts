/**
 * What a gate stopped goes before the gates again, unchanged, once somebody has given the clearance that was missing.
 */

import type { MessageCode } from '#schema/conversation/message-types.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { standsInFor } from '../access/hand-over.ts';
import { runAs } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { redraft } from './draft.ts';
import { EnquiryError } from './enquiry-error.ts';
import { lockProposal } from './lock-proposal.ts';
import { type Proposed, type Submitted, submit } from './propose-act.ts';
import { approvalTimes } from './release-act.ts';
import { proposalOf } from './second-person.ts';

/** @throws AccessError NOT_PERMITTED; EnquiryError PROPOSAL_UNKNOWN, NOT_STOPPED, ACT_NOT_ALLOWED, DIGEST_DIFFERS, GATE_CLOSED */
export async function resubmitProposal(
  ctx: EnquiryContext,
  actor: Actor,
  proposalId: string,
): Promise<Proposed> {
  const submitted = await runAs(ctx, actor, async (op): Promise<Submitted> => {
    const stored = await lockProposal(op, proposalId);
    await op.require(proposalOf(stored.type as MessageCode), stored.thread);
    if (stored.proposer !== actor.id && !(await standsInFor(op, actor, stored.proposer)))
      throw new AccessError('NOT_PERMITTED');
    if (stored.status !== 'stopped') throw new EnquiryError('NOT_STOPPED');
    const draft = await redraft(ctx, op, stored);
    if (draft.digest !== stored.digest) throw new EnquiryError('DIGEST_DIFFERS');
    const anew = { lane: draft.lane, expires_at: op.nowMs + approvalTimes[draft.lane] };
    await op.trx.updateTable('proposal').set(anew).where('id', '=', stored.id).execute();
    return submit(ctx, op, actor, draft, { ...stored, ...anew });
  });
  if ('refused' in submitted) throw submitted.refused;
  return submitted.proposed;
}
