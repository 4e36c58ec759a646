/**
 * Questions given to a local service that has no account: one link, one answer, one secret told by telephone. Times are epoch
 * milliseconds.
 */
import { type Kysely, sql } from 'kysely';
import { openTable } from '../storage/walls.ts';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { conversationKey } from '../vault/subjects.ts';

export interface LocalRequestTable {
  id: string;
  thread: string;
  /** SHA-256 of the link's secret, hex. */
  token_hash: string;
  /** HMAC-SHA-256 of the number told by telephone, keyed with the link's secret, hex: the table alone gives neither. */
  pin_hash: string;
  /** The service, as the officer calls it; sealed, since it says where the child is. */
  service: Buffer;
  language: string;
  /** What is asked, canonical JSON, sealed: only what the letter says, nothing to look up. */
  letter: Buffer;
  given_by: string;
  given_at: number;
  expires_at: number;
  /** Wrong numbers so far. */
  tries: number;
  opened_at: number | null;
  answered_at: number | null;
  /** Canonical JSON, from the service, sealed. */
  answers: Buffer | null;
  withdrawn_at: number | null;
}

/** Under the key of the conversation. */
export const sealedLocalRequest: SealedColumns<
  Pick<LocalRequestTable, 'id' | 'thread'>,
  'service' | 'letter' | 'answers'
> = {
  table: 'local_request',
  columns: ['service', 'letter', 'answers'],
  row: ({ id }) => id,
  subject: ({ thread }) => conversationKey(thread),
};

export interface LocalServiceTables {
  local_request: LocalRequestTable;
}

/** Creates the table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table local_request (
    id text primary key, thread text not null references conversation, token_hash text not null unique, pin_hash text not null,
    service text not null, language text not null, letter text not null, given_by text not null, given_at bigint not null,
    expires_at bigint not null check (expires_at > given_at), tries int not null default 0, opened_at bigint, answered_at bigint,
    answers text, withdrawn_at bigint, check ((answered_at is null) = (answers is null)))`.execute(db);
  await sql`create index local_request_thread on local_request (thread)`.execute(db);
  const seen = sql`exists (select 1 from conversation c where c.thread = local_request.thread)`;
  await openTable(db, 'local_request', {
    work: { app_local: 'select, update (tries, opened_at, answered_at, answers)' },
    officer: {
      privileges: 'select, insert, update',
      rows: { select: { using: seen }, insert: { check: seen }, update: { using: seen } },
    },
  });
  // Whoever holds a link is let to the one row it names, whatever is asked of the database.
  await sql`create policy app_local_one on local_request as restrictive to app_local
    using (token_hash = nullif(current_setting('app.link', true), ''))`.execute(db);
  await sql`grant insert, select on task to app_local`.execute(db);
  await sql`create policy app_local_tells on task for insert to app_local with check (kind = 'local-answer')`.execute(
    db,
  );
  await sql`create policy app_local_told on task for select to app_local using (kind = 'local-answer')`.execute(
    db,
  );
  await sql`grant insert, select (id, leaf) on audit_entry to app_local`.execute(db);
  await sql`create policy app_local_appends on audit_entry for insert to app_local with check (idx is null)`.execute(
    db,
  );
  await sql`create policy app_local_reads_back on audit_entry for select to app_local using (idx is null)`.execute(
    db,
  );
}
