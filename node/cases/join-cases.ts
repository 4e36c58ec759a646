/**
 * Two files of one child are joined by two persons, and read as one from then on; undoing it gives both back as they were, with what
 * was written meanwhile in the file it was written into. Nothing is copied and nothing is lost.
 */
import type { Selectable, Transaction } from 'kysely';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { followFile } from './after-entries.ts';
import { keepMajorities } from './age.ts';
import { CaseError } from './case-error.ts';
import type { CaseContext } from './context.ts';
import { indexCases } from './index-cases.ts';
import { type CaseRow, lockCase, readEntries } from './store.ts';
import type { CaseJoinTable } from './tables.ts';

export type JoinRow = Selectable<CaseJoinTable>;

/**
 * @param from the file that will be read with `into`
 * @returns the proposal's id
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_UNKNOWN, CASE_JOINED, HAS_JOINED, JOIN_WAITS
 */
export async function proposeJoin(ctx: CaseContext, actor: Actor, pair: Pair): Promise<string> {
  return runAs(ctx, actor, (op) => proposeJoinIn(ctx, op, pair));
}

interface Pair {
  readonly from: string;
  readonly into: string;
}

/** The same in the caller's transaction. */
export async function proposeJoinIn(
  ctx: CaseContext,
  op: PersonalOperation,
  { from, into }: Pair,
): Promise<string> {
  if (from === into) throw new CaseError('CASE_UNKNOWN');
  await op.require('case.join', from);
  await op.require('case.join', into);
  await lockBoth(op, from, into);
  if (await isProposed(op, from)) throw new CaseError('JOIN_WAITS');
  const id = `join-${Buffer.from(op.random(12)).toString('hex')}`;
  const by = op.actor.id;
  await op.trx
    .insertInto('case_join')
    .values({ id, from_case: from, into_case: into, proposer: by, proposed_at: op.nowMs })
    .execute();
  await op.audit('case.join-proposed', { id, from, into, by });
  op.afterCommit(() => ctx.changes.publish(into));
  return id;
}

/**
 * Another person, who decides in the unit of the file that stays, confirms it.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED; CaseError JOIN_UNKNOWN, CASE_JOINED, HAS_JOINED
 */
export async function approveJoin(ctx: CaseContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const join = await findJoin(op, id);
    if (join.approved_at !== null) throw new CaseError('JOIN_UNKNOWN');
    const { from_case: from, into_case: into } = join;
    await op.require('case.approve-join', into, join.proposer);
    await op.require('case.join', from);
    const isClosed = await lockBoth(op, from, into);
    // Who reads one reads both from then on, and who may read is the head's word.
    if (isClosed && actor.role !== 'head') throw new AccessError('NOT_PERMITTED');
    const approval = { approver: actor.id, approved_at: op.nowMs };
    await op.trx.updateTable('case_join').set(approval).where('id', '=', id).execute();
    await readWith(op, from, into);
    await indexBoth(op, from, into);
    await keepMajorities(op, [from, into]);
    await followFile(op, into);
    await op.audit('case.joined', { id, from, into, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(into));
  });
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError JOIN_UNKNOWN */
export async function undoJoin(ctx: CaseContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const join = await findJoin(op, id);
    const { from_case: from, into_case: into } = join;
    // A proposal is taken back by whoever may propose; what was decided, by whoever decides.
    await op.require(join.approved_at === null ? 'case.join' : 'case.close', into);
    await lockCase(op, into);
    const undone = { undone_by: actor.id, undone_at: op.nowMs };
    await op.trx.updateTable('case_join').set(undone).where('id', '=', id).execute();
    if (join.approved_at !== null) {
      await readWith(op, from, null);
      await indexBoth(op, from, into);
      await keepMajorities(op, [from, into]);
    }
    await op.audit('case.join-undone', { id, from, into, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(into));
  });
}

async function findJoin({ trx }: PersonalOperation, id: string): Promise<JoinRow> {
  const query = trx.selectFrom('case_join').selectAll().where('id', '=', id).where('undone_at', 'is', null);
  const row = await query.forUpdate().executeTakeFirst();
  if (!row) throw new CaseError('JOIN_UNKNOWN');
  return row;
}

const isProposed = async ({ trx }: PersonalOperation, from: string): Promise<boolean> =>
  (await trx
    .selectFrom('case_join')
    .select('id')
    .where('from_case', '=', from)
    .where('undone_at', 'is', null)
    .executeTakeFirst()) !== undefined;

/**
 * In one order, so that two who join the same files in opposite directions do not wait for each other.
 * @returns whether both are for named readers; one alone would be opened to the readers of the other
 */
async function lockBoth(op: PersonalOperation, from: string, into: string): Promise<boolean> {
  const files: CaseRow[] = [];
  for (const id of [from, into].sort()) files.push(await lockCase(op, id));
  if (files.some(({ joined_into }) => joined_into !== null)) throw new CaseError('CASE_JOINED');
  const closed = files.filter(({ eyes_only }) => eyes_only).length;
  if (closed === 1) throw new CaseError('READERS_DIFFER');
  const joined = await op.trx
    .selectFrom('case_file')
    .select('id')
    .where('joined_into', '=', from)
    .executeTakeFirst();
  if (joined) throw new CaseError('HAS_JOINED');
  return closed === 2;
}

/** Reads the entries of a file with another one; with null, by itself again. */
async function readWith({ trx, nowMs }: PersonalOperation, from: string, into: string | null): Promise<void> {
  await trx
    .updateTable('case_entry')
    .set({ file_id: into ?? from })
    .where('case_id', '=', from)
    .execute();
  await trx
    .updateTable('case_file')
    .set({ joined_into: into, updated_at: nowMs })
    .where('id', '=', from)
    .execute();
  if (into !== null)
    await trx.updateTable('case_file').set({ updated_at: nowMs }).where('id', '=', into).execute();
}

/** Both are found by what is read with them now: the one that is read with the other by nothing. */
async function indexBoth(op: PersonalOperation, from: string, into: string): Promise<void> {
  const entries = await readEntries(op.trx, op.vault, [from, into]);
  await indexCases(
    op,
    [from, into].map((id) => ({ id, entries: entries.get(id)! })),
  );
}

/** Proposals and joins that stand, of these files on either side. */
export async function readJoins(trx: Transaction<Database>, files: readonly string[]): Promise<JoinRow[]> {
  const query = trx.selectFrom('case_join').selectAll().where('undone_at', 'is', null);
  return query
    .where((eb) => eb.or([eb('from_case', 'in', [...files]), eb('into_case', 'in', [...files])]))
    .orderBy('proposed_at')
    .execute();
}
