/**
 * What a child, or somebody the child asks, says of who represents it: cards that were printed, and what came by them. Heard by the
 * head and by supervisors of the unit who had no part in who represents the child, and where there is none of them by deputies of the
 * unit; to everybody else, here and on every other
 * endpoint, it is as if it were not there (PRACTICE.md A7). Times are epoch milliseconds.
 */
import { type Kysely, sql } from 'kysely';
import { changeRows } from '../storage/people-walls.ts';
import { roleOfAudience } from '../storage/roles.ts';
import { openTable } from '../storage/walls.ts';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { complaintKey } from '../vault/subjects.ts';

/** One card: an address and a code, for one message. */
export interface ComplaintCardTable {
  id: string;
  /** The child's file, or a conversation. */
  about: string;
  /** SHA-256 of the secret in the address, hex. */
  token_hash: string;
  /** HMAC-SHA-256 of the code on the card, keyed with that secret, hex. */
  code_hash: string;
  language: string;
  printed_by: string;
  printed_at: number;
  expires_at: number;
  /** Wrong codes since `tried_at`: nobody locks the child out for longer than a day. */
  tries: number;
  tried_at: number | null;
}

export interface ComplaintTable {
  /** Of the card it came by; says nothing of what it names, wherever it is noted. */
  id: string;
  about: string;
  given_at: number;
  /** HMAC-SHA-256 of the code by which the child comes back, keyed with the secret of the address, hex. */
  receipt_hash: string;
  /** Canonical JSON, sealed. */
  words: Buffer;
  /** To the child, sealed. */
  answer: Buffer | null;
  answered_by: string | null;
  answered_at: number | null;
}

export interface ComplaintTables {
  complaint_card: ComplaintCardTable;
  complaint: ComplaintTable;
}

/** Under a key of its own, made when the card is printed: whoever gives words by a card makes no keys. */
export const sealedComplaint: SealedColumns<{ id: string }, 'words' | 'answer'> = {
  table: 'complaint',
  columns: ['words', 'answer'],
  row: ({ id }) => id,
  subject: ({ id }) => complaintKey(id),
};

const OFFICER = roleOfAudience.officer;
const asOwner = (signature: string, returns: string, query: string) =>
  sql`create function ${sql.raw(signature)} returns ${sql.raw(returns)} language sql stable security definer
    set search_path = public, pg_temp as ${sql.lit(query)}`;

/** Everybody who wrote, approved or vouched for any link of this child, in force or not; but heads, who hear in any case. */
const INVOLVED = asOwner(
  'app_involved_in(of_about text)',
  'setof text',
  `with links as (select l.* from guardian_link l where l.id in (select app_links_over(of_about)))
    select p.id from person p where p.role <> 'head' and (exists (select 1 from links l where p.id = any (l.authors) or p.id = l.approver)
      or exists (select 1 from guardian_link_conflict c join links l on l.id = c.link where c.settled_by = p.id))`,
);
/** Whose it is, and whether it is for named readers; as the owner, so that a complaint reaches whom it must. */
const PLACE = asOwner(
  'app_place_of(of_about text)',
  'table (unit text, eyes_only boolean)',
  `select unit, eyes_only from case_file where id = app_read_with(of_about)
    union all select unit, eyes_only from conversation where thread = of_about`,
);

/** The rule of `complaint.hear` (permit.ts); whose complaints are a unit's only the database says. {@link upOutside} adds to it. */
const hears = sql`(app_role() = 'head' or (app_role() = 'supervisor' and app_person() not in (select app_involved_in(complaint.about))
  and exists (select 1 from app_place_of(complaint.about) p
    where case when p.eyes_only then complaint.about in (select app_my_readings()) else p.unit = app_unit() end)))`;
const seesAbout = sql`(exists (select 1 from case_file f where f.id = complaint_card.about)
  or exists (select 1 from conversation c where c.thread = complaint_card.about))`;
const byLink = sql`nullif(current_setting('app.link', true), '')`;

