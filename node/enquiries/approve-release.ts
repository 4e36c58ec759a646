/**
 * A second person approves exactly what they were shown. Everything is asked again: the conversation may have moved on since,
 * and what was safe to send then need not be safe now.
 */
import type { Actor } from '../access/actor.ts';
import { type Operation, runAs } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { type Draft, redraft } from './draft.ts';
import { EnquiryError } from './enquiry-error.ts';
import { factsFrom, runGates } from './gates.ts';
import { requireHeard } from './hear-guardian.ts';
import { lockProposal } from './lock-proposal.ts';
import { recordStop } from './propose-act.ts';
import { type ProposalRow, releaseAct } from './release-act.ts';
import { requireAgreement } from './require-agreement.ts';
import { awaitsSecond, requireApprover, settleSecond } from './second-person.ts';
import { lapse } from './waiting-proposal.ts';

/** Released with this message; or, for what one person sent in danger, approved afterwards. */
export interface Approved {
  readonly messageId: string;
}

type Outcome<T = Approved> = { readonly ok: T } | { readonly refused: Error };

/**
 * @param digest what the approving person was shown; it must be the digest of what would leave
 * @throws AccessError NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED; EnquiryError OTHER_SUPERVISOR, PROPOSAL_UNKNOWN, PROPOSAL_STOPPED,
 *   PROPOSAL_DECIDED, PROPOSAL_EXPIRED, DIGEST_DIFFERS, ACT_NOT_ALLOWED, GATE_CLOSED, AGREEMENT_SUSPENDED, GUARDIAN_NOT_HEARD
 */
export async function approveRelease(
  ctx: EnquiryContext,
  actor: Actor,
  proposalId: string,
  digest: string,
): Promise<Approved> {
  const outcome = await runAs(ctx, actor, async (op): Promise<Outcome> => {
    const proposal = await lockProposal(op, proposalId);
    await requireApprover(op, proposal);
    if (proposal.digest !== digest) throw new EnquiryError('DIGEST_DIFFERS');
    if (proposal.status === 'released' && awaitsSecond(proposal))
      return { ok: await approveAfterwards(op, actor, proposal) };
    if (proposal.status === 'stopped') throw new EnquiryError('PROPOSAL_STOPPED');
    if (proposal.status !== 'waiting') throw new EnquiryError('PROPOSAL_DECIDED');
    if (proposal.expires_at < op.nowMs) {
      await lapse(op, proposal, ctx.state);
      return { refused: new EnquiryError('PROPOSAL_EXPIRED') };
    }
    return release(ctx, op, actor, proposal);
  });
  if ('refused' in outcome) throw outcome.refused;
  return outcome.ok;
}

/** A second person has looked at what one had sent. */
export async function approveAfterwards(
  op: Operation,
  actor: Actor,
  proposal: ProposalRow,
): Promise<Approved> {
  const messageId = proposal.message_id!;
  await op.trx
    .updateTable('proposal')
    .set({ approver: actor.id, approver_role: actor.role, approved_at: op.nowMs })
    .where('id', '=', proposal.id)
    .execute();
  await op.trx
    .updateTable('disclosure')
    .set({ approver: actor.id })
    .where('message_id', '=', messageId)
    .execute();
  await settleSecond(op, messageId, actor, 'approved');
  await op.audit('act.approved-afterwards', {
    proposal: proposal.id,
    messageId,
    digest: proposal.digest,
    approver: actor.id,
  });
  return { messageId };
}

/** Judges the stored proposal as it stands now and releases it. */
export async function release(
  ctx: EnquiryContext,
  op: Operation,
  actor: Actor,
  proposal: ProposalRow,
  second: Actor | null = actor,
): Promise<Outcome> {
  const judged = await judgeAgain(ctx, op, actor, proposal);
  if ('refused' in judged) return judged;
  return { ok: { messageId: await releaseAct(ctx, op, proposal, judged.ok.lane, second) } };
}

/** Asks everything again of the stored proposal; that a gate stops it stays in the log. */
export async function judgeAgain(
  ctx: EnquiryContext,
  op: Operation,
  actor: Actor,
  proposal: ProposalRow,
): Promise<Outcome<Draft>> {
  const draft = await redraft(ctx, op, proposal);
  // What is stored must still be what was shown: a file may have been replaced underneath.
  if (draft.digest !== proposal.digest) throw new EnquiryError('DIGEST_DIFFERS');
  const { stoppedBy } = await runGates(ctx, factsFrom(ctx, op, draft.type), draft, proposal);
  if (stoppedBy.length > 0) {
    await recordStop(op, actor, proposal, stoppedBy);
    return { refused: new EnquiryError('GATE_CLOSED', stoppedBy) };
  }
  await requireAgreement(op, proposal, draft);
  await requireHeard(op, proposal, draft);
  return { ok: draft };
}
