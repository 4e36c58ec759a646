/**
 * The part of the full check that looks for what was deleted beside the tree: cosignatures, what this party witnessed of
 * other logs, evidence of forks. Each such row is promised by another one, so a row that vanished alone is missed and named;
 * whoever deletes the promise as well has to be found out by those who hold the other half.
 */
import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

export type MissingRow = {
  reason: 'COSIGNATURE_MISSING' | 'WITNESS_STEP_MISSING' | 'WITNESSED_MISSING' | 'FORK_EVIDENCE_MISSING';
  /** The row, e.g. `cosignature of focalnet.example/xb on focalnet.example/xa at size 30`. */
  what: string;
};

/** The first row that another promises and that is not there; null when none is missing. @param own origin of this log */
export async function findMissingRow(trx: QueryExecutorProvider, own: string): Promise<MissingRow | null> {
  for (const [reason, query] of promises(own)) {
    const { rows } = await sql<{ what: string }>`${query} limit 1`.execute(trx);
    if (rows[0] !== undefined) return { reason, what: rows[0].what };
  }
  return null;
}

const promises = (own: string): [MissingRow['reason'], RawBuilder<unknown>][] => [
  // A checkpoint, our own or another log's, says whose cosignatures of it were kept.
  [
    'COSIGNATURE_MISSING',
    sql`
    select format('cosignature of %s on %s at size %s', witness, origin, size) as what from (
      select ${own}::text as origin, size, unnest(cosigners) as witness from log_checkpoint
      union all select origin, new_size, unnest(cosigners) from witness_step) promised
    where not exists (select 1 from cosignature kept where kept.origin = promised.origin
      and kept.size = promised.size and kept.witness = promised.witness)
    order by origin, size, witness`,
  ],
  // The steps of a log lead from nothing to the checkpoint cosigned last, each from where the one before ended.
  [
    'WITNESS_STEP_MISSING',
    sql`
    select format('step of %s from size %s', origin, reached) as what from (
      select origin, old_size, lag(new_size, 1, 0::bigint) over (partition by origin order by old_size, new_size) as reached
      from (select origin, old_size, new_size from witness_step
            union all select origin, size, null from witnessed where size > 0) way) walked
    where old_size <> reached order by origin, reached`,
  ],
  // Whoever went steps, or cosigned, knows where it stands.
  [
    'WITNESSED_MISSING',
    sql`
    select format('last checkpoint witnessed of %s', origin) as what from (
      select origin from witness_step union select origin from cosignature where origin <> ${own}) known
    where not exists (select 1 from witnessed where witnessed.origin = known.origin) order by origin`,
  ],
  // The log itself says which evidence of a fork was kept.
  [
    'FORK_EVIDENCE_MISSING',
    sql`
    select format('evidence of the fork of %s at size %s', said ->> 'origin', said ->> 'size') as what from (
      select id, detail::json as said from audit_entry where type = 'log.forked' and detail is not null) entry
    where not exists (select 1 from fork_evidence
      where encode(sha256(convert_to(note_a, 'UTF8')), 'hex') = said ->> 'first'
        and encode(sha256(convert_to(note_b, 'UTF8')), 'hex') = said ->> 'second') order by id`,
  ],
];
