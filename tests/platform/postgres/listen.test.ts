// A listener hears every notification while connected, and says when it may have missed some.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** A door before the database that can be shut: connections are then closed unheard. Counts who knocks. */
async function openDoor() {
  const folder = mkdtempSync(join(tmpdir(), 'focalnet-door-'));
  const sockets = new Set<Socket>();
  const door = { isOpen: true, knocks: 0, config: { ...test.config, host: folder }, shut, close };
  const server = createServer((outside) => {
    door.knocks++;
    if (!door.isOpen) return outside.destroy();
    const inside = connect(join(test.config.host!, '.s.PGSQL.5432'));
    for (const socket of [outside, inside])
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    sockets.add(outside.on('close', () => inside.destroy())).add(inside.on('close', () => outside.destroy()));
    outside.pipe(inside).pipe(outside);
    return;
  });
  function shut() {
    door.isOpen = false;
    for (const socket of sockets) socket.destroy();
  }
  function close() {
    shut();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve));
  return door;
}

it('keeps trying while the database is away', async () => {
  const { heard, hear } = collect();
  const door = await openDoor();
  const listener = await listen(door.config, 'work', hear);
  door.shut();
  await expect.poll(() => door.knocks, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
  expect(heard).toEqual([]);
  door.isOpen = true;
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['']);
  await notify('work', 'again');
  await expect.poll(() => heard).toEqual(['', 'again']);
  await listener.close();
  door.close();
});

it('is silent after close, which does not wait for a database that is away', async () => {
  const { heard, hear } = collect();
  const door = await openDoor();
  const listener = await listen(door.config, 'work', hear);
  door.shut();
  await expect.poll(() => door.knocks).toBeGreaterThanOrEqual(2);
  await listener.close();
  const { knocks } = door;
  door.isOpen = true;
  await notify('work', 'unheard');
  expect(heard).toEqual([]);
  expect(door.knocks).toBe(knocks);
  door.close();
});

it('throws when the first connection fails', async () => {
  await expect(
    listen({ ...test.config, database: 'no_such_database' }, 'work', () => {}),
  ).rejects.toMatchObject({
    code: '3D000',
  });
});
