// Data keys in a real database: made once, read in one query, used by nobody after an erasure or a rollback.
import { rename } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOperation } from '#node/operation.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { asRole } from '#node/storage/roles.ts';
import { KEY_HELD_MS, openDataKeys } from '#node/vault/data-keys.ts';
import { openFileKeys } from '#node/vault/file-keys.ts';
import type { KeyProvider } from '#node/vault/key-provider.ts';
import type { Place } from '#node/vault/vault.ts';
import { VaultError } from '#node/vault/vault-error.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';
import { openTestVault, random, type TestVault } from '#tests/fixtures/vault.ts';

let database: TestDatabase;
let db: Kysely<Database>;
let own: TestVault;

beforeAll(async () => {
  database = await createTestDatabase();
  await prepareDatabase(database.config);
  db = openDatabase<Database>(asRole(database.config, 'app_jobs'));
  own = await openTestVault('xa');
});
afterAll(async () => {
  await own.close();
  await db.destroy();
  await database.drop();
});

const surroundings = () => ({ nowMs: Date.now, random, vault: own.vault });
const placeOf = (subject: string): Place => ({ table: 't', column: 'c', row: '1', subject, version: 1 });
const writeOne = (subject: string, text: string) =>
  db.transaction().execute(async (trx) => {
    const keys = await own.vault.forWriting(trx, [subject]);
    return keys.seal(placeOf(subject), text);
  });
const readOne = async (subject: string, sealed: Buffer) =>
  (await own.vault.forReading(db, [subject])).openText(placeOf(subject), sealed);
const subjectOf = (n: number | string) => `conversation:thread-${n}`;

