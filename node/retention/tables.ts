/**
 * Tables of retention: when the content of a conversation, a case file or one message is blocked and erased, and what people decided
 * about that. Times are epoch milliseconds. Nothing in them is of a child but what people say in `reason`, which is sealed.
 *
 * Walls: erasing has a role of its own, `app_retention`, which may empty and remove content and read none that is not sealed. What
 * is blocked is withheld from people by the policy of `data_key`: no key, no content, whatever the code asks.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import { erasureGround, holdAuthority, holdGround } from '#schema/vocabulary/erasure.ts';
import { type RetentionRuleId, retentionRule } from '#schema/vocabulary/retention.ts';
import { contactWays } from '../access/people-tables.ts';
import { taskKinds } from '../enquiries/tables.ts';
import { withCase } from '../storage/case-walls.ts';
import { changeRows } from '../storage/people-walls.ts';
import { roleOfAudience } from '../storage/roles.ts';
import { grant, letOwnerRead, openTable, openToWork } from '../storage/walls.ts';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { OFFICE_KEY } from '../vault/subjects.ts';
import { WARN_DAYS } from './policy.ts';

export const retentionKinds = ['conversation', 'case', 'message'] as const;
export type RetentionKind = (typeof retentionKinds)[number];

export interface RetentionTable {
  kind: RetentionKind;
  /** Of the conversation, the file, or the message. */
  id: string;
  /** The clock that runs; null where people or the other State decided. */
  rule: RetentionRuleId | null;
  ground: string | null;
  closed_at: number;
  block_at: number | null;
  warn_at: number | null;
  erase_at: number;
  warned_at: number | null;
  blocked_at: number | null;
  erased_at: number | null;
  /** The act that tells the other State, as soon as it is done. */
  answer: string | null;
}

