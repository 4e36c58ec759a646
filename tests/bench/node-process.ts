// One State's exchange as a process with an embedded PostgreSQL of its own, fsync on, that does what its parent tells it by
// IPC. The enquiries slice is left out: its handler stores each document and no more. Ends with its parent.

import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { PartyKeyFile } from '#deploy/network/make-keys.ts';
import type { ExchangeContext } from '#node/exchange/context.ts';
import { requestSealing } from '#node/exchange/request-sealing.ts';
import { type Exchange, startExchange } from '#node/exchange/start.ts';
import { makeTransfers } from '#node/exchange/transfers.ts';
import { machineRoutes } from '#node/graphql/machine.ts';
import { KeyFile, openIdentity } from '#node/identity.ts';
import { runOperation } from '#node/operation.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { asRole } from '#node/storage/roles.ts';
import { createKeyFile, openFileKeys } from '#node/vault/file-keys.ts';
import { openVault } from '#node/vault/vault.ts';
import { makeLog } from '#platform/http/log.ts';
import { makePeerAgent } from '#platform/http/peer-request.ts';
import type { Route } from '#platform/http/route.ts';
import { serve } from '#platform/http/serve.ts';
import { signedClient } from '#platform/http/signed-client.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { makeMessageId, type State, type ThreadId } from '#schema/protocol/ids.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import { makeBenchContent } from './content.ts';

/** What the parent may ask; each is answered with what its function returns. */
export interface BenchCalls {
  join(network: { keys: PartyKeyFile; list: string; anchor: Anchor }): Promise<null>;
  /** Sends `count` messages, at most `inFlight` of them being written at a time, or one every `everyMs`. */
  send(order: { to: string; count: number; inFlight: number; everyMs?: number }): Promise<Sent>;
  usage(): Promise<Usage>;
}

/** `latenciesMs`: from when a message was due to be written until its receipt was stored. */
export type Sent = { elapsedMs: number; latenciesMs: number[] };
/** Since the process started: its own CPU time, transactions and statements of its database, documents applied. */
export type Usage = { cpuMs: number; commits: number; applied: number };

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const nowMs = () => Date.now();
const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
const vaultPath = join(folder, 'vault.json');
await createKeyFile(vaultPath, random);
// What waits for the sealer is kept sealed, too; both States of the bench have one name for it.
const vault = openVault({ node: 'bench', provider: await openFileKeys(vaultPath, random), nowMs, random });
const surroundings = { nowMs, random, vault };
const log = makeLog('bench', 'error');
/** 64 envelopes with the largest sealed document each, in base64. */
const MAX_BODY_BYTES = 24 * 1024 * 1024;

/** Called when the receipt of a message has been stored. */
const receipted = new Map<string, () => void>();

async function openExchange(
  network: { keys: PartyKeyFile; list: string; anchor: Anchor },
  database: pg.PoolConfig,
  db: Kysely<Database>,
): Promise<Exchange> {
  const identity = await openIdentity(KeyFile.parse(network.keys));
  const agent = makePeerAgent({ allowLoopbackPeers: true });
  const exchange = await startExchange({
    db,
    database,
    identity,
    anchor: network.anchor,
    gatewayUrl: 'http://127.0.0.1:9',
    client: signedClient({ key: identity.sig, agent, nowMs: surroundings.nowMs }),
    surroundings,
    transfers: makeTransfers(surroundings.nowMs),
    log: makeLog(`bench-${identity.state}`, 'silent'),
    handler: {
      apply: async (op, document) => {
        const content = new TextDecoder().decode(encodeCanonical(document));
        await sql`insert into bench_document (id, content) values (${document.id}, ${content})`.execute(
          op.trx,
        );
      },
      noteReceipt: async (op, messageId, { stage }) => {
        if (stage === 'delivered') op.afterCommit(() => receipted.get(messageId)?.());
      },
      noteUndelivered: async (_, messageId, reason) => {
        throw new Error(`message ${messageId} will not arrive: ${reason}`);
      },
      noteUnconfirmed: async (_, messageId) => {
        throw new Error(`message ${messageId} lies in a mailbox past its release`);
      },
    },
  });
  await exchange.ctx.trust.accept(network.list, null);
  return exchange;
}

