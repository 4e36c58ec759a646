/**
 * The gateway as witness: cosigns the checkpoints that nodes post, keeps the chain of them, and passes on what other
 * witnesses signed. It shows everything and decides nothing: a quorum is counted by whoever reads.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { proveConsistency } from '#platform/log/prove.ts';
import { readCosignedNote, readLatestCheckpoint } from '#platform/log/read-log.ts';
import { keepCosignature, readWitnessSteps, witnessCheckpoint } from '#platform/log/witness.ts';
import { countCosigners } from '#schema/log/cosignature.ts';
import { addSignatureLines, parseVkey } from '#schema/log/note.ts';
import { decodeBase64, encodeBase64 } from '#schema/protocol/base64.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { GatewayContext } from '../context.ts';

export interface PostedCheckpoint {
  origin: string;
  size: number;
  note: string;
}

const STEPS_MOST = 200;
const LINES_MOST = 500;

/**
 * Cosigns a checkpoint of the caller's own log (C2SP tlog-witness).
 * @returns the cosignature line, or the size to prove consistency from
 * @throws LogError, LogStoreError where the log contradicts itself
 */
export async function postCheckpoint(
  ctx: GatewayContext,
  caller: string,
  posted: { note: string; oldSize: number; proof: readonly string[] },
): Promise<{ cosignature: string | null; storedSize: number | null }> {
  const listed = ctx.keyring().node(caller);
  if (!listed) throw new ProtocolError('SENDER_UNKNOWN');
  try {
    const cosignature = await witnessCheckpoint(ctx.db, {
      note: posted.note,
      oldSize: posted.oldSize,
      proof: posted.proof.map((hash) => decodeBase64(hash)),
      logVkey: parseVkey(listed.log),
      witnessKey: ctx.wit,
      nowMs: ctx.nowMs(),
    });
    ctx.tell('checkpoint', listed.log);
    return { cosignature, storedSize: null };
  } catch (error) {
    if (error instanceof LogStoreError && error.code === 'WITNESS_CONFLICT')
      return { cosignature: null, storedSize: error.storedSize };
    throw error;
  }
}

/** Keeps a caller's cosignature of a checkpoint known here, its own or another's. @returns whether the line was good */
export async function postCosignature(
  ctx: GatewayContext,
  caller: string,
  { origin, size, line }: { origin: string; size: number; line: string },
): Promise<boolean> {
  const listed = ctx.keyring().node(caller);
  const note = await readNote(ctx.db, origin, size, ctx.log.name);
  if (!listed || note === null) return false;
  const witness = parseVkey(listed.wit);
  const cosigners = await countCosigners(addSignatureLines(note, [line]), [witness]);
  if (cosigners.length === 0) return false;
  await keepCosignature(ctx.db, { origin, size, witness: witness.name, line, nowMs: ctx.nowMs() });
  ctx.tell('checkpoint', origin);
  return true;
}

async function readNote(
  db: QueryExecutorProvider,
  origin: string,
  size: number,
  own: string,
): Promise<string | null> {
  if (origin === own)
    return (
      (await sql<{ note: string }>`select note from log_checkpoint where size = ${size}`.execute(db)).rows[0]
        ?.note ?? null
    );
  const { rows } = await sql<{ note: string }>`
    select note from witness_step where origin = ${origin} and new_size = ${size}
    union select note from witnessed where origin = ${origin} and size = ${size} limit 1`.execute(db);
  return rows[0]?.note ?? null;
}

/** The latest checkpoint of every log watched here, this gateway's own among them, with all cosignatures of it. */
export async function listCheckpoints(ctx: GatewayContext): Promise<PostedCheckpoint[]> {
  const { rows } = await sql<{ origin: string; size: number; note: string; lines: string[] }>`
    select w.origin, w.size, w.note, array(
      select line from cosignature c where c.origin = w.origin and c.size = w.size order by witness) as lines
    from witnessed w order by w.origin`.execute(ctx.db);
  const others = rows.map(({ origin, size, note, lines }) => ({
    origin,
    size,
    note: addSignatureLines(note, lines),
  }));
  const latest = await readLatestCheckpoint(ctx.db);
  if (!latest) return others;
  const note = (await readCosignedNote(ctx.db, ctx.log.name, latest.size)) ?? latest.note;
  return [...others, { origin: ctx.log.name, size: latest.size, note }];
}

/** Cosignature lines of a log's checkpoints of at least a size, smallest first. */
export async function listCosignatures(
  ctx: GatewayContext,
  origin: string,
  fromSize: number,
): Promise<{ size: number; line: string }[]> {
  const { rows } = await sql<{ size: number; line: string }>`
    select size, line from cosignature where origin = ${origin} and size >= ${fromSize} order by size, witness limit ${LINES_MOST}`.execute(
    ctx.db,
  );
  return rows;
}

/** The way from one posted checkpoint of a log to the latest, step by step. */
export async function listSteps(
  ctx: GatewayContext,
  origin: string,
  fromSize: number,
): Promise<{ oldSize: number; newSize: number; proof: string[]; note: string }[]> {
  const encode = (proof: readonly Uint8Array[]) => proof.map((hash) => encodeBase64(hash));
  if (origin !== ctx.log.name) {
    const steps = await readWitnessSteps(ctx.db, origin, fromSize, STEPS_MOST);
    return steps.map((step) => ({ ...step, proof: encode(step.proof) }));
  }
  const latest = await readLatestCheckpoint(ctx.db);
  if (!latest || latest.size <= fromSize) return [];
  const proof = fromSize === 0 ? [] : await proveConsistency(ctx.db, fromSize, latest.size);
  return [{ oldSize: fromSize, newSize: latest.size, proof: encode(proof), note: latest.note }];
}
