/**
 * Tables of possible matches (surface-matches.ts): what still has to be looked at, and which case file may be of the same child as
 * another file or as an enquiry, an alert or a sighting of another State. They hold ids and a verdict, nothing of a child; what is
 * shown beside each other is read anew, by who sees it. Times are epoch milliseconds.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import { matchVerdict } from '#schema/vocabulary/matching.ts';
import { taskKinds } from '../enquiries/tables.ts';
import { createNodeFinder } from '../matching/tables.ts';
import { withCase } from '../storage/case-walls.ts';
import { roleOfAudience } from '../storage/roles.ts';
import { openTable, openToWork } from '../storage/walls.ts';

/** What was written or came in since it was last looked at. A row more than needed costs a look. */
export interface MatchPendingTable {
  id: Generated<number>;
  kind: 'case' | 'act';
  /** Id of a case file, or of the message of another State. */
  source: string;
  at: number;
}

export interface CaseMatchTable {
  id: string;
  /** The file that was here first: its team is told, and nobody else (PRACTICE.md A18). */
  case_id: string;
  /** The other file, or else the conversation and the child's reference in it. */
  other_case: string | null;
  thread: string | null;
  child: string | null;
  found_at: number;
  verdict: CodeOf<typeof matchVerdict> | null;
  decided_by: string | null;
  decided_at: number | null;
}

export interface MatchTables {
  match_pending: MatchPendingTable;
  case_match: CaseMatchTable;
}

const WORK = 'app_matching';

/** The other side is for named readers, and the person is none of them and not the head: then that there is one says too much. */
const mayKnowOther = sql`(app_role() = 'head' or not app_is_closed(coalesce(other_case, thread))
  or ${withCase('case_match.other_case')} or exists (select 1 from conversation c where c.thread = case_match.thread))`;
const seesMatch = sql`(${withCase('case_match.case_id')} and ${mayKnowOther})`;

/** Creates the tables, their walls, and the role of work that looks: it reads files and acts, and changes none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const verdicts = sql.join(matchVerdict.codes.map((code) => sql.lit(code)));
  const kinds = sql.join(taskKinds.map((kind) => sql.lit(kind)));
  const statements = [
    sql`create table match_pending (
      id bigint generated always as identity primary key, kind text not null check (kind in ('case', 'act')), source text not null, at bigint not null)`,
    sql`create table case_match (
      id text primary key, case_id text not null references case_file on delete cascade, other_case text, thread text, child text,
      found_at bigint not null, verdict text check (verdict in (${verdicts})), decided_by text, decided_at bigint,
      check ((other_case is null) = (thread is not null)), check ((thread is null) = (child is null)), check (case_id <> other_case),
      check ((verdict is null) = (decided_by is null) and (verdict is null) = (decided_at is null)))`,
    sql`create unique index case_match_once on case_match (case_id, coalesce(other_case, thread), coalesce(child, ''))`,
    sql`create index case_match_other on case_match (other_case) where other_case is not null`,
    sql`alter table task drop constraint task_kind, add constraint task_kind check (kind in (${kinds}))`,
    sql`create function app_is_closed(of text) returns boolean language sql stable security definer set search_path = public, pg_temp as
      'select exists (select 1 from conversation where thread = of and eyes_only) or exists (select 1 from case_file where id = of and eyes_only)'`,
    sql`revoke execute on function app_is_closed from public`,
    sql`grant execute on function app_is_closed to ${sql.id(roleOfAudience.officer)}`,
  ];
  for (const statement of statements) await statement.execute(db);
  await openTable(db, 'match_pending', {
    work: { app_exchange: 'insert', [WORK]: 'select, update, delete' },
    officer: {
      privileges: 'insert',
      rows: { insert: { check: sql`kind = 'case' and ${withCase('match_pending.source')}` } },
    },
  });
  await openTable(db, 'case_match', {
    work: { [WORK]: 'select, insert' },
    officer: {
      privileges: 'select, insert, update (verdict, decided_by, decided_at)',
      rows: {
        select: { using: seesMatch },
        // Two files that a person holds beside each other by themselves.
        insert: {
          check: sql`decided_by = app_person() and ${withCase('case_match.case_id')} and ${withCase('case_match.other_case')}`,
        },
        update: { using: seesMatch, check: sql`decided_by = app_person()` },
      },
    },
  });
  await openToWorker(db);
}

/** What is drawn of readings leaves out what is for named readers, case files too (node/access/watch-readings.ts). */
export async function upReadings(db: Kysely<unknown>): Promise<void> {
  await sql`grant execute on function app_is_closed to app_jobs`.execute(db);
}

/** What is blocked, or read with a file that is: nobody reads it, so nothing of it surfaces (node/retention). */
export async function upBlocked(db: Kysely<unknown>): Promise<void> {
  await sql`create function app_is_blocked(of_subject text) returns boolean language sql stable security definer set search_path = public, pg_temp as
    ${sql.lit(`select exists (select 1 from retention r where r.blocked_at is not null and r.erased_at is null
      and split_part(of_subject, ':', 1) in ('conversation', 'case')
      and r.id in (split_part(of_subject, ':', 2), (select joined_into from case_file where id = split_part(of_subject, ':', 2))))`)}`.execute(
    db,
  );
  await sql`revoke execute on function app_is_blocked from public`.execute(db);
  await sql`grant execute on function app_is_blocked to ${sql.id(WORK)}`.execute(db);
  await sql`create policy ${sql.id(`${WORK}_unblocked`)} on data_key as restrictive for select to ${sql.id(WORK)}
    using (not app_is_blocked(subject))`.execute(db);
}

async function openToWorker(db: Kysely<unknown>): Promise<void> {
  await sql`grant usage on schema public to ${sql.id(WORK)}`.execute(db);
  const reads = [
    'case_file',
    'case_entry',
    'case_conversation',
    'conversation',
    'act',
    'data_key',
    'assignment',
  ];
  for (const table of reads) await openToWork(db, WORK, table, 'select');
  // The key of the index is made with the first look, if nothing was written before.
  await sql`grant insert on data_key to ${sql.id(WORK)}`.execute(db);
  await openToWork(db, WORK, 'task', 'select, insert');
  await openToWork(db, WORK, 'audit_entry', 'insert, select (id, leaf)');
  await sql`grant execute on function app_request_notice, app_tell_roles to ${sql.id(WORK)}`.execute(db);
  // What a conversation is found by goes into the index too, and out of it.
  await openToWork(db, WORK, 'search_token', 'select (case_id), insert, delete');
  await createNodeFinder(db, WORK);
}
