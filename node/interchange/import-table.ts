/**
 * A spreadsheet of children becomes case files. First everything is read and every problem of every row is named; only a table without
 * any is written. It is written some rows at a time, each in one transaction with the note that they are done, so an import that was
 * cut off goes on where it stopped when the same file is sent again.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
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
import type { Dropped, Problem, ReadRecord } from './manifest.ts';
import { readTable } from './read-table.ts';

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
  readonly firstRow: number;
  readonly file: string;
  readonly statements: readonly (readonly NewStatement[])[];
}

/** Names every problem by row and writes nothing. @throws AccessError NOT_PERMITTED; InterchangeError TABLE_… */
export async function checkTable(
  actor: Actor,
  bytes: Uint8Array,
  provenance: Provenance,
  nowMs: number,
): Promise<TableReport> {
  requireAllowed(actor, 'case.import', {}, nowMs);
  const { rows, problems, problemCount, dropped } = await check(bytes, provenance);
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
  const { statements, file, problems, firstRow } = await check(bytes, provenance);
  if (problems.length > 0)
    throw new InterchangeError(
      'ROWS_INVALID',
      [...new Set(problems.map(({ row }) => `row ${row}`))].slice(0, 10),
    );
  const filled = statements
    .map((one, index) => ({ row: firstRow + index, statements: one }))
    .filter((one) => one.statements.length > 0);
  for (let from = 0; from < filled.length; from += BATCH) {
    await runAs(ctx, actor, (op) => writeBatch(op, file, filled.slice(from, from + BATCH)));
    yield { done: Math.min(from + BATCH, filled.length), of: filled.length };
  }
}

async function check(bytes: Uint8Array, provenance: Provenance): Promise<Checked> {
  const table = readTable(bytes);
  if (!table.columns.some(isHtcdsField)) throw new InterchangeError('NO_KNOWN_COLUMN');
  const read: ReadRecord[] = [];
  for (const cells of table.rows) {
    read.push(cells === null ? NOTHING : readRow(table.columns, cells, provenance));
    // A hundred thousand rows take seconds, in which an alert may come.
    if (read.length % AT_ONCE === 0) await setImmediate();
  }
  const problems = read.flatMap((one, index) =>
    one.problems.map((problem) => ({ row: table.firstRow + index, ...problem })),
  );
  return {
    file: createHash('sha256').update(bytes).digest('hex'),
    rows: table.rows.filter((cells) => cells !== null).length,
    problems: problems.slice(0, NAMED_PROBLEMS),
    problemCount: problems.length,
    firstRow: table.firstRow,
    dropped: sumUp(read.flatMap(({ dropped }) => dropped)),
    statements: read.map(({ statements }) => statements),
  };
}

/** Rows that are read before others have their turn. */
const AT_ONCE = 200;
const NOTHING: ReadRecord = { statements: [], dropped: [], problems: [] };

/** Cells that have slipped by a column would be another child's: such a row is read by nobody. */
function readRow(columns: readonly string[], cells: readonly string[], provenance: Provenance): ReadRecord {
  const problem = (text: string): ReadRecord => ({ ...NOTHING, problems: [{ field: 'row', problem: text }] });
  if (cells.length !== columns.length)
    return problem(`has ${cells.length} cells, and the first line has ${columns.length}`);
  const read = readHtcds(Object.fromEntries(columns.map((name, index) => [name, cells[index]!])), provenance);
  const isEmpty = read.statements.length === 0 && read.problems.length === 0;
  return isEmpty ? { ...read, ...problem('says nothing of a child'), dropped: read.dropped } : read;
}

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
