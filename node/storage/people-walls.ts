/**
 * The second wall around the tables of node/access/people-tables.ts, and what they change in the older walls (walls.ts). The first
 * is node/access/decide.ts: `sees` there and `app_my_threads`, `app_my_absent` and the policies here are one rule, and a test
 * compares them.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { roleOfAudience } from './roles.ts';
import {
  all,
  enclose,
  grant,
  letOwnerRead,
  makePolicies,
  openToPeople,
  openToWork,
  type Rows,
  seesDraft,
  withProposalOf,
  withThread,
} from './walls.ts';

const OFFICER = roleOfAudience.officer;

const leads = sql`app_role() in ('supervisor', 'head')`;
/** Who decides in a unit: its supervisors, and the head in all of them. */
const decidesIn = (unit: RawBuilder<unknown>) =>
  sql`(app_role() = 'head' or (app_role() = 'supervisor' and ${unit} = app_unit()))`;
const unitOf = (table: string) => sql`${sql.ref(`${table}.unit`)}`;

/** Assigned to the person, to their role in their unit, or to somebody they stand in for. Flat: a function in a function is planned twice. */
const MY_ASSIGNMENTS = `select thread from assignment where assignee in (app_person(), 'role:' || app_role() || '@' || app_unit())
    and ended_at is null and (until is null or until > app_now())
  union all select a.thread from hand_over h join assignment a on a.assignee = h.from_person where h.to_person = app_person()
    and h.ended_at is null and h.until > app_now() and a.ended_at is null and (a.until is null or a.until > app_now())`;
const MY_NEEDS = 'select thread from break_glass where person = app_person() and expires_at > app_now()';

/** As the owner of the tables (walls.ts): what they say of a person must not depend on what that person sees. */
const asOwner = (name: string, query: string) =>
  sql`create or replace function ${sql.id(name)}() returns setof text language sql stable security definer set search_path = public, pg_temp
    as ${sql.lit(query)}`;

const FUNCTIONS = [
  asOwner(
    'app_my_absent',
    'select from_person from hand_over where to_person = app_person() and ended_at is null and until > app_now()',
  ),
  asOwner('app_my_assigned', MY_ASSIGNMENTS),
  asOwner('app_my_needs', MY_NEEDS),
  asOwner('app_my_threads', `${MY_ASSIGNMENTS} union all ${MY_NEEDS}`),
  // A policy of conversations cannot look at proposals itself: those look at conversations.
  sql`create function app_unit_of_draft(of text) returns text language sql stable security definer set search_path = public, pg_temp as
    'select unit from proposal where thread = of and opens limit 1'`,
  // It says of any draft that it is there.
  sql`revoke execute on function app_unit_of_draft from public`,
  sql`grant execute on function app_unit_of_draft to ${sql.id(OFFICER)}`,
];

/** Sees it, and not only because they opened it in need: from there nothing is sent. */
export const mayAddTo = (table: string) => {
  const thread = sql.ref(`${table}.thread`);
  return sql`(${thread} not in (select app_my_needs()) or ${thread} in (select app_my_assigned())
    or exists (select 1 from conversation c where c.thread = ${thread} and c.unit = app_unit() and app_role() in ('officer', 'supervisor')))`;
};

export const seesTask = sql`(case when task.unit is not null then ${decidesIn(unitOf('task'))} or task.opened_by = app_person()
  else thread is null or ${withThread('task')} or exists (select 1 from proposal p where p.id = task.proposal_id) end)`;
const isMyAbsence = sql`(from_person = app_person() or ${decidesIn(unitOf('hand_over'))})`;
const seesProposal = sql`(${withThread('proposal')} or ${seesDraft} or (opens and status <> 'released' and not eyes_only and proposer in (select app_my_absent())))`;
const seesEveryThread = sql`not exists (select 1 from unnest(threads) as t (thread) where not exists (
  select 1 from conversation c where c.thread = t.thread))`;
const withLink = sql`exists (select 1 from guardian_link l where l.id = guardian_link_version.link)`;

/** The head; and with the release of an act for named readers, who wrote it and who approves it. */
export const admitsReader = sql`(app_role() = 'head' or exists (select 1 from proposal p where p.thread = reader.thread and p.eyes_only
  and reader.person in (p.proposer, app_person())))`;

