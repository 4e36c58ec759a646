/**
 * Running a node or the gateway as a process: with an embedded PostgreSQL where asked, until told to stop. A child of the demo
 * ends by itself when the demo is gone, however it went.
 */

import { findEmbeddedPostgres, startEmbeddedPostgres } from '#platform/postgres/embedded.ts';

/** What a process tells the one that started it. */
export interface Ready {
  readonly ready: true;
  readonly officerUrl?: string;
  readonly machineUrl?: string | null;
  readonly operationsUrl?: string | null;
  readonly url?: string;
}

type Environment = Record<string, string | undefined>;

/** `embedded:FOLDER` in FOCALNET_DATABASE starts a PostgreSQL of our own there; anything else names one that runs. */
async function openPostgres(
  env: Environment,
): Promise<{ env: Environment; stop: () => Promise<void>; ended: Promise<unknown> }> {
  const folder = embeddedFolder(env);
  if (folder === undefined) return { env, stop: async () => {}, ended: new Promise(() => {}) };
  const postgres = await startEmbeddedPostgres({ dataDir: folder });
  return {
    env: pointTo(env, folder, postgres.config),
    stop: () => postgres.stop(),
    ended: postgres.ended,
  };
}

const embeddedFolder = (env: Environment) => /^embedded:(.+)$/.exec(env.FOCALNET_DATABASE ?? '')?.[1];

/** Its disk is this machine's, and is watched. */
const pointTo = (env: Environment, folder: string, config: object): Environment => ({
  FOCALNET_DATA: folder,
  ...env,
  FOCALNET_DATABASE: JSON.stringify(config),
});

/** For a look: the embedded PostgreSQL that runs for a node, or one of our own where the node is down. */
export async function reachPostgres(
  env: Environment,
): Promise<{ env: Environment; stop: () => Promise<void> }> {
  const folder = embeddedFolder(env);
  const running = folder === undefined ? null : await findEmbeddedPostgres(folder);
  if (folder === undefined || running === null) return openPostgres(env);
  return { env: pointTo(env, folder, running), stop: async () => {} };
}

/** Runs until a signal, the end of the parent process, or the end of its database. @returns the exit code */
async function runUntilStopped(
  start: (env: Environment) => Promise<{ ready: Ready; close: () => Promise<void> }>,
): Promise<number> {
  const stopped = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(0));
    process.once('disconnect', () => resolve(0));
    // It may have gone before anybody listened for that; undefined where no parent asked to be told.
    if (process.connected === false) resolve(0);
  });
  const postgres = await openPostgres(process.env);
  const running = await start(postgres.env);
  // Gone meanwhile? Then nobody needs to be told, and the end comes by `stopped`.
  if (process.send) process.send(running.ready, () => {});
  else process.stdout.write(`${JSON.stringify(running.ready)}\n`);
  const code = await Promise.race([stopped, postgres.ended.then(() => 1)]);
  await Promise.race([running.close(), new Promise((resolve) => setTimeout(resolve, 8_000))]);
  await postgres.stop();
  return code;
}

export const runNodeProcess = (): Promise<number> =>
  runUntilStopped(async (env) => {
    const [{ readConfig }, { startNode }] = await Promise.all([
      import('#node/config.ts'),
      import('#node/main.ts'),
    ]);
    const config = readConfig(env);
    const node = await startNode(config, env.NODE_ENV);
    if (env.FOCALNET_DEMO_PEOPLE) {
      const { enterDemoPeople } = await import('./demo/enter-people.ts');
      await enterDemoPeople(env.FOCALNET_DEMO_PEOPLE, config.database, env.NODE_ENV);
    }
    return {
      ready: {
        ready: true,
        officerUrl: node.officerUrl,
        machineUrl: node.machineUrl,
        operationsUrl: node.operationsUrl,
      },
      close: node.close,
    };
  });

export const runGatewayProcess = (): Promise<number> =>
  runUntilStopped(async (env) => {
    // Loaded here and not above: what a node uses to open messages has no place in this process.
    const [{ readGatewayConfig }, { startGateway }] = await Promise.all([
      import('#gateway/config.ts'),
      import('#gateway/main.ts'),
    ]);
    const gateway = await startGateway(readGatewayConfig(env));
    const { url, operationsUrl, close } = gateway;
    return { ready: { ready: true, url, operationsUrl }, close };
  });
