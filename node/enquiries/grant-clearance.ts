/**
 * Decisions that open a gate: one person asks with grounds, another grants, for one recipient, for one exact content (contact
 * with the family: for one conversation), and until a time. Never a flag on a case (PRACTICE.md A3).
 */
import { contentDigest } from '#schema/conversation/gates.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import type { Actor } from '../access/actor.ts';
import { assign } from '../access/assign.ts';
import { poolOf } from '../access/standing.ts';
import { runAs } from '../operation.ts';
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
  const grounds = asked.grounds.trim();
  if (grounds.length < 10) throw new EnquiryError('REASON_MISSING');
  return runAs(ctx, actor, async (op) => {
    if (expiresAtMs <= op.nowMs || expiresAtMs > op.nowMs + LONGEST_CLEARANCE_MS)
      throw new EnquiryError('EXPIRY_INVALID');
    const { thread, peer, unit, type, body } = await lockProposal(op, asked.proposal);
    await op.require(kind === 'asylum' ? 'clearance.ask-asylum' : 'clearance.ask', thread);
    const digest =
      kind === 'family-contact' ? null : contentDigest(type as MessageCode, JSON.parse(body) as never);
    const id = makeRowId('clearance', op.random);
    const decision = { granted_by: null, granted_role: null, granted_at: null, revoked_at: null };
    const person = { asked_by: actor.id, asked_role: actor.role, asked_at: op.nowMs };
    await op.trx
      .insertInto('clearance')
      .values({ id, kind, thread, peer, digest, grounds, expires_at: expiresAtMs, ...person, ...decision })
      .execute();
    await assign(op, { thread, assignee: poolOf('legal-adviser', unit), by: actor.id, untilMs: expiresAtMs });
    await op.audit('clearance.asked', { id, kind, thread, peer, digest, actor: actor.id });
    return id;
  });
}

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError CLEARANCE_UNKNOWN, EXPIRY_INVALID */
export async function grantClearance(ctx: EnquiryContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx
      .selectFrom('clearance')
      .selectAll()
      .where('id', '=', id)
      .where('granted_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new EnquiryError('CLEARANCE_UNKNOWN');
    await op.require(
      row.kind === 'asylum' ? 'clearance.grant-asylum' : 'clearance.grant',
      row.thread,
      row.asked_by,
    );
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