/** Rows of the new tables that an officer's transaction has, and what it may do with them. */
const NEW: Readonly<Record<string, { readonly privileges: string; readonly rows: Rows }>> = {
  hand_over: {
    privileges: 'select, insert, update (ended_at)',
    rows: {
      // Whoever gives work must know who is away, in any unit.
      select: { using: sql`(to_person = app_person() or unit = app_unit() or ${leads} or ${isMyAbsence})` },
      insert: { check: sql`given_by = app_person() and ${isMyAbsence}` },
      update: { using: isMyAbsence },
    },
  },
  deputy: {
    privileges: 'select, insert, update (ended_at)',
    rows: {
      select: { using: sql`true` },
      insert: { check: sql`given_by = app_person() and app_role() = 'head'` },
      update: { using: sql`app_role() = 'head'` },
    },
  },
  disclosure: {
    privileges:
      'select, insert, update (approver, deferred_ground, deferred_reason, deferred_by, deferred_at, review_at)',
    rows: {
      select: { using: sql`${leads} and ${withThread('disclosure')}` },
      insert: { check: withThread('disclosure') },
      update: { using: sql`${leads} and ${withThread('disclosure')}` },
    },
  },
  outside_disclosure: {
    privileges: 'select, insert, update (given_at, approver, approved_at, withdrawn_by, withdrawn_at)',
    rows: {
      select: { using: sql`${leads} and ${withThread('outside_disclosure')}` },
      insert: {
        check: sql`stated_by = app_person() and approver is null and ${mayAddTo('outside_disclosure')} and ${withThread('outside_disclosure')}
        and (${leads} or body = 'local-service')`,
      },
      update: {
        using: sql`${leads} and ${withThread('outside_disclosure')} and approver is null and withdrawn_at is null`,
        check: sql`(approver is null or approver = app_person()) and (withdrawn_by is null or withdrawn_by = app_person())`,
      },
    },
  },
  breach: {
    privileges: 'select, insert, update (closed_at)',
    rows: {
      select: { using: sql`(reported_by = app_person() or ${decidesIn(unitOf('breach'))})` },
      insert: { check: sql`reported_by = app_person()` },
      update: { using: decidesIn(unitOf('breach')) },
    },
  },
  breach_note: {
    privileges: 'select, insert',
    rows: {
      select: { using: sql`exists (select 1 from breach b where b.id = breach_note.breach)` },
      insert: {
        check: sql`by = app_person() and ${leads} and exists (select 1 from breach b where b.id = breach_note.breach)`,
      },
    },
  },
  reading_review: {
    privileges: 'select, update (reviewed_by, reviewed_at, finding, note)',
    rows: {
      select: { using: decidesIn(unitOf('reading_review')) },
      update: {
        using: sql`(${decidesIn(unitOf('reading_review'))} and reviewed_at is null and app_person() <> all (persons))`,
        check: sql`reviewed_by = app_person()`,
      },
    },
  },
  guardian_link: {
    privileges: 'select, insert, update',
    rows: {
      ...all(seesEveryThread),
      insert: { check: sql`authors = array[app_person()] and approver is null and ${seesEveryThread}` },
    },
  },
  guardian_link_version: {
    privileges: 'select, insert',
    rows: {
      select: { using: withLink },
      insert: { check: sql`by = app_person() and ${withLink}` },
    },
  },
};

/** Policies that stand instead of those of walls.ts, on tables that were there before. */
const CHANGED: Readonly<Record<string, Rows>> = {
  // Whoever may approve a draft opens the conversation for the unit it was drafted in: a deputy has another unit.
  conversation: {
    insert: {
      check: sql`(unit = app_unit() or app_role() = 'head' or (thread in (select app_my_threads()) and unit = app_unit_of_draft(thread)))`,
    },
  },
  act: { insert: { check: sql`${withThread('act')} and ${mayAddTo('act')}` } },
  proposal: {
    ...all(seesProposal),
    insert: { check: sql`proposer = app_person() and unit = app_unit() and ${mayAddTo('proposal')}` },
  },
  // What decides about people is for who decides in their unit, and for who caused it; anybody may cause it.
  task: {
    select: { using: seesTask },
    insert: {
      check: sql`(thread is null or ${withThread('task')} or exists (select 1 from proposal p where p.id = task.proposal_id))`,
    },
    update: { using: seesTask },
  },
  assignment: {
    update: { using: sql`(${withThread('assignment')} or ${withProposalOf('assignment')})` },
  },
  reader: { insert: { check: admitsReader } },
  break_glass: {
    select: { using: sql`(person = app_person() or ${decidesIn(unitOf('break_glass'))})` },
    insert: {
      check: sql`person = app_person() and app_role() in ('officer', 'supervisor', 'head') and reviewed_at is null
        and expires_at <= app_now() + 3660000`,
    },
    update: { using: sql`(${decidesIn(unitOf('break_glass'))} and person <> app_person())` },
  },
  person: { update: { using: sql`app_role() = 'head' and id <> app_person()` } },
};

