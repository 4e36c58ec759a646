/**
 * What operators want to know and messages do not need: last contact with other parties, and when the list was last confirmed.
 * Times are epoch milliseconds.
 */
import { type Kysely, sql } from 'kysely';

export interface ContactTable {
  /** A State, `gateway`, or `mailbox`. */
  party: string;
  heard_at: number | null;
  reached_at: number | null;
  failed_at: number | null;
  /** Code of the last failure. */
  failure: string | null;
  /** Its clock less ours, and when that was learned. */
  clock_offset_ms: number | null;
  clock_at: number | null;
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table contact (
    party text primary key, heard_at bigint, reached_at bigint, failed_at bigint, failure text, clock_offset_ms bigint,
    clock_at bigint)`.execute(db);
  await sql`alter table trust_list add column confirmed_at bigint`.execute(db);
}
