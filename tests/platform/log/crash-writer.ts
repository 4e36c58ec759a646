/**
 * A process for the crash test: appends and sequences as fast as it can until it is killed. Says on standard
 * output what it knows to be durable: `committed <id>` and `signed <size> <root hex>`.
 */
import { randomBytes } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { appendEntries } from '#platform/log/append-entry.ts';
import type { LogTables } from '#platform/log/migration.ts';
import { startSequencer } from '#platform/log/sequence.ts';
import { makeSigningKey } from '#schema/log/note.ts';

const { connectionConfig, origin, seed, atMs } = JSON.parse(process.argv[2]!);
const say = (line: string) => process.stdout.write(`${line}\n`);
const db = new Kysely<LogTables>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ ...connectionConfig, max: 4 }) }),
});

const sequencer = startSequencer({
  connection: connectionConfig,
  key: await makeSigningKey(origin, 1, Buffer.from(seed, 'hex')),
  clock: () => atMs,
  askLastCosigned: async () => null,
  onCheckpoint: ({ size, root }) => say(`signed ${size} ${Buffer.from(root).toString('hex')}`),
  onError: (error) => {
    throw error;
  },
});

async function write(): Promise<void> {
  for (;;) {
    const batch = Array.from({ length: 1 + Math.floor(Math.random() * 20) }, (_, n) => ({
      type: 'enquiry.sent',
      atMs,
      detail: { n },
      salt: randomBytes(32),
    }));
    const appended = await db.transaction().execute((trx) => appendEntries(trx, batch));
    for (const { id } of appended) say(`committed ${id}`);
    sequencer.wake();
  }
}

await Promise.all([write(), write(), write()]);
