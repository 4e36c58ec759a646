/**
 * Tells those who watch that a conversation changed: in this process at once, in others by NOTIFY. Carries no more than the
 * thread's id, since it is only a hint to look.
 */
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { listen } from '#platform/postgres/listen.ts';
import type { Database } from '../storage/database.ts';

const CHANNEL = 'conversation_changed';

export interface Changes {
  /** Call it after the commit. Never throws: whoever watches looks again anyway. */
  readonly publish: (thread: string) => void;
  /** Threads that changed since this call, until `signal` aborts; `''` means "something may have been missed: look at everything". */
  readonly watch: (signal: AbortSignal) => AsyncGenerator<string, void>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the channel.
 * @param listenWith a connection of its own for LISTEN; without it only this process is told
 */
export async function openChanges(db: Kysely<Database>, listenWith?: pg.ClientConfig): Promise<Changes> {
  const watchers = new Set<(thread: string) => void>();
  const tell = (thread: string) => {
    for (const watcher of watchers) watcher(thread);
  };
  const listener = listenWith && (await listen(listenWith, CHANNEL, tell));
  const closing = new AbortController();
  return {
    publish: (thread) => {
      // One way for everybody: with a listener, this process hears its own notifications too.
      if (!listener) return tell(thread);
      sql`select pg_notify(${CHANNEL}, ${thread})`.execute(db).catch(() => tell(thread));
    },
    watch: (signal) => watch(watchers, AbortSignal.any([signal, closing.signal])),
    close: async () => {
      closing.abort();
      await listener?.close();
    },
  };
}

/** Listens from now on, although nobody may ask for the first thread before much later. */
function watch(watchers: Set<(thread: string) => void>, signal: AbortSignal): AsyncGenerator<string, void> {
  // A set: a watcher who is slow needs each thread once, not a growing queue.
  const waiting = new Set<string>();
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  let rouse = () => {};
  const watcher = (thread: string) => {
    waiting.add(thread);
    rouse();
  };
  const stop = () => {
    watchers.delete(watcher);
    rouse();
  };
  watchers.add(watcher);
  ended.addEventListener('abort', stop);
  if (ended.aborted) stop();
  const threads = take(waiting, ended, (wake) => {
    rouse = wake;
  });
  const finish = threads.return.bind(threads);
  // A generator that nobody has started runs no `finally`.
  threads.return = (value) => {
    ending.abort();
    return finish(value);
  };
  return threads;
}

async function* take(
  waiting: Set<string>,
  ended: AbortSignal,
  onWake: (wake: () => void) => void,
): AsyncGenerator<string, void> {
  while (!ended.aborted) {
    const [next] = waiting;
    if (next === undefined) {
      await new Promise<void>(onWake);
      continue;
    }
    waiting.delete(next);
    yield next;
  }
}
