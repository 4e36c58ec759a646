/**
 * What guardians are shown, and what they say. `shown` is a copy with the withheld parts left out (withhold.ts), written when something
 * becomes showable and never changed; guardians read it through `app_my_shown` alone, and no table of the officers' content.
 * Both are sealed under a key of their own for each conversation, so that a guardian's transaction can open nothing else. Times are
 * epoch milliseconds.
 *
 * What they read it by runs as the owner: a guardian's role sees neither when this node came to know something nor that anything was held back
 * (docs/adr/0012).
 */
import { type Generated, type Kysely, sql } from 'kysely';
import { taskKinds } from '../enquiries/tables.ts';
import { roleOfAudience } from '../storage/roles.ts';
import { all, letOwnerRead, openTable, openToWork, withThread } from '../storage/walls.ts';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { shownKey } from '../vault/subjects.ts';
import type { MilestoneTable } from './tables.ts';

/** What the node writes by itself, then what an officer shows. */
export const shownKinds = [
  'asked',
  'answered',
  'decided',
  'hearing',
  'due',
  'round',
  'note',
  'decision',
  'expected',
  'contact',
  'state',
  'view',
  'document',
  'answer',
  'telling',
  // A round of questions is over before its time: they have left.
  'sent',
  // What is kept of it will be erased.
  'erasing',
  // Of an act that shows nothing: it has been looked at. No guardian reads it.
  'nothing',
] as const;
export type ShownKind = (typeof shownKinds)[number];

/** Rows without words. */
export const KEYLESS = ['due', 'erasing', 'sent', 'nothing'] as const satisfies readonly ShownKind[];

export const wordKinds = ['objection', 'agreement', 'view', 'request', 'pause'] as const;
export type WordKind = (typeof wordKinds)[number];

/** A conversation as guardians know it: its own id carries the time at which it began. */
export interface FollowedTable {
  thread: string;
  id: string;
  side: 'requester' | 'requested';
}

export interface ShownTable {
  id: string;
  /** In the order in which it was written. */
  n: Generated<number>;
  thread: string;
  kind: ShownKind;
  /** The message, proposal or word of a guardian it comes from; shown once of each kind. */
  source: string | null;
  /** When it was decided, or known here. */
  at: number;
  /** When this node came to know it: what a freeze compares. */
  noted_at: number;
  /** Who showed it; null for the node itself. */
  shown_by: string | null;
  /** Of `due` and `erasing`, which time moves and which must need no key: the day, or null where no clock runs any more. */
  due_on: string | null;
  /** JSON of {@link import('./shown.ts').ShownContents}; sealed; null for {@link KEYLESS}. */
  content: Buffer | null;
}

/** A file shown to guardians, in parts sealed one by one; how many there must be stands in the row of `shown`. */
export interface ShownPartTable {
  shown: string;
  n: number;
  sealed: Buffer;
}

/** That what was new was held back from somebody, and is shown as if it had come with the end of it. */
export interface GuardianHoldTable {
  person: string;
  thread: string;
  since: number;
  until: number;
}

/** What a guardian said; never changed by them. */
export interface GuardianWordTable {
  id: string;
  /** In the order in which it was said. */
  n: Generated<number>;
  thread: string;
  person: string;
  kind: WordKind;
  /** The round of questions it is about, and which question of it. */
  about: string | null;
  question: number | null;
  at: number;
  /** JSON of the words; sealed. */
  content: Buffer;
  answered_by: string | null;
  answered_at: number | null;
  result: string | null;
  /** Of a pause that was granted: when it ended. */
  ended_at: number | null;
}

/** As `app_my_shown` gives it: `at` is when it became visible where it had been held back. */
export type MyShown = Pick<ShownTable, 'id' | 'thread' | 'kind' | 'source' | 'at' | 'due_on' | 'content'> & {
  n: number;
  /** When it may first have been seen. */
  shown_at: number;
  /** When persons decided, whenever it was shown: time to object runs from it. Only of decisions. */
  decided_at: number;
};

export interface ShownTables {
  followed: FollowedTable;
  shown: ShownTable;
  shown_part: ShownPartTable;
  guardian_hold: GuardianHoldTable;
  guardian_word: GuardianWordTable;
}

export const sealedShown: SealedColumns<Pick<ShownTable, 'id' | 'thread'>, 'content'> = {
  table: 'shown',
  columns: ['content'],
  row: ({ id }) => id,
  subject: ({ thread }) => shownKey(thread),
};

