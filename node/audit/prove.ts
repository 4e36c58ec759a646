/**
 * Proofs for auditors: signed checkpoints with what witnesses signed under them, and that an entry stands in the log. Checked on
 * any machine with schema/log, without asking this node again.
 */
import { sql, type Transaction } from 'kysely';
import { proveInclusion } from '#platform/log/prove.ts';
import { readCosignedNote } from '#platform/log/read-log.ts';
import { LogError } from '#schema/log/log-error.ts';
import { addSignatureLines } from '#schema/log/note.ts';
import { formatProof } from '#schema/log/proof.ts';
import type { Database } from '../storage/database.ts';
import { AuditError } from './audit-error.ts';

export interface ShownCheckpoint {
  readonly size: number;
  readonly atMs: number;
  readonly root: Uint8Array;
  readonly witnesses: readonly string[];
  /** The note as this log signed it, with the lines of those witnesses. */
  readonly note: string;
}

type Origin = { readonly trx: Transaction<Database>; readonly origin: string };

/** The last ones, newest first. */
export async function listCheckpoints({ trx, origin }: Origin, first: number): Promise<ShownCheckpoint[]> {
  const { rows } = await sql<ShownCheckpoint & { lines: string[] }>`
    select size, at as "atMs", root, note, array(select witness from cosignature c
      where c.origin = ${origin} and c.size = log_checkpoint.size order by witness) as witnesses,
      array(select line from cosignature c
      where c.origin = ${origin} and c.size = log_checkpoint.size order by witness) as lines
    from log_checkpoint order by size desc limit ${Math.min(Math.max(first, 1), 100)}`.execute(trx);
  return rows.map(({ lines, ...row }) => ({ ...row, note: addSignatureLines(row.note, lines) }));
}

export interface EntryProof {
  /** What the log publishes: time, type, commitment. */
  readonly entry: Uint8Array;
  /** What the commitment is about, and the salt that opens it; null once erased. */
  readonly opening: { readonly detail: string; readonly salt: Uint8Array } | null;
  /** c2sp.org/tlog-proof: place, hashes and the checkpoint with its signatures. */
  readonly proof: string;
}

/**
 * That the entry at a place of the log is what it is, under a checkpoint.
 * @param size of the checkpoint; unless given the newest that a witness has signed, or else the newest
 * @throws AuditError NO_SUCH_ENTRY
 */
export async function proveEntry(
  { trx, origin }: Origin,
  place: number,
  size: number | undefined,
): Promise<EntryProof> {
  const entry = await trx
    .selectFrom('audit_entry')
    .select(['bytes', 'salt', 'detail'])
    .where('idx', '=', place)
    .executeTakeFirst();
  const covering = await findCheckpoint({ trx, origin }, place, size);
  if (!entry || covering === undefined) throw new AuditError('NO_SUCH_ENTRY');
  const { bytes, salt, detail } = entry;
  const hashes = await proveInclusion(trx, place, covering).catch((error) => {
    throw error instanceof LogError ? new AuditError('NO_SUCH_ENTRY') : error;
  });
  const checkpoint = (await readCosignedNote(trx, origin, covering))!;
  return {
    entry: bytes,
    opening: salt === null || detail === null ? null : { salt, detail },
    proof: formatProof({ index: place, hashes, checkpoint }),
  };
}

async function findCheckpoint(
  { trx, origin }: Origin,
  place: number,
  size: number | undefined,
): Promise<number | undefined> {
  const { rows } = await sql<{ size: number }>`
    select size from log_checkpoint where size > ${place} and (${size ?? null}::bigint is null or size = ${size ?? null})
    order by exists (select 1 from cosignature c where c.origin = ${origin} and c.size = log_checkpoint.size) desc, size desc
    limit 1`.execute(trx);
  return rows[0]?.size;
}
