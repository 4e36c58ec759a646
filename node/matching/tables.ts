/**
 * Table of the blind index: which cases have which tokens (node/matching/blind-index.ts). It holds no name and no date, but how
 * often each token occurs and which cases share one, so that its rows are seen with their case and deleted with its data key.
 */
import { type Kysely, sql } from 'kysely';
import { enclose } from '../storage/walls.ts';

export interface SearchTokenTable {
  /** From `tokenKinds`. */
  kind: number;
  /** Three bytes. */
  token: Uint8Array;
  case_id: string;
}

export interface MatchingTables {
  search_token: SearchTokenTable;
}

/** A token is seen by whoever sees the case. For the policies of every role that may search or keep the index. */
export const withCase = sql`exists (select 1 from case_file c where c.id = search_token.case_id)`;

/** Creates the table of the blind index, open to nobody: its grants and policies come with those of cases. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table search_token (
    kind smallint not null check (kind between 1 and 6), token bytea not null check (octet_length(token) = 3),
    case_id text not null, primary key (kind, token, case_id))`.execute(db);
  await sql`create index search_token_case on search_token (case_id)`.execute(db);
  await enclose(db, 'search_token');
}