export const sealedWord: SealedColumns<Pick<GuardianWordTable, 'id' | 'thread'>, 'content'> = {
  table: 'guardian_word',
  columns: ['content'],
  row: ({ id }) => id,
  subject: ({ thread }) => shownKey(thread),
};

const GUARDIAN = roleOfAudience.guardian;

/** Creates the tables, their walls and what guardians read them by. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...TASKS, ...TABLES]) await statement.execute(db);
  const { select, insert } = all(withThread('shown'));
  const theirs = { ...(select && { select }), ...(insert && { insert }) };
  const ofFollowed = all(withThread('followed'));
  await openTable(db, 'followed', {
    work: { app_exchange: 'select, insert' },
    officer: {
      privileges: 'select, insert',
      rows: { select: ofFollowed.select!, insert: ofFollowed.insert! },
    },
  });
  await openTable(db, 'shown', {
    work: { app_exchange: 'select, insert' },
    officer: { privileges: 'select, insert', rows: theirs },
  });
  await openTable(db, 'guardian_hold', {
    officer: { privileges: 'insert', rows: { insert: { check: withThread('guardian_hold') } } },
  });
  await openWords(db);
  for (const name of ['followed', 'shown', 'guardian_hold', 'milestone']) await letOwnerRead(db, name);
  for (const made of FUNCTIONS) await made.execute(db);
  await openParts(db);
  await sql`drop policy app_guardian_select on milestone`.execute(db);
  await sql`revoke select (thread, n, stage, at) on milestone from ${sql.id(GUARDIAN)}`.execute(db);
  const isOwnKey = sql`subject in (select 'shown:' || w.thread from app_my_represented() w)`;
  // Beside the keys of their own links (node/access/link-tables.ts).
  await sql`grant select (subject, wrapped, wrap_key), insert on data_key to ${sql.id(GUARDIAN)}`.execute(db);
  await sql`create policy app_guardian_select_shown on data_key for select to ${sql.id(GUARDIAN)} using (${isOwnKey})`.execute(
    db,
  );
  await sql`create policy app_guardian_insert_shown on data_key for insert to ${sql.id(GUARDIAN)} with check (${isOwnKey})`.execute(
    db,
  );
}

/** A kind of task that the constraint of an older database does not know. */
const TASKS = [
  sql`alter table task drop constraint task_kind`,
  sql`alter table task add constraint task_kind check (kind in (${sql.join(taskKinds.map((kind) => sql.lit(kind)))}))`,
];

const known = (codes: readonly string[]) => sql.join(codes.map((code) => sql.lit(code)));

const TABLES = [
  sql`create table followed (
    thread text primary key, id text not null unique, side text not null check (side in ('requester', 'requested')))`,
  sql`create table shown (
    id text primary key, n bigint not null generated always as identity unique, thread text not null,
    kind text not null check (kind in (${known(shownKinds)})), source text, at bigint not null, noted_at bigint not null, shown_by text,
    due_on text, content bytea, check ((content is null) = (kind in ('due', 'nothing'))), check (due_on is null or kind = 'due'))`,
  sql`create index shown_thread on shown (thread, n)`,
  sql`create index shown_source on shown (source) where source is not null`,
  sql`create table shown_part (shown text not null references shown on delete cascade, n int not null, sealed bytea not null,
    primary key (shown, n))`,
  sql`create table guardian_hold (
    person text not null, thread text not null, since bigint not null, until bigint not null, primary key (person, thread, since),
    check (since < until))`,
  sql`create table guardian_word (
    id text primary key, n bigint not null generated always as identity unique, thread text not null, person text not null, kind text not null check (kind in (${known(wordKinds)})), about text,
    question int, at bigint not null, content bytea not null, answered_by text, answered_at bigint, result text, ended_at bigint,
    check ((answered_by is null) = (answered_at is null)), check ((kind in ('objection', 'agreement')) = (about is not null)))`,
  sql`create index guardian_word_thread on guardian_word (thread, at)`,
  sql`create index guardian_word_about on guardian_word (about) where about is not null`,
];

/** What was held back from this person came, for them, when it was let through. */
const HELD_UNTIL = `(select max(h.until) from guardian_hold h where h.person = app_person() and h.thread = r.thread
  and r.noted_at > h.since and r.noted_at <= h.until)`;
const VISIBLE = `app_person() is not null and app_purpose() is not null
  and exists (select 1 from app_my_represented() w where w.thread = r.thread and r.noted_at <= w.until)`;

