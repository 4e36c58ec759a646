import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { appendEntries, appendEntry, notifySequencer } from '#platform/log/append-entry.ts';
import { checkLog } from '#platform/log/fsck.ts';
import { proveConsistency, proveInclusion } from '#platform/log/prove.ts';
import { readLatestCheckpoint, readRoot, type SignedCheckpoint } from '#platform/log/read-log.ts';
import { openCheckpoint } from '#schema/log/checkpoint.ts';
import { verifyConsistency, verifyInclusion } from '#schema/log/tree.ts';
import {
  AT_MS,
  createLogDatabase,
  LOG_SEED,
  type LogDatabase,
  logKey,
  newEntry,
  ORIGIN,
  startTestSequencer,
} from '#tests/platform/log/log-database.ts';

const PATIENCE_MS = 20_000;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const appendMany = ({ db }: LogDatabase, count: number) =>
  db.transaction().execute((trx) =>
    appendEntries(
      trx,
      Array.from({ length: count }, (_, i) => newEntry(i)),
    ),
  );

const placesOf = async ({ db }: LogDatabase) =>
  (await db.selectFrom('audit_entry').select(['id', 'idx', 'leaf']).orderBy('idx').execute()).map((row) => ({
    id: Number(row.id),
    idx: row.idx === null ? null : Number(row.idx),
    leaf: row.leaf,
  }));

/** Resolves on the next call of `tell` that satisfies the condition. */
const makeEvent = <T>() => {
  let waiting: { condition: (value: T) => boolean; resolve: (value: T) => void }[] = [];
  return {
    tell: (value: T) => {
      for (const one of waiting.filter(({ condition }) => condition(value))) one.resolve(value);
      waiting = waiting.filter(({ condition }) => !condition(value));
    },
    next: (condition: (value: T) => boolean = () => true) =>
      new Promise<T>((resolve) => waiting.push({ condition, resolve })),
  };
};

describe('appending and sequencing', async () => {
  const database = await createLogDatabase();

  it('covers entries by a signed checkpoint, each provable with one query', async () => {
    const sequencer = startTestSequencer(database);
    const one = await database.db.transaction().execute((trx) => appendEntry(trx, newEntry(0)));
    const first = await sequencer.waitForCover([one.id], PATIENCE_MS);
    const many = await appendMany(database, 2_300);
    expect(new Set(many.map(({ id }) => id)).size).toBe(2_300);
    const cover = await sequencer.waitForCover(
      many.map(({ id }) => id),
      PATIENCE_MS,
    );
    expect(cover?.size).toBe(2_301);
    const checkpoint = await openCheckpoint(cover!.note, logKey);
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 2_301 });
    for (const { idx, leaf } of (await placesOf(database)).filter((_, i) => i % 97 === 0)) {
      const proof = await proveInclusion(database.db, idx!, checkpoint.size);
      verifyInclusion(leaf, idx!, checkpoint.size, proof, checkpoint.rootHash);
    }
    const proof = await proveConsistency(database.db, first!.size, cover!.size);
    verifyConsistency(first!.size, first!.root, cover!.size, cover!.root, proof);
    await expect(proveInclusion(database.db, 1, 5_000)).rejects.toMatchObject({ code: 'NODE_MISSING' });
    // What was covered before anybody asked is found as well.
    expect((await sequencer.waitForCover([one.id, many[7]!.id], PATIENCE_MS))?.size).toBe(2_301);
    await sequencer.stop();
  });

  it('leaves nothing of a transaction that was rolled back', async () => {
    const before = await database.db.selectFrom('audit_entry').select('id').execute();
    await expect(
      database.db.transaction().execute(async (trx) => {
        await appendEntry(trx, newEntry(1));
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await database.db.selectFrom('audit_entry').select('id').execute()).toHaveLength(before.length);
    expect(await appendEntries(database.db, [])).toEqual([]);
  });

  it('is woken by another process, and looks by itself', async () => {
    const signed = makeEvent<SignedCheckpoint>();
    const taken = signed.next();
    const sequencer = startTestSequencer(database, { onCheckpoint: signed.tell });
    await taken;
    const unannounced = signed.next();
    await appendMany(database, 1);
    await unannounced;
    const startMs = performance.now();
    for (let round = 0; round < 8; round++) {
      const next = signed.next();
      await appendMany(database, 1);
      await notifySequencer(database.db);
      await next;
    }
    // Eight heartbeats of 500 ms would be 4 s.
    expect(performance.now() - startMs).toBeLessThan(3_000);
    await sequencer.stop();
  });

  it('gives null for entries it cannot cover in time, and once stopped', async () => {
    const sequencer = startTestSequencer(database);
    expect(await sequencer.waitForCover([999_999_999], 50)).toBeNull();
    const waiting = sequencer.waitForCover([999_999_999], PATIENCE_MS);
    await sequencer.stop();
    expect(await waiting).toBeNull();
    expect(await sequencer.waitForCover([1], PATIENCE_MS)).toBeNull();
  });

  it('keeps the tree whole under many writers', async () => {
    const sizes: number[] = [];
    const sequencer = startTestSequencer(database, { onCheckpoint: ({ size }) => sizes.push(size) });
    await Promise.all(
      Array.from({ length: 12 }, async (_, writer) => {
        for (let i = 0; i < 25; i++) {
          const entry = newEntry(writer * 100 + i);
          const { id } = await database.db.transaction().execute((trx) => appendEntry(trx, entry));
          expect(await sequencer.waitForCover([id], PATIENCE_MS)).not.toBeNull();
        }
      }),
    );
    await sequencer.stop();
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
    const places = await placesOf(database);
    expect(places.map(({ idx }) => idx)).toEqual(places.map((_, i) => i));
    expect(await checkLog(database.db, logKey, null)).toMatchObject({
      ok: true,
      entries: places.length,
      waiting: 0,
    });
  });
});

