/**
 * Decisions that open a gate: one person asks with grounds, another grants, for exactly what one proposal would send (contact
 * with the family: for one conversation with one State), and until a time. Never a flag on a case (PRACTICE.md A3).
 */
import type { Selectable } from 'kysely';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { assign } from '../access/assign.ts';
import { callDeputies } from '../access/name-deputy.ts';
import { isPermitted, type Permission } from '../access/permit.ts';
import { poolOf } from '../access/standing.ts';
import { endReleases } from '../exchange/unconfirmed.ts';
import { requestNotice } from '../notices/request-notice.ts';
import { type Operation, runAs, runOperation } from '../operation.ts';
import { type Opened, sealColumns } from '../vault/sealed-columns.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { lockProposal } from './lock-proposal.ts';
import { noteWithdrawnGround } from './note-unconfirmed.ts';
import { approvalTimes } from './release-act.ts';
import { requireLegalAdviser } from './second-person.ts';
import { type ClearanceKind, type ClearanceTable, sealedClearance } from './tables.ts';
import { closeTasks, insertTask, makeRowId } from './task.ts';

export type ClearanceRow = Opened<Selectable<ClearanceTable>, 'grounds' | 'revoke_reason'>;

/** One without its words. */
export type ClearanceHead = Omit<ClearanceRow, 'grounds' | 'revoke_reason'>;

/** The longest a clearance may hold, in milliseconds. */
export const LONGEST_CLEARANCE_MS = 30 * 24 * 3_600_000;

export interface AskedClearance {
  readonly kind: ClearanceKind;
  /** The stopped proposal it is to open the gate for. */
  readonly proposal: string;
  /** Why, in the words of the person who asks; for family contact with the child's and the guardian's view. */
  readonly grounds: string;
  readonly expiresAtMs: number;
}

/**
 * Asks, and opens a task for whoever may grant it.
 * @returns its id
 * @throws AccessError NOT_PERMITTED; EnquiryError REASON_MISSING, EXPIRY_INVALID, PROPOSAL_UNKNOWN, NO_LEGAL_ADVISER
 */
export async function askClearance(
  ctx: EnquiryContext,
  actor: Actor,
  asked: AskedClearance,
): Promise<string> {
  const { kind, expiresAtMs } = asked;
  const grounds = asked.grounds.trim();
  if (grounds.length < 10) throw new EnquiryError('REASON_MISSING');
  return runAs(ctx, actor, async (op) => {
    if (expiresAtMs <= op.nowMs || expiresAtMs > op.nowMs + LONGEST_CLEARANCE_MS)
      throw new EnquiryError('EXPIRY_INVALID');
    const proposal = await lockProposal(op, asked.proposal);
    const { thread, peer, unit } = proposal;
    await op.require(kind === 'asylum' ? 'clearance.ask-asylum' : 'clearance.ask', thread);
    if (kind === 'asylum') await requireLegalAdviser(op);
    const digest = kind === 'family-contact' ? null : proposal.digest;
    const id = makeRowId('clearance', op.random);
    const about = { proposal_id: proposal.id, thread, peer, digest, expires_at: expiresAtMs };
    const person = { asked_by: actor.id, asked_name: actor.name, asked_role: actor.role };
    const sealed = await sealColumns(op, sealedClearance, { id, thread }, { grounds });
    await op.trx
      .insertInto('clearance')
      .values({ id, kind, ...sealed, ...about, ...person, asked_at: op.nowMs })
      .execute();
    // Who may decide on it has to see it; what is for named readers, once the head has admitted them.
    const assignee = poolOf('legal-adviser', unit);
    await assign(op, { thread, assignee, by: actor.id, untilMs: expiresAtMs });
    const draftUnit = proposal.eyes_only ? null : unit;
    const waits = { thread, draftUnit, by: actor.id, untilMs: expiresAtMs };
    await callDeputies(op, { ...waits, action: grantOf(kind) });
    await op.audit('clearance.asked', { id, kind, thread, peer, digest, actor: actor.id });
    const asks = { kind: 'clearance-asked', thread, proposalId: proposal.id, detail: id } as const;
    const soon = proposal.lane === 'urgent' && { dueAtMs: op.nowMs + approvalTimes.urgent };
    await insertTask(op, { ...asks, ...soon, may: grantOf(kind), except: [actor.id] });
    op.afterCommit(() => ctx.changes.publish(thread));
    return id;
  });
}

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError CLEARANCE_UNKNOWN, EXPIRY_INVALID */
export async function grantClearance(ctx: EnquiryContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await lockClearance(op, id);
    if (row.granted_at !== null) throw new EnquiryError('CLEARANCE_UNKNOWN');
    await op.require(grantOf(row.kind), row.thread, row.asked_by);
    if (row.expires_at <= op.nowMs) throw new EnquiryError('EXPIRY_INVALID');
    const person = { granted_by: actor.id, granted_name: actor.name, granted_role: actor.role };
    await op.trx
      .updateTable('clearance')
      .set({ ...person, granted_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    await recordDecision(ctx, op, actor, row, 'granted');
  });
}

