/**
 * Possible duplicates, and what another State sends about a child who may be known here, surface by themselves: as a task for the
 * team of the file that was here first, and for nobody else (PRACTICE.md A18). Work of the node, one record after the other, by a
 * loop and never where something is received or written: whoever sends, asks or writes waits for none of it and sees none of it.
 *
 * Each look leaves one entry of one type in the log, whatever it finds: the types and times of entries are published.
 */
import type { Transaction } from 'kysely';
import type { Changes } from '../enquiries/changes.ts';
import { insertTask, makeRowId, OF_THE_HEAD } from '../enquiries/task.ts';
import type { SearchableFacts } from '../matching/facts.ts';
import { findForNode } from '../matching/find-candidates.ts';
import { indexCases, removeTokens } from '../matching/index-facts.ts';
import { openBlindIndex } from '../matching/open-index.ts';
import { showComparisonWith } from '../matching/show-comparison.ts';
import { requestNotice } from '../notices/request-notice.ts';
import { type Operation, runOperation, runPart, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { Doors } from '../storage/doors.ts';
import { caseKey, conversationKey } from '../vault/subjects.ts';
import { VaultError } from '../vault/vault-error.ts';
import { factsOfCase } from './case-facts.ts';
import { readItems } from './history.ts';
import type { MatchPendingTable } from './match-tables.ts';
import { type CaseRow, readEntries } from './store.ts';
import { readSubjects, type Subject } from './subjects.ts';

export interface SurfaceContext {
  readonly doors: Pick<Doors, 'matching'>;
  readonly surroundings: Surroundings;
  readonly changes: Pick<Changes, 'publish'>;
}

/** Looks at everything that waits. Several processes may do it at once: each takes what none has taken. @returns how much there was */
export async function surfaceMatches(ctx: SurfaceContext): Promise<number> {
  let looked = 0;
  while (await lookOnce(ctx)) looked += 1;
  return looked;
}

async function lookOnce(ctx: SurfaceContext): Promise<boolean> {
  return runOperation(ctx.doors.matching, ctx.surroundings, async (op) => {
    const next = await op.trx
      .selectFrom('match_pending')
      .selectAll()
      .orderBy('id')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!next) return false;
    await op.trx.deleteFrom('match_pending').where('id', '=', next.id).execute();
    const looked = await runPart(op, (part) => look(ctx, part, next));
    // Without keys nothing can be compared: it waits. What cannot be read for another reason never will be.
    if (!looked.ok && looked.error instanceof VaultError && looked.error.code === 'KEY_UNAVAILABLE')
      throw looked.error;
    const matches = looked.ok ? looked.value : [];
    await op.audit('match.looked', { source: next.source, matches, failed: !looked.ok });
    return true;
  });
}

/** What the log keeps of a match that was new. */
type Surfaced = Record<string, unknown>;

async function look(
  ctx: SurfaceContext,
  op: Operation,
  { kind, source }: Pick<MatchPendingTable, 'kind' | 'source'>,
): Promise<Surfaced[]> {
  return kind === 'case' ? lookAtCase(ctx, op, source) : lookAtAct(ctx, op, source);
}

async function lookAtCase(ctx: SurfaceContext, op: Operation, id: string): Promise<Surfaced[]> {
  const own = await readFile(op, id);
  if (!own) return [];
  const found = await candidatesOf(op, own.facts, id);
  const compare = showComparisonWith(own.facts);
  const surfaced: Surfaced[] = [];
  for (const candidate of found) {
    const file = await readFile(op, candidate);
    if (file) {
      const [first, other] = inOrder(own.row, file.row);
      if (compare(file.facts).isLikely) surfaced.push(...(await surface(ctx, op, { first, other })));
      continue;
    }
    const subjects = await subjectsIn(op, candidate);
    if (subjects.length === 0 && (await isErased(op, candidate))) await removeTokens(op.trx, candidate);
    for (const other of subjects)
      if (compare(other.facts).isLikely)
        surfaced.push(...(await surface(ctx, op, { first: own.row, other })));
  }
  return surfaced;
}

async function lookAtAct(ctx: SurfaceContext, op: Operation, messageId: string): Promise<Surfaced[]> {
  const act = await op.trx
    .selectFrom('act')
    .select('thread')
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  if (!act) return [];
  const subjects = await subjectsIn(op, act.thread);
  if (subjects.length === 0) return [];
  const index = await openBlindIndex(op.trx, op.vault);
  // A conversation is found under its own name; it is no file, so that no person finds it.
  await indexCases(op.trx, index, [{ caseId: act.thread, facts: together(subjects) }]);
  const surfaced: Surfaced[] = [];
  for (const subject of subjects) {
    const compare = showComparisonWith(subject.facts);
    for (const candidate of await candidatesOf(op, subject.facts, act.thread)) {
      const file = await readFile(op, candidate);
      if (file && compare(file.facts).isLikely)
        surfaced.push(...(await surface(ctx, op, { first: file.row, other: subject })));
    }
  }
  return surfaced;
}