/** Puts up these walls; the tables and the older walls are there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of FUNCTIONS) await statement.execute(db);
  for (const table of ['conversation', 'proposal', 'hand_over', 'deputy']) await letOwnerRead(db, table);
  for (const [table, { privileges, rows }] of Object.entries(NEW)) {
    await enclose(db, table);
    await openToPeople(db, OFFICER, table, { privileges, rows });
  }
  for (const [table, rows] of Object.entries(CHANGED)) await changeRows(db, table, rows);
  await grant(db, OFFICER, 'person', 'update (disabled_at, disabled_by, disabled_reason)');
  await openToPeople(db, OFFICER, 'session', {
    privileges: 'select (id_hash, person, ended_at), update (ended_at)',
    rows: { select: { using: sql`app_role() = 'head'` }, update: { using: sql`app_role() = 'head'` } },
  });
  await openToPeople(db, roleOfAudience.guardian, 'guardian_link', {
    privileges: 'select (id, person, threads, ends_at, approved_at, revoked_at)',
    rows: {
      select: {
        using: sql`person = app_person() and approved_at is not null and revoked_at is null and (ends_at is null or ends_at > app_now())`,
      },
    },
  });
  await grant(db, roleOfAudience.auditor, 'break_glass', 'select (unit)');
  await openToJobs(db);
  for (const statement of TRIGGERS) await statement.execute(db);
}

/** What time alone brings about about people: it reads what was read, and puts it before somebody. */
async function openToJobs(db: Kysely<unknown>): Promise<void> {
  await grant(db, 'app_jobs', 'audit_entry', 'select (type, at, detail)');
  await openToWork(db, 'app_jobs', 'reading_review', 'select, insert');
  await openToWork(db, 'app_jobs', 'disclosure', 'select');
  // What waits for a second person is put before deputies who were named later, or again.
  await openToWork(db, 'app_jobs', 'deputy', 'select');
  await openToWork(db, 'app_jobs', 'assignment', 'select, insert, update (until)');
  await openToWork(db, 'app_jobs', 'clearance', 'select');
  await openToWork(db, 'app_jobs', 'breach', 'select');
  await openToWork(db, 'app_jobs', 'breach_note', 'select');
  // A receipt may be what says that a recall came too late.
  await openToWork(db, 'app_exchange', 'breach', 'select, insert');
}

/** Policies of officers that stand instead of those there are. */
export async function changeRows(db: Kysely<unknown>, table: string, rows: Rows): Promise<void> {
  for (const command of Object.keys(rows))
    await sql`drop policy if exists ${sql.id(`${OFFICER}_${command}`)} on ${sql.table(table)}`.execute(db);
  await makePolicies(db, OFFICER, table, rows);
}

const TRIGGERS = [
  // A conversation goes to another unit by who decides in its own; policies cannot compare a row with what it was.
  sql`create function refuse_move() returns trigger language plpgsql as ${sql.lit(`begin
    if app_role() is null or app_role() = 'head' or (app_role() = 'supervisor' and old.unit = app_unit()) then return new; end if;
    raise exception 'a conversation is moved by who decides in its unit' using errcode = 'insufficient_privilege';
  end`)}`,
  sql`create trigger conversation_moves before update of unit on conversation
    for each row when (old.unit is distinct from new.unit) execute function refuse_move()`,
  // Whoever opens something in need does not see it before: whose it is the database says, and the same of an id that names
  // nothing as of what is for named readers.
  sql`create function name_unit_of_need() returns trigger language plpgsql security definer set search_path = public, pg_temp as ${sql.lit(`begin
    select unit into new.unit from conversation where thread = new.thread and (not eyes_only or app_person() is null);
    if not found then raise exception 'nothing to open' using errcode = 'no_data_found'; end if;
    return new;
  end`)}`,
  sql`create trigger break_glass_unit before insert on break_glass for each row execute function name_unit_of_need()`,
];
