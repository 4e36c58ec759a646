/**
 * The gateway's composition root: directory, relay, witness over one database and one log. It can open nothing: it has no
 * key for it and does not import the code that would.
 */
import { EventEmitter, on } from 'node:events';
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { createGraphql } from '#platform/http/graphql.ts';
import { HttpError, type PublicError } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import type { HttpRequest, Route } from '#platform/http/route.ts';
import { serve } from '#platform/http/serve.ts';
import { type CheckRequest, isSigned, makeNonceMemory, makeRequestCheck } from '#platform/http/signed-request.ts';
import { type Loop, startLoop } from '#platform/loop.ts';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { startSequencer } from '#platform/log/sequence.ts';
import { makeLogHandler } from '#platform/log/tiles.ts';
import { listen } from '#platform/postgres/listen.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { ListError, type VerifiedList } from '#schema/jws/trust-list.ts';
import { LogError } from '#schema/log/log-error.ts';
import { readNoteSigner } from '#schema/log/note.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayContext } from './context.ts';
import { DirectoryError, loadLists, storeList, verifySuccessor } from './directory/lists.ts';
import { buildGatewaySchema, type CallContext } from './graphql/schema.ts';
import { expireItems } from './relay/expire.ts';
import { MailboxError } from './relay/mailbox.ts';
import { getPart, type PartName, putPart } from './relay/parts.ts';
import { type GatewayDatabase, migrations } from './tables.ts';

/** 64 envelopes with the largest sealed document each, in base64. */
const MAX_BODY_BYTES = 24 * 1024 * 1024;
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
  const tell = async (channel: string, about: string) => {
    await sql`select pg_notify(${CHANNEL}, ${`${channel} ${about}`})`.execute(db);
  };
  const sequencer = startSequencer({
    connection: config.database,
    key: log,
    clock: nowMs,
    // Nobody but the nodes, who call us, knows what of our log was cosigned: a restored gateway asks its operator (RUNBOOK).
    askLastCosigned: async () => null,
    onCheckpoint: () => void tell('checkpoint', log.name).catch(() => {}),
    onError: (error) => out.error('sequencer-failed', { code: codeOf(error) }),
  });
  const ctx: GatewayContext = {
    db,
    nowMs,
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    sig: await importSigningKey(config.keys.sig.kid, config.keys.sig.jwk),
    log,
    wit: await readNoteSigner(config.keys.wit),
    sequencer,
    out,
    keyring: directory.keyring,
    tell,
  };
  const publish = async (json: string) => {
    await directory.reload();
    const list = await verifySuccessor(json, directory.last(), config.anchor, nowS());
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
  });
  const expiry: Loop = startLoop(() => expireItems(ctx), (error) => out.warn('expiry-failed', { code: codeOf(error) }));
  const served = await serve({
    host: config.host,
    port: config.port,
    routes: makeRoutes(ctx, news, publish),
    log: out,
    maxBodyBytes: MAX_BODY_BYTES,
  });
  return {
    url: served.url,
    close: async () => {
      await served.close();
      await expiry.close();
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
      if (!keyring) throw new DirectoryError('NO_LIST', 'no trust list has been published: see `focalnet list`');
      return keyring;
    },
    reload: async () => {
      last = await load();
      keyring = last && makeKeyring(last);
    },
  };
}

async function publishIfNewer(json: string, last: VerifiedList | null, publish: (json: string) => Promise<number>): Promise<void> {
  if (last?.json === json) return;
  await publish(json);
}

function makeRoutes(ctx: GatewayContext, news: EventEmitter, publish: CallContext['publish']): Route[] {
  const check = makeRequestCheck({
    findKey: (kid, atS) => ctx.keyring().findKey(kid, atS),
    remember: makeNonceMemory(),
    nowMs: ctx.nowMs,
  });
  const graphql = createGraphql<CallContext>({
    schema: buildGatewaySchema(),
    context: async (request) => ({
      gateway: ctx,
      caller: isSigned(request) ? (await check(request, MAX_BODY_BYTES)).party : null,
      follow: (channel, about) => followNews(news, channel, about, request.signal),
      publish,
    }),
    maskErrors: showKnownErrors,
    log: ctx.out,
    maxBodyBytes: MAX_BODY_BYTES,
  });
  const readLog = makeLogHandler(ctx.db, ctx.log.name);
  return [
    { method: 'POST', path: '/graphql', handle: graphql },
    { method: 'PUT', path: '/parts/:to/:messageId/:sha256', handle: (request) => takePart(ctx, check, request) },
    { method: 'GET', path: '/parts/:to/:messageId/:sha256', handle: (request) => givePart(ctx, check, request) },
    {
      method: 'GET',
      path: '/log/*',
      handle: async ({ path }) => {
        const found = await readLog(path);
        if (!found) throw new HttpError(404, 'NOT_FOUND', 'No such tile: see C2SP tlog-tiles.');
        return {
          status: found.status,
          headers: { 'content-type': found.contentType, 'cache-control': found.cacheControl },
          body: found.bytes,
        };
      },
    },
  ];
}

async function* followNews(news: EventEmitter, channel: string, about: string | null, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const [subject] of on(news, channel, { signal })) {
      if (about === null || subject === about || subject === '') yield subject as string;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function takePart(ctx: GatewayContext, check: CheckRequest, request: HttpRequest) {
  const { party } = await check(request, limits.sealedPartBytes);
  try {
    await putPart(ctx, party, request.params as unknown as PartName, await request.readBody(limits.sealedPartBytes));
  } catch (error) {
    if (error instanceof ProtocolError) throw new HttpError(422, error.code, error.message);
    throw error;
  }
  return { status: 204 };
}

async function givePart(ctx: GatewayContext, check: CheckRequest, request: HttpRequest) {
  const { party } = await check(request, 0);
  const sealed = await getPart(ctx, party, request.params as unknown as PartName);
  if (sealed === null) throw new HttpError(404, 'NOT_FOUND', 'No such part for this caller.');
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: sealed };
}

/** What a caller may be told: codes and advice that hold nothing of a message. */
function showKnownErrors(error: unknown): PublicError | null {
  if (error instanceof HttpError) return error;
  const known =
    error instanceof ProtocolError ||
    error instanceof ListError ||
    error instanceof LogError ||
    error instanceof LogStoreError ||
    error instanceof MailboxError ||
    error instanceof DirectoryError;
  return known ? { status: 422, code: error.code, message: error.message } : null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
