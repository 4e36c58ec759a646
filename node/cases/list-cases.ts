/**
 * Reading case files as a person: the rows and the right to them, in the person's own transaction. That it was read is recorded by
 * whoever opened that transaction (node/reading.ts).
 */
import { sql, type Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import { readStandings } from '../access/standing.ts';
import type { Database } from '../storage/database.ts';
import { CaseError } from './case-error.ts';
import type { CaseRow } from './store.ts';

export const MAX_CASES = 100;

/** Those of these files that the policy lets the person see: the first wall, where the database's own is the second. */
export async function keepVisibleCases(
  trx: Transaction<Database>,
  actor: Actor,
  rows: readonly CaseRow[],
  nowMs: number,
): Promise<CaseRow[]> {
  const ids = rows.map(({ id }) => id);
  const standings = await readStandings(trx, ids);
  return rows.filter(({ id }) => {
    const standing = standings.get(id);
    return standing !== undefined && decide(actor, 'case.read', { standing }, nowMs).allow;
  });
}

/** @throws CaseError CASE_UNKNOWN, for what is not there and for what this person may not see */
export async function readCase(
  trx: Transaction<Database>,
  actor: Actor,
  id: string,
  nowMs: number,
): Promise<CaseRow> {
  const row = await trx.selectFrom('case_file').selectAll().where('id', '=', id).executeTakeFirst();
  const [seen] = row ? await keepVisibleCases(trx, actor, [row], nowMs) : [];
  if (!seen) throw new CaseError('CASE_UNKNOWN');
  return seen;
}

/** Where a page ends: time of the last change and id, as one opaque text. */
export const cursorOfCase = (row: Pick<CaseRow, 'updated_at' | 'id'>): string =>
  Buffer.from(`${row.updated_at}/${row.id}`).toString('base64url');

/** @throws CaseError CURSOR_INVALID */
function readCursor(cursor: string): { updatedAt: number; id: string } {
  const match = /^(\d{1,15})\/([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new CaseError('CURSOR_INVALID');
  return { updatedAt: Number(match[1]), id: match[2]! };
}

/**
 * Files newest first, without those that are read with another one. One query whatever the size of the page.
 * @param first at most 100
 */
export async function listCases(
  trx: Transaction<Database>,
  actor: Actor,
  nowMs: number,
  page: { first: number; after?: string | undefined; open?: boolean | undefined },
): Promise<{ rows: readonly CaseRow[]; hasNextPage: boolean }> {
  const first = Math.min(Math.max(page.first, 1), MAX_CASES);
  const after = page.after === undefined ? undefined : readCursor(page.after);
  const rows = await trx
    .selectFrom('case_file')
    .selectAll()
    .where('joined_into', 'is', null)
    .$if(page.open !== undefined, (q) => q.where('closed_at', page.open ? 'is' : 'is not', null))
    .$if(actor.role !== 'head', (q) =>
      q.where((eb) =>
        eb.or([
          eb('unit', '=', actor.unit),
          eb('id', '=', sql<string>`any(array(select app_my_threads() union all select app_my_readings()))`),
        ]),
      ),
    )
    .$if(after !== undefined, (q) =>
      q.where((eb) => eb(eb.refTuple('updated_at', 'id'), '<', eb.tuple(after!.updatedAt, after!.id))),
    )
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(first + 1)
    .execute();
  const visible = await keepVisibleCases(trx, actor, rows.slice(0, first), nowMs);
  return { rows: visible, hasNextPage: rows.length > first };
}
