/**
 * The second wall around case files (node/cases/tables.ts). Whether somebody sees a file is decided once, in the policy of
 * `case_file`, by the same rule as for conversations (`sees` in node/access/decide.ts); what belongs to a file is seen with it.
 */
import { type Kysely, sql } from 'kysely';
import { admitsReader, changeRows, seesTask } from './people-walls.ts';
import { roleOfAudience } from './roles.ts';
import { letOwnerRead, openTable, type Rows, withProposalOf, withThread } from './walls.ts';

/** Of a row of `case_file`: whether the person of the transaction sees it. */
export const seesCase = sql`(case when eyes_only
  then app_role() = 'head' or id in (select app_my_readings())
  else app_role() = 'head' or (unit = app_unit() and app_role() in ('officer', 'supervisor')) or id in (select app_my_threads()) end)`;
/** The column names a file that the person sees. */
export const withCase = (column: string) =>
  sql`exists (select 1 from case_file f where f.id = ${sql.ref(column)})`;
/** And sees not only because they opened it in need: in such a file nothing is written. */
export const mayWriteIn = (
  column: string,
) => sql`(${withCase(column)} and (app_role() = 'head' or ${sql.ref(column)} not in (select app_my_needs())
  or ${sql.ref(column)} in (select app_my_assigned())
  or exists (select 1 from case_file f where f.id = ${sql.ref(column)} and f.unit = app_unit() and app_role() in ('officer', 'supervisor'))))`;
const isOwn = (table: string) =>
  sql`(${withThread(table)} or ${withProposalOf(table)} or ${withCase(`${table}.thread`)})`;

/** Policies that stand instead of older ones, since a `thread` may be a case file. */
const CHANGED: Readonly<Record<string, Rows>> = {
  assignment: {
    select: { using: sql`(assignee = app_person() or ${isOwn('assignment')})` },
    insert: {
      check: sql`(${isOwn('assignment')} or (assignee = app_person() and app_my_new_case(thread)))`,
    },
    update: { using: isOwn('assignment') },
  },
  reader: {
    select: { using: isOwn('reader') },
    // A decider who closes a file to others stays a reader of it; who opens one for named readers is one.
    insert: {
      check: sql`(${admitsReader} or (reader.person = app_person() and ((app_role() = 'supervisor' and ${withCase('reader.thread')}) or app_my_new_case(reader.thread))))`,
    },
  },
  task: {
    select: { using: sql`(${seesTask} or (task.unit is null and ${withCase('task.thread')}))` },
    insert: {
      check: sql`(thread is null or ${withThread('task')} or ${withCase('task.thread')} or exists (select 1 from proposal p where p.id = task.proposal_id))`,
    },
    update: { using: sql`(${seesTask} or (task.unit is null and ${withCase('task.thread')}))` },
  },
};

