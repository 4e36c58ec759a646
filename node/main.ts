/**
 * A node's composition root, and the only file that sees everything: database, keys, exchange, enquiries, endpoints.
 */

import { randomBytes } from 'node:crypto';
import { healthRoutes } from '#platform/http/health.ts';
import { codeOf } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { makePeerAgent } from '#platform/http/peer-request.ts';
import type { HttpRequest } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { signedClient } from '#platform/http/signed-client.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { limits } from '#schema/protocol/limits.ts';
import { AccessError } from './access/access-error.ts';
import { openDevelopmentTokens, readBearer } from './access/development-token.ts';
import { type Config, refuseDemoInProduction } from './config.ts';
import { openChanges } from './enquiries/changes.ts';
import type { EnquiryContext } from './enquiries/context.ts';
import { makeMessageHandler } from './enquiries/handler.ts';
import { watchTimes } from './enquiries/raise-overdue.ts';
import { evidenceRoute } from './evidence/routes.ts';
import { noteClock } from './exchange/contacts.ts';
import { type Exchange, startExchange } from './exchange/start.ts';
import { machineRoutes } from './graphql/machine.ts';
import { officerRoutes } from './graphql/officer.ts';
import { openIdentity } from './identity.ts';
import { openOperations } from './operations/open-operations.ts';
import { type Database, migrations } from './storage/database.ts';

/** A large file over a slow line. */
const UPLOAD_TIMEOUT_MS = 30 * 60_000;
/** 64 envelopes with the largest sealed document each, in base64. */
const MACHINE_BODY_BYTES = 24 * 1024 * 1024;

export interface Node {
  readonly officerUrl: string;
  /** Null for an outbound-only node: nothing listens for other nodes. */
  readonly machineUrl: string | null;
  /** Null where there is no listener for operators. */
  readonly operationsUrl: string | null;
  readonly exchange: Exchange;
  readonly close: () => Promise<void>;
}

/**
 * Starts a node. It works as far as it can at once; what needs the gateway or a peer waits for them.
 * @param environment value of NODE_ENV
 */
export async function startNode(config: Config, environment: string | undefined): Promise<Node> {
  refuseDemoInProduction(config, environment);
  const identity = await openIdentity(config.keys);
  const log = makeLog(`node-${identity.state}`, config.logLevel);
  const operations = openOperations();
  const surroundings = {
    nowMs: () => Date.now(),
    random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  };
  const db = openDatabase<Database>({
    ...config.database,
    application_name: `focalnet-${identity.state}`,
    max: 12,
  });
  await migrate(db, migrations);
  const agent = makePeerAgent({ allowLoopbackPeers: config.allowLoopbackPeers });
  const changes = await openChanges(db, config.database);
  // The slice needs the exchange's trust list, the exchange the slice's handler: the list is asked for when it is needed.
  let exchange: Exchange | null = null;
  const enquiries: EnquiryContext = {
    db,
    surroundings,
    state: identity.state,
    peerProfile: (state) => exchange?.ctx.trust.peer(state),
    peers: () =>
      exchange && exchange.ctx.trust.version() > 0
        ? exchange.ctx.trust.current().nodes.filter(({ node }) => node !== identity.state)
        : [],
    changes,
    wakeSealer: () => exchange?.ctx.wake.seal(),
  };
  exchange = await startExchange({
    db,
    database: config.database,
    identity,
    anchor: config.anchor,
    gatewayUrl: config.gatewayUrl,
    client: signedClient({
      key: identity.sig,
      agent,
      nowMs: surroundings.nowMs,
      onAnswer: (answer) => exchange && noteClock(exchange.ctx, answer),
    }),
    surroundings,
    handler: makeMessageHandler(enquiries),
    log,
    count: operations.count,
    onBatch: operations.batch,
  });
  const running = exchange;
  const told = operations.attach({
    db,
    identity,
    trust: running.ctx.trust,
    sequencer: running.sequencer,
    nowMs: surroundings.nowMs,
    dataFolder: config.dataFolder,
    keysPath: config.keysPath,
  });
  const tokens =
    config.development &&
    openDevelopmentTokens({
      ...config.development,
      origin: identity.origin,
      environment,
      nowMs: surroundings.nowMs,
    });
  const authenticate = async (request: HttpRequest) => {
    if (!tokens) throw new AccessError('TOKEN_MISSING');
    return readBearer(tokens, request.headers.authorization);
  };
  const times = watchTimes(enquiries, (error) => log.error('times-failed', { code: codeOf(error) }));
  const forOfficers = [
    ...officerRoutes({
      enquiries,
      log,
      introspection: config.development !== null,
      authenticate,
      observe: operations.http.operations('officer'),
    }),
    evidenceRoute(running.ctx, authenticate),
    ...healthRoutes(told.readiness),
  ];
  const officer = await serve({
    ...config.officer,
    log,
    requestTimeoutMs: UPLOAD_TIMEOUT_MS,
    routes: forOfficers,
    observe: operations.http.answers('officer', forOfficers),
  });
  const forMachines = machineRoutes(running.ctx, operations.http.operations('machine'));
  const machine: Served | null = config.machine
    ? await serve({
        ...config.machine,
        log,
        routes: forMachines,
        observe: operations.http.answers('machine', forMachines),
        maxBodyBytes: MACHINE_BODY_BYTES,
        requestTimeoutMs: limits.partTimeoutMs,
      })
    : null;
  const forOperators = await told.serve(config.operations, log);
  return {
    officerUrl: officer.url,
    machineUrl: machine?.url ?? null,
    operationsUrl: forOperators?.url ?? null,
    exchange: running,
    close: async () => {
      await Promise.all([officer.close(), machine?.close(), forOperators?.close()]);
      await times.close();
      await running.close();
      await changes.close();
      agent.close();
      await db.destroy();
    },
  };
}
