/**
 * Entries of case files as they are kept: what is in clear in a row, and the rest sealed under the key of the file they were written
 * into. The only place that seals and opens them.
 */
import type { Selectable, Transaction } from 'kysely';
import type { PersonalOperation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { caseKey, type Vault } from '../vault/vault.ts';
import { CaseError } from './case-error.ts';
import type { CaseEntry } from './history.ts';
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

export type NewEntry = Pick<CaseEntry, 'item' | 'kind' | 'replaces' | 'value' | 'provenance' | 'reason'>;

/** Adds an entry to a file that the caller holds. */
export async function addEntry(
  op: PersonalOperation,
  vault: Vault,
  file: CaseRow,
  { id, entry }: { id: string; entry: NewEntry },
): Promise<CaseEntry> {
  const row = { id, case_id: file.id, n: file.n + 1, author: op.actor.id, at: op.nowMs };
  const content = { ...entry, authorName: op.actor.name };
  const keys = await vault.forWriting(op.trx, [caseKey(file.id)]);
  const sealed = keys.seal(placeOf(row), JSON.stringify(content));
  await op.trx
    .insertInto('case_entry')
    .values({ ...row, file_id: file.id, sealed })
    .execute();
  await op.trx
    .updateTable('case_file')
    .set({ n: row.n, updated_at: op.nowMs })
    .where('id', '=', file.id)
    .execute();
  return { ...content, id, n: row.n, caseId: file.id, atMs: row.at, author: row.author };
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
    const content = JSON.parse(keys.openText(placeOf(row), row.sealed)) as NewEntry & { authorName: string };
    const { id, n, case_id: caseId, at: atMs, author } = row;
    entries.get(row.file_id)!.push({ ...content, id, n, caseId, atMs, author });
  }
  return entries;
}
