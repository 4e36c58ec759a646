// A new wrapping key while everybody reads and writes, by the command in a process of its own, as an operator does it.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { asRole } from '#node/storage/roles.ts';
import { openDataKeys } from '#node/vault/data-keys.ts';
import type { KeyProvider } from '#node/vault/key-provider.ts';
import { openKeyProvider } from '#node/vault/open-key-provider.ts';
import { BATCH_ROWS, retireWrapping, rotateWrapping } from '#node/vault/rotate-keys.ts';
import { closedVault, openVault } from '#node/vault/vault.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';
import { hasToken, makeToken, type TestToken } from '#tests/fixtures/softhsm.ts';
import { openTestVault, random, type TestVault } from '#tests/fixtures/vault.ts';

const ROWS = 3 * BATCH_ROWS + 17;
const withToken = hasToken();
let token: TestToken;
let file: TestVault;
beforeAll(async () => {
  file = await openTestVault('xa');
  if (!withToken) return;
  token = await makeToken();
  const provider = await openKeyProvider(token.settingsPath, random);
  await provider.makeNext();
  await provider.close();
});
afterAll(async () => {
  await file.close();
  if (withToken) await token.remove();
});

interface Filled {
  readonly database: TestDatabase;
  readonly db: Kysely<Database>;
  readonly provider: KeyProvider;
  readonly sealed: ReadonlyMap<string, Buffer>;
  readonly close: () => Promise<void>;
}

const placeOf = (subject: string) => ({ table: 't', column: 'c', row: '1', subject, version: 1 });
const surroundings = { nowMs: Date.now, random, vault: closedVault };

async function fill(settingsPath: string, rows: number): Promise<Filled> {
  const database = await createTestDatabase();
  await prepareDatabase(database.config);
  const db = openDatabase<Database>({ ...asRole(database.config, 'app_exchange'), max: 8 });
  const provider = await openKeyProvider(settingsPath, random);
  const vault = openVault({ node: 'xa', provider, nowMs: Date.now, random });
  const subjects = Array.from({ length: rows }, (_, i) => `conversation:thread-${i}`);
  const keys = await db.transaction().execute((trx) => vault.forWriting(trx, subjects));
  const sealed = new Map(subjects.map((subject) => [subject, keys.seal(placeOf(subject), subject)]));
  return {
    database,
    db,
    provider,
    sealed,
    close: async () => {
      await provider.close();
      await db.destroy();
      await database.drop();
    },
  };
}

/** Reads everything by a process that holds no key. @throws what a reader would get */
async function readAll({ db, provider, sealed }: Filled): Promise<void> {
  const vault = openVault({ node: 'xa', provider, nowMs: Date.now, random });
  const keys = await vault.forReading(db, sealed.keys());
  for (const [subject, bytes] of sealed) expect(keys.openText(placeOf(subject), bytes)).toBe(subject);
}

const wrapKeys = async (db: Kysely<Database>) =>
  (await db.selectFrom('data_key').select('wrap_key').distinct().orderBy('wrap_key').execute()).map(
    ({ wrap_key }) => wrap_key,
  );

function runCommand(args: string[]): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['bin/focalnet.mjs', ...args], {
      cwd: new URL('../../..', import.meta.url).pathname,
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
    child.once('exit', (code) => resolve({ code, out }));
  });
}

const entries = async (database: TestDatabase) => {
  const db = openDatabase<Database>({ ...database.config, max: 1 });
  const rows = await sql<{ type: string; detail: string }>`
    select type, detail::text as detail from audit_entry where type like 'keys.%' order by id`.execute(db);
  await db.destroy();
  return rows.rows;
};

describe.each([
  ['a file', true, () => file.path],
  ['a token', withToken, () => token.settingsPath],
] as const)('%s', (_, runs, settingsOf) => {
  test.skipIf(!runs)('no read and no write fails while a command in another process rotates', async () => {
    const filled = await fill(settingsOf(), ROWS);
    const { db, provider, database } = filled;
    const before = await wrapKeys(db);
    expect(before).toHaveLength(1);
    const address = JSON.stringify(database.config);
    let isOver = false;
    const command = ['keys', 'rotate-wrapping', '--vault', settingsOf(), '--database', address, '--json'];
    const rotated = runCommand(command).finally(() => {
      isOver = true;
    });
    const subjects = [...filled.sealed.keys()];
    let reads = 0;
    // Readers without anything held: each read asks the key provider.
    const reading = Array.from({ length: 3 }, async (__, worker) => {
      for (let i = worker; !isOver; i += 7) {
        const ring = openDataKeys(provider, { nowMs: Date.now, random });
        const page = Array.from({ length: 20 }, (___, k) => subjects[(i * 31 + k * 13) % subjects.length]!);
        for (const key of (await ring.read(db, page)).values()) expect(key).not.toBeInstanceOf(Error);
        reads += page.length;
      }
    });
    let written = 0;
    const writing = (async () => {
      const vault = openVault({ node: 'xa', provider, nowMs: Date.now, random });
      while (!isOver) {
        const subject = `conversation:new-${written++}`;
        const keys = await db.transaction().execute((trx) => vault.forWriting(trx, [subject]));
        (filled.sealed as Map<string, Buffer>).set(subject, keys.seal(placeOf(subject), subject));
      }
    })();
    await Promise.all([...reading, writing]);
    const { code, out } = await rotated;
    expect([code, out]).toEqual([0, expect.stringContaining('"unopened":0')]);
    const { keyId, rewrapped } = JSON.parse(out) as { keyId: string; rewrapped: number };
    expect(rewrapped).toBeGreaterThanOrEqual(ROWS);
    expect(await wrapKeys(db)).toEqual([keyId]);
    expect(keyId).not.toBe(before[0]);
    expect(reads).toBeGreaterThan(100);
    expect(written).toBeGreaterThan(1);
    await readAll(filled);
    expect(await entries(database)).toEqual([
      { type: 'keys.rotated', detail: expect.not.stringContaining('thread-') },
    ]);
    const owner = { ...surroundings };
    const admin = {
      db: openDatabase<Database>(asRole(database.config, 'app_vault')),
      surroundings: owner,
      provider,
    };
    await retireWrapping(admin, before[0]!);
    await admin.db.destroy();
    await readAll(filled);
    await filled.close();
  });
});