/** Counts the queries of what is done with it. */
function countQueries(): { db: Kysely<Database>; queries: () => number } {
  let queries = 0;
  const counting = db.withPlugin({
    transformQuery: ({ node }) => {
      queries++;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { db: counting, queries: () => queries };
}

/** Counts what the key provider is asked. */
function countUnwraps(provider: KeyProvider): { provider: KeyProvider; unwraps: () => number } {
  let unwraps = 0;
  return {
    provider: {
      ...provider,
      unwrap: (key, subject) => {
        unwraps++;
        return provider.unwrap(key, subject);
      },
    },
    unwraps: () => unwraps,
  };
}

async function openRing(nowMs: () => number = Date.now, most?: number) {
  const { provider, unwraps } = countUnwraps(await openFileKeys(own.path, random));
  return { ring: openDataKeys(provider, { nowMs, random, most }), unwraps };
}

describe('making and reading', () => {
  test('what is sealed is opened, and the table holds no key in the open', async () => {
    const sealed = await writeOne(subjectOf(1), 'INVENTED');
    expect(await readOne(subjectOf(1), sealed)).toBe('INVENTED');
    const row = await db
      .selectFrom('data_key')
      .selectAll()
      .where('subject', '=', subjectOf(1))
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ wrap_key: 'wrap-1', erased_at: null });
    expect(row.wrapped!.length).toBe(32 + 29);
  });

  test('many who make the key of one subject at once make one', async () => {
    const subject = subjectOf('together');
    const sealed = await Promise.all(Array.from({ length: 12 }, (_, i) => writeOne(subject, `text ${i}`)));
    for (const [i, one] of sealed.entries()) expect(await readOne(subject, one)).toBe(`text ${i}`);
  });

  test('a page of any size costs one query, and each key one opening', async () => {
    const subjects = Array.from({ length: 50 }, (_, i) => subjectOf(`page-${i}`));
    for (const subject of subjects) await writeOne(subject, 'x');
    const { ring, unwraps } = await openRing();
    for (const size of [1, 10, 50]) {
      const counted = countQueries();
      const keys = await ring.read(counted.db, subjects.slice(0, size));
      expect([...keys.values()].some((key) => key instanceof VaultError)).toBe(false);
      expect(counted.queries()).toBe(1);
    }
    expect(unwraps()).toBe(50);
  });

  test('within one transaction keys are read once, whoever asks and however often', async () => {
    const subjects = Array.from({ length: 5 }, (_, i) => subjectOf(`once-${i}`));
    for (const subject of subjects) await writeOne(subject, 'x');
    const { ring } = await openRing();
    const counted = countQueries();
    await counted.db.transaction().execute(async (trx) => {
      await Promise.all([ring.read(trx, subjects), ring.read(trx, subjects)]);
      const again = await ring.read(trx, subjects.slice(2));
      expect([...again.values()].some((key) => key instanceof VaultError)).toBe(false);
    });
    expect(counted.queries()).toBe(1);
  });

  test('a key made in a transaction that came to nothing is used by nobody', async () => {
    const subject = subjectOf('rolled-back');
    await expect(
      db.transaction().execute(async (trx) => {
        await own.vault.forWriting(trx, [subject]);
        // Read back and held within that transaction, too.
        await own.vault.forReading(trx, [subject]);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    const sealed = await writeOne(subject, 'INVENTED');
    // By a process that holds nothing: what is in the table opens what was written.
    const restarted = await openTestVault('xa', { file: own.path });
    const keys = await restarted.vault.forReading(db, [subject]);
    expect(keys.openText(placeOf(subject), sealed)).toBe('INVENTED');
    await restarted.close();
    expect(await readOne(subject, sealed)).toBe('INVENTED');
  });

  test('a wrapped key does not open under another subject', async () => {
    await writeOne(subjectOf('a'), 'x');
    const subject = subjectOf('b');
    const sealed = await writeOne(subject, 'INVENTED');
    const { wrapped } = await db
      .selectFrom('data_key')
      .select('wrapped')
      .where('subject', '=', subjectOf('a'))
      .executeTakeFirstOrThrow();
    await db.updateTable('data_key').set({ wrapped }).where('subject', '=', subject).execute();
    await expect(readOne(subject, sealed)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  });
});

describe('what is held', () => {
  test('is opened anew when its time is over', async () => {
    await writeOne(subjectOf('held'), 'x');
    let nowMs = 1_000_000;
    const { ring, unwraps } = await openRing(() => nowMs);
    for (const [later, expected] of [
      [0, 1],
      [KEY_HELD_MS - 1, 1],
      [1, 2],
    ] as const) {
      nowMs += later;
      await ring.read(db, [subjectOf('held')]);
      expect(unwraps()).toBe(expected);
    }
  });

  test('is bounded: what was used longest ago goes first', async () => {
    const subjects = Array.from({ length: 4 }, (_, i) => subjectOf(`bound-${i}`));
    for (const subject of subjects) await writeOne(subject, 'x');
    const { ring, unwraps } = await openRing(Date.now, 3);
    const [a, b, c, d] = subjects as [string, string, string, string];
    for (const [wanted, expected] of [
      [[a, b, c], 3],
      [[a], 3],
      [[d], 4],
      [[a, c, d], 4],
      [[b], 5],
    ] as const) {
      await ring.read(db, wanted);
      expect(unwraps()).toBe(expected);
    }
  });
});

describe('erasure', () => {
  test('nobody reads it any more, also where the key is still held, and nothing is written under the name', async () => {
    const subject = subjectOf('erased');
    const sealed = await writeOne(subject, 'INVENTED');
    const other = await openRing();
    await other.ring.read(db, [subject]);
    expect(await readOne(subject, sealed)).toBe('INVENTED');
    expect(await runOperation(db, surroundings(), (op) => own.vault.erase(op, subject))).toBe(true);
    await expect(readOne(subject, sealed)).rejects.toMatchObject({ code: 'ERASED' });
    expect((await other.ring.read(db, [subject])).get(subject)).toMatchObject({ code: 'ERASED' });
    await expect(writeOne(subject, 'again')).rejects.toMatchObject({ code: 'ERASED' });
    expect(await runOperation(db, surroundings(), (op) => own.vault.erase(op, subject))).toBe(false);
  });

  test('the database lets nobody bring an erased key back', async () => {
    const subject = subjectOf('revived');
    await writeOne(subject, 'x');
    const before = await db
      .selectFrom('data_key')
      .select(['wrapped', 'wrap_key'])
      .where('subject', '=', subject)
      .executeTakeFirstOrThrow();
    await runOperation(db, surroundings(), (op) => own.vault.erase(op, subject));
    const revive = db
      .updateTable('data_key')
      .set({ ...before, erased_at: null })
      .where('subject', '=', subject);
    await expect(revive.execute()).rejects.toMatchObject({ code: '42501' });
  });

  test('what never had a key is marked, so that it gets none', async () => {
    const subject = subjectOf('never');
    expect(await runOperation(db, surroundings(), (op) => own.vault.erase(op, subject))).toBe(false);
    await expect(writeOne(subject, 'x')).rejects.toMatchObject({ code: 'ERASED' });
  });
});

describe('the key provider is away or has other keys (case 62)', () => {
  test('typed errors, nothing written, nothing lost', async () => {
    const subject = subjectOf('away');
    const sealed = await writeOne(subject, 'INVENTED');
    const fresh = await openTestVault('xa', { file: own.path });
    await fresh.vault.prepare(db);
    expect(await fresh.vault.isReady(db)).toBe(true);
    await rename(own.path, `${own.path}.away`);
    try {
      expect(await fresh.vault.isReady(db)).toBe(false);
      const keys = await fresh.vault.forReading(db, [subject]);
      expect(() => keys.open(placeOf(subject), sealed)).toThrow(
        expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
      );
      const write = db.transaction().execute((trx) => fresh.vault.forWriting(trx, [subjectOf('new')]));
      await expect(write).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    } finally {
      await rename(`${own.path}.away`, own.path);
    }
    const again = await fresh.vault.forReading(db, [subject]);
    expect(again.openText(placeOf(subject), sealed)).toBe('INVENTED');
    await fresh.close();
  });

  test('another file of the same form opens nothing, and the node says so before it starts', async () => {
    const subject = subjectOf('other-file');
    const sealed = await writeOne(subject, 'INVENTED');
    await own.vault.prepare(db);
    const stranger = await openTestVault('xa');
    await expect(stranger.vault.prepare(db)).rejects.toMatchObject({ code: 'KEY_WRONG' });
    expect(await stranger.vault.isReady(db)).toBe(false);
    const keys = await stranger.vault.forReading(db, [subject]);
    expect(() => keys.open(placeOf(subject), sealed)).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
    await stranger.close();
  });
});

test('the index key is one for the node and survives a restart', async () => {
  const hash = (vault: TestVault['vault']) =>
    db.transaction().execute(async (trx) => (await vault.openIndex(trx))('mila').toString('hex'));
  const restarted = await openTestVault('xa', { file: own.path });
  expect(await hash(own.vault)).toBe(await hash(restarted.vault));
  await restarted.close();
});
