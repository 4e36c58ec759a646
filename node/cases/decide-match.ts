/**
 * A person who sees both says whether a file and what stands beside it are of one child. Nothing is joined by that: two files that are
 * of the same child wait for a second person (join-cases.ts), and a conversation is put with its file.
 */
import type { Selectable, Transaction } from 'kysely';
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { matchVerdict } from '#schema/vocabulary/matching.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { settleAbout } from '../access/settle-about.ts';
import { makeRowId } from '../enquiries/task.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { CaseError } from './case-error.ts';
import type { CaseContext } from './context.ts';
import { proposeJoinIn, takeBackJoins } from './join-cases.ts';
import { linkIn, unlinkIn } from './link-conversation.ts';
import type { CaseMatchTable } from './match-tables.ts';
import { lockCase } from './store.ts';

export type MatchRow = Selectable<CaseMatchTable>;
export type Verdict = CodeOf<typeof matchVerdict>;

/**
 * Of what has surfaced. What was said before may be said otherwise.
 * @returns the id of the proposal to join, where two files are said to be of one child
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED; CaseError MATCH_UNKNOWN, OTHER_UNSEEN, and those of proposeJoin
 */
export async function decideMatch(
  ctx: CaseContext,
  actor: Actor,
  { match, verdict }: { match: string; verdict: Verdict },
): Promise<string | null> {
  return runAs(ctx, actor, async (op) => {
    const query = op.trx.selectFrom('case_match').selectAll().where('id', '=', match);
    const row = await query.forUpdate().executeTakeFirst();
    if (!row) throw new CaseError('MATCH_UNKNOWN');
    return say(ctx, op, row, verdict);
  });
}

/**
 * Of two files that somebody has found by themselves.
 * @returns as decideMatch @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED; CaseError CASE_UNKNOWN, OTHER_UNSEEN, and those of proposeJoin
 */
export async function decideCandidate(
  ctx: CaseContext,
  actor: Actor,
  { one, other, verdict }: { one: string; other: string; verdict: Verdict },
): Promise<string | null> {
  return runAs(ctx, actor, async (op) => {
    if (one === other) throw new CaseError('CASE_UNKNOWN');
    await op.require('case.match', one);
    await op.require('case.match', other);
    const query = op.trx.selectFrom('case_file').select('id').where('id', 'in', [one, other]);
    const [first, later] = await query.orderBy('opened_at').orderBy('id').execute();
    if (!first || !later) throw new CaseError('CASE_UNKNOWN');
    const pair = { case_id: first.id, other_case: later.id };
    const said = { verdict, decided_by: op.actor.id, decided_at: op.nowMs };
    await op.trx
      .insertInto('case_match')
      .values({
        id: makeRowId('match', op.random),
        ...pair,
        thread: null,
        child: null,
        found_at: op.nowMs,
        ...said,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const kept = op.trx.selectFrom('case_match').selectAll().where('case_id', '=', pair.case_id);
    const row = await kept.where('other_case', '=', pair.other_case).forUpdate().executeTakeFirstOrThrow();
    return say(ctx, op, row, verdict);
  });
}

async function say(
  ctx: CaseContext,
  op: PersonalOperation,
  row: MatchRow,
  verdict: Verdict,
): Promise<string | null> {
  const { id: match, case_id, other_case, thread } = row;
  await op.require('case.match', case_id);
  await requireOther(op, row);
  const by = op.actor.id;
  await op.trx
    .updateTable('case_match')
    .set({ verdict, decided_by: by, decided_at: op.nowMs })
    .where('id', '=', match)
    .execute();
  await settleAbout(op, ['possible-match'], match, verdict);
  // One type with what is written: that there was something to decide is nobody's business who reads types of entries.
  await op.audit('case.written', { case: case_id, match, verdict, by });
  op.afterCommit(() => ctx.changes.publish(case_id));
  if (verdict !== 'same-child') {
    await takeBack(op, row);
    return null;
  }
  if (other_case !== null) return proposeJoinIn(ctx, op, { from: other_case, into: case_id });
  await op.require('case.link', case_id);
  await lockCase(op, case_id);
  await linkIn(op, { case: case_id, thread: thread! });
  return null;
}

/** What was begun because they were said to be of one child: nobody confirms any more that two children are one. */
async function takeBack(
  op: PersonalOperation,
  { case_id, other_case, thread, verdict }: MatchRow,
): Promise<void> {
  if (other_case !== null) return takeBackJoins(op, [case_id, other_case]);
  if (verdict === 'same-child') await unlinkIn(op, { case: case_id, thread: thread! });
}

/** Who sees one side alone is told that somebody else must say it, and nothing of the other. */
async function requireOther(op: PersonalOperation, { other_case, thread }: MatchRow): Promise<void> {
  try {
    if (other_case === null) await op.require('conversation.read', thread!);
    else await op.require('case.match', other_case);
  } catch (error) {
    if (error instanceof AccessError && error.code === 'NOT_FOUND') throw new CaseError('OTHER_UNSEEN');
    throw error;
  }
}

/** What has surfaced or was said about these files, as far as the person may know of it (match-tables.ts). */
export const readMatches = (trx: Transaction<Database>, files: readonly string[]): Promise<MatchRow[]> =>
  trx
    .selectFrom('case_match')
    .selectAll()
    .where((eb) => eb.or([eb('case_id', 'in', [...files]), eb('other_case', 'in', [...files])]))
    .orderBy('found_at')
    .orderBy('id')
    .execute();
