/** What operators are told of clock, disk, database and log, against real ones. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEntries } from '#platform/log/append-entry.ts';
import { acceptCosignature } from '#platform/log/collect-cosignatures.ts';
import type { LogTables } from '#platform/log/migration.ts';
import * as logTables from '#platform/log/migration.ts';
import { startSequencer } from '#platform/log/sequence.ts';
import { commonOffsetMs, isClockRight, readOffset, watchJumps } from '#platform/operations/clock.ts';
import { readLogStatus, SILENT_MS } from '#platform/operations/log-status.ts';
import { readBasics } from '#platform/operations/readiness.ts';
import { readDisk, readStorage } from '#platform/operations/storage.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase, readPool } from '#platform/postgres/open-database.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { makeSigningKey } from '#schema/log/note.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00.000Z');

describe('the clock', () => {
  it('is compared with the middle of the second and the middle of the call', () => {
    expect(readOffset('Mon, 23 Nov 2026 10:00:10 GMT', NOW_MS, NOW_MS + 1000)).toEqual({
      offsetMs: 10_000,
      atMs: NOW_MS + 1000,
    });
    expect(readOffset(undefined, NOW_MS, NOW_MS)).toBeNull();
    expect(readOffset('yesterday', NOW_MS, NOW_MS)).toBeNull();
  });

  it('is judged by several others; one alone, or old news, decides nothing', () => {
    const said = (offsetMs: number, atMs = NOW_MS) => ({ offsetMs, atMs });
    expect(commonOffsetMs([said(900_000)], NOW_MS)).toBeNull();
    expect(commonOffsetMs([said(900_000), said(0, NOW_MS - 3_600_001)], NOW_MS)).toBeNull();
    expect(commonOffsetMs([said(900_000), said(10), said(20)], NOW_MS)).toBe(20);
    expect(commonOffsetMs([said(0), said(10)], NOW_MS)).toBe(5);
    expect([null, 300_000, -300_000, 300_001].map(isClockRight)).toEqual([true, true, true, false]);
  });

  it('that is set while the process runs has jumped', () => {
    let [wall, monotonic] = [NOW_MS, 50];
    const jump = watchJumps(
      () => wall,
      () => monotonic,
    );
    wall += 1000;
    monotonic += 1000;
    expect(jump()).toBe(0);
    wall += 3_600_000;
    expect(jump()).toBe(3_600_000);
  });
});

describe('database and disk', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  const step = {
    up: async (db: Kysely<unknown>) => void (await sql`create table large (bytes text)`.execute(db)),
  };

  it('sizes by table, and what is left on a disk that is known', async () => {
    const db = openDatabase(database.config);
    await migrate(db, { '001-large': step });
    await sql`insert into large select repeat('x', 1000) from generate_series(1, 2000)`.execute(db);
    const storage = await readStorage(db, tmpdir());
    expect(storage.tables[0]!.name).toBe('large');
    expect(storage.databaseBytes).toBeGreaterThan(storage.tables[0]!.bytes);
    expect(storage.disk!.freeBytes).toBeGreaterThan(0);
    expect((await readStorage(db, null)).disk).toBeNull();
    expect(readPool(db)).toEqual({ open: 1, idle: 1, waiting: 0 });
    await db.destroy();
  });

  it('a process is not ready beside a database that a newer version has taken over, nor without one', async () => {
    const db = openDatabase(database.config);
    const fine = { database: true, migrations: true, disk: true };
    expect(await readBasics(db, { '001-large': step }, null)).toEqual(fine);
    expect(await readBasics(db, {}, null)).toMatchObject({ migrations: false });
    expect(await readBasics(db, { '001-large': step, '002-more': step }, null)).toMatchObject({
      migrations: false,
    });
    await db.destroy();
    const away = openDatabase({ ...database.config, port: 1, connectionTimeoutMillis: 500 });
    expect(await readBasics(away, {}, null)).toEqual({ database: false, migrations: false, disk: true });
    await away.destroy();
  });

  it('a folder that is not there tells nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'focalnet-disk-'));
    expect(await readDisk(folder)).not.toBeNull();
    await rm(folder, { recursive: true });
    expect(await readDisk(folder)).toBeNull();
  });
});

describe('the log', async () => {
  const origin = 'focalnet.example/xa';
  const key = await makeSigningKey(origin, 1, new Uint8Array(32).fill(1));
  const names = ['gateway', 'xb', 'xc'].map((party) => `focalnet.example/${party}`);
  const witnesses = await Promise.all(
    names.map((name, at) => makeSigningKey(name, 4, new Uint8Array(32).fill(at + 2))),
  );
  const database = await createTestDatabase();
  const db = openDatabase<LogTables>(database.config);
  await logTables.up(db);
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  let nowMs = NOW_MS;
  const batches: number[] = [];
  const grow = async (count: number) => {
    const sequencer = startSequencer({
      connection: database.config,
      key,
      clock: () => nowMs,
      askLastCosigned: async () => null,
      onCheckpoint: () => {},
      onBatch: (entries) => void batches.push(entries),
      onError: (error) => {
        throw error;
      },
    });
    const ids = (await append(count)).map(({ id }) => id);
    const checkpoint = await sequencer.waitForCover(ids, 20_000);
    await sequencer.stop();
    return checkpoint!;
  };
  const append = (count: number) =>
    appendEntries(
      db,
      Array.from({ length: count }, (_, i) => ({
        type: 'enquiry.sent',
        atMs: nowMs,
        detail: { i },
        salt: new Uint8Array(32).fill(i + batches.length),
      })),
    );
  const cosign = async ({ size, note }: { size: number; note: string }, ...by: number[]) => {
    for (const at of by) {
      const line = await cosignCheckpoint(note, witnesses[at]!, Math.floor(nowMs / 1000));
      await acceptCosignature(db, { origin, size, line, witness: witnesses[at]!, nowMs });
    }
  };
  const read = (quorum = 2) => readLogStatus(db, { origin, expected: names, quorum, nowMs });

  it('tells what waits, how far the quorum is, and who is silent', async () => {
    expect(await read()).toMatchObject({ size: 0, waiting: 0, cosignedSize: 0, cosignedAtMs: null });
    const three = await grow(3);
    await cosign(three, 0, 1);
    nowMs += 60_000;
    const five = await grow(2);
    await cosign(five, 0);
    expect(await read()).toMatchObject({
      size: 5,
      checkpointAtMs: nowMs,
      cosignedSize: 3,
      cosignedAtMs: NOW_MS,
      witnesses: [
        { name: names[0], size: 5, silent: false },
        { name: names[1], size: 3, silent: false },
        { name: names[2], size: 0, atMs: null, silent: false },
      ],
    });
    expect((await read(1)).cosignedSize).toBe(5);
    expect((await read(3)).cosignedSize).toBe(0);
    nowMs = NOW_MS + SILENT_MS + 1;
    // xc has owed the first checkpoint for longer than that, xb the second for less.
    expect((await read()).witnesses.map(({ silent }) => silent)).toEqual([false, false, true]);
    await append(4);
    expect(await read()).toMatchObject({ waiting: 4, oldestWaitingAtMs: nowMs });
    expect(batches.reduce((sum, n) => sum + n, 0)).toBe(5);
  });
});
