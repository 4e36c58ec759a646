/**
 * The roles of the database: who owns the tables, who works without a person, and one for each kind of person. None can log in
 * and none inherits: a connection starts with a role that may do nothing, and a transaction takes on exactly one of these.
 */
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { openDatabase } from '#platform/postgres/open-database.ts';
import type { Audience } from '../access/actor.ts';

/** Work of the node itself. */
export const workRoles = [
  'app_exchange',
  'app_log',
  'app_jobs',
  'app_signin',
  'app_people',
  'app_local',
  'app_operations',
  'app_vault',
  'app_matching',
] as const;
export type WorkRole = (typeof workRoles)[number];

/** People, by the endpoint they use. */
export const roleOfAudience = {
  officer: 'app_officer',
  guardian: 'app_guardian',
  ministry: 'app_ministry',
  auditor: 'app_auditor',
  operator: 'app_operator',
} as const satisfies Readonly<Record<Audience, string>>;
export type PersonRole = (typeof roleOfAudience)[Audience];

/** Owns every table and logs in nowhere. */
export const OWNER = 'focalnet_owner';
/** What a connection is before a transaction has said for whom it works: may do nothing. */
export const NOBODY = 'app_none';

const allRoles: readonly string[] = [OWNER, NOBODY, ...workRoles, ...Object.values(roleOfAudience)];

/** The settings of a connection whose every statement runs as `role` unless its transaction takes on another. */
export function asRole<C extends pg.ClientConfig>(
  config: C,
  role: WorkRole | typeof NOBODY | typeof OWNER,
): C {
  return { ...config, options: [config.options, `-c role=${role}`].filter(Boolean).join(' ') };
}

/**
 * Makes the roles that are missing and lets the login of `config` take them on. Needs a login that may create roles, unless
 * they are all there. Roles belong to the whole server: databases that start together may make them at once.
 */
export async function prepareRoles(config: pg.PoolConfig): Promise<void> {
  const db = openDatabase<unknown>({ ...config, max: 1 });
  try {
    for (let left = 20; ; left--) {
      try {
        return await db.transaction().execute(createMissing);
      } catch (error) {
        if (left === 0 || !isRace(error)) throw error;
      }
    }
  } finally {
    await db.destroy();
  }
}

async function createMissing(trx: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ name: string; mine: boolean }>`
    select rolname as name, pg_has_role(session_user, oid, 'member') as mine from pg_roles
    where rolname = any(${[...allRoles]})`.execute(trx);
  for (const name of allRoles) {
    const found = rows.find((row) => row.name === name);
    if (!found) await sql`create role ${sql.id(name)} nologin noinherit nobypassrls`.execute(trx);
    if (!found?.mine) await sql`grant ${sql.id(name)} to session_user`.execute(trx);
  }
  await sql`grant create, usage on schema public to ${sql.id(OWNER)}`.execute(trx);
  await sql`revoke create on schema public from public`.execute(trx);
}

/** Somebody else made the same role, or changed the same row of the catalogue, a moment before. */
function isRace(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === '42710' || code === '23505' || (code === 'XX000' && /concurrently/.test(message ?? ''));
}
