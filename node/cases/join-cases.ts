/**
 * Two files of one child are joined by two persons, and read as one from then on; undoing it gives both back as they were, with what
 * was written meanwhile in the file it was written into. Nothing is copied and nothing is lost. Who worked on the one works on both;
 * of files for named readers, the head admits them.
 */
import type { Selectable, Transaction } from 'kysely';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { assign } from '../access/assign.ts';
import { poolOf } from '../access/standing.ts';
import { openTask } from '../enquiries/task.ts';
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
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_UNKNOWN, CASE_CLOSED, CASE_JOINED, HAS_JOINED, JOIN_WAITS
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
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED; CaseError JOIN_UNKNOWN, CASE_CLOSED, CASE_JOINED, HAS_JOINED
 */
export async function approveJoin(ctx: CaseContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const join = await findJoin(op, id);
    if (join.approved_at !== null) throw new CaseError('JOIN_UNKNOWN');
    const { from_case: from, into_case: into } = join;
    await op.require('case.approve-join', into, join.proposer);
    await op.require('case.join', from);
    const isRestricted = await lockBoth(op, from, into);
    // Who reads one may come to read both, and who may read is the head's word.
    if (isRestricted && actor.role !== 'head') throw new AccessError('NOT_PERMITTED');
    const approval = { approver: actor.id, approved_at: op.nowMs };
    await op.trx.updateTable('case_join').set(approval).where('id', '=', id).execute();
    await readWith(op, from, into);
    if (!isRestricted) await letTeamFollow(op, from, into);
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
      await endFollowing(op, join);
      await askWhoseItIs(op, join);
      await indexBoth(op, from, into);
      await keepMajorities(op, [from, into]);
    }
    await op.audit('case.join-undone', { id, from, into, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(into));
  });
}

/** Proposals to join these two that nobody has confirmed yet, in the caller's transaction. */
export async function takeBackJoins(op: PersonalOperation, pair: readonly [string, string]): Promise<void> {
  const rows = await op.trx
    .updateTable('case_join')
    .set({ undone_by: op.actor.id, undone_at: op.nowMs })
    .where('from_case', 'in', [...pair])
    .where('into_case', 'in', [...pair])
    .where('approved_at', 'is', null)
    .where('undone_at', 'is', null)
    .returning(['id', 'from_case', 'into_case'])
    .execute();
  for (const { id, from_case: from, into_case: into } of rows)
    await op.audit('case.join-undone', { id, from, into, by: op.actor.id });
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

/** Whoever works on the file that is read with the other one goes on working on the child: its people, and its unit where it is another. */
async function letTeamFollow(op: PersonalOperation, from: string, into: string): Promise<void> {
  const files = await op.trx
    .selectFrom('case_file')
    .select(['id', 'unit'])
    .where('id', 'in', [from, into])
    .execute();
  const { unit } = files.find(({ id }) => id === from)!;
  const isOfOther = unit !== files.find(({ id }) => id === into)!.unit;
  const pools = isOfOther ? (['officer', 'supervisor'] as const).map((role) => poolOf(role, unit)) : [];
  const rows = await op.trx
    .selectFrom('assignment')
    .select(['thread', 'assignee', 'until'])
    .where('thread', 'in', [from, into])
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', op.nowMs)]))
    .execute();
  const there = new Set(rows.filter(({ thread }) => thread === into).map(({ assignee }) => assignee));
  const team = [
    ...rows.filter(({ thread }) => thread === from),
    ...pools.map((assignee) => ({ assignee, until: null })),
  ];
  for (const { assignee, until } of team)
    if (!there.has(assignee)) await assign(op, { thread: into, assignee, by: op.actor.id, untilMs: until });
}

/** Those who came with the other file: it is of another child. */
async function endFollowing(
  { trx, nowMs, audit, actor }: PersonalOperation,
  { into_case: thread, approver, approved_at }: JoinRow,
): Promise<void> {
  const ended = await trx
    .updateTable('assignment')
    .set({ ended_at: nowMs })
    .where('thread', '=', thread)
    .where('given_by', '=', approver!)
    .where('given_at', '=', approved_at!)
    .where('ended_at', 'is', null)
    .returning(['id', 'assignee'])
    .execute();
  for (const { id, assignee } of ended)
    await audit('assignment.ended', { id, thread, assignee, by: actor.id });
}

/** What was written while two files were read as one stays in the one, and may be of the other child: also a warning. */
async function askWhoseItIs(op: PersonalOperation, { id, from_case, into_case, approved_at }: JoinRow) {
  const query = op.trx.selectFrom('case_entry').select('id').where('case_id', '=', into_case);
  if (!(await query.where('at', '>=', approved_at!).executeTakeFirst())) return;
  for (const thread of [from_case, into_case])
    await openTask(op, { kind: 'safety-review', thread, about: id, detail: 'join-undone' });
}

/**
 * In one order, so that two who join the same files in opposite directions do not wait for each other.
 * @returns whether both are for named readers; one alone would be opened to the readers of the other
 */
async function lockBoth(op: PersonalOperation, from: string, into: string): Promise<boolean> {
  const files: CaseRow[] = [];
  for (const id of [from, into].sort()) files.push(await lockCase(op, id));
  if (files.some(({ joined_into }) => joined_into !== null)) throw new CaseError('CASE_JOINED');
  // Nothing closes by the way: what is read with a closed file would be closed too, and erased with it (PRACTICE.md A5).
  if (files.some(({ closed_at }) => closed_at !== null)) throw new CaseError('CASE_CLOSED');
  const restricted = files.filter(({ eyes_only }) => eyes_only).length;
  if (restricted === 1) throw new CaseError('READERS_DIFFER');
  const joined = await op.trx
    .selectFrom('case_file')
    .select('id')
    .where('joined_into', '=', from)
    .executeTakeFirst();
  if (joined) throw new CaseError('HAS_JOINED');
  return restricted === 2;
}

/** Reads the entries of a file with another one; with null, by itself again. */
async function readWith({ trx, nowMs }: PersonalOperation, from: string, into: string | null): Promise<void> {
  await trx
    .updateTable('case_file')
    .set({ joined_into: into, updated_at: nowMs })
    .where('id', '=', from)
    .execute();
  await trx
    .updateTable('case_entry')
    .set({ file_id: into ?? from })
    .where('case_id', '=', from)
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
