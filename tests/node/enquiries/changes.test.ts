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
