/**
 * Tables of people and their sessions. A person is entered here by the office, never by signing in; the identity provider says
 * who somebody is, this table says what they are here. Times are epoch milliseconds.
 */
import { type Kysely, sql } from 'kysely';
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
}

export interface AccessTables {
  person: PersonTable;
  session: SessionTable;
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
  ];
  for (const statement of statements) await statement.execute(db);
}