describe('two sequencers on one database', async () => {
  const database = await createLogDatabase();

  it('take turns: one leads, the other covers by it, and takes over', async () => {
    const leads = makeEvent<SignedCheckpoint>();
    const began = leads.next();
    const first = startTestSequencer(database, { onCheckpoint: leads.tell });
    await first.waitForCover([(await appendMany(database, 1))[0]!.id], PATIENCE_MS);
    await began;
    const takes = makeEvent<SignedCheckpoint>();
    const taken = takes.next();
    const second = startTestSequencer(database, { onCheckpoint: takes.tell });
    const ids = (await appendMany(database, 40)).map(({ id }) => id);
    expect((await second.waitForCover(ids, PATIENCE_MS))?.size).toBe(41);
    expect([first.isLeading(), second.isLeading()]).toEqual([true, false]);
    await first.stop();
    expect((await taken).size).toBe(41);
    const more = (await appendMany(database, 9)).map(({ id }) => id);
    expect((await second.waitForCover(more, PATIENCE_MS))?.size).toBe(50);
    expect(second.isLeading()).toBe(true);
    await second.stop();
    expect(await checkLog(database.db, logKey, null)).toMatchObject({ ok: true, entries: 50 });
  });

  it('go on after their connection is cut', async () => {
    const failed = makeEvent<unknown>();
    const sequencer = startTestSequencer(database, { onError: failed.tell });
    await sequencer.waitForCover([(await appendMany(database, 1))[0]!.id], PATIENCE_MS);
    const failure = failed.next();
    await sql`
      select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())`.execute(database.db);
    const ids = (await appendMany(database, 5)).map(({ id }) => id);
    expect(await sequencer.waitForCover(ids, PATIENCE_MS)).not.toBeNull();
    await failure;
    await sequencer.stop();
    expect(await checkLog(database.db, logKey, null)).toMatchObject({ ok: true, entries: 56 });
  });
});

