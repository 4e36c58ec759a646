/**
 * Entries of case files as they are kept: what is in clear in a row, and the rest sealed under the key of the file they were written
 * into. The only place that seals and opens them.
 */
import type { Selectable, Transaction } from 'kysely';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { PersonalOperation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { caseKey, type Vault } from '../vault/vault.ts';
import { followEntries } from './after-entries.ts';
import { CaseError } from './case-error.ts';
import type { CaseEntry } from './history.ts';
import { changesIndex, indexCases } from './index-cases.ts';
import type { CaseFileTable } from './tables.ts';

export type CaseRow = Selectable<CaseFileTable>;

const placeOf = (row: { case_id: string; id: string; n: number }) => ({
  subject: caseKey(row.case_id),
  table: 'case_entry',
  column: 'sealed',
  row: row.id,
  version: row.n,
});

/** The file, held for writing: entries of one file are numbered one after the other. @throws CaseError CASE_UNKNOWN */
export async function lockCase({ trx }: PersonalOperation, id: string): Promise<CaseRow> {
  const row = await trx
    .selectFrom('case_file')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new CaseError('CASE_UNKNOWN');
  return row;
}

/** Ids of a file and of those that are read with it, as a query of its own: for what belongs to any of them. */
export const filesOf = (trx: Transaction<Database>, id: string) =>
  trx
    .selectFrom('case_file')
    .select('id')
    .where((eb) => eb.or([eb('id', '=', id), eb('joined_into', '=', id)]));

export type NewEntry = Pick<CaseEntry, 'item' | 'kind' | 'replaces' | 'value' | 'provenance' | 'reason'>;

/** Adds an entry to a file that the caller holds. @param before all that are read with it */
export async function addEntry(
  op: PersonalOperation,
  file: CaseRow,
  before: readonly CaseEntry[],
  entry: NewEntry,
): Promise<CaseEntry> {
  const [written] = await addEntries(op, [{ id: file.id, n: file.n, before, entries: [entry] }]);
  return written!;
}

/** What is added to one file: to a new one, or after its entry number `n` and with all entries that are read with it now. */
type Addition =
  | { readonly id: string; readonly entries: readonly NewEntry[]; readonly n?: 0; readonly before?: never }
  | {
      readonly id: string;
      readonly entries: readonly NewEntry[];
      readonly n: number;
      readonly before: readonly CaseEntry[];
    };

/**
 * Adds entries to files that the caller holds or has just made, and keeps what they are found by: some statements, however many they
 * are. @throws VaultError
 */
export async function addEntries(
  op: PersonalOperation,
  additions: readonly Addition[],
): Promise<CaseEntry[]> {
  const keys = await op.vault.forWriting(
    op.trx,
    additions.map(({ id }) => caseKey(id)),
  );
  const { id: author, name: authorName } = op.actor;
  const made = additions.flatMap(({ id: case_id, n = 0, entries }) =>
    entries.map((entry, index) => {
      const id = makeMessageId(op.nowMs, op.random(10));
      const row = { id, case_id, n: n + index + 1, file_id: case_id, author, at: op.nowMs };
      const sealed = keys.seal(placeOf(row), JSON.stringify({ ...entry, authorName }));
      const shown = { ...entry, authorName, id, n: row.n, caseId: case_id, atMs: row.at, author };
      return { row: { ...row, sealed }, shown };
    }),
  );
  await op.trx
    .insertInto('case_entry')
    .values(made.map(({ row }) => row))
    .execute();
  await op.trx
    .updateTable('case_file')
    .set((eb) => ({
      n: eb
        .selectFrom('case_entry')
        .select((e) => e.fn.max<number>('n').as('n'))
        .whereRef('case_id', '=', 'case_file.id'),
      updated_at: op.nowMs,
    }))
    .where(
      'id',
      'in',
      additions.map(({ id }) => id),
    )
    .execute();
  const shown = made.map((one) => one.shown);
  await indexCases(
    op,
    additions
      .map(({ id, n = 0, before = [] }) => {
        const added = shown.filter(({ caseId }) => caseId === id);
        return { id, isNew: n === 0, added, entries: [...before, ...added] };
      })
      .filter(({ added }) => changesIndex(added)),
  );
  await followEntries(op, shown);
  return shown;
}

/** Every entry that is read with these files, by file: two queries, however many they are. @throws VaultError */
export async function readEntries(
  trx: Transaction<Database>,
  vault: Vault,
  files: readonly string[],
): Promise<Map<string, CaseEntry[]>> {
  const entries = new Map<string, CaseEntry[]>(files.map((id) => [id, []]));
  if (files.length === 0) return entries;
  const rows = await trx
    .selectFrom('case_entry')
    .selectAll()
    .where('file_id', 'in', [...files])
    .execute();
  const keys = await vault.forReading(
    trx,
    rows.map((row) => caseKey(row.case_id)),
  );
  for (const row of rows) {
    const opened = keys.openText(placeOf(row), row.sealed);
    // Blocked: that it is there shows in the file itself.
    if (opened === '') continue;
    const content = JSON.parse(opened) as NewEntry & { authorName: string };
    const { id, n, case_id: caseId, at: atMs, author } = row;
    entries.get(row.file_id)!.push({ ...content, id, n, caseId, atMs, author });
  }
  return entries;
}
