/**
 * A node's composition root, and the only file that sees everything: database, keys, exchange, enquiries, endpoints.
 */

import { randomBytes } from 'node:crypto';
import { healthRoutes, lookOnceASecond } from '#platform/http/health.ts';
import { codeOf } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { makePeerAgent } from '#platform/http/peer-request.ts';
import type { Route } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { signedClient } from '#platform/http/signed-client.ts';
import { type Loop, startLoop } from '#platform/loop.ts';
import { limits } from '#schema/protocol/limits.ts';
import { onlyFor } from './access/authenticate.ts';
import { eraseSessions } from './access/erase-sessions.ts';
import { lookForUnseen } from './access/look-for-unseen.ts';
import { sealOpenLinks } from './access/seal-open-links.ts';
import { openSessions } from './access/sessions.ts';
import { makeTryLimits } from './access/sign-in/limit-tries.ts';
import { openProvider } from './access/sign-in/provider.ts';
import { signInRoutes } from './access/sign-in/routes.ts';
import { watchLinks } from './access/watch-links.ts';
import { watchPeople } from './access/watch-people.ts';
import { removeUnused } from './attachments/remove-unused.ts';
import { surfaceMatches } from './cases/surface-matches.ts';
import { watchAges } from './cases/watch-ages.ts';
import { dutyNumbersOf } from './complaints/print-card.ts';
import { complaintRoutes } from './complaints/routes.ts';
import { type Config, refuseDemoInProduction } from './config.ts';
import { callOut } from './duty/call-out.ts';
import { telephoneRoute } from './duty/telephone-route.ts';
import { tellCalled } from './duty/tell-called.ts';
import { openChanges } from './enquiries/changes.ts';
import type { EnquiryContext } from './enquiries/context.ts';
import { makeMessageHandler } from './enquiries/handler.ts';
import { watchTimes } from './enquiries/raise-overdue.ts';
import { tellTransfers } from './enquiries/tell-transfers.ts';
import { evidenceRoute } from './evidence/routes.ts';
import { noteClock } from './exchange/contacts.ts';
import { askRecall } from './exchange/recall-message.ts';
import { type Exchange, startExchange } from './exchange/start.ts';
import { makeTransfers } from './exchange/transfers.ts';
import { auditorRoutes } from './graphql/auditor.ts';
import { guardianRoute } from './graphql/guardian.ts';
import { machineRoutes } from './graphql/machine.ts';
import { ministryRoute } from './graphql/ministry.ts';
import { nameOperations } from './graphql/named-operations.ts';
import { officerRoutes } from './graphql/officer.ts';
import { openIdentity } from './identity.ts';
import { localRoutes } from './local-services/routes.ts';
import { startNotices } from './notices/start.ts';
import { openOperations } from './operations/open-operations.ts';
import { representationRoutes } from './representation/routes.ts';
import { applyRetention, eraseLogDetails, prepareRetention } from './retention/apply-retention.ts';
import { openErasedList } from './retention/erased-list.ts';
import { prepareDatabase } from './storage/database.ts';
import { openDoors } from './storage/doors.ts';
import { asRole, NOBODY } from './storage/roles.ts';
import { openKeyProvider } from './vault/open-key-provider.ts';
import { openVault } from './vault/vault.ts';

