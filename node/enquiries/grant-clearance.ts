/**
 * Decisions that open a gate: one person asks with grounds, another grants, for exactly what one proposal would send (contact
 * with the family: for one conversation with one State), and until a time. Never a flag on a case (PRACTICE.md A3).
 */
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { runOperation } from '../operation.ts';
import { lockProposal } from './approve-release.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ClearanceKind } from './tables.ts';
import { makeRowId } from './task.ts';

export const clearanceKinds = [
  'asylum',
  'presence',
  'family-contact',
] as const satisfies readonly ClearanceKind[];

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
 * @returns its id
 * @throws AccessError NOT_PERMITTED; EnquiryError REASON_MISSING, EXPIRY_INVALID, PROPOSAL_UNKNOWN
 */
export async function askClearance(
  ctx: EnquiryContext,
  actor: Actor,
  asked: AskedClearance,
): Promise<string> {
  const { kind, expiresAtMs } = asked;
  requirePermission(actor, kind === 'asylum' ? 'clearance.ask-asylum' : 'clearance.ask');
  const grounds = asked.grounds.trim();
  if (grounds.length < 10) throw new EnquiryError('REASON_MISSING');
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    if (expiresAtMs <= op.nowMs || expiresAtMs > op.nowMs + LONGEST_CLEARANCE_MS)
      throw new EnquiryError('EXPIRY_INVALID');
    const proposal = await lockProposal(op, asked.proposal);
    const { thread, peer } = proposal;
    const digest = kind === 'family-contact' ? null : proposal.digest;
    const id = makeRowId('clearance', op.random);
    const decision = { granted_by: null, granted_role: null, granted_at: null, revoked_at: null };
    const person = { asked_by: actor.id, asked_role: actor.role, asked_at: op.nowMs };
    await op.trx
      .insertInto('clearance')
      .values({ id, kind, thread, peer, digest, grounds, expires_at: expiresAtMs, ...person, ...decision })
      .execute();
    await op.audit('clearance.asked', { id, kind, thread, peer, digest, actor: actor.id });
    return id;
  });
}

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError CLEARANCE_UNKNOWN, EXPIRY_INVALID */
export async function grantClearance(ctx: EnquiryContext, actor: Actor, id: string): Promise<void> {
  requirePermission(actor, 'clearance.grant');
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    const row = await op.trx
      .selectFrom('clearance')
      .selectAll()
      .where('id', '=', id)
      .where('granted_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new EnquiryError('CLEARANCE_UNKNOWN');
    if (row.kind === 'asylum') requirePermission(actor, 'clearance.grant-asylum');
    if (row.asked_by === actor.id) throw new AccessError('SAME_PERSON');
    if (row.expires_at <= op.nowMs) throw new EnquiryError('EXPIRY_INVALID');
    await op.trx
      .updateTable('clearance')
      .set({ granted_by: actor.id, granted_role: actor.role, granted_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    const { kind, thread, peer, digest } = row;
    await op.audit('clearance.granted', { id, kind, thread, peer, digest, actor: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}
