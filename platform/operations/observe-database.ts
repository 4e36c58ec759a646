/**
 * Metrics of the connection pool and of what the database takes up.
 */
import type { Kysely } from 'kysely';
import { readPool } from '#platform/postgres/open-database.ts';
import type { Metrics } from './registry.ts';
import { type Storage, TABLES_MOST } from './storage.ts';

export function observePool<T>(metrics: Metrics, db: Kysely<T>): void {
  const connections = metrics.gauge(
    'database_connections',
    'Connections of the pool: open, idle among them, and callers that wait for one.',
    { state: ['open', 'idle', 'waiting'] },
  );
  metrics.onScrape(() => {
    const pool = readPool(db);
    for (const state of ['open', 'idle', 'waiting'] as const) connections.set({ state }, pool[state]);
  });
}

/** @returns sets the gauges */
export function observeStorage(metrics: Metrics): (storage: Storage) => void {
  const database = metrics.gauge('database_bytes', 'Size of the database.', {});
  const largest = metrics.gauge(
    'database_largest_tables_bytes',
    `The ${TABLES_MOST} largest tables together.`,
    {},
  );
  // Made when it is known: a gauge that nobody sets says 0, and no free disk is an alarm.
  let free: ReturnType<Metrics['gauge']> | null = null;
  return ({ databaseBytes, tables, disk }) => {
    database.set({}, databaseBytes);
    largest.set(
      {},
      tables.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    if (!disk) return;
    free ??= metrics.gauge('disk_free_bytes', 'Free on the disk of the data folder, where it is local.', {});
    free.set({}, disk.freeBytes);
  };
}
