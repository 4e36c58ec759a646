/**
 * Tables of notices: what waits to be told to whom, and how far telling them has come. Nothing here says what a notice is about.
 * Times are epoch milliseconds.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import { OWNER } from '../storage/roles.ts';
import { openTable } from '../storage/walls.ts';

/**
 * `alert`: the alert of another State that nobody has confirmed yet; `urgent`: a safety task, or what is due soon; `digest`:
 * routine, bundled, once a day. Who gets a mail cannot tell the first two apart.
 */
export const noticeKinds = ['alert', 'urgent', 'digest'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/**
 * The outbox: one row for each cause and person, deleted when a mail has told of it or the person has signed in since. Causes
 * are only ever added, in the transaction that brings them about: a row to be shared would make these wait for each other.
 */
export interface NoticeTable {
  id: Generated<number>;
  person: string;
  kind: NoticeKind;
  /** Since when it waits. */
  at: number;
}

/** How far telling one person in one way has come; a row for each pair that ever had a cause. */
export interface NoticeStateTable {
  person: string;
  kind: NoticeKind;
  /** Counts claims: whoever read an older number has been overtaken. */
  turn: Generated<number>;
  /** A sender holds it until then, also if it has died. */
  claimed_until: Generated<number>;
  sent_at: number | null;
  /** The office's day of the last mail, `YYYY-MM-DD`, and how many went on it. */
  sent_day: string | null;
  sent_count: Generated<number>;
  /** Refusals for now since the last mail (4xx), and when to try again. */
  attempts: Generated<number>;
  next_attempt_at: Generated<number>;
  /** The address was refused for good, and with which reply; cleared by the next mail that goes. */
  gave_up_at: number | null;
  gave_up_code: string | null;
}

/** One row: the office's mail server as a whole, and until when it is left alone after a failure. */
export interface MailServerTable {
  id: Generated<boolean>;
  failures: number;
  next_attempt_at: number;
}

export interface NoticeTables {
  notice: NoticeTable;
  notice_state: NoticeStateTable;
  mail_server: MailServerTable;
}

/** Creates the tables of notices. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const kinds = sql.join(noticeKinds.map((kind) => sql.lit(kind)));
  const statements = [
    sql`create table notice (
      id bigint generated always as identity primary key, person text not null references person on delete cascade, kind text not null check (kind in (${kinds})),
      at bigint not null)`,
    sql`create index notice_person on notice (person, kind)`,
    sql`create table notice_state (
      person text not null references person on delete cascade, kind text not null check (kind in (${kinds})),
      turn bigint not null default 0, claimed_until bigint not null default 0,
      sent_at bigint, sent_day text, sent_count int not null default 0,
      attempts int not null default 0, next_attempt_at bigint not null default 0, gave_up_at bigint, gave_up_code text,
      primary key (person, kind))`,
    sql`create table mail_server (
      id boolean primary key default true check (id), failures int not null, next_attempt_at bigint not null)`,
    sql`insert into mail_server (failures, next_attempt_at) values (0, 0)`,
    // Whether somebody has signed in since: also by sessions that have ended.
    sql`create index session_seen on session (person, seen_at)`,
  ];
  for (const statement of statements) await statement.execute(db);
  await openTable(db, 'notice', { work: { app_jobs: 'select, delete' } });
  await openTable(db, 'notice_state', { work: { app_jobs: 'select, insert, update, delete' } });
  await openTable(db, 'mail_server', { work: { app_jobs: 'select, insert, update' } });
  // The sender looks whether somebody has been here since.
  await sql`grant select (person, seen_at) on session to app_jobs`.execute(db);
  await sql`create policy app_jobs_looks on session for select to app_jobs using (true)`.execute(db);
  for (const table of ['notice', 'person', 'conversation'])
    await sql`create policy owner_tells on ${sql.table(table)} to ${sql.id(OWNER)} using (true) with check (true)`.execute(
      db,
    );
  // Whoever stands in for one of them is told too, unless it is for named readers: that is no part of the work handed over. Who is
  // away is told and not counted: nothing waits for them alone.
  await sql`create function app_request_notice(persons text[], roles text[], of_thread text, except_for text[], kind text, at bigint) returns int
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
      declare told int; closed boolean := exists (select 1 from conversation c where c.thread = of_thread and c.eyes_only)
        or exists (select 1 from proposal p where p.thread = of_thread and p.opens and p.eyes_only)
        or exists (select 1 from case_file f where f.id = of_thread and f.eyes_only);
      begin
        with away as (select h.from_person, h.to_person from hand_over h where h.ended_at is null and h.until > $6),
        chosen as (
          select p.id from person p where (p.disabled_at is null or p.disabled_at > $6) and p.id <> all($4)
            and ($1 is null or p.id = any($1)) and ($2 is null or p.role = any($2)) and ($1 is not null or $2 is not null)),
        told_now as (
          insert into notice (person, kind, at)
          select p.id, $5, $6 from person p
          where p.email is not null and (p.disabled_at is null or p.disabled_at > $6) and p.id <> all($4)
            and (p.id in (select id from chosen)
              or (not closed and p.id in (select a.to_person from away a join chosen c on c.id = a.from_person)))
          returning notice.person)
        select count(*)::int into told from told_now n where not exists (select 1 from away a where a.from_person = n.person);
        return told;
      end $$`.execute(db);
  // For named readers: a conversation's readers and the heads; a draft's deciders, as `seesDraft` has it (walls.ts).
  await sql`create function app_tell_roles(of_thread text, in_unit text, roles text[], with_deputies boolean, except_for text[],
      kind text, at bigint) returns int
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
      declare of_unit text := in_unit; closed boolean := false; is_draft boolean := false; who text[];
      begin
        if of_thread is not null then
          select coalesce(in_unit, c.unit), c.eyes_only into of_unit, closed from (select thread, unit, eyes_only from conversation
            union all select id, unit, eyes_only from case_file) c where c.thread = of_thread;
          if not found then
            is_draft := true;
            select coalesce(in_unit, p.unit), p.eyes_only into of_unit, closed from proposal p where p.thread = of_thread and p.opens limit 1;
          end if;
          of_unit := coalesce(of_unit, in_unit);
        end if;
        who := array(select p.id from person p where p.id <> all(except_for) and (case
          when closed and is_draft then p.role = 'head' or (p.role = 'supervisor' and p.unit = of_unit)
          when closed then p.role = 'head' or exists (select 1 from reader r where r.thread = of_thread and r.person = p.id)
          else p.role = any(roles) and (p.role = 'head' or p.unit = of_unit or (with_deputies and exists (
            select 1 from deputy d where d.unit = of_unit and d.person = p.id and d.ended_at is null and d.until > $7))) end));
        return app_tell(who, of_thread, except_for, kind, at);
      end $$`.execute(db);
  await sql`create function app_tell(who text[], of_thread text, except_for text[], kind text, at bigint) returns int
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
      declare told int := app_request_notice(who, null, of_thread, except_for, kind, at);
      begin
        if told > 0 then return told; end if;
        return app_request_notice(null, array['head'], of_thread, except_for, kind, at);
      end $$`.execute(db);
  // They act as the owner: only for those who have something to tell. To others their answer would say who is there.
  await sql`revoke execute on function app_request_notice, app_tell_roles, app_tell from public`.execute(db);
  await sql`grant execute on function app_request_notice, app_tell_roles to app_officer, app_exchange, app_jobs, app_local`.execute(
    db,
  );
}
