/**
 * Opens the file of a child, and ends it or takes it up again.
 */

import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { caseClosing } from '#schema/vocabulary/cases.ts';
import type { Actor } from '../access/actor.ts';
import { assign } from '../access/assign.ts';
import { requireAllowed } from '../access/decide.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { caseKey } from '../vault/subjects.ts';
import { VaultError } from '../vault/vault-error.ts';
import { CaseError } from './case-error.ts';
import type { CaseContext } from './context.ts';
import { readChild } from './from-enquiry.ts';
import { isContested, readItems, valuesOf } from './history.ts';
import type { ValueOf } from './kinds.ts';
import { keepForReaders } from './restrict-case.ts';
import { addEntries, filesOf, lockCase, readEntries } from './store.ts';

/**
 * An empty file of the caller's unit. A local case worker sees a file by being assigned to it, and is assigned to the one they open.
 * @returns its id
 * @throws AccessError NOT_PERMITTED
 */
export async function openCase(ctx: CaseContext, actor: Actor): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    requireAllowed(actor, 'case.open', {}, op.nowMs);
    const id = makeMessageId(op.nowMs, op.random(10));
    await insertCases(op, [id]);
    await op.audit('case.opened', { case: id, unit: actor.unit, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(id));
    return id;
  });
}

/**
 * The file of a child of an enquiry, ours or another State's, with what the enquiry says as its first entries, linked to the
 * conversation. What is for named readers there is for named readers here, and the caller is one of them.
 * @param body of the enquiry, as the caller may read it
 * @param ref the child's reference in it
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED; CaseError CHILD_UNKNOWN
 */
export async function openCaseOf(
  ctx: CaseContext,
  actor: Actor,
  { thread, ref, body, isOurs }: { thread: string; ref: string; body: EnquiryBody; isOurs: boolean },
): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    requireAllowed(actor, 'case.open', {}, op.nowMs);
    await op.require('case.link', thread);
    const source = isOurs ? 'worker-observation' : 'third-state-focal-point';
    const entries = readChild(body, ref, { source, confidence: 'claimed' }, op.random);
    if (!entries) throw new CaseError('CHILD_UNKNOWN');
    const id = makeMessageId(op.nowMs, op.random(10));
    await insertCases(op, [id]);
    if (await isForNamedReaders(op, thread)) await keepForReaders(op, id);
    await addEntries(op, [{ id, entries }]);
    await op.trx
      .insertInto('case_conversation')
      .values({ case_id: id, thread, linked_by: actor.id, linked_at: op.nowMs })
      .execute();
    await op.audit('case.opened', { case: id, unit: actor.unit, by: actor.id, thread });
    op.afterCommit(() => ctx.changes.publish(id));
    return id;
  });
}

/** Also where the enquiry was open, and a safety warning has closed its conversation since. */
async function isForNamedReaders({ trx }: PersonalOperation, thread: string): Promise<boolean> {
  const query = trx.selectFrom('conversation').select('eyes_only').where('thread', '=', thread);
  return (await query.executeTakeFirstOrThrow()).eyes_only;
}

/** Empty files of the caller's unit, in the caller's transaction. */
export async function insertCases(op: PersonalOperation, ids: readonly string[]): Promise<void> {
  const { id: by, unit, role } = op.actor;
  const times = { opened_at: op.nowMs, updated_at: op.nowMs };
  const rows = ids.map((id) => ({ id, unit, opened_by: by, ...times }));
  await op.trx.insertInto('case_file').values(rows).execute();
  if (role !== 'case-worker') return;
  for (const thread of ids) await assign(op, { thread, assignee: by, by, untilMs: null });
}

/**
 * A decider ends the work on a child. Never while the file says that the child is missing, in danger or with a suspect, and never over
 * an open dispute (PRACTICE.md A5).
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_CLOSED, CASE_JOINED, STILL_AT_RISK, ITEMS_CONTESTED, TRANSFER_NOT_ACCEPTED
 */
export async function closeCase(
  ctx: CaseContext,
  actor: Actor,
  { case: id, closing }: { case: string; closing: (typeof caseClosing.codes)[number] },
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('case.close', id);
    const file = await lockCase(op, id);
    if (file.joined_into !== null) throw new CaseError('CASE_JOINED');
    if (file.closed_at !== null) throw new CaseError('CASE_CLOSED');
    // A child is nobody's charge between two States: no message says yet that another has taken it over.
    if (closing === 'care-transferred') throw new CaseError('TRANSFER_NOT_ACCEPTED');
    const items = readItems((await readEntries(op.trx, op.vault, [id])).get(id)!);
    const endsAnyway = closing === 'opened-in-error' || closing === 'deceased';
    if (!endsAnyway && (isAtRisk(items) || (await isInDanger(op, id)))) throw new CaseError('STILL_AT_RISK');
    if (!endsAnyway && items.some(isContested)) throw new CaseError('ITEMS_CONTESTED');
    await op.trx
      .updateTable('case_file')
      .set({ closed_at: op.nowMs, closed_by: actor.id, closing, updated_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    await op.audit('case.closed', { case: id, by: actor.id, closing });
    op.afterCommit(() => ctx.changes.publish(id));
  });
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_OPEN, CASE_JOINED */
export async function reopenCase(ctx: CaseContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('case.close', id);
    const file = await lockCase(op, id);
    if (file.joined_into !== null) throw new CaseError('CASE_JOINED');
    if (file.closed_at === null) throw new CaseError('CASE_OPEN');
    await requireNotBlocked(op, id);
    await op.trx
      .updateTable('case_file')
      .set({ closed_at: null, closed_by: null, closing: null, updated_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    await op.audit('case.reopened', { case: id, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(id));
  });
}

/** One person alone would lift what two must. @throws VaultError BLOCKED, ERASED */
async function requireNotBlocked({ trx, vault }: PersonalOperation, id: string): Promise<void> {
  const query = trx.selectFrom('retention').select(['blocked_at', 'erased_at']);
  const row = await query.where('kind', '=', 'case').where('id', '=', id).executeTakeFirst();
  if (row?.erased_at != null) throw new VaultError('ERASED');
  if (row?.blocked_at != null) (await vault.forReading(trx, [caseKey(id)])).check(caseKey(id));
}

/** An alert is open, or an enquiry speaks of immediate danger, in a conversation about the child. */
async function isInDanger({ trx }: PersonalOperation, id: string): Promise<boolean> {
  const query = trx
    .selectFrom('case_conversation')
    .innerJoin('conversation', 'conversation.thread', 'case_conversation.thread')
    .select('conversation.thread')
    .where('danger', '=', true)
    .where('case_id', 'in', filesOf(trx, id));
  return (await query.executeTakeFirst()) !== undefined;
}

function isAtRisk(items: Parameters<typeof valuesOf>[0]): boolean {
  const situations = valuesOf(items, 'situation').map(({ value }) => value as ValueOf<'situation'>);
  const episodes = valuesOf(items, 'missing').map(({ value }) => value as ValueOf<'missing'>);
  return (
    situations.some(({ missing, careOfSuspect }) => missing === 'missing' || careOfSuspect === 'yes') ||
    episodes.some(({ status, until }) => status === 'missing' && until === undefined)
  );
}
