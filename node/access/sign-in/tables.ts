/**
 * Tables of what is under way while people sign in; nothing in them outlives minutes. Times are epoch milliseconds.
 */
import { type Kysely, sql } from 'kysely';

/** A sign-in that was begun. Taken out when the browser comes back, so that it happens once. */
export interface LoginTable {
  /** SHA-256 of `state`, hex. */
  state_hash: string;
  /** SHA-256 of the cookie of the browser that began it, hex. */
  browser_hash: string;
  nonce: string;
  verifier: string;
  /** Path of this address. */
  return_to: string;
  step_up: boolean;
  /** Challenge of the program the person signs in for; null for the browser itself. */
  program: string | null;
  /** The session the browser had, which the new one replaces. */
  session: string | null;
  created_at: number;
  expires_at: number;
}

/** A code that a person carries from the browser to a program. */
export interface ProgramCodeTable {
  /** SHA-256 of challenge and code, hex: neither is good without the other. */
  code_hash: string;
  person: string;
  sid: string | null;
  acr: string;
  auth_time: number;
  expires_at: number;
}

/** Logout tokens that were taken, so that each is taken once. */
export interface LogoutTokenTable {
  jti_hash: string;
  expires_at: number;
}

export interface SignInTables {
  login: LoginTable;
  program_code: ProgramCodeTable;
  logout_token: LogoutTokenTable;
}

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table login (
      state_hash text primary key, browser_hash text not null, nonce text not null, verifier text not null, return_to text not null,
      step_up boolean not null, program text, session text, created_at bigint not null, expires_at bigint not null)`,
    sql`create index login_expiry on login (expires_at)`,
    sql`create table program_code (
      code_hash text primary key, person text not null references person, sid text, acr text not null, auth_time bigint not null,
      expires_at bigint not null)`,
    sql`create table logout_token (jti_hash text primary key, expires_at bigint not null)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