/**
 * Before the grant this refuses it, afterwards it takes it back: what waits for its second person passes no gate then, and what
 * rests on it and has not arrived is not sent any more until a person confirms it. For who may grant that kind, and for who asked.
 * @throws AccessError NOT_PERMITTED; EnquiryError REASON_MISSING, CLEARANCE_UNKNOWN
 */
export async function revokeClearance(
  ctx: EnquiryContext,
  actor: Actor,
  id: string,
  reason: string,
): Promise<void> {
  if (reason.trim().length < 10) throw new EnquiryError('REASON_MISSING');
  const resting = await runAs(ctx, actor, async (op) => {
    const row = await lockClearance(op, id);
    await op.require('conversation.read', row.thread);
    if (row.asked_by !== actor.id && !isPermitted(actor.role, grantOf(row.kind)))
      throw new AccessError('NOT_PERMITTED');
    const person = { revoked_by: actor.id, revoked_name: actor.name };
    const sealed = await sealColumns(op, sealedClearance, row, { revoke_reason: reason.trim() });
    await op.trx
      .updateTable('clearance')
      .set({ ...person, revoked_at: op.nowMs, ...sealed })
      .where('id', '=', id)
      .execute();
    await recordDecision(ctx, op, actor, row, row.granted_at === null ? 'refused' : 'revoked');
    return row.granted_at === null ? [] : noteWithdrawnGround(op, row);
  });
  // The exchange's own rows are no person's.
  if (resting.length === 0) return;
  await runOperation(ctx.doors.exchange, ctx.surroundings, (op) => endReleases(op, resting));
  ctx.wakeSealer();
}

/** Protection: a legal adviser, beside the decider who asks (PRACTICE.md A3). A place: a decider (A10). */
const grants = {
  asylum: 'clearance.grant-asylum',
  place: 'clearance.grant-place',
  presence: 'clearance.grant',
  'family-contact': 'clearance.grant',
} as const satisfies Record<ClearanceKind, Permission>;
export const grantOf = (kind: ClearanceKind) => grants[kind];

/** One that nobody has refused or taken back. @throws EnquiryError CLEARANCE_UNKNOWN */
async function lockClearance(op: Operation, id: string): Promise<ClearanceHead> {
  const query = op.trx.selectFrom('clearance').selectAll().where('id', '=', id);
  const row = await query.where('revoked_at', 'is', null).forUpdate().executeTakeFirst();
  if (!row) throw new EnquiryError('CLEARANCE_UNKNOWN');
  return row;
}

async function recordDecision(
  ctx: EnquiryContext,
  op: Operation,
  actor: Actor,
  { id, kind, thread, peer, digest }: ClearanceHead,
  decision: 'granted' | 'refused' | 'revoked',
): Promise<void> {
  await op.audit(`clearance.${decision}`, { id, kind, thread, peer, digest, actor: actor.id });
  // A gate was opened over what it stops: auditors look at it.
  if (decision === 'granted') await requestNotice(op, { roles: ['auditor'] }, 'digest');
  const query = op.trx.selectFrom('task').select('id').where('kind', '=', 'clearance-asked');
  const asked = await query.where('detail', '=', id).execute();
  await closeTasks(op, asked, { by: actor.id, reason: decision });
  op.afterCommit(() => ctx.changes.publish(thread));
}
