/**
 * A proposal takes the place of one that has not left, because a gate stopped it, it was taken back, it lapsed, or it says something
 * that must be said otherwise: whoever approves the new one is shown what has changed.
 */
import { standsInFor } from '../access/hand-over.ts';
import type { PersonalOperation } from '../operation.ts';
import { EnquiryError } from './enquiry-error.ts';
import { lockProposal } from './lock-proposal.ts';
import type { ProposalRow } from './release-act.ts';
import type { ProposalStatus } from './tables.ts';
import { settleProposalTasks } from './task.ts';

const REPLACEABLE: readonly ProposalStatus[] = ['stopped', 'waiting', 'withdrawn', 'expired'];

/**
 * Takes the old one back where it still waits: of the two, one leaves.
 * @throws AccessError NOT_PERMITTED, NOT_FOUND; EnquiryError PROPOSAL_UNKNOWN, NOT_REPLACEABLE
 */
export async function takePlace(op: PersonalOperation, by: ProposalRow, id: string): Promise<void> {
  const old = await lockProposal(op, id);
  await op.require('act.propose', old.thread);
  const isOwn = old.proposer === op.actor.id || (await standsInFor(op, op.actor, old.proposer));
  const isSamePlace = by.opens ? old.opens : old.thread === by.thread;
  const fits =
    isSamePlace && old.type === by.type && old.peer === by.peer && REPLACEABLE.includes(old.status);
  if (!isOwn || !fits) throw new EnquiryError('NOT_REPLACEABLE');
  if (old.status === 'stopped' || old.status === 'waiting') {
    await op.trx.updateTable('proposal').set({ status: 'withdrawn' }).where('id', '=', id).execute();
    await op.audit('proposal.withdrawn', { proposal: id, digest: old.digest, actor: op.actor.id });
  }
  const settled = { proposalId: id, by: op.actor.id, reason: 'proposed anew' };
  await settleProposalTasks(op, { ...settled, kind: 'approval-waits' });
  await settleProposalTasks(op, { ...settled, kind: 'proposal-lapsed' });
}