/** Whoever an alert waits for is looked for anew so often; a new alert is told at once. */
const CALL_OUT_EVERY_MS = 30_000;
/** What was written or came in is compared with the files there are within so long. */
const MATCHES_EVERY_MS = 10_000;
/** Birthdays, and what another State should be told of who represents a child. */
const AGES_EVERY_MS = 60_000;
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
  const nowMs = () => Date.now();
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const provider = await openKeyProvider(config.vaultPath, random);
  const vault = openVault({ node: identity.state, provider, nowMs, random });
  const surroundings = { nowMs, random, vault, log };
  const database = { ...config.database, application_name: `focalnet-${identity.state}` };
  await prepareDatabase(database);
  const doors = openDoors(database, surroundings.nowMs);
  await vault.prepare(doors.exchange);
  await sealOpenLinks({ doors, surroundings });
  const agent = makePeerAgent({ allowLoopbackPeers: config.allowLoopbackPeers });
  const changes = await openChanges(doors.exchange, asRole(database, NOBODY));
  const transfers = makeTransfers(surroundings.nowMs);
  // The slice needs the exchange's trust list, the exchange the slice's handler: the list is asked for when it is needed.
  let exchange: Exchange | null = null;
  let callOuts: Loop | null = null;
  let retaining: Loop | null = null;
  const enquiries: EnquiryContext = {
    doors,
    surroundings,
    intakeUnit: config.intakeUnit,
    noInformationStepMs: config.noInformationStepMs ?? undefined,
    state: identity.state,
    publicUrl: config.signIn?.address ?? config.mail?.publicUrl,
    peerProfile: (state) => exchange?.ctx.trust.peer(state),
    listVersion: () => exchange?.ctx.trust.version() ?? 0,
    peers: () =>
      exchange && exchange.ctx.trust.version() > 0
        ? exchange.ctx.trust.current().nodes.filter(({ node }) => node !== identity.state)
        : [],
    changes,
    transfers,
    wakeSealer: () => exchange?.ctx.wake.seal(),
    wakeCallOut: () => callOuts?.wake(),
    wakeRetention: () => retaining?.wake(),
    askRecall: async (messageId) => void (exchange && (await askRecall(exchange.ctx, messageId))),
  };
  const retention = {
    ...enquiries,
    policy: config.retention,
    erased: openErasedList(config.vaultPath),
  };
  // Before anything is served or sent: what was erased stays so, whatever backup this database comes from.
  const back = await prepareRetention(retention);
  if (back > 0) log.error('erased-again', { count: back });
  exchange = await startExchange({
    db: doors.exchange,
    database: asRole(database, 'app_log'),
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
    transfers,
    handler: makeMessageHandler(enquiries),
    log,
    count: operations.count,
    onBatch: operations.batch,
  });
  const running = exchange;
  tellTransfers(enquiries);
  const { signIn } = config;
  const stepUpAcr = signIn?.stepUpAcr ?? [];
  const tries = makeTryLimits(nowMs);
  const sessions = openSessions({ db: doors.signin, nowMs, stepUpAcr, tries });
  const signInBy = signIn && { provider: openProvider(signIn), settings: signIn };
  const endpoints = {
    authenticate: sessions.authenticate,
    log,
    // The demo's network may be asked for its schemas.
    introspection: config.allowLoopbackPeers,
    anyFromBrowsers: config.allowLoopbackPeers,
    operations: config.namedOperations && nameOperations(config.namedOperations),
    observe: operations.http.operations('officer'),
  };
  const times = watchTimes(enquiries, (error) => log.error('times-failed', { code: codeOf(error) }));
  callOuts = startLoop(
    async () => {
      const mailsOff = config.mail === null;
      const done = await callOut({ db: doors.jobs, surroundings, tell: tellCalled, mailsOff });
      if (done.unreachable > 0) log.error('duty-unreachable', { count: done.unreachable });
      if (done.unheard > 0) log.error('alert-unheard', { count: done.unheard });
      return CALL_OUT_EVERY_MS;
    },
    (error) => log.error('call-out-failed', { code: codeOf(error) }),
  );
  const calling = callOuts;
  const notices = startNotices({ db: doors.jobs, surroundings, log, settings: config.mail });
  const uploads = startLoop(
    () => removeUnused({ db: doors.jobs, surroundings }),
    (error) => log.error('uploads-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  const oldSessions = startLoop(
    () => eraseSessions({ db: doors.jobs, surroundings }),
    (error) => log.error('sessions-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  retaining = startLoop(
    () => applyRetention(retention),
    (error) => log.error('retention-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  const keeping = retaining;
  const oldDetails = startLoop(
    () => eraseLogDetails(retention),
    (error) => log.error('retention-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  const people = watchPeople({ doors, surroundings }, (error) =>
    log.error('people-failed', { code: codeOf(error) }),
  );
  const ages = startLoop(
    async () => {
      await watchAges(enquiries);
      await watchLinks(enquiries);
      await lookForUnseen(enquiries);
      return AGES_EVERY_MS;
    },
    (error) => log.error('ages-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  const matches = startLoop(
    async () => {
      await surfaceMatches({ doors, surroundings, changes });
      return MATCHES_EVERY_MS;
    },
    (error) => log.error('matches-failed', { code: codeOf(error) }),
    { retryMs: 60_000 },
  );
  const told = operations.attach({
    db: doors.operations,
    pool: doors.exchange,
    identity,
    trust: running.ctx.trust,
    sequencer: running.sequencer,
    nowMs: surroundings.nowMs,
    dataFolder: config.dataFolder,
    keysPath: config.keysPath,
    isVaultReady: () => vault.isReady(doors.exchange),
    mails: notices.state,
  });
  const forOfficers = [
    ...signInRoutes({ db: doors.signin, surroundings, sessions, tries, provider: signInBy, log }),
    ...[
      ...officerRoutes({ enquiries, ...endpoints }),
      guardianRoute(enquiries, endpoints),
      ministryRoute(enquiries, endpoints),
      ...auditorRoutes(enquiries, identity.origin, endpoints),
    ].map((route): Route => ({ ...route, handle: sessions.endStreams(route.handle) })),
    ...representationRoutes(enquiries, onlyFor('guardian', sessions.authenticate)),
    telephoneRoute({
      list: () => (running.ctx.trust.version() > 0 ? running.ctx.trust.current() : null),
      authenticate: onlyFor('officer', sessions.authenticate),
    }),
    ...localRoutes({ db: doors.local, surroundings, tries }),
    ...complaintRoutes({
      ...{ db: doors.local, surroundings, tries },
      phones: () => dutyNumbersOf(enquiries),
    }),
    evidenceRoute({ ...running.ctx, doors }, onlyFor('officer', sessions.authenticate)),
    ...healthRoutes(lookOnceASecond(told.readiness, nowMs)),
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
      await Promise.all([times.close(), calling.close(), notices.close(), uploads.close(), people.close()]);
      await Promise.all([oldSessions.close(), keeping.close(), oldDetails.close()]);
      await Promise.all([matches.close(), ages.close()]);
      await running.close();
      await changes.close();
      agent.close();
      await doors.close();
      await vault.close();
    },
  };
}
