/**
 * A decider closes a file to all but the head and named readers, or opens it to its unit again (PRACTICE.md A15: an insider may sit in
 * the office itself).
 */
import { sql } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { CaseError } from './case-error.ts';
import type { CaseContext } from './context.ts';
import { filesOf, lockCase } from './store.ts';

/**
 * Whoever closes it stays a reader; the head admits others (node/access/admit-reader.ts).
 * What came from a conversation for named readers is opened by the head alone: nobody opens the conversation.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_UNKNOWN, CASE_JOINED, OPENED_BY_HEAD
 */
export async function restrictCase(
  ctx: CaseContext,
  actor: Actor,
  { case: id, eyesOnly }: { case: string; eyesOnly: boolean },
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('case.restrict', id);
    const file = await lockCase(op, id);
    if (file.joined_into !== null) throw new CaseError('CASE_JOINED');
    if (!eyesOnly && actor.role !== 'head' && (await gathersClosed(op, id)))
      throw new CaseError('OPENED_BY_HEAD');
    if (eyesOnly) await keepForReaders(op, id);
    else await setEyesOnly(op, id, false);
    await op.audit(eyesOnly ? 'case.restricted' : 'case.unrestricted', { case: id, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(id));
  });
}

async function gathersClosed({ trx }: PersonalOperation, id: string): Promise<boolean> {
  const { rows } = await sql<{ does: boolean }>`select app_gathers_closed(${id}) as does`.execute(trx);
  return rows[0]!.does;
}

/** Closes a file, in the caller's transaction, to all but the head and the caller; and those that are read with it, whose tasks speak of the child too. */
export async function keepForReaders(op: PersonalOperation, id: string): Promise<void> {
  const { id: person } = op.actor;
  const files = await filesOf(op.trx, id).execute();
  await op.trx
    .insertInto('reader')
    .values(files.map((file) => ({ thread: file.id, person, admitted_by: person, admitted_at: op.nowMs })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await setEyesOnly(op, id, true);
}

async function setEyesOnly(op: PersonalOperation, id: string, eyesOnly: boolean): Promise<void> {
  const changed = { eyes_only: eyesOnly, updated_at: op.nowMs };
  await op.trx.updateTable('case_file').set(changed).where('id', 'in', filesOf(op.trx, id)).execute();
}
