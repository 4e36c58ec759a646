/**
 * A case gathers its conversations with other States. Linking lets nobody see a conversation, or a case, who does not see it anyway;
 * and no State learns from it that another was asked (PRACTICE.md A17).
 */
import type { Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { heedNamed, readNamed } from '../access/named-in-acts.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { followFile } from './after-entries.ts';
import { CaseError } from './case-error.ts';
import type { CaseContext } from './context.ts';
import { type CaseRow, filesOf, lockCase } from './store.ts';

interface Link {
  readonly case: string;
  readonly thread: string;
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED; CaseError CASE_UNKNOWN, CASE_JOINED */
export async function linkConversation(ctx: CaseContext, actor: Actor, link: Link): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const { joined_into } = await hold(ctx, op, link);
    if (joined_into !== null) throw new CaseError('CASE_JOINED');
    await linkIn(op, link);
  });
}

/** In the caller's transaction, who has asked the policy and holds the file. */
export async function linkIn(op: PersonalOperation, { case: id, thread }: Link): Promise<void> {
  const by = op.actor.id;
  const { numInsertedOrUpdatedRows: made } = await op.trx
    .insertInto('case_conversation')
    .values({ case_id: id, thread, linked_by: by, linked_at: op.nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made !== 1n) return;
  await followFile(op, id);
  await heedNamed(op, thread, await readNamed(op, [thread]));
  await op.audit('case.linked', { case: id, thread, by });
}

/** Also from a file that is read with this one. @throws as linkConversation */
export async function unlinkConversation(ctx: CaseContext, actor: Actor, link: Link): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await hold(ctx, op, link);
    await unlinkIn(op, link);
  });
}

/** In the caller's transaction, who has asked the policy. */
export async function unlinkIn(op: PersonalOperation, { case: id, thread }: Link): Promise<void> {
  const gone = await op.trx
    .deleteFrom('case_conversation')
    .where('case_id', 'in', filesOf(op.trx, id))
    .where('thread', '=', thread)
    .returning('case_id')
    .execute();
  for (const { case_id } of gone) await op.audit('case.unlinked', { case: case_id, thread, by: op.actor.id });
}

async function hold(ctx: CaseContext, op: PersonalOperation, { case: id, thread }: Link): Promise<CaseRow> {
  await op.require('case.link', id);
  await op.require('conversation.read', thread);
  op.afterCommit(() => ctx.changes.publish(id));
  return lockCase(op, id);
}

/** Links of these files to conversations the person sees. */
export const readLinks = (trx: Transaction<Database>, files: readonly string[]) =>
  trx
    .selectFrom('case_conversation')
    .selectAll()
    .where('case_id', 'in', [...files])
    .orderBy('linked_at')
    .execute();
