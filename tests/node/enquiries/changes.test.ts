/** Whoever watches hears of a change, in this process and in another, and not after closing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Changes, openChanges } from '#node/enquiries/changes.ts';
import type { Database } from '#node/storage/database.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function open(): Promise<Changes> {
  const db = openDatabase<Database>({ ...database.config, max: 2 });
  const changes = await openChanges(db, database.config);
  return {
    ...changes,
    close: async () => {
      await changes.close();
      await db.destroy();
    },
  };
}

describe('changes', () => {
  it('cross from one process to the other, and back to oneself', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const heard = [one, other].map((changes) => changes.watch(new AbortController().signal));
    const next = heard.map((watching) => watching.next());
    one.publish('thread-1');
    expect(await Promise.all(next)).toEqual([
      { value: 'thread-1', done: false },
      { value: 'thread-1', done: false },
    ]);
    await Promise.all([one.close(), other.close()]);
    expect(await Promise.all(heard.map((watching) => watching.next()))).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
  });

  it('are heard from the call on, before anybody asks for the first', async () => {
    const changes = await open();
    const [watching, other] = [1, 2].map(() => changes.watch(new AbortController().signal));
    // Once the other has heard of it, it has been told.
    const told = other!.next();
    changes.publish('a');
    expect((await told).value).toBe('a');
    expect(await watching!.next()).toEqual({ value: 'a', done: false });
    await changes.close();
  });

  it('a watcher who goes away is told no more, whether or not it had asked or is asking', async () => {
    const changes = await open();
    const idle = changes.watch(new AbortController().signal);
    await idle.return();
    const asking = changes.watch(new AbortController().signal);
    const pending = asking.next();
    await asking.return();
    changes.publish('a');
    const end = { value: undefined, done: true };
    expect([await pending, await idle.next(), await asking.next()]).toEqual([end, end, end]);
    expect(await changes.watch(AbortSignal.abort()).next()).toEqual(end);
    await changes.close();
  });

  it('a slow watcher gets each thread once', async () => {
    const changes = await open();
    const going = new AbortController();
    const watching = changes.watch(going.signal);
    const first = watching.next();
    for (let i = 0; i < 20; i++) changes.publish('a');
    changes.publish('b');
    expect((await first).value).toBe('a');
    const rest: string[] = [];
    for await (const thread of watching) {
      rest.push(thread);
      if (thread === 'b') going.abort();
    }
    expect(rest.filter((thread) => thread === 'b')).toHaveLength(1);
    expect(rest.length).toBeLessThanOrEqual(20);
    await changes.close();
  });
});
