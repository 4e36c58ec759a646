// One State's node with an office of 20,000 conversations and an embedded PostgreSQL of its own, fsync on: the officers' endpoint
// over HTTP, and by IPC the same pages with less and less around them. Ends with its parent.

import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openChanges } from '#node/enquiries/changes.ts';
import type { EnquiryContext } from '#node/enquiries/context.ts';
import { listInbox } from '#node/enquiries/list-inbox.ts';
import { readConversation } from '#node/enquiries/read-conversation.ts';
import { readActRows } from '#node/enquiries/store.ts';
import { makeTransfers } from '#node/exchange/transfers.ts';
import { officerRoutes } from '#node/graphql/officer.ts';
import { openReading } from '#node/reading.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { openDoors } from '#node/storage/doors.ts';
import { createKeyFile } from '#node/vault/file-keys.ts';
import { openKeyProvider } from '#node/vault/open-key-provider.ts';
import { openVault } from '#node/vault/vault.ts';
import { makeLog } from '#platform/http/log.ts';
import { answerJson, type Route } from '#platform/http/route.ts';
import { serve } from '#platform/http/serve.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { openDatabase, withSession } from '#platform/postgres/open-database.ts';
import type { State } from '#schema/protocol/ids.ts';
import { makeOffice, officer, officers, threadOf } from './office.ts';

export type Page = 'inbox' | 'conversation';
/** Bare SQL; in the person's transaction under row-level security; and with the record of reading committed. */
export type Layer = 'sql' | 'rls' | 'audit';

export type PagesCalls = {
  /** Reads pages for so long, so many at a time. @returns pages a second */
  run(order: { page: Page; layer: Layer; inFlight: number; ms: number }): Promise<number>;
};

export const PAGE_ROWS = 50;

const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
await prepareDatabase(postgres.config);
const superuser = openDatabase<Database>({ ...postgres.config, max: 1 });
const nowMs = () => Date.now();
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const vaultPath = join(folder, 'vault.json');
await createKeyFile(vaultPath, random);
const provider = await openKeyProvider(vaultPath, random);
const vault = openVault({ node: 'xa', provider, nowMs, random });
const surroundings = { nowMs, random, vault };
await makeOffice(superuser, vault);
await superuser.destroy();
const doors = openDoors(postgres.config, surroundings.nowMs);
const bare = new pg.Pool(withSession({ ...postgres.config, max: 10 }));
bare.on('error', () => {});
const changes = await openChanges(doors.exchange);
const ctx: EnquiryContext = {
  doors,
  surroundings,
  intakeUnit: 'national',
  state: 'xa' as State,
  peerProfile: () => undefined,
  peers: () => [],
  changes,
  wakeSealer: () => {},
  wakeCallOut: () => {},
  transfers: makeTransfers(() => 0),
  askRecall: async () => {},
  listVersion: () => 1,
};

const COLUMNS = `thread, peer, unit, eyes_only, side, state, purpose, urgency, danger, awaiting_us, unread, urgent_unread, due_at, opened_at,
  updated_at, last_read_at`;
type Read = (i: number, k: number) => Promise<unknown>;

const readers: Readonly<Record<Page, Readonly<Record<Layer, Read>>>> = {
  inbox: {
    // What the officer sees: of the own unit, and assigned.
    sql: (i) =>
      bare.query({
        name: 'inbox',
        text: `select ${COLUMNS} from conversation where unit = $1 order by updated_at desc, thread desc limit ${PAGE_ROWS + 1}`,
        values: [officer(i).unit],
      }),
    rls: (i) =>
      doors.withActor(officer(i), (trx) => listInbox(trx, officer(i), Date.now(), {}, { first: PAGE_ROWS })),
    audit: (i) => recorded(i, (trx) => listInbox(trx, officer(i), Date.now(), {}, { first: PAGE_ROWS })),
  },
  conversation: {
    sql: async (i, k) => {
      const values = [threadOf(i, k)];
      const ask = (name: string, text: string) => bare.query({ name, text, values });
      await ask('conversation', `select ${COLUMNS} from conversation where thread = $1`);
      await ask('act', 'select * from act where thread = $1 order by n, message_id');
    },
    rls: (i, k) => doors.withActor(officer(i), (trx) => readWhole(trx, i, k)),
    audit: (i, k) => recorded(i, (trx) => readWhole(trx, i, k)),
  },
};

type Trx = Parameters<Parameters<typeof doors.withActor>[1]>[0];

async function readWhole(trx: Trx, i: number, k: number) {
  const row = await readConversation(trx, officer(i), threadOf(i, k), Date.now());
  return { row, acts: await readActRows({ trx, vault }, [threadOf(i, k)]) };
}

async function recorded(i: number, read: (trx: Trx) => Promise<unknown>): Promise<unknown> {
  const reading = openReading(ctx, officer(i));
  const page = await read(await reading.trx());
  reading.noteList('conversation', PAGE_ROWS);
  await reading.finish(['inbox']);
  return page;
}

const calls: PagesCalls = {
  run: async ({ page, layer, inFlight, ms }) => {
    const read = readers[page][layer];
    const started = performance.now();
    let done = 0;
    const work = async () => {
      while (performance.now() - started < ms) await read(1 + (done % officers), done++);
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    return (done / (performance.now() - started)) * 1000;
  },
};

const log = makeLog('bench', 'error');
const routes = officerRoutes({
  enquiries: ctx,
  log,
  // What finding out who calls costs is measured by itself.
  authenticate: async ({ headers }) => officer(Number(headers['x-bench-officer'])),
});
/** The page with its record and nothing of GraphQL: what HTTP alone costs. */
const plain = (page: Page): Route => ({
  method: 'POST',
  path: `/plain/${page}`,
  handle: async (request) => {
    await request.readBody();
    return answerJson(
      200,
      await readers[page].audit(Number(request.headers['x-bench-officer']), Number(request.query.slice(1))),
    );
  },
});
const served = await serve({
  host: '127.0.0.1',
  port: 0,
  routes: [...routes, plain('inbox'), plain('conversation')],
  log,
});

/** A parent that is gone is told nothing more. */
const tell = (value: object) => process.connected && process.send!(value);
process.on('message', ({ call, value }: { call: keyof PagesCalls; value: never }) => {
  calls[call](value).then(
    (result) => tell({ result }),
    (error: Error) => tell({ error: error.message }),
  );
});
process.once('disconnect', async () => {
  await served.close();
  await changes.close();
  await bare.end();
  await doors.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
});
tell({ url: served.url });
