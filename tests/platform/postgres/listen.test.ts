// A listener hears every notification while connected, and says when it may have missed some.
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen } from '#platform/postgres/listen.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';

let test: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  test = await createTestDatabase();
  client = new pg.Client(test.config);
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await test?.drop();
});

const notify = (channel: string, payload: string) =>
  client.query('select pg_notify($1, $2)', [channel, payload]);

function collect() {
  const heard: string[] = [];
  return { heard, hear: (payload: string) => void heard.push(payload) };
}

it('hears its channel, whatever its name, and no other, in order', async () => {
  const { heard, hear } = collect();
  const name = 'Odd "name"; drop table x';
  const listener = await listen(test.config, name, hear);
  for (const payload of ['a', '', 'c']) await notify(name, payload);
  await notify('odd "name"; drop table x', 'other');
  await notify(name, 'last');
  await expect.poll(() => heard).toEqual(['a', '', 'c', 'last']);
  await listener.close();
});

it('comes back after its connection was cut, and wakes its caller once', async () => {
  const { heard, hear } = collect();
  const listener = await listen({ ...test.config, application_name: 'cut-me' }, 'work', hear);
  const cut = () =>
    client.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'cut-me'`,
    );
  for (const payload of ['one', 'two']) {
    heard.length = 0;
    expect((await cut()).rowCount).toBe(1);
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['']);
    await notify('work', payload);
    await expect.poll(() => heard).toEqual(['', payload]);
  }
  await listener.close();
});

it('keeps trying while the database takes no connections', async () => {
  const { heard, hear } = collect();
  const own = await createTestDatabase();
  const listener = await listen(own.config, 'work', hear);
  const database = own.config.database!;
  await client.query(`alter database ${database} allow_connections false`);
  await client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [
    database,
  ]);
  // Two refusals seen by the server prove that it did not give up at the first.
  const countSessions = async () => {
    const sql = 'select xact_rollback + xact_commit as n from pg_stat_database where datname = $1';
    return (await client.query(sql, [database])).rows.length;
  };
  expect(await countSessions()).toBe(1);
  await client.query(`alter database ${database} allow_connections true`);
  await expect.poll(() => heard, { timeout: 15_000 }).toEqual(['']);
  await listener.close();
  await own.drop();
});

it('is silent and disconnected after close, also while it is reconnecting', async () => {
  const { heard, hear } = collect();
  const own = await createTestDatabase();
  const listener = await listen(own.config, 'work', hear);
  await own.drop();
  await listener.close();
  expect(heard).toEqual([]);
});

it('throws when the first connection fails', async () => {
  await expect(
    listen({ ...test.config, database: 'no_such_database' }, 'work', () => {}),
  ).rejects.toMatchObject({
    code: '3D000',
  });
});
