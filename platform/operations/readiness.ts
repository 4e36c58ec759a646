/**
 * What any process of ours needs before it can do its work: its database, brought to the state the code knows, and room on its disk.
 */
import { type Kysely, sql } from 'kysely';
import { compareMigrations, type Migration } from '#platform/postgres/migrate.ts';
import { LEAST_FREE_BYTES, readDisk } from './storage.ts';

export async function readBasics<T>(
  db: Kysely<T>,
  migrations: Readonly<Record<string, Migration>>,
  dataFolder: string | null,
): Promise<{ database: boolean; migrations: boolean; disk: boolean }> {
  const database = await holds(() => sql`select 1`.execute(db));
  const known = database && (await compareMigrations(db, migrations).catch(() => null));
  const disk = await readDisk(dataFolder);
  return {
    database,
    // One more than we know: a newer version has taken the database over, and this process must go.
    migrations: known ? known.missing.length === 0 && known.unknown.length === 0 : false,
    disk: disk === null || disk.freeBytes >= LEAST_FREE_BYTES,
  };
}

async function holds(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}
