/**
 * What waits for a second person is that person's work and not a row that somebody may come across: whoever may approve it is told,
 * and when its time runs out, whoever proposed it is.
 */
import { assign } from '../access/assign.ts';
import { callDeputies } from '../access/name-deputy.ts';
import { rolesThat } from '../access/permit.ts';
import { poolOf } from '../access/standing.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { lockProposal } from './lock-proposal.ts';
import { approvalTimes, type ProposalRow } from './release-act.ts';
import { approvalOf, namedSupervisor } from './second-person.ts';
import { openTask, settleProposalTasks } from './task.ts';

/** Opens the task of those who may approve this proposal, until it lapses. The proposer is not one of them. */
export async function askSecond(op: Operation, row: ProposalRow, dueAtMs: number): Promise<void> {
  const { id: proposalId, thread, proposer } = row;
  const about = { kind: 'approval-waits', thread, proposalId, dueAtMs } as const;
  const assignedTo = await findNamed(op, row);
  const asked = { may: approvalOf(row), except: [proposer] };
  await openTask(op, { ...about, ...asked, ...(assignedTo !== undefined && { assignedTo }) });
}

/** Where the act names who stands behind it, that person alone may approve it. */
async function findNamed(op: Operation, row: ProposalRow): Promise<string | undefined> {
  const named = namedSupervisor(row);
  if (named === undefined) return undefined;
  const person = await op.trx
    .selectFrom('person')
    .select('id')
    .where('name', '=', named)
    .where('role', 'in', [...rolesThat('act.approve')])
    .where('disabled_at', 'is', null)
    .where('id', '<>', row.proposer)
    .executeTakeFirst();
  return person?.id;
}

/**
 * Lets those from outside the unit see it who may be its second person: the deputies of the unit, and for a refusal the legal side.
 * @param by who proposes it, or stands in for them
 * @returns whom
 */
export async function callSecond(
  op: Operation,
  row: ProposalRow,
  untilMs: number,
  by: string = row.proposer,
): Promise<string[]> {
  const { thread, unit, eyes_only } = row;
  const given = { thread, by, untilMs };
  if (row.type === 'REF') await assign(op, { ...given, assignee: poolOf('legal-adviser', unit) });
  const draftUnit = eyes_only ? null : unit;
  return callDeputies(op, { ...given, draftUnit, action: approvalOf(row) });
}

/** Nobody approved it in time: it will not leave, and its proposer and those who decide in their unit hear of it. */
export async function lapse(op: Operation, row: ProposalRow, by: string): Promise<void> {
  const { id, thread, digest, lane, proposer } = row;
  await op.trx.updateTable('proposal').set({ status: 'expired' }).where('id', '=', id).execute();
  await op.audit('proposal.expired', { proposal: id, digest });
  await settleProposalTasks(op, { kind: 'approval-waits', proposalId: id, by, reason: 'lapsed' });
  await openTask(op, {
    kind: 'proposal-lapsed',
    thread,
    proposalId: id,
    assignedTo: proposer,
    ...(lane === 'urgent' && { dueAtMs: op.nowMs + approvalTimes.urgent }),
  });
}

/** Lets a proposal lapse if it still waits and its time is over. */
export async function lapseIfOver(ctx: EnquiryContext, op: Operation, id: string): Promise<void> {
  const row = await lockProposal(op, id);
  if (row.status !== 'waiting' || row.expires_at >= op.nowMs) return;
  await lapse(op, row, ctx.state);
  op.afterCommit(() => ctx.changes.publish(row.thread));
}
