/**
 * Tables of notices: what waits to be told to whom, and how far telling them has come. Nothing here says what a notice is about.
 * Times are epoch milliseconds.
 */
import { type Generated, type Kysely, sql } from 'kysely';

/** `urgent`: an alert or a safety task; `digest`: routine, bundled, once a day. */
export const noticeKinds = ['urgent', 'digest'] as const;
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
      id bigserial primary key, person text not null references person on delete cascade, kind text not null check (kind in (${kinds})),
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
}