/** Puts up these walls; tables and older walls are there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await openTable(db, 'case_file', {
    officer: {
      privileges: 'select, insert, update',
      rows: {
        select: { using: seesCase },
        // Whoever opens a file for their own work is assigned to it in the same transaction.
        insert: { check: sql`opened_by = app_person() and unit = app_unit()` },
        update: { using: seesCase },
      },
    },
  });
  await letOwnerRead(db, 'case_file');
  await openTable(db, 'case_entry', {
    officer: {
      privileges: 'select, insert, update (file_id)',
      rows: {
        select: { using: withCase('case_entry.file_id') },
        insert: {
          check: sql`author = app_person() and file_id = case_id and ${mayWriteIn('case_entry.case_id')}`,
        },
        update: { using: withCase('case_entry.file_id'), check: withCase('case_entry.file_id') },
      },
    },
  });
  const both = sql`(${withCase('case_conversation.case_id')} and ${withThread('case_conversation')})`;
  await openTable(db, 'case_conversation', {
    officer: {
      privileges: 'select, insert, delete',
      rows: {
        select: { using: both },
        insert: {
          check: sql`linked_by = app_person() and ${both} and ${mayWriteIn('case_conversation.case_id')}`,
        },
        delete: { using: both },
      },
    },
  });
  const joined = sql`(${withCase('case_join.from_case')} and ${withCase('case_join.into_case')})`;
  await openTable(db, 'case_join', {
    officer: {
      privileges: 'select, insert, update (approver, approved_at, undone_by, undone_at)',
      rows: {
        select: { using: joined },
        insert: { check: sql`proposer = app_person() and approver is null and ${joined}` },
        update: { using: joined },
      },
    },
  });
  // A local case worker sees a file by being assigned to it: also the one they open.
  await sql`create function app_my_new_case(of text) returns boolean language sql stable security definer set search_path = public, pg_temp as
    'select exists (select 1 from case_file where id = of and opened_by = app_person() and n = 0)'`.execute(
    db,
  );
  for (const [table, rows] of Object.entries(CHANGED)) await changeRows(db, table, rows);
  await sql`create or replace function name_unit_of_need() returns trigger language plpgsql security definer set search_path = public, pg_temp as ${sql.lit(`begin
    select unit into new.unit from conversation where thread = new.thread and (not eyes_only or app_person() is null)
      union all select unit from case_file where id = new.thread and (not eyes_only or app_person() is null);
    if not found then raise exception 'nothing to open' using errcode = 'no_data_found'; end if;
    return new;
  end`)}`.execute(db);
}

/** Two persons join files, who decides closes one, and an entry is read with the file it was written into or with the one that is joined to: whatever hides a warning takes them. What came from a conversation for named readers the head opens. */
const BY_TWO = `begin
  if app_person() is null then return new; end if;
  if new.joined_into is distinct from old.joined_into and not exists (
    select 1 from case_join j where j.from_case = new.id and j.into_case = coalesce(new.joined_into, old.joined_into)
      and j.approved_at is not null and (j.undone_at is null) = (new.joined_into is not null))
  then raise exception 'files are joined by two persons' using errcode = 'insufficient_privilege'; end if;
  if new.closed_at is distinct from old.closed_at and app_role() not in ('supervisor', 'head')
  then raise exception 'a file is closed by who decides' using errcode = 'insufficient_privilege'; end if;
  if old.eyes_only and not new.eyes_only and app_role() <> 'head' and app_gathers_closed(new.id)
  then raise exception 'what came from a conversation for named readers is opened by the head' using errcode = 'insufficient_privilege'; end if;
  return new;
end`;
const READ_WITH_ITS_FILE = `begin
  if new.file_id is distinct from (select coalesce(joined_into, id) from case_file where id = new.case_id)
  then raise exception 'an entry is read with its file' using errcode = 'insufficient_privilege'; end if;
  return new;
end`;

/** Changes of files and of what is read with them, as the owner of the tables: what they compare with may be unseen. */
export async function upChanges(db: Kysely<unknown>): Promise<void> {
  const triggers = {
    case_file: ['change_by_two', 'joined_into, closed_at, eyes_only', BY_TWO],
    case_entry: ['read_with_its_file', 'file_id', READ_WITH_ITS_FILE],
  } as const;
  await letOwnerRead(db, 'case_join');
  // Whether a file, or one read with it, gathers a conversation for named readers, also one that the person does not see.
  await sql`create function app_gathers_closed(of text) returns boolean language sql stable security definer set search_path = public, pg_temp as
    'select exists (select 1 from case_conversation c join conversation v on v.thread = c.thread join case_file f on f.id = c.case_id
      where of in (f.id, f.joined_into) and v.eyes_only)'`.execute(db);
  await sql`revoke execute on function app_gathers_closed from public`.execute(db);
  await sql`grant execute on function app_gathers_closed to ${sql.id(roleOfAudience.officer)}`.execute(db);
  for (const [table, [name, columns, body]] of Object.entries(triggers)) {
    await sql`create function ${sql.id(name)}() returns trigger language plpgsql security definer set search_path = public, pg_temp
      as ${sql.lit(body)}`.execute(db);
    await sql`create trigger ${sql.id(`${table}_${name}`)} before update of ${sql.raw(columns)} on ${sql.table(table)}
      for each row execute function ${sql.id(name)}()`.execute(db);
  }
}
