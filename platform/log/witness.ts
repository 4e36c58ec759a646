/**
 * Being a witness of other logs (c2sp.org/tlog-witness): cosigns a checkpoint only when it continues the one
 * cosigned before, keeps every step so that others can walk the same way, and keeps both notes of a fork.
 * HTTP is elsewhere; the codes here stand for its statuses.
 */
import { createHash } from 'node:crypto';
import { type QueryExecutorProvider, sql } from 'kysely';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { type Checkpoint, openCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { makeEntry } from '#schema/log/entry.ts';
import type { NoteSigningKey, NoteVerifierKey } from '#schema/log/note.ts';
import { emptyFrontier, equalHashes, rootOf, verifyConsistency } from '#schema/log/tree.ts';

export type WitnessRequest = {
  /** The signed checkpoint note of the other log. */
  note: string;
  /** Size of the checkpoint that this witness cosigned last, as the log believes. */
  oldSize: number;
  /** RFC 6962 consistency proof from `oldSize` to the checkpoint's size. */
  proof: readonly Uint8Array[];
  logVkey: NoteVerifierKey;
  witnessKey: NoteSigningKey;
  /** Milliseconds since 1970. */
  nowMs: number;
};

/** What this party cosigned last of a log. */
export type Witnessed = { size: number; root: Uint8Array; note: string };

/** One posted checkpoint with its proof from the one before. */
export type WitnessStep = { oldSize: number; newSize: number; proof: Uint8Array[]; note: string };

/**
 * Cosigns a checkpoint of another log and returns the cosignature line. The checkpoint it holds already is
 * cosigned again, whatever `oldSize` says, so that a lost answer costs nothing.
 * @throws LogError of `openCheckpoint` (403), `PROOF_LENGTH` or `ROOT_MISMATCH` (422);
 *   LogStoreError `OLD_SIZE_TOO_LARGE` (400), `WITNESS_CONFLICT` with `storedSize` (409), `LOG_FORKED` (409)
 */
export async function witnessCheckpoint(db: QueryExecutorProvider, request: WitnessRequest): Promise<string> {
  const checkpoint = await openCheckpoint(request.note, request.logVkey);
  if (request.oldSize > checkpoint.size) throw new LogStoreError('OLD_SIZE_TOO_LARGE');
  await refuseFork(db, request, checkpoint);
  const stored = await readWitnessed(db, checkpoint.origin);
  const known =
    stored !== null && stored.size === checkpoint.size && equalHashes(stored.root, checkpoint.rootHash);
  if (!known) requireContinuation(request, checkpoint, stored);
  const timeS = Math.floor(request.nowMs / 1000);
  const line = await cosignCheckpoint(request.note, request.witnessKey, timeS);
  // Given out only once it is kept, together with the step where there is one.
  const cosignature = { ...checkpoint, witness: request.witnessKey.name, line, nowMs: request.nowMs };
  if (known) await keepCosignature(db, cosignature);
  else await advance(db, request, checkpoint, cosignature);
  return line;
}

function requireContinuation(
  { oldSize, proof }: WitnessRequest,
  { size, rootHash }: Checkpoint,
  stored: Witnessed | null,
): void {
  const storedSize = stored?.size ?? 0;
  if (oldSize !== storedSize) throw new LogStoreError('WITNESS_CONFLICT', storedSize);
  verifyConsistency(oldSize, stored?.root ?? rootOf(emptyFrontier()), size, rootHash, proof);
}

async function advance(
  db: QueryExecutorProvider,
  request: WitnessRequest,
  checkpoint: Checkpoint,
  cosignature: Cosignature,
): Promise<void> {
  if (await swapWitnessed(db, request, checkpoint, cosignature)) return;
  // Another request moved it since it was read: perhaps by the other half of a fork.
  await refuseFork(db, request, checkpoint);
  const moved = await readWitnessed(db, checkpoint.origin);
  throw new LogStoreError('WITNESS_CONFLICT', moved?.size ?? 0);
}

/** Moves on and keeps step and cosignature, in one statement, only if the stored size is still the old size. */
async function swapWitnessed(
  db: QueryExecutorProvider,
  { oldSize, proof, note }: WitnessRequest,
  { origin, size, rootHash }: Checkpoint,
  { witness, line, nowMs }: Cosignature,
): Promise<boolean> {
  const { rows } = await sql<{ moved: boolean }>`
    with moved as (
      insert into witnessed (origin, size, root, note) values (${origin}, ${size}, ${rootHash}, ${note})
      on conflict (origin) do update set size = excluded.size, root = excluded.root, note = excluded.note
        where witnessed.size = ${oldSize}
      returning origin
    ), step as (
      insert into witness_step (origin, old_size, new_size, proof, note, cosigners)
      select origin, ${oldSize}::bigint, ${size}::bigint, ${proof}::bytea[], ${note}, array[${witness}]::text[] from moved
      where ${size}::bigint > ${oldSize}::bigint
    ), kept as (
      insert into cosignature (origin, size, witness, line, at)
      select origin, ${size}::bigint, ${witness}, ${line}, ${new Date(nowMs).toISOString()}::timestamptz from moved
      on conflict (origin, size, witness) do update set line = excluded.line, at = excluded.at
    )
    select true as moved from moved`.execute(db);
  return rows.length === 1;
}

/** Two signed roots of one size prove that the log lies: both notes are kept before anything else happens. */
async function refuseFork(
  db: QueryExecutorProvider,
  request: WitnessRequest,
  checkpoint: Checkpoint,
): Promise<void> {
  const { origin, size, rootHash } = checkpoint;
  const { rows } = await sql<{ note: string }>`
    select note from witness_step where origin = ${origin} and new_size = ${size}
    union select note from witnessed where origin = ${origin} and size = ${size}`.execute(db);
  for (const { note } of rows) {
    const earlier = await openCheckpoint(note, request.logVkey);
    if (equalHashes(earlier.rootHash, rootHash)) continue;
    await keepForkEvidence(db, { origin, size, noteA: note, noteB: request.note, nowMs: request.nowMs });
    throw new LogStoreError('LOG_FORKED');
  }
}

/** Keeps two notes with different roots for one size, once, and says so in the log: evidence that vanishes is missed. */
export async function keepForkEvidence(
  db: QueryExecutorProvider,
  fork: { origin: string; size: number; noteA: string; noteB: string; nowMs: number },
): Promise<void> {
  const { origin, size, noteA, noteB, nowMs } = fork;
  const at = new Date(nowMs).toISOString();
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const detail = { origin, size, first: hash(noteA).toString('hex'), second: hash(noteB).toString('hex') };
  // Whoever holds both notes may know that this party does: the salt need hide nothing.
  const salt = hash(noteA + noteB);
  const made = makeEntry({ type: 'log.forked', atMs: nowMs, detail, salt });
  await sql`
    with kept as (
      insert into fork_evidence (origin, size, note_a, note_b, at)
      values (${origin}, ${size}, ${noteA}, ${noteB}, ${at})
      on conflict do nothing returning id
    )
    insert into audit_entry (type, at, bytes, leaf, salt, detail)
    select 'log.forked', ${at}::timestamptz, ${made.bytes}, ${made.leaf}, ${salt}, ${new TextDecoder().decode(made.detail)}
    from kept`.execute(db);
}

type Cosignature = { origin: string; size: number; witness: string; line: string; nowMs: number };

/**
 * Keeps one witness's cosignature line of a checkpoint, and beside that checkpoint that there is one; a later line takes its
 * place. Verifies nothing.
 */
export async function keepCosignature(db: QueryExecutorProvider, cosignature: Cosignature): Promise<void> {
  const { origin, size, witness, line, nowMs } = cosignature;
  await sql`
    with kept as (
      insert into cosignature (origin, size, witness, line, at)
      values (${origin}, ${size}, ${witness}, ${line}, ${new Date(nowMs).toISOString()})
      on conflict (origin, size, witness) do update set line = excluded.line, at = excluded.at
    ), own as (
      update log_checkpoint set cosigners = cosigners || ${witness}::text
      where size = ${size} and split_part(note, chr(10), 1) = ${origin} and ${witness} <> all(cosigners)
    )
    update witness_step set cosigners = cosigners || ${witness}::text
    where origin = ${origin} and new_size = ${size} and ${witness} <> all(cosigners)`.execute(db);
}

/** The checkpoint of that log this party cosigned last; null if none. */
export async function readWitnessed(db: QueryExecutorProvider, origin: string): Promise<Witnessed | null> {
  const { rows } = await sql<{ size: string; root: Uint8Array; note: string }>`
    select size, root, note from witnessed where origin = ${origin}`.execute(db);
  const row = rows[0];
  return row === undefined ? null : { size: Number(row.size), root: row.root, note: row.note };
}

/**
 * The steps of a log from `fromSize` on, oldest first: a witness that is behind walks them one by one.
 * @param limit how many at most
 */
export async function readWitnessSteps(
  db: QueryExecutorProvider,
  origin: string,
  fromSize: number,
  limit: number,
): Promise<WitnessStep[]> {
  const { rows } = await sql<{ old_size: string; new_size: string; proof: Uint8Array[]; note: string }>`
    select old_size, new_size, proof, note from witness_step
    where origin = ${origin} and old_size >= ${fromSize} order by old_size limit ${limit}`.execute(db);
  return rows.map((row) => ({
    oldSize: Number(row.old_size),
    newSize: Number(row.new_size),
    proof: row.proof,
    note: row.note,
  }));
}
