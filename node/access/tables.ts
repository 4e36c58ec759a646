/**
 * Tables of people, their sessions, and what they may see beyond their unit's conversations. A person is entered here by the office, never by signing in; the identity provider says
 * who somebody is, this table says what they are here. Times are epoch milliseconds.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { conversationKey, OFFICE_KEY } from '../vault/subjects.ts';
import { type Audience, type Role, roles } from './actor.ts';

export interface PersonTable {
  /** Stable id within this node, as logs name the person. */
  id: string;
  /** Issuer and subject of the identity provider: who the person is there. */
  issuer: string;
  subject: string;
  name: string;
  role: Role;
  unit: string;
  office: string;
  /** For notices without content; null for somebody who gets none. */
  email: string | null;
  /** BCP 47, of notices and screens. */
  language: string;
  created_at: number;
  /** From then on no session of theirs is good for anything. */
  disabled_at: number | null;
  disabled_by: string | null;
  /** In words of who disabled them, sealed; never in a log. */
  disabled_reason: Buffer | null;
}

export interface SessionTable {
  /** SHA-256 of the cookie's value, hex: who reads the table can sign in as nobody. */
  id_hash: string;
  person: string;
  audience: Audience;
  /** The provider's own id of the session (`sid`), for back-channel logout. */
  sid: string | null;
  /** How the person proved who they are (`acr`). */
  acr: string | null;
  auth_time: number;
  created_at: number;
  seen_at: number;
  expires_at: number;
  ended_at: number | null;
  /** Begun by a browser for itself, and not for a program that a person signed in. */
  browser: Generated<boolean>;
}

/**
 * That somebody works on a conversation although it is not their unit's: a person, or the pool of one role in one unit
 * (`role:legal-adviser@national`).
 */
export interface AssignmentTable {
  id: string;
  thread: string;
  assignee: string;
  given_by: string;
  given_at: number;
  /** It ends by itself; null until somebody ends it. */
  until: number | null;
  ended_at: number | null;
}

/** Who beside the head of office may read a conversation that is for named readers only (PRACTICE.md A15). */
export interface ReaderTable {
  thread: string;
  person: string;
  admitted_by: string;
  admitted_at: number;
}

export const glassCategories = ['danger-to-child', 'nobody-on-duty', 'court-order', 'other'] as const;

/** Somebody opened a conversation of another unit in need: for an hour, to read and not to send, and it is reviewed. */
export interface BreakGlassTable {
  id: string;
  thread: string;
  /** Whose conversation it was then: who decides there reviews it. The database fills it in (node/storage/people-walls.ts). */
  unit: Generated<string>;
  person: string;
  category: (typeof glassCategories)[number];
  /** In the person's words, sealed; never in a log. */
  reason: Buffer;
  opened_at: number;
  expires_at: number;
  review_due_at: number;
  reviewed_by: string | null;
  reviewed_at: number | null;
  finding: 'justified' | 'not-justified' | null;
}

/** What of these tables is kept sealed. */
export const sealedPerson: SealedColumns<Pick<PersonTable, 'id'>, 'disabled_reason'> = {
  table: 'person',
  columns: ['disabled_reason'],
  row: ({ id }) => id,
  subject: () => OFFICE_KEY,
};
export const sealedNeed: SealedColumns<Pick<BreakGlassTable, 'id' | 'thread'>, 'reason'> = {
  table: 'break_glass',
  columns: ['reason'],
  row: ({ id }) => id,
  subject: ({ thread }) => conversationKey(thread),
};

export interface AccessTables {
  person: PersonTable;
  session: SessionTable;
  assignment: AssignmentTable;
  reader: ReaderTable;
  break_glass: BreakGlassTable;
}

/** Creates the tables of people and sessions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const someRole = sql.join(roles.map((role) => sql.lit(role)));
  const statements = [
    sql`create table person (
      id text primary key, issuer text not null, subject text not null, name text not null, role text not null check (role in (${someRole})),
      unit text not null, office text not null, email text, language text not null, created_at bigint not null, disabled_at bigint,
      unique (issuer, subject))`,
    sql`create table session (
      id_hash text primary key, person text not null references person, audience text not null, sid text, acr text, auth_time bigint not null,
      created_at bigint not null, seen_at bigint not null, expires_at bigint not null, ended_at bigint)`,
    sql`create index session_person on session (person) where ended_at is null`,
    sql`create index session_sid on session (sid) where sid is not null`,
    sql`create table assignment (
      id text primary key, thread text not null, assignee text not null, given_by text not null, given_at bigint not null, until bigint,
      ended_at bigint, check (until is null or until > given_at))`,
    sql`create unique index assignment_once on assignment (assignee, thread) where ended_at is null`,
    sql`create index assignment_thread on assignment (thread) where ended_at is null`,
    sql`create table reader (
      thread text not null, person text not null references person, admitted_by text not null, admitted_at bigint not null,
      primary key (thread, person))`,
    sql`create index reader_person on reader (person)`,
    sql`create table break_glass (
      id text primary key, thread text not null, person text not null references person,
      category text not null check (category in (${sql.join(glassCategories.map((one) => sql.lit(one)))})),
      reason text not null check (length(trim(reason)) >= 10), opened_at bigint not null, expires_at bigint not null,
      review_due_at bigint not null, reviewed_by text, reviewed_at bigint, finding text check (finding in ('justified', 'not-justified')),
      check (reviewed_by <> person), check ((reviewed_by is null) = (reviewed_at is null) and (reviewed_at is null) = (finding is null)))`,
    sql`create index break_glass_person on break_glass (person, expires_at)`,
    sql`create index break_glass_open on break_glass (review_due_at) where reviewed_at is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}

/** A session says whether it is a browser's. */
export async function upBrowser(db: Kysely<unknown>): Promise<void> {
  await sql`alter table session add column browser boolean not null default false`.execute(db);
}
