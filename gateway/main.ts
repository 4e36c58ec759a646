/**
 * The gateway's composition root: directory, relay, witness over one database and one log. It can open nothing: it has no
 * key for it and does not import the code that would.
 */

import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { sql } from 'kysely';
import { healthRoutes } from '#platform/http/health.ts';
import { codeOf } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { startSequencer } from '#platform/log/sequence.ts';
import { type Loop, startLoop } from '#platform/loop.ts';
import { makeMetrics } from '#platform/operations/registry.ts';
import { serveOperations } from '#platform/operations/serve-operations.ts';
import { listen } from '#platform/postgres/listen.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { startRefusals } from '#platform/refusals.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { parseList, type VerifiedList } from '#schema/jws/trust-list.ts';
import { readNoteSigner } from '#schema/log/note.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayContext } from './context.ts';
import { openDirectory, publishList } from './directory/open-directory.ts';
import { makeGatewayMetrics } from './operations/metrics.ts';
import { makeReadiness } from './operations/readiness.ts';
import { makeExpiry } from './relay/expire.ts';
import { makeRoutes } from './routes.ts';
import { type GatewayDatabase, migrations } from './tables.ts';
import { makeTeller } from './tell.ts';

const CHANNEL = 'gateway_changed';
const RELOAD_MS = 60_000;

export interface Gateway {
  readonly url: string;
  /** Null where there is no listener for operators. */
  readonly operationsUrl: string | null;
  readonly close: () => Promise<void>;
}

/** Starts a gateway. Several on one database share its mailboxes and its log. */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const out = makeLog('gateway', config.logLevel);
  const db = openDatabase<GatewayDatabase>({ ...config.database, application_name: 'focalnet-gateway' });
  await migrate(db, migrations);
  const nowMs = () => Date.now();
  const directory = await openDirectory(db, config.anchor, () => Math.floor(nowMs() / 1000));
  const log = await readNoteSigner(config.keys.log);
  const news = new EventEmitter().setMaxListeners(0);
  const teller = makeTeller(
    async (text) => void (await sql`select pg_notify(${CHANNEL}, ${text})`.execute(db)),
    (error) => out.warn('notify-failed', { code: codeOf(error) }),
  );
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const registry = makeMetrics();
  const metrics = makeGatewayMetrics(registry);
  const refusals = startRefusals({ db, nowMs, random, log: out, onCount: metrics.count.refused });
  const sequencer = startSequencer({
    connection: config.database,
    key: log,
    clock: nowMs,
    // Nobody but the nodes, who call us, knows what of our log was cosigned: a restored gateway asks its operator (RUNBOOK).
    askLastCosigned: async () => null,
    onCheckpoint: () => teller.tell('checkpoint', log.name),
    onError: (error) => out.error('sequencer-failed', { code: codeOf(error) }),
    onBatch: metrics.batch,
  });
  const ctx: GatewayContext = {
    db,
    nowMs,
    random,
    sig: await importSigningKey(config.keys.sig.kid, config.keys.sig.jwk),
    log,
    wit: await readNoteSigner(config.keys.wit),
    sequencer,
    out,
    keyring: directory.keyring,
    tell: teller.tell,
    refusals,
    count: metrics.count,
  };
  const keyring = () => (directory.last() === null ? null : directory.keyring());
  metrics.follow({
    ...ctx,
    keyring,
    sequencer,
    origin: log.name,
    kid: ctx.sig.kid,
    dataFolder: config.dataFolder,
  });
  const readiness = makeReadiness({
    ...ctx,
    keyring,
    keysPath: config.keysPath,
    dataFolder: config.dataFolder,
  });
  const publish = (json: string) => publishList(ctx, directory, json);
  if (config.list !== null) await publishIfNewer(config.list, directory.last(), publish);
  // What another process published before this one listened, or told of in vain.
  const reloading = startLoop(
    async () => {
      await directory.reload();
      return RELOAD_MS;
    },
    (error) => out.error('list-reload-failed', { code: codeOf(error) }),
  );
  const listener = await listen(config.database, CHANNEL, (payload) => {
    const [channel, about] = payload.split(' ', 2) as [string, string | undefined];
    if (channel === 'list' || payload === '') reloading.wake();
    // After a lost connection nobody knows what was missed: everybody looks.
    for (const name of payload === '' ? ['mailbox', 'checkpoint'] : [channel]) news.emit(name, about ?? '');
    // Where another process leads the log, this one's callers may be waiting for what it just covered.
    if (channel === 'checkpoint') sequencer.wake();
  });
  const expiry: Loop = startLoop(makeExpiry(ctx), (error) =>
    out.warn('expiry-failed', { code: codeOf(error) }),
  );
  const routes = [
    ...makeRoutes(ctx, {
      news,
      publish,
      listening: () => served.url,
      observe: metrics.http.operations('gateway'),
    }),
    ...healthRoutes(readiness),
  ];
  const served: Served = await serve({
    host: config.host,
    port: config.port,
    requestTimeoutMs: limits.partTimeoutMs,
    routes,
    observe: metrics.http.answers('gateway', routes),
    log: out,
  });
  const operations =
    config.operations &&
    (await serveOperations(config.operations, { metrics: registry, readiness, log: out }));
  return {
    url: served.url,
    operationsUrl: operations?.url ?? null,
    close: async () => {
      await Promise.all([served.close(), operations?.close()]);
      await expiry.close();
      await reloading.close();
      await refusals.close();
      await teller.close();
      await listener.close();
      await sequencer.stop();
      await db.destroy();
    },
  };
}

/** A list that an operator left in the configuration while newer ones came is no fault. */
async function publishIfNewer(
  json: string,
  last: VerifiedList | null,
  publish: (json: string) => Promise<number>,
): Promise<void> {
  if (last === null || parseList(json).value.ver > last.value.ver) await publish(json);
}
