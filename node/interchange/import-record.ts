/**
 * One case of another system becomes a case file, or a list of what a person must say first. All of it is written, or nothing.
 */
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import type { CaseContext } from '../cases/context.ts';
import type { Provenance } from '../cases/kinds.ts';
import { insertCases } from '../cases/open-case.ts';
import { makeEntry } from '../cases/statement.ts';
import { addEntries } from '../cases/store.ts';
import { runAs } from '../operation.ts';
import { readHtcds } from './htcds-import.ts';
import { InterchangeError } from './interchange-error.ts';
import type { Dropped, ReadRecord } from './manifest.ts';
import { type CodeAnswers, type CodeQuestion, readPrimero } from './primero-import.ts';

export interface ForeignCase {
  readonly format: 'htcds' | 'primero';
  readonly record: Readonly<Record<string, unknown>>;
  readonly answers: CodeAnswers;
  readonly provenance: Provenance;
}

/** The new file; or, where questions are open, no file. */
export interface Imported {
  readonly case: string | null;
  readonly questions: readonly CodeQuestion[];
  readonly dropped: readonly Dropped[];
}

/** @throws AccessError NOT_PERMITTED; InterchangeError ROWS_INVALID with the fields */
export async function importRecord(ctx: CaseContext, actor: Actor, foreign: ForeignCase): Promise<Imported> {
  requireAllowed(actor, 'case.import', {}, ctx.surroundings.nowMs());
  const { statements, dropped, problems, questions } = read(foreign);
  const isEmpty = statements.length === 0 && questions.length === 0;
  if (problems.length > 0 || isEmpty)
    throw new InterchangeError(
      'ROWS_INVALID',
      problems.slice(0, 10).map(({ field, problem }) => `${field} ${problem}`),
    );
  if (questions.length > 0) return { case: null, questions, dropped };
  return runAs(ctx, actor, async (op) => {
    const id = makeMessageId(op.nowMs, op.random(10));
    await insertCases(op, [id]);
    await addEntries(op, [{ id, entries: statements.map((one) => makeEntry(one, op.random)) }]);
    await op.audit('case.imported', { file: null, cases: [id], by: actor.id });
    op.afterCommit(() => ctx.changes.publish(id));
    return { case: id, questions: [], dropped };
  });
}

function read({
  format,
  record,
  provenance,
  answers,
}: ForeignCase): ReadRecord & { questions: readonly CodeQuestion[] } {
  return format === 'primero'
    ? readPrimero(record, provenance, answers)
    : { ...readHtcds(record, provenance), questions: [] };
}
