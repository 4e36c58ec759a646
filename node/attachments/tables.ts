/**
 * Files that officers attach or that came in with a message: cleaned, named neutrally, kept in parts of at most 4 MiB.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { attachmentKey } from '../vault/subjects.ts';

export interface AttachmentTable {
  id: string;
  /** The message it came in with or leaves with; null while it is only uploaded. */
  message_id: string | null;
  position: number | null;
  /** The case file it is of; one of a message is of none. */
  case_id: Generated<string | null>;
  /** Sealed under the attachment's key. */
  name: Buffer;
  media: string;
  bytes: number;
  sha256: string;
  /** What cleaning took out, as codes (JSON array); never the values. */
  removed: string;
  /** Why it could not be cleaned, if a supervisor released it all the same; sealed. */
  uncleaned_reason: Buffer | null;
  uploaded_by: string | null;
  created_at: number;
}

export interface AttachmentPartTable {
  attachment_id: string;
  n: number;
  /** Pieces of the file's stream (vault/stream.ts), with the stream's header before them. */
  sealed: Buffer;
}

export const sealedAttachment: SealedColumns<Pick<AttachmentTable, 'id'>, 'name' | 'uncleaned_reason'> = {
  table: 'attachment',
  columns: ['name', 'uncleaned_reason'],
  row: ({ id }) => id,
  subject: ({ id }) => attachmentKey(id),
};

export interface AttachmentTables {
  attachment: AttachmentTable;
  attachment_part: AttachmentPartTable;
}

/** Creates the tables of attachments. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table attachment (
    id text primary key, message_id text, position int, name text not null, media text not null, bytes bigint not null, sha256 text not null,
    removed text not null default '[]', uncleaned_reason text, uploaded_by text, created_at bigint not null,
    unique (message_id, position))`.execute(db);
  await sql`create table attachment_part (
    attachment_id text references attachment on delete cascade, n int, plain bytea not null, primary key (attachment_id, n))`.execute(
    db,
  );
}
