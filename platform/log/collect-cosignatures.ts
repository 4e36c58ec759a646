/**
 * The other side of witnessing: a log keeps the cosignatures that witnesses made of its own checkpoints.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { readCosignedNote } from '#platform/log/read-log.ts';
import { keepCosignature } from '#platform/log/witness.ts';
import { type Cosigner, countCosigners } from '#schema/log/cosignature.ts';
import { LogError } from '#schema/log/log-error.ts';
import { addSignatureLines, type NoteVerifierKey, parseSignatureLine } from '#schema/log/note.ts';

/** Lines were verified when they came, so the first candidate is nearly always the answer. */
const CANDIDATES = 16;

/**
 * Verifies one witness's cosignature line of our checkpoint of that size and keeps it.
 * @param line the signature line with its newline
 * @returns who cosigned and when
 * @throws LogStoreError `CHECKPOINT_UNKNOWN`; LogError `NOTE_MALFORMED`, `SIGNATURE_MISSING` (not that witness),
 *   `SIGNATURE_INVALID`, `COSIGNATURE_INVALID`, `KEY_TYPE`
 */
export async function acceptCosignature(
  db: QueryExecutorProvider,
  input: { origin: string; size: number; line: string; witness: NoteVerifierKey; nowMs: number },
): Promise<Cosigner> {
  const { origin, size, line, witness, nowMs } = input;
  parseSignatureLine(line.slice(0, -1));
  const { rows } = await sql<{ note: string }>`select note from log_checkpoint where size = ${size}`.execute(
    db,
  );
  if (rows[0] === undefined) throw new LogStoreError('CHECKPOINT_UNKNOWN');
  const [cosigner] = await countCosigners(addSignatureLines(rows[0].note, [line]), [witness]);
  if (cosigner === undefined) throw new LogError('SIGNATURE_MISSING');
  await keepCosignature(db, { origin, size, witness: witness.name, line, nowMs });
  return cosigner;
}

/**
 * The smallest checkpoint over at least `minSize` entries that `k` of the witnesses cosigned, with all its
 * cosignatures; null while there is none.
 * @throws LogError of `countCosigners`
 */
export async function findQuorumCheckpoint(
  db: QueryExecutorProvider,
  input: { origin: string; minSize: number; witnesses: readonly NoteVerifierKey[]; k: number },
): Promise<{ size: number; note: string } | null> {
  const { origin, minSize, witnesses, k } = input;
  const names = witnesses.map((witness) => witness.name);
  const { rows } = await sql<{ size: string }>`
    select size from cosignature
    where origin = ${origin} and size >= ${minSize} and witness = any(${names}::text[])
    group by size having count(*) >= ${k} order by size limit ${CANDIDATES}`.execute(db);
  for (const row of rows) {
    const note = await readCosignedNote(db, origin, Number(row.size));
    if (note !== null && (await countCosigners(note, witnesses)).length >= k)
      return { size: Number(row.size), note };
  }
  return null;
}
