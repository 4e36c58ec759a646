/**
 * A spreadsheet of children becomes case files. First everything is read and every problem of every row is named; only a table without
 * any is written. It is written some rows at a time, each in one transaction with the note that they are done, so an import that was
 * cut off goes on where it stopped when the same file is sent again.
 */
import { createHash } from 'node:crypto';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import type { CaseContext } from '../cases/context.ts';
import type { Provenance } from '../cases/kinds.ts';
import { insertCases } from '../cases/open-case.ts';
import { makeEntry, type NewStatement } from '../cases/statement.ts';
import { addEntries } from '../cases/store.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { isHtcdsField, readHtcds } from './htcds-import.ts';
import { InterchangeError } from './interchange-error.ts';
import type { Dropped, Problem } from './manifest.ts';
import { readTable, type Table } from './read-table.ts';

/** Rows of one transaction. */
const BATCH = 25;
/** Problems that are named; a table with more is counted to its end all the same. */
const NAMED_PROBLEMS = 1_000;

export type RowProblem = Problem & { readonly row: number };

export interface TableReport {
  readonly rows: number;
  readonly problems: readonly RowProblem[];
  /** How many there are, also beyond those named. */
  readonly problemCount: number;
  readonly dropped: readonly Dropped[];
}

interface Checked extends TableReport {
  readonly file: string;
  readonly statements: readonly (readonly NewStatement[])[];
}

/** Names every problem by row and writes nothing. @throws AccessError NOT_PERMITTED; InterchangeError TABLE_… */
export function checkTable(
  actor: Actor,
  bytes: Uint8Array,
  provenance: Provenance,
  nowMs: number,
): TableReport {
  requireAllowed(actor, 'case.import', {}, nowMs);
  const { rows, problems, problemCount, dropped } = check(bytes, provenance);
  return { rows, problems, problemCount, dropped };
}

/**
 * Writes a table without problems, one file for each row, in the unit of who imports it.
 * @yields how many rows are done, those of an earlier attempt among them; the last is all of them
 * @throws AccessError NOT_PERMITTED; InterchangeError ROWS_INVALID with the first rows, TABLE_…
 */
export async function* importTable(
  ctx: CaseContext,
  actor: Actor,
  bytes: Uint8Array,
  provenance: Provenance,
): AsyncGenerator<{ readonly done: number; readonly of: number }> {
  requireAllowed(actor, 'case.import', {}, ctx.surroundings.nowMs());
  const { statements, file, problems, rows } = check(bytes, provenance);
  if (problems.length > 0)
    throw new InterchangeError(
      'ROWS_INVALID',
      [...new Set(problems.map(({ row }) => `row ${row}`))].slice(0, 10),
    );
  for (let from = 0; from < rows; from += BATCH) {
    const batch = statements
      .slice(from, from + BATCH)
      .map((one, index) => ({ row: from + index + 1, statements: one }));
    await runAs(ctx, actor, (op) => writeBatch(op, file, batch));
    yield { done: Math.min(from + BATCH, rows), of: rows };
  }
}

function check(bytes: Uint8Array, provenance: Provenance): Checked {
  const table = readTable(bytes);
  if (!table.columns.some(isHtcdsField)) throw new InterchangeError('NO_KNOWN_COLUMN');
  const read = table.rows.map((cells) => readHtcds(recordOf(table, cells), provenance));
  const problems = read.flatMap((one, index) => [
    ...one.problems.map((problem) => ({ row: index + 1, ...problem })),
    ...(one.statements.length === 0 && one.problems.length === 0
      ? [{ row: index + 1, field: 'row', problem: 'says nothing of a child' }]
      : []),
  ]);
  return {
    file: createHash('sha256').update(bytes).digest('hex'),
    rows: table.rows.length,
    problems: problems.slice(0, NAMED_PROBLEMS),
    problemCount: problems.length,
    dropped: sumUp(read.flatMap(({ dropped }) => dropped)),
    statements: read.map(({ statements }) => statements),
  };
}

const recordOf = ({ columns }: Table, cells: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? '']));

function sumUp(dropped: readonly Dropped[]): Dropped[] {
  const sums = new Map<string, Dropped>();
  for (const one of dropped) {
    const key = `${one.field} ${one.reason}`;
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

type Row = { readonly row: number; readonly statements: readonly NewStatement[] };

async function writeBatch(op: PersonalOperation, file: string, batch: readonly Row[]): Promise<void> {
  const { id: by, unit } = op.actor;
  const numbers = batch.map(({ row }) => row);
  const done = await op.trx
    .selectFrom('imported_row')
    .select('row')
    .where('unit', '=', unit)
    .where('file', '=', file)
    .where('row', 'in', numbers)
    .execute();
  const isDone = new Set(done.map(({ row }) => row));
  const left = batch
    .filter(({ row }) => !isDone.has(row))
    .map((one) => ({ ...one, id: makeMessageId(op.nowMs, op.random(10)) }));
  if (left.length === 0) return;
  await insertCases(
    op,
    left.map(({ id }) => id),
  );
  await addEntries(
    op,
    left.map(({ id, statements }) => ({ id, entries: statements.map((one) => makeEntry(one, op.random)) })),
  );
  // Two who send the same file at once: the second finds these rows taken, and nothing of its batch is written.
  await op.trx
    .insertInto('imported_row')
    .values(left.map(({ row, id }) => ({ unit, file, row, case_id: id })))
    .execute();
  await op.audit('case.imported', { file, cases: left.map(({ id }) => id), by });
}
