/**
 * The sequencer: the one writer of the tree. Lock, LISTEN and all transactions share one connection, so whoever
 * loses the lock has also lost the transaction. Others started on the same database stand by and take over when
 * the connection of the first ends, however it ends. Before its first signature it asks what witnesses hold.
 */
import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely';
import { Client, type ClientConfig } from 'pg';
import { WAKE_CHANNEL } from '#platform/log/append-entry.ts';
import { type CoverWaiters, makeCoverWaiters } from '#platform/log/cover-waiters.ts';
import { integrateBatch, readSignedHead } from '#platform/log/integrate.ts';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { readLatestCheckpoint, type SignedCheckpoint } from '#platform/log/read-log.ts';
import { type LastCosigned, refuseBelow } from '#platform/log/refuse-below.ts';
import { LogError } from '#schema/log/log-error.ts';
import type { NoteSigningKey } from '#schema/log/note.ts';

export type SequencerOptions = {
  /** A connection of its own, not through a transaction pooler: it carries a session lock and LISTEN. */
  connection: ClientConfig;
  /** Key of type 0x01; its name is the log's origin. */
  key: NoteSigningKey;
  /** Milliseconds since 1970. */
  clock: () => number;
  /**
   * The largest checkpoint of this log that witnesses hold, null if there is none. Asked once each time this
   * sequencer takes the lock; while it rejects, nothing is signed and it is asked again.
   */
  askLastCosigned: () => Promise<LastCosigned | null>;
  /** Told after each commit, and on taking the lock of the checkpoint that was last before. Must not throw. */
  onCheckpoint: (checkpoint: SignedCheckpoint) => void;
  /** Told of each batch of entries that was given its place, with their number. Must not throw. */
  onBatch?: (entries: number) => void;
  /** Told of every failure. After a LogStoreError or LogError the sequencer has stopped for good. Must not throw. */
  onError: (error: unknown) => void;
};

export type Sequencer = {
  /** Says that entries were committed. */
  wake(): void;
  /**
   * Wakes the sequencer and fulfils with a checkpoint that covers all these entries (ids of `appendEntry`, after
   * their commit), or with null after `timeoutMs`, or when the sequencer has stopped.
   */
  waitForCover(ids: readonly number[], timeoutMs: number): Promise<SignedCheckpoint | null>;
  /** Whether this sequencer holds the lock. */
  isLeading(): boolean;
  /** Whether it stopped for good because the log contradicts itself or what witnesses hold: nothing is promised any more. */
  hasFailed(): boolean;
  /** Finishes the transaction under way, then lets go of lock and connection. */
  stop(): Promise<void>;
};

type Session = { client: Client; db: Kysely<unknown>; leads: boolean };
type State = SequencerOptions & {
  bell: Bell;
  waiters: CoverWaiters;
  session: Session | null;
  ended: boolean;
  failed: boolean;
};

/** How long an entry can wait whose writer told nobody, and a stand-by for a lock that became free. */
const HEARTBEAT_MS = 500;
const PATIENCE = { keepAlive: true, connectionTimeoutMillis: 10_000, query_timeout: 60_000 } as const;
/** How long a connection may take to end that may be dead. */
const FAREWELL_MS = 2_000;
/** Session lock of the sequencer; advisory locks are separate for each database. */
const LOCK_KEY = 0x666f_6361_6c;

/** Starts a sequencer. Returns at once; an unreachable database is reported and tried again. */
export function startSequencer(options: SequencerOptions): Sequencer {
  const state: State = {
    ...options,
    bell: makeBell(),
    waiters: makeCoverWaiters(),
    session: null,
    ended: false,
    failed: false,
  };
  const loop = runLoop(state);
  return {
    wake: () => state.bell.ring(),
    waitForCover: async (ids, timeoutMs) => {
      if (state.ended) return null;
      const cover = state.waiters.wait(ids, timeoutMs);
      state.bell.ring();
      return cover;
    },
    isLeading: () => state.session?.leads === true,
    hasFailed: () => state.failed,
    stop: async () => {
      state.ended = true;
      state.bell.ring();
      await loop;
    },
  };
}

async function runLoop(state: State): Promise<void> {
  while (!state.ended) {
    try {
      await workOnce(state);
    } catch (error) {
      state.onError(error);
      await closeSession(state);
      state.failed = error instanceof LogStoreError || error instanceof LogError;
      state.ended ||= state.failed;
    }
    if (!state.ended) await state.bell.wait(HEARTBEAT_MS);
  }
  await closeSession(state);
  state.waiters.giveUp();
}

async function workOnce(state: State): Promise<void> {
  state.session ??= await openSession(state);
  const { session } = state;
  if (!session.leads) await tryToLead(state, session);
  while (session.leads && !state.ended) {
    const done = await integrateBatch(session.db, state.key, state.clock());
    if (done === null) break;
    state.waiters.report(done.ids, done.checkpoint);
    state.onBatch?.(done.ids.length);
    state.onCheckpoint(done.checkpoint);
  }
  await reportCovered(state, session);
}

async function openSession(state: State): Promise<Session> {
  // A line that died in silence is found out, so that this or another sequencer can go on.
  const client = new Client({ ...state.connection, ...PATIENCE });
  // A connection cut while idle is met again, and reported, by the next query on it.
  client.on('error', () => state.bell.ring());
  client.on('notification', () => state.bell.ring());
  await client.connect();
  const session = { client, db: overOneClient(client), leads: false };
  state.session = session;
  await client.query(`listen ${WAKE_CHANNEL}`);
  return session;
}

/** Kysely over one connection, so that statements run where the lock is held. */
function overOneClient(client: Client): Kysely<unknown> {
  const connection = { query: client.query.bind(client), release: () => {} } as PostgresPoolClient;
  const pool = { connect: async () => connection, end: async () => {} };
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}

async function closeSession(state: State): Promise<void> {
  const session = state.session;
  state.session = null;
  // A connection that broke has nothing left to end.
  const ended = session?.client.end().catch(() => {});
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())]);
}

async function tryToLead(state: State, session: Session): Promise<void> {
  const { rows } = await sql<{ held: boolean }>`
    select pg_try_advisory_lock(${LOCK_KEY}::bigint) as held`.execute(session.db);
  if (rows[0]?.held !== true) return;
  const latest = await readSignedHead(session.db);
  const lastCosigned = await state.askLastCosigned();
  if (lastCosigned !== null) await refuseBelow(session.db, lastCosigned);
  session.leads = true;
  if (latest !== null) state.onCheckpoint(latest);
}

/** Settles those who wait for entries that were covered before they asked, or by another process. */
async function reportCovered(state: State, session: Session): Promise<void> {
  const pending = state.waiters.pendingIds();
  if (pending.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select id from audit_entry where id = any(${pending}::bigint[]) and idx is not null`.execute(session.db);
  const latest = rows.length === 0 ? null : await readLatestCheckpoint(session.db);
  if (latest !== null) {
    state.waiters.report(
      rows.map((row) => Number(row.id)),
      latest,
    );
  }
}

type Bell = { ring(): void; wait(timeoutMs: number): Promise<void> };

/** Remembers one ring, so that a wake-up during work is not lost. */
function makeBell(): Bell {
  let rung = false;
  let answer = (): void => {};
  return {
    ring: () => {
      rung = true;
      answer();
    },
    wait: async (timeoutMs) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          answer = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
