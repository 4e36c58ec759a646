/**
 * Tables of case files. In clear stands that a file exists, whose it is and when it was written in; everything about the child is in
 * `case_entry.sealed`, under the key of the file it was written into. Assignments, named readers, openings in need and tasks are those
 * of conversations: their `thread` may be the id of a case file. Times are epoch milliseconds.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import { caseClosing } from '#schema/vocabulary/cases.ts';

export interface CaseFileTable {
  id: string;
  unit: string;
  /** For named readers and the head alone (PRACTICE.md A15). */
  eyes_only: Generated<boolean>;
  opened_by: string;
  opened_at: number;
  updated_at: number;
  /** Number of its last entry. */
  n: Generated<number>;
  closed_at: number | null;
  closed_by: string | null;
  closing: (typeof caseClosing.codes)[number] | null;
  /** The file of the same child that it is read with. */
  joined_into: string | null;
}

export interface CaseEntryTable {
  id: string;
  /** The file it was written into: its key opens it. */
  case_id: string;
  n: number;
  /** The file it is read with: another one where two files of one child were joined. */
  file_id: string;
  author: string;
  at: number;
  /** What {@link import('./store.ts')} seals. */
  sealed: Uint8Array;
}

/** A conversation with another State about this child. */
export interface CaseConversationTable {
  case_id: string;
  thread: string;
  linked_by: string;
  linked_at: number;
}

/** That two files are of one child, as one person says and another confirms; and that it was undone. */
export interface CaseJoinTable {
  id: string;
  from_case: string;
  into_case: string;
  proposer: string;
  proposed_at: number;
  approver: string | null;
  approved_at: number | null;
  undone_by: string | null;
  undone_at: number | null;
}

export interface CaseTables {
  case_file: CaseFileTable;
  case_entry: CaseEntryTable;
  case_conversation: CaseConversationTable;
  case_join: CaseJoinTable;
}

/** Creates the tables of case files; their walls are in node/storage/case-walls.ts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const closings = sql.join(caseClosing.codes.map((code) => sql.lit(code)));
  const statements = [
    sql`create table case_file (
      id text primary key, unit text not null, eyes_only boolean not null default false, opened_by text not null, opened_at bigint not null,
      updated_at bigint not null, n int not null default 0, closed_at bigint, closed_by text, closing text check (closing in (${closings})),
      joined_into text references case_file,
      check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (closing is null)), check (joined_into <> id))`,
    sql`create index case_file_unit on case_file (unit, updated_at desc, id desc)`,
    sql`create index case_file_changed on case_file (updated_at desc, id desc)`,
    sql`create table case_entry (
      id text primary key, case_id text not null references case_file, n int not null, file_id text not null references case_file,
      author text not null, at bigint not null, sealed bytea not null, unique (case_id, n))`,
    sql`create index case_entry_file on case_entry (file_id)`,
    sql`create table case_conversation (
      case_id text not null references case_file, thread text not null references conversation, linked_by text not null,
      linked_at bigint not null, primary key (case_id, thread))`,
    sql`create index case_conversation_thread on case_conversation (thread)`,
    sql`create table case_join (
      id text primary key, from_case text not null references case_file, into_case text not null references case_file,
      proposer text not null, proposed_at bigint not null, approver text, approved_at bigint, undone_by text, undone_at bigint,
      check (from_case <> into_case), check (approver <> proposer), check ((approver is null) = (approved_at is null)),
      check ((undone_by is null) = (undone_at is null)))`,
    sql`create unique index case_join_once on case_join (from_case) where undone_at is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