/** Writes one released message as a slice would. @returns a promise of its receipt, once it is committed */
async function release(ctx: ExchangeContext, to: string): Promise<{ receipt: Promise<void> }> {
  const messageId = makeMessageId(surroundings.nowMs(), random(10));
  const receipt = new Promise<void>((resolve) => receipted.set(messageId, resolve));
  await runOperation(ctx.db, surroundings, async (op) => {
    await requestSealing(op, {
      messageId,
      peer: to as State,
      lane: 'routine',
      type: 'ENQ@1',
      thread: messageId as unknown as ThreadId,
      n: 1,
      seen: 0,
      ...makeBenchContent(),
      attachmentIds: [],
      approvedUntilMs: op.nowMs + 3_600_000,
    });
    op.afterCommit(ctx.wake.seal);
  });
  return { receipt: receipt.then(() => void receipted.delete(messageId)) };
}

async function send(ctx: ExchangeContext, order: Parameters<BenchCalls['send']>[0]): Promise<Sent> {
  const startedMs = performance.now();
  const latenciesMs: number[] = [];
  const receipts: Promise<void>[] = [];
  let next = 0;
  const write = async () => {
    for (let n = next++; n < order.count; n = next++) {
      const dueMs = order.everyMs === undefined ? performance.now() : startedMs + n * order.everyMs;
      await delay(Math.max(0, dueMs - performance.now()));
      const { receipt } = await release(ctx, order.to);
      receipts.push(receipt.then(() => void latenciesMs.push(performance.now() - dueMs)));
    }
  };
  await Promise.all(Array.from({ length: order.inFlight }, write));
  await Promise.all(receipts);
  return { elapsedMs: performance.now() - startedMs, latenciesMs };
}

async function readUsage(db: Kysely<Database>): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  const { rows } = await sql<{ commits: number; applied: number }>`
    select (select xact_commit::float8 from pg_stat_database where datname = current_database()) as commits,
           (select count(*)::int from bench_document) as applied`.execute(db);
  return { cpuMs: (user + system) / 1000, ...rows[0]! };
}

/** The machine endpoint of an exchange that comes later: the list must name its address before. */
async function serveMachine(exchange: () => Exchange) {
  let routes: Route[] | undefined;
  const handleBy = (n: number): Route['handle'] => {
    return (request) => {
      routes ??= machineRoutes(exchange().ctx);
      return routes[n]!.handle(request);
    };
  };
  const route = { method: 'POST', path: '/graphql', handle: handleBy(0) } as const;
  return serve({ host: '127.0.0.1', port: 0, routes: [route], log, maxBodyBytes: MAX_BODY_BYTES });
}

/** A parent that is gone is told nothing more. */
const tell = (value: object) => process.connected && process.send!(value);

const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
await prepareDatabase(postgres.config);
const db = openDatabase<Database>({ ...asRole(postgres.config, 'app_exchange'), max: 12 });
const superuser = openDatabase<Database>({ ...postgres.config, max: 1 });
await sql`create table bench_document (id text primary key, content text not null)`.execute(superuser);
await sql`grant select, insert on bench_document to app_exchange`.execute(superuser);
let exchange: Exchange | undefined;
const machine = await serveMachine(() => exchange!);

const calls: BenchCalls = {
  join: async (network) => {
    exchange = await openExchange(network, asRole(postgres.config, 'app_log'), db);
    return null;
  },
  send: (order) => send(exchange!.ctx, order),
  usage: () => readUsage(superuser),
};

process.on('message', ({ call, value }: { call: keyof BenchCalls; value: never }) => {
  calls[call](value).then(
    (result) => tell({ result }),
    (error: Error) => tell({ error: error.message }),
  );
});
process.once('disconnect', async () => {
  await machine.close();
  await exchange?.close();
  await db.destroy();
  await superuser.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
});
tell({ url: machine.url });