/** Creates the tables and their walls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table complaint_card (
    id text primary key, about text not null, token_hash text not null unique, code_hash text not null, language text not null,
    printed_by text not null, printed_at bigint not null, expires_at bigint not null check (expires_at > printed_at),
    tries int not null default 0, tried_at bigint)`.execute(db);
  await sql`create table complaint (
    id text primary key references complaint_card, about text not null, given_at bigint not null, receipt_hash text not null, words bytea not null,
    answer bytea, answered_by text, answered_at bigint, check (num_nulls(answer, answered_by, answered_at) in (0, 3)))`.execute(
    db,
  );
  for (const make of [INVOLVED, PLACE]) await make.execute(db);
  for (const of of ['app_involved_in', 'app_place_of']) {
    await sql`revoke execute on function ${sql.id(of)} from public`.execute(db);
    await sql`grant execute on function ${sql.id(of)} to ${sql.id(OFFICER)}, app_local`.execute(db);
  }
  await openTable(db, 'complaint_card', {
    work: { app_local: 'select, update (tries, tried_at)' },
    // Whoever prints a card can look nothing up afterwards, whether it was used neither.
    officer: {
      privileges: 'insert',
      rows: { insert: { check: sql`printed_by = app_person() and ${seesAbout}` } },
    },
  });
  await openTable(db, 'complaint', {
    work: { app_local: 'select, insert' },
    officer: {
      privileges: 'select, update (answer, answered_by, answered_at)',
      rows: {
        select: { using: hears },
        update: { using: hears, check: sql`answered_by = app_person() and ${hears}` },
      },
    },
  });
  // Whoever holds a card is let to what came by it, whatever is asked of the database.
  await sql`create policy app_local_one on complaint_card as restrictive to app_local using (token_hash = ${byLink})`.execute(
    db,
  );
  await sql`create policy app_local_one on complaint as restrictive to app_local
    using (id in (select c.id from complaint_card c where c.token_hash = ${byLink}))`.execute(db);
  await sql`create policy app_local_hears on task for insert to app_local with check (kind = 'child-complaint')`.execute(
    db,
  );
  await sql`create policy app_local_heard on task for select to app_local using (kind = 'child-complaint')`.execute(
    db,
  );
  // That it waits is seen by who hears it, and by nobody else who sees tasks of the unit.
  await sql`create policy complaints_unheard on task as restrictive for select to ${sql.id(OFFICER)}
    using (kind <> 'child-complaint' or exists (select 1 from complaint where complaint.id = task.about))`.execute(
    db,
  );
}

/** Everybody who wrote, approved or vouched for any link of this child, in force or not, and whom it is about; heads too. */
const INVOLVED_ALL = `with links as (select l.* from guardian_link l where l.id in (select app_links_over(of_about)))
    select p.id from person p where exists (select 1 from links l where p.id in (l.person, l.approver) or p.id = any (l.authors))
      or exists (select 1 from guardian_link_conflict c join links l on l.id = c.link where c.settled_by = p.id)`;

/**
 * Deputies of the unit who hear it, since nobody of the office had no part in it: not even the head (PRACTICE.md 1.4). What is for named
 * readers no deputy sees; of that auditors are told.
 */
const OUTSIDE = `with place as (select * from app_place_of(of_about)),
    fit as (select p.id, p.role, p.unit from person p where p.disabled_at is null and p.role in ('supervisor', 'head')
      and p.id not in (select app_involved_in(of_about))),
    own as (select 1 from fit f, place where f.role = 'head' or f.unit = place.unit)
  select f.id from fit f join deputy d on d.person = f.id and d.ended_at is null and d.until > at join place on place.unit = d.unit
    where not place.eyes_only and not exists (select 1 from own)`;

/** A head who had a part in who represents the child does not hear what the child says of it. */
export async function upOutside(db: Kysely<unknown>): Promise<void> {
  const replaced = sql`create or replace function app_involved_in(of_about text) returns setof text language sql stable security definer
    set search_path = public, pg_temp as ${sql.lit(INVOLVED_ALL)}`;
  for (const make of [
    replaced,
    asOwner('app_outside_hearing(of_about text, at bigint)', 'setof text', OUTSIDE),
  ])
    await make.execute(db);
  await sql`revoke execute on function app_outside_hearing from public`.execute(db);
  await sql`grant execute on function app_outside_hearing to ${sql.id(OFFICER)}, app_local`.execute(db);
  const now = sql`((app_person() not in (select app_involved_in(complaint.about)) and ${hears})
    or app_person() in (select app_outside_hearing(complaint.about, app_now())))`;
  await changeRows(db, 'complaint', {
    select: { using: now },
    update: { using: now, check: sql`answered_by = app_person() and ${now}` },
  });
}
