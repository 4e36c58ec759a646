// Brings a database to the state the code knows. Forward only; each step commits for itself.
import { type Kysely, sql, type Transaction } from 'kysely';
import { PostgresError } from '#platform/postgres/postgres-error.ts';

export type Migration = { up(db: Kysely<unknown>): Promise<void> };

/** Any fixed number that no other software takes for an advisory lock: the letters "focalnet". */
const LOCK_KEY = 0x666f_6361_6c6e_6574n;

/**
 * Applies the migrations that the database lacks, in the order of their names (compared by code unit), each in a
 * transaction of its own, and returns the names it applied. Processes that start together take turns: each
 * migration runs once. A failing migration leaves the database as it was before it, and its error is thrown.
 * Throws DATABASE_NEWER if the database has a migration this code does not know, MIGRATION_OUT_OF_ORDER if one
 * of ours would have to run before one that already ran.
 */
export async function migrate<T>(
  db: Kysely<T>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<string[]> {
  const names = Object.keys(migrations).sort();
  const applied: string[] = [];
  for (;;) {
    const name = await db.transaction().execute((trx) => applyNext(trx, names, migrations));
    if (name === null) return applied;
    applied.push(name);
  }
}

async function applyNext<T>(
  trx: Transaction<T>,
  names: readonly string[],
  migrations: Readonly<Record<string, Migration>>,
): Promise<string | null> {
  // Neither waiting for the other process nor rebuilding a large table may run into the limit for queries.
  await sql`set local statement_timeout = 0`.execute(trx);
  await sql`select pg_advisory_xact_lock(${LOCK_KEY.toString()}::bigint)`.execute(trx);
  await sql`create table if not exists migration (
    name text primary key, applied_at timestamptz(3) not null default now())`.execute(trx);
  const name = findNext(names, await readApplied(trx));
  if (name === null) return null;
  await migrations[name]!.up(trx as unknown as Kysely<unknown>);
  await sql`insert into migration (name) values (${name})`.execute(trx);
  return name;
}

/** What the database lacks of these migrations, and what it has beside them; reads only. */
export async function compareMigrations<T>(
  db: Kysely<T>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<{ applied: string[]; missing: string[]; unknown: string[] }> {
  const names = Object.keys(migrations).sort();
  const applied = await readApplied(db);
  return {
    applied,
    missing: names.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !names.includes(name)),
  };
}

async function readApplied<T>(trx: Kysely<T> | Transaction<T>): Promise<string[]> {
  // "C": the database's own order may differ from the one of code units.
  const { rows } = await sql<{ name: string }>`select name from migration order by name collate "C"`.execute(
    trx,
  );
  return rows.map((row) => row.name);
}

/** The first of `names` that is not in `applied` (both sorted); null if the database is up to date. */
function findNext(names: readonly string[], applied: readonly string[]): string | null {
  const unknown = applied.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new PostgresError(
      'DATABASE_NEWER',
      `The database was migrated by a newer version of this software (${unknown.join(', ')}): start that version.`,
    );
  }
  const next = names.find((name) => !applied.includes(name)) ?? null;
  if (next !== null && applied.some((name) => name > next)) {
    throw new PostgresError(
      'MIGRATION_OUT_OF_ORDER',
      `Migration ${next} sorts before one that already ran: give it a later name.`,
    );
  }
  return next;
}