describe('a log that witnesses know better', async () => {
  const database = await createLogDatabase();
  const sequencer = startTestSequencer(database);
  await sequencer.waitForCover([(await appendMany(database, 20)).at(-1)!.id], PATIENCE_MS);
  await sequencer.stop();
  const root = (size: number) => readRoot(database.db, size);

  const tryToSign = async (lastCosigned: { size: number; root: Uint8Array } | null) => {
    const failed = makeEvent<unknown>();
    const failure = failed.next();
    const before = await readLatestCheckpoint(database.db);
    const [waiting] = await appendMany(database, 1);
    const tried = startTestSequencer(database, {
      askLastCosigned: async () => lastCosigned,
      onError: failed.tell,
    });
    const cover = await tried.waitForCover([waiting!.id], PATIENCE_MS);
    const error = cover === null ? await failure : null;
    expect(tried.hasFailed()).toBe(error !== null);
    await tried.stop();
    const after = await readLatestCheckpoint(database.db);
    return { error, signed: after!.size - before!.size };
  };

  it('signs nothing below or beside what they cosigned', async () => {
    const rolledBack = { error: expect.objectContaining({ code: 'LOG_ROLLED_BACK' }), signed: 0 };
    expect(await tryToSign({ size: 21, root: await root(20) })).toEqual(rolledBack);
    expect(await tryToSign({ size: 20, root: await root(19) })).toEqual(rolledBack);
    expect(await tryToSign({ size: 7, root: await root(8) })).toEqual(rolledBack);
    expect(await tryToSign({ size: 13, root: await root(13) })).toEqual({ error: null, signed: 4 });
  });

  it('signs nothing while they cannot be asked', async () => {
    const before = await readLatestCheckpoint(database.db);
    const failed = makeEvent<unknown>();
    const failure = failed.next();
    let away = true;
    const askLastCosigned = async () => {
      if (away) throw new Error('witness away');
      return null;
    };
    const sequencer = startTestSequencer(database, { askLastCosigned, onError: failed.tell });
    const [entry] = await appendMany(database, 1);
    expect(await failure).toMatchObject({ message: 'witness away' });
    expect((await readLatestCheckpoint(database.db))!.size).toBe(before!.size);
    away = false;
    expect((await sequencer.waitForCover([entry!.id], PATIENCE_MS))?.size).toBe(before!.size + 1);
    await sequencer.stop();
  });

  it('signs nothing on a head that is not the signed one', async () => {
    const { size } = (await readLatestCheckpoint(database.db))!;
    await database.db.deleteFrom('log_checkpoint').where('size', '=', size).execute();
    expect(await tryToSign(null)).toEqual({
      error: expect.objectContaining({ code: 'LOG_CORRUPT' }),
      signed: 0,
    });
  });
});

describe('killed at any point', async () => {
  const database = await createLogDatabase();
  const script = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
  const { connectionConfig } = database;
  const seed = Buffer.from(LOG_SEED).toString('hex');
  const task = JSON.stringify({ connectionConfig, origin: ORIGIN, seed, atMs: AT_MS });

  /** Runs the writer, kills it after it said `lines` lines, and returns every line it got out. */
  const runAndKill = async (lines: number): Promise<string[]> => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, task], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: string[] = [];
    const exited = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (said.length === lines) child.kill('SIGKILL');
    }
    expect((await exited)[1]).toBe('SIGKILL');
    return said;
  };

  it('loses and doubles nothing, and never signs what it does not keep', async () => {
    const said: string[] = [];
    for (let round = 0; round < 8; round++)
      said.push(...(await runAndKill(1 + Math.floor(Math.random() * 600))));
    const sequencer = startTestSequencer(database);
    const [last] = await appendMany(database, 1);
    await sequencer.waitForCover([last!.id], PATIENCE_MS);
    await sequencer.stop();

    const places = await placesOf(database);
    expect(places.map(({ idx }) => idx)).toEqual(places.map((_, i) => i));
    const kept = new Set(places.map(({ id }) => id));
    const words = said.map((line) => line.split(' '));
    const committed = words.filter(([what]) => what === 'committed');
    expect(committed.length).toBeGreaterThan(0);
    expect(committed.filter(([, id]) => !kept.has(Number(id)))).toEqual([]);
    for (const [, size, root] of words.filter(([what]) => what === 'signed')) {
      expect(hex(await readRoot(database.db, Number(size)))).toBe(root);
    }
    expect(await checkLog(database.db, logKey, null)).toMatchObject({
      ok: true,
      firstBad: null,
      entries: kept.size,
    });
  }, 120_000);
});