export const decisionKinds = ['hold', 'lift', 'erase'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** What two people decide: that it is kept by law until a day, that what is blocked may be read for a day, that it is erased now. */
export interface RetentionDecisionTable {
  id: string;
  kind: DecisionKind;
  about_kind: RetentionKind;
  about: string;
  unit: string;
  /** Of a hold or an erasure. */
  ground: string | null;
  /** Of a hold. */
  authority: (typeof holdAuthority.codes)[number] | null;
  /** When a hold or a lift ends. */
  until: number | null;
  /** In the words of who proposed it, sealed; emptied with the content. */
  reason: Buffer;
  proposer: string;
  proposed_at: number;
  approver: string | null;
  approved_at: number | null;
  ended_by: Generated<string | null>;
  ended_at: Generated<number | null>;
}

export const sealedDecision: SealedColumns<Pick<RetentionDecisionTable, 'id'>, 'reason'> = {
  table: 'retention_decision',
  columns: ['reason'],
  row: ({ id }) => id,
  subject: () => OFFICE_KEY,
};

export interface RetentionTables {
  retention: RetentionTable;
  retention_decision: RetentionDecisionTable;
}

const among = (codes: readonly string[]) => sql.join(codes.map((code) => sql.lit(code)));

/** Whose conversation, file or message it is must be seen to see this. */
const seen = (kind: string, id: string) => sql`(case ${sql.ref(kind)}
  when 'conversation' then exists (select 1 from conversation c where c.thread = ${sql.ref(id)})
  when 'case' then ${withCase(id)}
  else exists (select 1 from act a where a.message_id = ${sql.ref(id)}) end)`;
const decides = sql`app_role() in ('supervisor', 'head')`;

/** @param is which row of retention a subject is blocked by */
const blocked = (is: string) => `select app_person() is not null and exists (
  select 1 from retention r where r.blocked_at is not null and r.erased_at is null and ${is}
    and split_part(of_subject, ':', 1) in ('conversation', 'case', 'attachment')
    and not exists (select 1 from retention_decision d where d.about = r.id and d.kind = 'lift' and d.approved_at is not null
      and d.ended_at is null and d.until > app_now() and app_person() in (d.proposer, d.approver)))`;

/** What is blocked, for the person of the transaction; work of the node is not a person's. Of files, those of its messages. */
const MY_BLOCKED = blocked(`r.id = case split_part(of_subject, ':', 1) when 'attachment' then (
      select a.thread from attachment f join act a on a.message_id = f.message_id where f.id = split_part(of_subject, ':', 2))
    else split_part(of_subject, ':', 2) end`);
/** And those of a case file; what is read with a file is blocked with it. */
const MY_BLOCKED_FILES =
  blocked(`r.id in (select a.thread from attachment f join act a on a.message_id = f.message_id
      where split_part(of_subject, ':', 1) = 'attachment' and f.id = split_part(of_subject, ':', 2)
    union all select app_read_with(f.case_id) from attachment f
      where split_part(of_subject, ':', 1) = 'attachment' and f.id = split_part(of_subject, ':', 2)
    union all select split_part(of_subject, ':', 2)
    union all select app_read_with(split_part(of_subject, ':', 2)))`);

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table retention (
      kind text not null check (kind in (${among(retentionKinds)})), id text not null, rule text check (rule in (${among(retentionRule.codes)})),
      ground text check (ground in (${among(erasureGround.codes)})), closed_at bigint not null, block_at bigint, warn_at bigint,
      erase_at bigint not null, warned_at bigint, blocked_at bigint, erased_at bigint, answer text, primary key (kind, id),
      check (rule is not null or ground is not null))`,
    sql`create index retention_id on retention (id)`,
    sql`create index retention_due on retention (least(erase_at, block_at, warn_at)) where erased_at is null`,
    sql`create table retention_decision (
      id text primary key, kind text not null check (kind in (${among(decisionKinds)})), about_kind text not null check (about_kind in (${among(retentionKinds)})),
      about text not null, unit text not null, ground text, authority text check (authority in (${among(holdAuthority.codes)})), until bigint,
      reason bytea not null, proposer text not null, proposed_at bigint not null, approver text, approved_at bigint, ended_by text, ended_at bigint,
      constraint retention_two_persons check (approver <> proposer), check ((approver is null) = (approved_at is null)),
      check ((ended_by is null) = (ended_at is null)),
      check (case kind when 'hold' then ground in (${among(holdGround.codes)}) and authority is not null and until is not null
        when 'erase' then ground in (${among(erasureGround.codes)}) and authority is null and until is null
        else ground is null and authority is null end))`,
    sql`create index retention_decision_about on retention_decision (about) where ended_at is null`,
    sql`create index conversation_closed on conversation (thread) where state = 'CLOSED'`,
    sql`create index audit_entry_file on audit_entry ((detail::jsonb ->> 'id')) where type in ('attachment.stored', 'attachment.stored-uncleaned') and detail is not null`,
    sql`alter table act add column notice boolean not null default false`,
    sql`alter table proposal add column notice boolean not null default false`,
    sql`alter table seal_request add column notice boolean not null default false`,
    sql`alter table task drop constraint task_kind, add constraint task_kind check (kind in (${among(taskKinds)}))`,
    sql`alter table breach_note drop constraint breach_note_how_check, add constraint breach_note_how_check check (how in (${among(contactWays)}))`,
    sql`create function app_my_blocked(of_subject text) returns boolean language sql stable security definer set search_path = public, pg_temp
      as ${sql.lit(MY_BLOCKED)}`,
  ];
  for (const statement of statements) await statement.execute(db);
  await openTable(db, 'retention', {
    work: {
      app_jobs: 'select, insert, update, delete',
      app_exchange: 'select, delete',
      app_retention: 'select, insert, update',
    },
    officer: {
      privileges: 'select, insert, update (rule, ground, block_at, warn_at, erase_at, answer)',
      rows: {
        select: { using: seen('retention.kind', 'retention.id') },
        insert: { check: sql`${decides} and ${seen('retention.kind', 'retention.id')}` },
        update: {
          using: sql`${decides} and erased_at is null and ${seen('retention.kind', 'retention.id')}`,
        },
      },
    },
  });
  const about = seen('retention_decision.about_kind', 'retention_decision.about');
  await openTable(db, 'retention_decision', {
    work: { app_jobs: 'select, update (ended_by, ended_at)', app_retention: 'select, update (reason)' },
    officer: {
      privileges: 'select, insert, update (approver, approved_at, until, ended_by, ended_at)',
      rows: {
        select: { using: about },
        insert: { check: sql`proposer = app_person() and approver is null and ${about}` },
        update: {
          using: sql`${about} and ended_at is null`,
          check: sql`(approver is null or ${decides}) and (ended_by is null or ended_by = app_person())`,
        },
      },
    },
  });
  // What the functions of the owner look at.
  for (const table of ['retention', 'retention_decision', 'attachment', 'act']) await letOwnerRead(db, table);
  await changeRows(db, 'data_key', { select: { using: sql`not app_my_blocked(subject)` } });
  await openErasing(db);
}

/** What erasing takes: to find what belongs to a subject, to empty it, to remove it. */
const ERASES: Readonly<Record<string, string>> = {
  data_key: 'select, insert, update (wrapped, wrap_key, erased_at)',
  conversation: 'select, update (updated_at)',
  act: 'select, update (body, author_name, author_office)',
  proposal:
    'select, update (body, safety, withdraw_reason, proposer_name, office, digest, guarded, names, status, outside_by, attachment_ids)',
  clearance: 'select, update (grounds, revoke_reason, asked_name, granted_name, revoked_name, digest)',
  task: 'select, update (reason, closed_at, closed_by)',
  break_glass: 'select, update (reason)',
  disclosure: 'select, update (deferred_reason)',
  local_request: 'select, update (service, letter, answers, withdrawn_at)',
  seal_request: 'select, insert, update (content)',
  outbox: 'select (id, state, sealed), update (sealed)',
  outbox_part: 'select (message_id), delete',
  inbound: 'select, update (held)',
  inbound_part: 'select (message_id), delete',
  quarantine: 'select, update (sealed)',
  attachment: 'select, delete',
  attachment_part: 'select (attachment_id), delete',
  milestone: 'select (thread), delete',
  case_file: 'select, update (updated_at)',
  case_entry: 'select (case_id), delete',
  search_token: 'select (case_id), delete',
  imported_row: 'select (case_id), delete',
  case_match: 'select (case_id, other_case, thread), delete',
  match_pending: 'select (source), delete',
  audit_entry: 'insert, select, update (salt, detail)',
};

async function openErasing(db: Kysely<unknown>): Promise<void> {
  for (const [table, privileges] of Object.entries(ERASES))
    await openToWork(db, 'app_retention', table, privileges);
  // Closed conversations and files begin their clocks.
  await openToWork(db, 'app_jobs', 'case_file', 'select');
  // That the other State has erased what it should not have had is entered where it was reported.
  await openToWork(db, 'app_exchange', 'breach_note', 'select, insert');
}

/** Files of case files, and files that are read with others, are withheld with what they belong to. */
export async function upFiles(db: Kysely<unknown>): Promise<void> {
  await sql`create or replace function app_my_blocked(of_subject text) returns boolean language sql stable security definer
    set search_path = public, pg_temp as ${sql.lit(MY_BLOCKED_FILES)}`.execute(db);
}

/** What came after these walls and goes with a conversation or a file: complaints, acts of appointment, ages. */
export async function upFurther(db: Kysely<unknown>): Promise<void> {
  await openToWork(db, 'app_retention', 'complaint', 'select, update (words, answer)');
  await openToWork(db, 'app_retention', 'guardian_link', 'select (id, case_id)');
  await openToWork(db, 'app_retention', 'case_age', 'select (case_id), delete');
  await openToWork(db, 'app_retention', 'shown', 'select (id, thread, source), delete');
  await openToWork(db, 'app_retention', 'guardian_word', 'select (id, thread), delete');
}

/**
 * What a hold on a conversation, a file or a message keeps: the file, those read with it and the conversations they gather; the
 * conversation and its messages. As the owner: a hold binds who does not see it.
 */
const HELD_WITH = `with heads as (select app_read_with(of_about) as id),
    files as (select f.id from case_file f join heads h on coalesce(f.joined_into, f.id) = h.id),
    threads as (select of_about as id union select c.thread from case_conversation c join files on files.id = c.case_id)
  select of_about union select id from files union select id from threads
    union select a.message_id from act a join threads t on t.id = a.thread`;

/** The hold that ends last, of what keeps this: the same the other way. */
const HOLD_OVER = `with threads as (select of_id as id union select thread from act where message_id = of_id),
    heads as (select app_read_with(of_id) as id union select app_read_with(c.case_id) from case_conversation c join threads t on t.id = c.thread),
    files as (select f.id from case_file f join heads h on coalesce(f.joined_into, f.id) = h.id),
    keeps as (select of_id as id union select id from threads union select id from files
      union select a.message_id from act a where a.thread = of_id)
  select d.until, d.authority from retention_decision d join keeps on keeps.id = d.about
    where d.kind = 'hold' and d.approved_at is not null and d.ended_at is null order by d.until desc limit 1`;

/** Holds over what is kept together; acts of appointment go with what they are about. */
export async function upHolds(db: Kysely<unknown>): Promise<void> {
  const made = {
    'app_held_with(of_about text) returns setof text': HELD_WITH,
    'app_hold_over(of_id text) returns table (until bigint, authority text)': HOLD_OVER,
  };
  for (const [signature, query] of Object.entries(made)) {
    await sql`create function ${sql.raw(signature)} language sql stable security definer set search_path = public, pg_temp
      as ${sql.lit(query)}`.execute(db);
    const name = sql.raw(signature.split(' returns')[0]!);
    await sql`revoke execute on function ${name} from public`.execute(db);
    await sql`grant execute on function ${name} to ${sql.id(roleOfAudience.officer)}, app_jobs, app_retention, app_exchange`.execute(
      db,
    );
  }
  await grant(
    db,
    'app_retention',
    'guardian_link',
    'select (threads, content, shown, revoke_reason), update (content, shown, revoke_reason)',
  );
  await openToWork(db, 'app_retention', 'guardian_link_version', 'select (link, content), update (content)');
  await openToWork(db, 'app_retention', 'guardian_link_conflict', 'select (link, reason), update (reason)');
}

/** What two people have decided: an erasure of just this, or the answer to the other State that it is erased. */
const isDecided = sql`rule is null and (exists (select 1 from retention_decision d where d.about = retention.id and d.kind = 'erase'
    and d.approver = app_person() and d.ended_at is null)
  or exists (select 1 from act a where a.message_id = retention.answer and a.type = 'ERS' and a.stage is not null
    and a.facts::jsonb ->> 'phase' <> 'ask' and a.facts::jsonb ->> 'status' = 'erased'
    and a.thread in (retention.id, (select m.thread from act m where m.message_id = retention.id))))`;

/** Nobody has anything erased alone: a clock is moved by time, and by what two people decided. */
export async function upErasing(db: Kysely<unknown>): Promise<void> {
  const check = sql`${decides} and ${seen('retention.kind', 'retention.id')} and ${isDecided}`;
  await changeRows(db, 'retention', {
    insert: { check },
    update: {
      using: sql`${decides} and erased_at is null and ${seen('retention.kind', 'retention.id')}`,
      check,
    },
  });
}

/**
 * What a hold kept stays for a month from its end, and people are told anew. It moves a clock later alone, and for a hold that was
 * ended at that time alone: so it needs no second person.
 */
const GIVE_TIME = `update retention set warned_at = null, erase_at = greatest(erase_at, at + ${WARN_DAYS}::bigint * 86400000)
  where id in (select app_held_with(of_about)) and erased_at is null and answer is null
    and exists (select 1 from retention_decision d where d.about = of_about and d.kind = 'hold' and d.approved_at is not null and d.ended_at = at)`;

/** Who ends a hold, or the time that ends it, gives what it kept its month. */
export async function upHoldsEnd(db: Kysely<unknown>): Promise<void> {
  await sql`create function app_give_time(of_about text, at bigint) returns void language sql security definer
    set search_path = public, pg_temp as ${sql.lit(GIVE_TIME)}`.execute(db);
  await sql`revoke execute on function app_give_time from public`.execute(db);
  await sql`grant execute on function app_give_time to ${sql.id(roleOfAudience.officer)}, app_jobs`.execute(
    db,
  );
}