/** Nobody is found by it any more. What is blocked is not read either, and may be read again one day. */
async function isErased({ trx }: Operation, id: string): Promise<boolean> {
  const query = trx.selectFrom('data_key').select('subject').where('wrapped', 'is', null);
  const row = await query.where('subject', 'in', [caseKey(id), conversationKey(id)]).executeTakeFirst();
  return row !== undefined;
}

const subjectsIn = async (op: Operation, thread: string): Promise<readonly Subject[]> =>
  (await readSubjects(op, [thread])).get(thread) ?? [];

/** Tokens of one conversation are of all children it speaks of. */
const together = (subjects: readonly Subject[]): SearchableFacts => ({
  names: subjects.flatMap(({ facts }) => facts.names).slice(0, 24),
  births: subjects.flatMap(({ facts }) => facts.births).slice(0, 48),
  nationalities: [],
});

async function candidatesOf(op: Operation, facts: SearchableFacts, except: string): Promise<string[]> {
  const index = await openBlindIndex(op.trx, op.vault);
  return (await findForNode(op.trx, index, facts, { except })).map(({ caseId }) => caseId);
}

/** Undefined for what is not there, is read with another file, or cannot be read: it is blocked, or erased. */
async function readFile(
  op: Operation,
  id: string,
): Promise<{ row: CaseRow; facts: SearchableFacts } | undefined> {
  const row = await op.trx.selectFrom('case_file').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row || row.joined_into !== null) return undefined;
  try {
    const entries = (await readEntries(op.trx, op.vault, [id])).get(id)!;
    return { row, facts: factsOfCase(readItems(entries)) };
  } catch (error) {
    if (error instanceof VaultError && error.code === 'ERASED') return undefined;
    throw error;
  }
}

/** The one that was opened first: a file that somebody opens to learn whether a child is known tells them nothing. */
const inOrder = (one: CaseRow, other: CaseRow): [CaseRow, CaseRow] =>
  one.opened_at < other.opened_at || (one.opened_at === other.opened_at && one.id < other.id)
    ? [one, other]
    : [other, one];

interface Pair {
  readonly first: CaseRow;
  readonly other: CaseRow | Subject;
}

/** Keeps that the two may be of one child and opens the task for it, unless that was done before. */
async function surface(ctx: SurfaceContext, op: Operation, { first, other }: Pair): Promise<Surfaced[]> {
  const isFile = 'opened_at' in other;
  if (!isFile && (await isLinked(op.trx, first.id, other.thread))) return [];
  const at = isFile
    ? { other_case: other.id, thread: null, child: null }
    : { other_case: null, thread: other.thread, child: other.ref };
  const id = makeRowId('match', op.random);
  const inserted = await op.trx
    .insertInto('case_match')
    .values({
      id,
      case_id: first.id,
      ...at,
      found_at: op.nowMs,
      verdict: null,
      decided_by: null,
      decided_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!inserted) return [];
  const entries: Surfaced[] = [];
  const quiet: Operation = {
    ...op,
    audit: async (_type, detail) => {
      entries.push(detail);
      return { id: 0, leaf: new Uint8Array() };
    },
  };
  await openMatchTask(quiet, id, first, other);
  op.afterCommit(() => ctx.changes.publish(first.id));
  return [{ match: id, case: first.id, ...at, task: entries[0]?.id ?? null }];
}

async function isLinked(trx: Transaction<Database>, case_id: string, thread: string): Promise<boolean> {
  const query = trx.selectFrom('case_conversation').select('case_id').where('case_id', '=', case_id);
  return (await query.where('thread', '=', thread).executeTakeFirst()) !== undefined;
}

/** What is for named readers is the head's to put before others: that it is there is part of it (PRACTICE.md A15). */
async function openMatchTask(
  op: Operation,
  match: string,
  first: CaseRow,
  other: CaseRow | Subject,
): Promise<void> {
  const task = { kind: 'possible-match' as const, about: match, once: `possible-match ${match}` };
  const isForHead = other.eyes_only;
  await insertTask(op, isForHead ? { ...task, unit: OF_THE_HEAD } : { ...task, thread: first.id });
  if (isForHead) return;
  const assigned = await op.trx
    .selectFrom('assignment')
    .select('assignee')
    .where('thread', '=', first.id)
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', op.nowMs)]))
    .execute();
  const persons = first.eyes_only ? [] : assigned.map(({ assignee }) => assignee);
  await requestNotice(op, { persons, thread: first.id }, 'digest');
  // Who sees both sides, where the team does not.
  if (first.unit !== other.unit) await requestNotice(op, { roles: ['head'] }, 'digest');
}
