// Migrations: ordered, once, all or nothing, also when several processes start together.
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Migration, migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';

type Tables = { migration: { name: string; applied_at: number }; step: { name: string } };

let test: TestDatabase;
let db: Kysely<Tables>;

beforeEach(async () => {
  test = await createTestDatabase();
  db = openDatabase<Tables>(test.config);
});

afterEach(async () => {
  await db.destroy();
  await test.drop();
});

const first: Migration = {
  up: async (trx) => void (await sql`create table step (name text primary key)`.execute(trx)),
};
const adds = (name: string): Migration => ({
  up: async (trx) => void (await sql`insert into step values (${name})`.execute(trx)),
});

const readSteps = async () => (await db.selectFrom('step').select('name').execute()).map((row) => row.name);
const readRecorded = async () =>
  (await db.selectFrom('migration').select('name').orderBy('name').execute()).map((row) => row.name);

it('applies in the order of names, records each, and does nothing the second time', async () => {
  const migrations = { '003': adds('c'), '001': first, '002': adds('b') };
  expect(await migrate(db, migrations)).toEqual(['001', '002', '003']);
  expect(await readSteps()).toEqual(['b', 'c']);
  expect(await readRecorded()).toEqual(['001', '002', '003']);
  expect(await migrate(db, migrations)).toEqual([]);
  expect(await readSteps()).toEqual(['b', 'c']);
});

it('runs each migration once when eight starters race', async () => {
  const names = Array.from({ length: 12 }, (_, at) => String(at + 2).padStart(3, '0'));
  const migrations = { '001': first, ...Object.fromEntries(names.map((name) => [name, adds(name)])) };
  const starters = Array.from({ length: 8 }, () => openDatabase<Tables>({ ...test.config, max: 1 }));
  const applied = await Promise.all(starters.map((starter) => migrate(starter, migrations)));
  await Promise.all(starters.map((starter) => starter.destroy()));
  expect(applied.flat().sort()).toEqual(['001', ...names]);
  expect(await readSteps()).toEqual(names);
});

it('leaves nothing of a migration that fails, keeps those before it, and goes on once it is mended', async () => {
  const broken: Migration = {
    up: async (trx) => {
      await adds('half').up(trx);
      await sql`select no_such_function()`.execute(trx);
    },
  };
  await expect(migrate(db, { '001': first, '002': broken, '003': adds('c') })).rejects.toMatchObject({
    code: '42883',
  });
  expect(await readSteps()).toEqual([]);
  expect(await readRecorded()).toEqual(['001']);
  expect(await migrate(db, { '001': first, '002': adds('whole'), '003': adds('c') })).toEqual(['002', '003']);
  expect(await readSteps()).toEqual(['whole', 'c']);
});

it('does not record a migration that swallowed an error of the database', async () => {
  const swallowing: Migration = {
    up: async (trx) => void (await sql`select 1 / 0`.execute(trx).catch(() => {})),
  };
  await expect(migrate(db, { '001': first, '002': swallowing })).rejects.toThrow();
  expect(await readRecorded()).toEqual(['001']);
});

it('refuses a database that a newer version has migrated', async () => {
  await migrate(db, { '001': first, '002': adds('b') });
  await expect(migrate(db, { '001': first })).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
});

it('refuses a migration that sorts before one that ran', async () => {
  await migrate(db, { '001': first, '003': adds('c') });
  const late = migrate(db, { '001': first, '002': adds('b'), '003': adds('c') });
  await expect(late).rejects.toMatchObject({ code: 'MIGRATION_OUT_OF_ORDER' });
  expect(await readSteps()).toEqual(['c']);
});

it('is not cut short by the limit for statements', async () => {
  const hasty = openDatabase<Tables>({ ...test.config, statement_timeout: 30 });
  const slow: Migration = { up: async (trx) => void (await sql`select pg_sleep(0.1)`.execute(trx)) };
  expect(await migrate(hasty, { '001': slow })).toEqual(['001']);
  await hasty.destroy();
});
