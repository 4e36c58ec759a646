/**
 * How far the audit log has got: what no checkpoint covers yet, what no quorum of witnesses has cosigned, and which witnesses are
 * silent. Counts, sizes and times; no entry is read.
 */
import { type QueryExecutorProvider, sql } from 'kysely';

/** A witness that has not cosigned a checkpoint of this age, in milliseconds, is silent. */
export const SILENT_MS = 10 * 60_000;
/** Cosignatures looked at, the newest first: bounds the query, however long a log is. */
const LINES_MOST = 20_000;

export interface WitnessStatus {
  /** Its name in the log, e.g. `focalnet.example/xb`. */
  readonly name: string;
  /** Size of the largest checkpoint it cosigned; 0 for none that was found. */
  readonly size: number;
  /** When that came here, epoch milliseconds. */
  readonly atMs: number | null;
  readonly silent: boolean;
}

export interface LogStatus {
  /** Entries that have their place, under a checkpoint of this log. */
  readonly size: number;
  readonly checkpointAtMs: number | null;
  /** Entries that wait for their place. */
  readonly waiting: number;
  readonly oldestWaitingAtMs: number | null;
  /** The largest checkpoint that the quorum has cosigned; 0 for none. */
  readonly cosignedSize: number;
  readonly cosignedAtMs: number | null;
  readonly quorum: number;
  readonly witnesses: readonly WitnessStatus[];
}

/** @param expected names of those whose cosignatures count; @param quorum how many are needed */
export async function readLogStatus(
  db: QueryExecutorProvider,
  {
    origin,
    expected,
    quorum,
    nowMs,
  }: { origin: string; expected: readonly string[]; quorum: number; nowMs: number },
): Promise<LogStatus> {
  const { rows: heads } = await sql<{
    size: number;
    at: number | null;
    waiting: number;
    oldest: number | null;
  }>`
    select coalesce((select size from log_head), 0) as size, (select max(at) from log_checkpoint) as at,
      (select count(*) from audit_entry where idx is null) as waiting,
      (select min(at) from audit_entry where idx is null) as oldest`.execute(db);
  const recent = sql`(select size, witness, at from cosignature where origin = ${origin}
    and witness = any(${expected}::text[]) order by size desc limit ${LINES_MOST})`;
  const { rows: cosigned } = await sql<{ size: number; at: number | null }>`
    select r.size, (select c.at from log_checkpoint c where c.size = r.size) as at from ${recent} r
    group by r.size having count(*) >= ${quorum} order by r.size desc limit 1`.execute(db);
  const { rows: seen } = await sql<{ witness: string; size: number; at: number }>`
    select witness, max(size) as size, max(at) as at from ${recent} r group by witness`.execute(db);
  const head = heads[0]!;
  const witnesses: WitnessStatus[] = [];
  for (const name of expected) {
    const row = seen.find(({ witness }) => witness === name);
    witnesses.push({
      name,
      size: row?.size ?? 0,
      atMs: row?.at ?? null,
      silent: await isSilent(db, row?.size ?? 0, nowMs),
    });
  }
  return {
    size: head.size,
    checkpointAtMs: head.at,
    waiting: Number(head.waiting),
    oldestWaitingAtMs: head.oldest,
    cosignedSize: cosigned[0]?.size ?? 0,
    cosignedAtMs: cosigned[0]?.at ?? null,
    quorum,
    witnesses,
  };
}

/** Whether there is a checkpoint beyond what it cosigned that it has had long enough. */
async function isSilent(db: QueryExecutorProvider, size: number, nowMs: number): Promise<boolean> {
  const { rows } = await sql<{ at: number }>`
    select at from log_checkpoint where size > ${size} order by size limit 1`.execute(db);
  return rows[0] !== undefined && nowMs - rows[0].at > SILENT_MS;
}
