/**
 * The database of a node, for commands that work on it whether the node runs or not.
 */
import { join } from 'node:path';
import type pg from 'pg';
import { readLock } from '#platform/postgres/data-directory.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';

/** As --help of such a command says it. */
export const DATABASE_HELP =
  '  --database URL  the database of the node, as in FOCALNET_DATABASE; embedded:FOLDER too, also while the node runs';

/**
 * Calls `work` with the settings of a connection.
 * @param address connection string, JSON of settings, or `embedded:FOLDER`
 */
export async function withDatabase<T>(
  address: string,
  work: (config: pg.PoolConfig) => Promise<T>,
): Promise<T> {
  const folder = /^embedded:(.+)$/.exec(address)?.[1];
  if (folder === undefined) {
    return work(
      address.startsWith('{') ? (JSON.parse(address) as pg.PoolConfig) : { connectionString: address },
    );
  }
  const running = await readLock(join(folder, 'postgresql'));
  if (running) return work({ host: running.socketDir, port: 5432, user: 'postgres', database: 'postgres' });
  const postgres = await startEmbeddedPostgres({ dataDir: folder });
  return work(postgres.config).finally(() => postgres.stop());
}