/** As the owner, and only of who acts: their role sees neither table. */
const mine = (name: string, columns: string, query: string) =>
  sql`create function ${sql.id(name)}() returns table (${sql.raw(columns)}) language sql stable security definer
    set search_path = public, pg_temp as ${sql.lit(query)}`;

const FUNCTIONS = [
  mine(
    'app_my_followed',
    'thread text, id text, side text',
    `select f.thread, f.id, f.side from followed f
      where app_person() is not null and app_purpose() is not null and f.thread in (select w.thread from app_my_represented() w)`,
  ),
  mine(
    'app_my_shown',
    'id text, n bigint, thread text, kind text, source text, due_on text, content bytea, at bigint, decided_at bigint, shown_at bigint',
    `select r.id, r.n, r.thread, r.kind, r.source, r.due_on, r.content, coalesce(${HELD_UNTIL}, r.at),
      case when r.kind = 'decided' then r.at end, coalesce(${HELD_UNTIL}, r.noted_at) from shown r where r.kind <> 'nothing' and ${VISIBLE}`,
  ),
  // The day of a decision is its own, since time to object runs from it; the month of all else is that in which it became visible.
  mine(
    'app_my_milestones',
    'thread text, n int, stage text, at bigint',
    `select r.thread, r.n, r.stage,
      case when r.stage in ('cannot-be-answered', 'ended') then r.at else coalesce(${HELD_UNTIL}, r.at) end
      from milestone r where ${VISIBLE}`,
  ),
];

/** What guardians read instead of tables. */
export const myFollowed = sql<FollowedTable>`app_my_followed()`.as<'f'>(sql.id('f'));
export const myShown = sql<MyShown>`app_my_shown()`.as<'s'>(sql.id('s'));
export const myMilestones = sql<
  Pick<MilestoneTable, 'thread' | 'n' | 'stage' | 'at'>
>`app_my_milestones()`.as<'m'>(sql.id('m'));

async function openParts(db: Kysely<unknown>): Promise<void> {
  const ofShown = sql`exists (select 1 from shown s where s.id = shown_part.shown)`;
  await openTable(db, 'shown_part', {
    officer: {
      privileges: 'select, insert',
      rows: { select: { using: ofShown }, insert: { check: ofShown } },
    },
    guardian: {
      privileges: 'select',
      rows: { select: { using: sql`shown in (select s.id from app_my_shown() s)` } },
    },
  });
}

async function openWords(db: Kysely<unknown>): Promise<void> {
  const mine = sql`person = app_person() and thread in (select w.thread from app_my_represented() w)`;
  const seen = withThread('guardian_word');
  await openTable(db, 'guardian_word', {
    // Who was told of it: neither of whom nor what.
    work: { app_jobs: 'select (id, thread, kind)' },
    officer: {
      privileges: 'select, update (answered_by, answered_at, result, ended_at)',
      rows: { select: { using: seen }, update: { using: seen, check: seen } },
    },
    guardian: {
      privileges: 'insert, select (id, n, thread, person, kind, about, question, at, content)',
      rows: {
        select: { using: mine },
        insert: { check: sql`${mine} and answered_by is null and result is null and ended_at is null` },
      },
    },
  });
}

/** Words of a guardian and the release of what they are about wait for each other. The name of the lock is the round's. */
export const lockRound = (round: string) => sql`select pg_advisory_xact_lock(hashtextextended(${round}, 84))`;

/** Rounds end when their questions leave, and the child's side is told before what is kept is erased. */
export async function upEnds(db: Kysely<unknown>): Promise<void> {
  const timed = sql.join(['due', 'erasing'].map((kind) => sql.lit(kind)));
  await sql`alter table shown drop constraint shown_kind_check, drop constraint shown_check, drop constraint shown_check1,
    add constraint shown_kind_check check (kind in (${known(shownKinds)})),
    add constraint shown_words check ((content is null) = (kind in (${known(KEYLESS)}))),
    add constraint shown_day check (due_on is null or kind in (${timed}))`.execute(db);
  // Who watches the time tells them, and needs no key for it.
  await openToWork(db, 'app_jobs', 'shown', 'select (thread, kind, due_on, n), insert');
  await openToWork(db, 'app_jobs', 'followed', 'select');
  await sql`grant execute on function app_links_over to app_jobs`.execute(db);
}

/** Two links that were frozen in one moment are let through at two. */
export async function upHolds(db: Kysely<unknown>): Promise<void> {
  await sql`alter table guardian_hold drop constraint guardian_hold_pkey, add primary key (person, thread, since, until)`.execute(
    db,
  );
}