describe('what does not go smoothly', () => {
  test('a rotation that is stopped goes on with the same key, and loses nothing on the way', async () => {
    const filled = await fill(file.path, 2 * BATCH_ROWS + 5);
    const db = openDatabase<Database>(asRole(filled.database.config, 'app_vault'));
    const before = await filled.provider.currentId();
    let wraps = 0;
    const breaking: KeyProvider = {
      ...filled.provider,
      wrap: (key, subject) => {
        if (++wraps > BATCH_ROWS + 30) throw new Error('the machine stopped');
        return filled.provider.wrap(key, subject);
      },
    };
    await expect(rotateWrapping({ db, surroundings, provider: breaking })).rejects.toThrow('stopped');
    const next = await filled.provider.currentId();
    expect(await wrapKeys(filled.db)).toEqual([before, next].sort());
    await readAll(filled);
    const rotation = await rotateWrapping({ db, surroundings, provider: filled.provider });
    expect(rotation).toEqual({ keyId: next, rewrapped: BATCH_ROWS + 5, unopened: 0 });
    await readAll(filled);
    await db.destroy();
    await filled.close();
  });

  test('a row that a writer holds is waited for, not left behind', async () => {
    const filled = await fill(file.path, 3);
    const db = openDatabase<Database>(asRole(filled.database.config, 'app_vault'));
    const superuser = openDatabase<Database>({ ...filled.database.config, max: 2 });
    const held = await superuser.startTransaction().execute();
    await held
      .selectFrom('data_key')
      .select('subject')
      .where('subject', '=', 'conversation:thread-1')
      .forUpdate()
      .execute();
    const rotating = rotateWrapping({ db, surroundings, provider: filled.provider });
    const keyId = await waitForOne(superuser);
    await held.commit().execute();
    expect(await rotating).toMatchObject({ keyId, rewrapped: 3, unopened: 0 });
    await superuser.destroy();
    await db.destroy();
    await filled.close();
  });

  test('a key that nothing opens is counted and left as it is, and the others go over', async () => {
    const filled = await fill(file.path, 5);
    const superuser = openDatabase<Database>({ ...filled.database.config, max: 1 });
    const spoilt = Buffer.alloc(61, 3);
    await superuser
      .updateTable('data_key')
      .set({ wrapped: spoilt })
      .where('subject', '=', 'conversation:thread-2')
      .execute();
    const db = openDatabase<Database>(asRole(filled.database.config, 'app_vault'));
    const rotation = await rotateWrapping({ db, surroundings, provider: filled.provider });
    expect(rotation).toMatchObject({ rewrapped: 4, unopened: 1 });
    const row = await superuser
      .selectFrom('data_key')
      .select('wrapped')
      .where('subject', '=', 'conversation:thread-2')
      .executeTakeFirstOrThrow();
    expect(row.wrapped).toEqual(spoilt);
    await db.destroy();
    await superuser.destroy();
    await filled.close();
  });

  test('a wrapping key in use is not removed', async () => {
    const filled = await fill(file.path, 2);
    const current = await filled.provider.currentId();
    const db = openDatabase<Database>(asRole(filled.database.config, 'app_vault'));
    await expect(
      retireWrapping({ db, surroundings, provider: filled.provider }, current),
    ).rejects.toMatchObject({
      code: 'KEY_IN_USE',
    });
    expect(await readFile(file.path, 'utf8')).toContain(`"${current}"`);
    await db.destroy();
    await filled.close();
  });
});

/** Until all but one have gone over. @returns the key they are under */
async function waitForOne(db: Kysely<Database>): Promise<string> {
  for (;;) {
    const { rows } = await sql<{ wrap_key: string; rows: number }>`
      select wrap_key, count(*)::int as rows from data_key group by wrap_key order by count(*) desc`.execute(
      db,
    );
    if (rows.length === 2 && rows[0]!.rows === 2) return rows[0]!.wrap_key;
  }
}
