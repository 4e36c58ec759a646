/**
 * The gateway's composition root: directory, relay, witness over one database and one log. It can open nothing: it has no
 * key for it and does not import the code that would.
 */

import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { sql } from 'kysely';
import { makeLog } from '#platform/http/log.ts';
import { serve } from '#platform/http/serve.ts';
import { startSequencer } from '#platform/log/sequence.ts';
import { type Loop, startLoop } from '#platform/loop.ts';
import { listen } from '#platform/postgres/listen.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { parseList, type VerifiedList } from '#schema/jws/trust-list.ts';
import { readNoteSigner } from '#schema/log/note.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayContext } from './context.ts';
import { DirectoryError, loadLists, storeList, verifySuccessor } from './directory/lists.ts';
import { startRefusals } from './refusals.ts';
import { expireItems } from './relay/expire.ts';
import { makeRoutes } from './routes.ts';
import { type GatewayDatabase, migrations } from './tables.ts';
import { makeTeller } from './tell.ts';

const CHANNEL = 'gateway_changed';

export interface Gateway {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a gateway. Several on one database share its mailboxes and its log. */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const out = makeLog('gateway', config.logLevel);
  const db = openDatabase<GatewayDatabase>({ ...config.database, application_name: 'focalnet-gateway' });
  await migrate(db, migrations);
  const nowMs = () => Date.now();
  const nowS = () => Math.floor(nowMs() / 1000);
  const directory = await openDirectory(() => loadLists(db, config.anchor, nowS()));
  const log = await readNoteSigner(config.keys.log);
  const news = new EventEmitter().setMaxListeners(0);
  const teller = makeTeller(
    async (text) => void (await sql`select pg_notify(${CHANNEL}, ${text})`.execute(db)),
    (error) => out.warn('notify-failed', { code: codeOf(error) }),
  );
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const refusals = startRefusals({ db, nowMs, random }, (error) =>
    out.warn('refusals-failed', { code: codeOf(error) }),
  );
  const sequencer = startSequencer({
    connection: config.database,
    key: log,
    clock: nowMs,
    // Nobody but the nodes, who call us, knows what of our log was cosigned: a restored gateway asks its operator (RUNBOOK).
    askLastCosigned: async () => null,
    onCheckpoint: () => teller.tell('checkpoint', log.name),
    onError: (error) => out.error('sequencer-failed', { code: codeOf(error) }),
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
  };
  const publish = async (json: string) => {
    await directory.reload();
    const last = directory.last();
    // Brought once more by somebody who did not hear the answer.
    if (last !== null && parseList(json).hash === last.hash) return last.value.ver;
    const list = await verifySuccessor(json, last, config.anchor, nowS());
    await storeList(ctx, list);
    await directory.reload();
    out.info('list-published', { ver: list.value.ver });
    return list.value.ver;
  };
  if (config.list !== null) await publishIfNewer(config.list, directory.last(), publish);
  const listener = await listen(config.database, CHANNEL, (payload) => {
    const [channel, about] = payload.split(' ', 2) as [string, string | undefined];
    if (channel === 'list' || payload === '') void directory.reload().catch(() => {});
    // After a lost connection nobody knows what was missed: everybody looks.
    for (const name of payload === '' ? ['mailbox', 'checkpoint'] : [channel]) news.emit(name, about ?? '');
    // Where another process leads the log, this one's callers may be waiting for what it just covered.
    if (channel === 'checkpoint') sequencer.wake();
  });
  // What another process published before this one listened.
  await directory.reload();
  const expiry: Loop = startLoop(
    () => expireItems(ctx),
    (error) => out.warn('expiry-failed', { code: codeOf(error) }),
  );
  const served = await serve({
    host: config.host,
    port: config.port,
    routes: makeRoutes(ctx, news, publish),
    log: out,
  });
  return {
    url: served.url,
    close: async () => {
      await served.close();
      await expiry.close();
      await refusals.close();
      await teller.close();
      await listener.close();
      await sequencer.stop();
      await db.destroy();
    },
  };
}

/** The lists in force, held in memory, loaded anew when another process published one. */
async function openDirectory(load: () => Promise<VerifiedList | null>) {
  let last = await load();
  let keyring: Keyring | null = last && makeKeyring(last);
  return {
    last: () => last,
    keyring: () => {
      if (!keyring)
        throw new DirectoryError('NO_LIST', 'no trust list has been published: see `focalnet list`');
      return keyring;
    },
    reload: async () => {
      last = await load();
      keyring = last && makeKeyring(last);
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
