/** A database with the tables of the log, for tests: its own, dropped afterwards. */
import { randomBytes } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll } from 'vitest';
import type { NewEntry } from '#platform/log/append-entry.ts';
import { type LogTables, up } from '#platform/log/migration.ts';
import { type SequencerOptions, startSequencer } from '#platform/log/sequence.ts';
import { makeSigningKey } from '#schema/log/note.ts';
import { createTestDatabase } from '#tests/fixtures/database.ts';

export const ORIGIN = 'focalnet.example/xa';
export const AT_MS = Date.parse('2026-11-23T10:00:00.000Z');
export const LOG_SEED = new Uint8Array(32).fill(1);
export const logKey = await makeSigningKey(ORIGIN, 1, LOG_SEED);

export type LogDatabase = { db: Kysely<LogTables>; connectionConfig: pg.PoolConfig };

/** Makes a database that is dropped after the tests of the calling file. */
export async function createLogDatabase(): Promise<LogDatabase> {
  const { config: connectionConfig, drop } = await createTestDatabase();
  const pool = new pg.Pool({ ...connectionConfig, max: 16 });
  pool.on('error', () => {});
  const db = new Kysely<LogTables>({ dialect: new PostgresDialect({ pool }) });
  afterAll(async () => {
    await db.destroy();
    await drop();
  });
  await up(db);
  return { db, connectionConfig };
}

/** An entry with fresh salt. */
export const newEntry = (seq: number): NewEntry => ({
  type: 'enquiry.sent',
  atMs: AT_MS + seq,
  detail: { seq },
  salt: randomBytes(32),
});

/** A sequencer that fails the test on any error it reports, unless `onError` is given. */
export function startTestSequencer(database: LogDatabase, options: Partial<SequencerOptions> = {}) {
  return startSequencer({
    connection: database.connectionConfig,
    key: logKey,
    clock: () => AT_MS,
    askLastCosigned: async () => null,
    onCheckpoint: () => {},
    onError: (error) => {
      throw error;
    },
    ...options,
  });
}
