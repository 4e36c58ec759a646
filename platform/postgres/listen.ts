// Waits for NOTIFY on a channel, on a connection of its own that is made anew whenever it is lost.
// A notification is a hint to look, never the news itself: what is sent while disconnected is lost.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { withSession } from '#platform/postgres/open-database.ts';

export type Listener = { close(): Promise<void> };

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/**
 * Listens on `channel` (any name, taken literally) and calls `onNotify` with each payload, and with '' each time
 * the connection was lost and is back, since something may have been missed. Returns once it listens; look for
 * work after that. Throws the connection's error if the first connection fails; later ones are tried for ever,
 * with a back-off of 0.1 to 10 s. After `close()` has fulfilled, `onNotify` is not called any more.
 */
export async function listen(
  config: pg.ClientConfig,
  channel: string,
  onNotify: (payload: string) => void,
): Promise<Listener> {
  const closing = new AbortController();
  const notify = (payload: string) => {
    if (!closing.signal.aborted) onNotify(payload);
  };
  let current = await connect(config, channel, notify);
  const finished = (async () => {
    while (!closing.signal.aborted) {
      await current.lost;
      const next = await reconnect(config, channel, notify, closing.signal);
      if (next === null) return;
      current = next;
      notify('');
    }
  })();
  return {
    async close() {
      closing.abort();
      await current.end();
      await finished;
    },
  };
}

type Connection = { lost: Promise<void>; end(): Promise<void> };

async function connect(
  config: pg.ClientConfig,
  channel: string,
  notify: (payload: string) => void,
): Promise<Connection> {
  // Keep-alive finds a peer that vanished without a word: this connection never sends anything itself.
  const client = new pg.Client({
    application_name: 'focalnet-listen',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...withSession(config),
  });
  client.on('error', () => {}); // 'end' follows
  client.on('notification', ({ payload }) => notify(payload ?? ''));
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
  } catch (error) {
    client.end().catch(() => {});
    throw error;
  }
  return { lost, end: () => client.end() };
}

/** Null when told to stop. */
async function reconnect(
  config: pg.ClientConfig,
  channel: string,
  notify: (payload: string) => void,
  stopped: AbortSignal,
): Promise<Connection | null> {
  for (let waitMs = FIRST_WAIT_MS; !stopped.aborted; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const connection = await connect(config, channel, notify).catch(() => null);
    if (connection !== null && stopped.aborted) await connection.end();
    else if (connection !== null) return connection;
    // Scattered, so that the processes of a State do not all come back in the same instant.
    await delay(waitMs * (0.5 + Math.random() / 2), undefined, { signal: stopped }).catch(() => {});
  }
  return null;
}
