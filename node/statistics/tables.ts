/**
 * Figures that have been released for ministries, as they were signed. Nothing here was counted for one reader: a ministry reads
 * what stands here and no other table (DOMAIN.md section 4). Nothing fills it yet: releasing comes with statistics themselves.
 */
import { type Kysely, sql } from 'kysely';
import { openTable } from '../storage/walls.ts';

export interface SignedReleaseTable {
  /** What the figures are about, as ISO 8601 names it: `2027`, `2027-Q1`. */
  period: string;
  /** 1, then one more for each table that is added; what has been released does not change. */
  edition: number;
  /** Epoch milliseconds. */
  released_at: number;
  /** Canonical JSON of the figures. */
  content: string;
  /** Compact JWS over `content`, by this node's signing key. */
  signature: string;
  released_by: string;
  /** Two persons release figures. */
  approved_by: string;
}

export interface StatisticsTables {
  signed_release: SignedReleaseTable;
}

/** Creates the table and its walls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table signed_release (
    period text not null, edition int not null check (edition > 0), released_at bigint not null, content text not null,
    signature text not null, released_by text not null, approved_by text not null, primary key (period, edition),
    constraint signed_release_two_persons check (released_by <> approved_by))`.execute(db);
  await openTable(db, 'signed_release', {
    ministry: {
      privileges: 'select (period, edition, released_at, content, signature)',
      rows: { select: { using: sql`true` } },
    },
  });
}
