/**
 * What operators want to know and messages do not need: last contact with other parties.
 * Times are epoch milliseconds.
 */
import { type Kysely, sql } from 'kysely';
import { openTable } from '../storage/walls.ts';

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

/** Creates the table of contacts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table contact (
    party text primary key, heard_at bigint, reached_at bigint, failed_at bigint, failure text, clock_offset_ms bigint,
    clock_at bigint)`.execute(db);
  await openTable(db, 'contact', {
    work: { app_exchange: 'select, insert, update', app_operations: 'select' },
  });
}
