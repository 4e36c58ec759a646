/**
 * Which conversations the links of guardians cover, by themselves or by a case file, as far as the officer who asks sees them.
 */
import { sql } from 'kysely';
import type { Operation } from '../operation.ts';

export interface LinkInForce {
  readonly person: string;
  readonly threads: readonly string[];
}

/** The conversations of a link, of its file and of those joined with it. */
const COVERED = sql`(select unnest(l.threads) as thread union
  select c.thread from case_conversation c where app_read_with(c.case_id) = app_read_with(l.case_id))`;

export async function threadsOf({ trx }: Pick<Operation, 'trx'>, link: string): Promise<string[]> {
  const { rows } = await sql<{ thread: string }>`
    select t.thread from guardian_link l, lateral ${COVERED} t where l.id = ${link}`.execute(trx);
  return rows.map(({ thread }) => thread);
}

/** Links by which something new would be shown now: in force, and not frozen. */
export async function readLinksInForce({
  trx,
  nowMs,
}: Pick<Operation, 'trx' | 'nowMs'>): Promise<LinkInForce[]> {
  const { rows } = await sql<LinkInForce>`
    select l.person, array(select t.thread from ${COVERED} t order by t.thread) as threads from guardian_link l
    where l.approved_at is not null and l.revoked_at is null and l.frozen_at is null
      and coalesce(app_link_end(l.case_id, l.threads, l.ends_at), ${nowMs + 1}) > ${nowMs}`.execute(trx);
  return rows;
}
