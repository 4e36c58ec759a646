/**
 * Decisions that open a gate: one person asks with grounds, another grants, for one recipient, where it matters for one exact
 * content, and until a time. Never a flag on a case (PRACTICE.md A3).
 */

import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ClearanceKind } from './tables.ts';
import { makeRowId } from './task.ts';

export const clearanceKinds = [
  'presence',
  'protection-state',
  'family-contact',
  'place-release',
  'close-check',
] as const satisfies readonly ClearanceKind[];

/** The longest a clearance may hold, in milliseconds. */
export const LONGEST_CLEARANCE_MS = 30 * 24 * 3_600_000;

export interface AskedClearance {
  readonly kind: ClearanceKind;
  readonly thread?: string | undefined;
  readonly peer: string;
  /** Of the exact content it is to hold for; a protection-state clearance needs one. */
  readonly digest?: string | undefined;
  readonly grounds: string;
  readonly expiresAtMs: number;
}

/**
 * @returns its id
 * @throws AccessError NOT_PERMITTED; EnquiryError REASON_MISSING, EXPIRY_INVALID, DIGEST_DIFFERS
 */
export async function askClearance(
  ctx: EnquiryContext,
  actor: Actor,
  asked: AskedClearance,
): Promise<string> {
  requirePermission(actor, 'clearance.ask');
  if (asked.grounds.trim().length < 10) throw new EnquiryError('REASON_MISSING');
  if (asked.kind === 'protection-state' && !asked.digest) throw new EnquiryError('DIGEST_DIFFERS');
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const { kind, peer, expiresAtMs } = asked;
    if (expiresAtMs <= op.nowMs || expiresAtMs > op.nowMs + LONGEST_CLEARANCE_MS)
      throw new EnquiryError('EXPIRY_INVALID');
    const id = makeRowId('clearance', op.random);
    const thread = asked.thread ?? null;
    const digest = asked.digest ?? null;
    await op.trx
      .insertInto('clearance')
      .values({
        id,
        kind,
        thread,
        peer,
        digest,
        grounds: asked.grounds.trim(),
        asked_by: actor.id,
        asked_role: actor.role,
        asked_at: op.nowMs,
        granted_by: null,
        granted_role: null,
        granted_at: null,
        expires_at: expiresAtMs,
        revoked_at: null,
      })
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
    if (row.kind === 'protection-state') requirePermission(actor, 'clearance.grant-protection-state');
    if (row.asked_by === actor.id) throw new AccessError('SAME_PERSON');
    if (row.expires_at <= op.nowMs) throw new EnquiryError('EXPIRY_INVALID');
    await op.trx
      .updateTable('clearance')
      .set({ granted_by: actor.id, granted_role: actor.role, granted_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    const { kind, thread, peer, digest } = row;
    await op.audit('clearance.granted', { id, kind, thread, peer, digest, actor: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread ?? ''));
  });
}
