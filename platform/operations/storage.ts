/**
 * What the database takes up, and what is left on the disk below it. Names of tables and numbers; reads no row.
 */
import { statfs } from 'node:fs/promises';
import { type QueryExecutorProvider, sql } from 'kysely';

export const TABLES_MOST = 10;
/** Below this PostgreSQL will soon refuse to write. */
export const LEAST_FREE_BYTES = 1024 ** 3;

export interface Storage {
  readonly databaseBytes: number;
  /** With indexes, the largest first. */
  readonly tables: readonly { readonly name: string; readonly bytes: number }[];
  /** Null where the data folder is not on this machine, or not known. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null;
}

export async function readStorage(db: QueryExecutorProvider, dataFolder: string | null): Promise<Storage> {
  const { rows } = await sql<{ bytes: number }>`
    select pg_database_size(current_database()) as bytes`.execute(db);
  const { rows: tables } = await sql<{ name: string; bytes: number }>`
    select c.relname::text as name, pg_total_relation_size(c.oid) as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    order by bytes desc, name limit ${TABLES_MOST}`.execute(db);
  return { databaseBytes: Number(rows[0]!.bytes), tables, disk: await readDisk(dataFolder) };
}

/** Null where the folder is not known or cannot be asked. */
export async function readDisk(folder: string | null): Promise<Storage['disk']> {
  if (folder === null) return null;
  const found = await statfs(folder).catch(() => null);
  return found && { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
}
