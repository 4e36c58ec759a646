/**
 * A node's composition root, and the only file that sees everything: database, keys, exchange, enquiries, endpoints.
 */

import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { healthRoutes } from '#platform/http/health.ts';
import { codeOf } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { makePeerAgent } from '#platform/http/peer-request.ts';
import type { Route } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { signedClient } from '#platform/http/signed-client.ts';
import { type Loop, startLoop } from '#platform/loop.ts';
import { limits } from '#schema/protocol/limits.ts';
import { onlyFor } from './access/authenticate.ts';
import { openSessions } from './access/sessions.ts';
import { openProvider } from './access/sign-in/provider.ts';
import { signInRoutes } from './access/sign-in/routes.ts';
import { removeUnused } from './attachments/remove-unused.ts';
import { type Config, refuseDemoInProduction } from './config.ts';
import { callOut } from './duty/call-out.ts';
import { openChanges } from './enquiries/changes.ts';
import type { EnquiryContext } from './enquiries/context.ts';
import { makeMessageHandler } from './enquiries/handler.ts';
import { watchTimes } from './enquiries/raise-overdue.ts';
import { evidenceRoute } from './evidence/routes.ts';
import { type Exchange, startExchange } from './exchange/start.ts';
import { auditorRoutes } from './graphql/auditor.ts';
import { guardianRoute } from './graphql/guardian.ts';
import { machineRoutes } from './graphql/machine.ts';
import { ministryRoute } from './graphql/ministry.ts';
import { nameOperations } from './graphql/named-operations.ts';
import { officerRoutes } from './graphql/officer.ts';
import { openIdentity } from './identity.ts';
import { requestNotice } from './notices/request-notice.ts';
import { startNotices } from './notices/start.ts';
import type { Operation } from './operation.ts';
import { prepareDatabase } from './storage/database.ts';
import { openDoors } from './storage/doors.ts';
import { asRole, NOBODY } from './storage/roles.ts';

/** Whoever an alert waits for is looked for anew so often; a new alert is told at once. */
const CALL_OUT_EVERY_MS = 30_000;
/** A large file over a slow line. */
const UPLOAD_TIMEOUT_MS = 30 * 60_000;
/** 64 envelopes with the largest sealed document each, in base64. */
const MACHINE_BODY_BYTES = 24 * 1024 * 1024;

export interface Node {
  readonly officerUrl: string;
  /** Null for an outbound-only node: nothing listens for other nodes. */
  readonly machineUrl: string | null;
  readonly exchange: Exchange;
  readonly close: () => Promise<void>;
}

/** Tells who is on duty that something waits, and nothing of what. */
const tellOnDuty = async (op: Operation, persons: readonly string[]): Promise<void> => {
  await requestNotice(op, { persons }, 'urgent');
};

/**
 * Starts a node. It works as far as it can at once; what needs the gateway or a peer waits for them.
 * @param environment value of NODE_ENV
 */
export async function startNode(config: Config, environment: string | undefined): Promise<Node> {
  refuseDemoInProduction(config, environment);
  const identity = await openIdentity(config.keys);
  const log = makeLog(`node-${identity.state}`, config.logLevel);
  const surroundings = {
    nowMs: () => Date.now(),
    random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  };
  const database = { ...config.database, application_name: `focalnet-${identity.state}` };
  await prepareDatabase(database);
  const doors = openDoors(database, surroundings.nowMs);
  const agent = makePeerAgent({ allowLoopbackPeers: config.allowLoopbackPeers });
  const changes = await openChanges(doors.exchange, asRole(database, NOBODY));
  // The slice needs the exchange's trust list, the exchange the slice's handler: the list is asked for when it is needed.
  let exchange: Exchange | null = null;
  let callOuts: Loop | null = null;
  const enquiries: EnquiryContext = {
    doors,
    surroundings,
    intakeUnit: config.intakeUnit,
    state: identity.state,
    peerProfile: (state) => exchange?.ctx.trust.peer(state),
    listVersion: () => exchange?.ctx.trust.version() ?? 0,
    peers: () =>
      exchange && exchange.ctx.trust.version() > 0
        ? exchange.ctx.trust.current().nodes.filter(({ node }) => node !== identity.state)
        : [],
    changes,
    wakeSealer: () => exchange?.ctx.wake.seal(),
    wakeCallOut: () => callOuts?.wake(),
  };
  exchange = await startExchange({
    db: doors.exchange,
    database: asRole(database, 'app_log'),
    identity,
    anchor: config.anchor,
    gatewayUrl: config.gatewayUrl,
    client: signedClient({ key: identity.sig, agent, nowMs: surroundings.nowMs }),
    surroundings,
    handler: makeMessageHandler(enquiries),
    log,
  });
  const { signIn } = config;
  const stepUpAcr = signIn?.stepUpAcr ?? [];
  const sessions = openSessions({ db: doors.signin, nowMs: surroundings.nowMs, stepUpAcr });
  const provider = signIn && { provider: openProvider(signIn), settings: signIn };
  const people = {
    authenticate: sessions.authenticate,
    log,
    // The demo's network may be asked for its schemas.
    introspection: config.allowLoopbackPeers,
    operations: config.operations && nameOperations(config.operations),
  };
  const times = watchTimes(enquiries, (error) => log.error('times-failed', { code: codeOf(error) }));
  callOuts = startLoop(
    () => callOut({ db: doors.jobs, surroundings, tell: tellOnDuty }).then(() => CALL_OUT_EVERY_MS),
    (error) => log.error('call-out-failed', { code: codeOf(error) }),
  );
  const calling = callOuts;
  const notices = startNotices({ db: doors.jobs, surroundings, log, settings: config.mail });
  const uploads = startLoop(
    () => removeUnused({ db: doors.jobs, surroundings }),
    (error) => log.error('uploads-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  const officer = await serve({
    ...config.officer,
    log,
    requestTimeoutMs: UPLOAD_TIMEOUT_MS,
    routes: [
      ...signInRoutes({ db: doors.signin, surroundings, sessions, provider, log }),
      ...[
        ...officerRoutes({ enquiries, ...people }),
        guardianRoute(enquiries, people),
        ministryRoute(enquiries, people),
        ...auditorRoutes(enquiries, identity.origin, people),
      ].map((route): Route => ({ ...route, handle: sessions.endStreams(route.handle) })),
      evidenceRoute({ ...exchange.ctx, doors }, onlyFor('officer', sessions.authenticate)),
      ...healthRoutes(async () => ({
        database: await sql`select 1`.execute(doors.exchange).then(
          () => true,
          () => false,
        ),
        list: exchange.ctx.trust.version(),
        log: !exchange.sequencer.hasFailed(),
        mails: notices.state(),
      })),
    ],
  });
  const machine: Served | null = config.machine
    ? await serve({
        ...config.machine,
        log,
        routes: machineRoutes(exchange.ctx),
        maxBodyBytes: MACHINE_BODY_BYTES,
        requestTimeoutMs: limits.partTimeoutMs,
      })
    : null;
  const running = exchange;
  return {
    officerUrl: officer.url,
    machineUrl: machine?.url ?? null,
    exchange: running,
    close: async () => {
      await Promise.all([officer.close(), machine?.close()]);
      await Promise.all([times.close(), calling.close(), notices.close(), uploads.close()]);
      await running.close();
      await changes.close();
      agent.close();
      await doors.close();
    },
  };
}
