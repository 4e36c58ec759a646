// An embedded PostgreSQL: real PostgreSQL from the package registry, on a folder of one's own, reachable by a
// Unix socket only. Whoever is killed, no process stays behind: a watchdog (watchdog.mjs) stops PostgreSQL when
// this process dies, this process stops it when the watchdog dies, and the next start stops it if both did.
// Not for Windows. Reads no environment.
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolConfig } from 'pg';
import { type Binaries, findPackage, prepareBinaries } from '#platform/postgres/binaries.ts';
import {
  awaitClusterFree,
  CLUSTER,
  clearAfterCrash,
  type DataFolder,
  dataDirectoryInUse,
  ensureCluster,
  nameGuardians,
  openDataFolder,
  PROGRAM_ENV,
  readLock,
  SOCKET_DIR_PREFIX,
  STOP_STEPS,
  stopServer,
} from '#platform/postgres/data-directory.ts';
import { type GuardedProcess, type RunUser, startGuarded } from '#platform/postgres/guarded-process.ts';
import { PostgresError } from '#platform/postgres/postgres-error.ts';
import { mayServeCluster } from '#platform/postgres/process-facts.ts';
import { canExecute } from '#platform/postgres/run-user.ts';

export type EmbeddedPostgresOptions = {
  /** Folder for the data, made if missing. One server at a time. */
  dataDir: string;
  /** Gets each line PostgreSQL logs. Statements, parameters and error details are never among them. */
  log?: (line: string) => void;
  /** For tests only: false gives up fsync, and with it the data when the machine stops. */
  durable?: boolean;
};

export type EmbeddedPostgres = {
  /** For a pool or client of `pg`: `host` is the socket's folder, `user` a superuser. */
  config: PoolConfig & { host: string; port: number; user: string; database: string };
  /** Pid of the PostgreSQL server. */
  pid: number;
  watchdogPid: number;
  /** Stops the server (open connections are cut, nothing committed is lost) and waits until every process of it is gone. */
  stop(): Promise<void>;
  /** Fulfils when the server has ended, for whatever reason. */
  ended: Promise<void>;
};

const MAX_SOCKET_DIR_LENGTH = 80;
const OLD_BACKENDS_PATIENCE_MS = 10_000;
const READY = 'database system is ready to accept connections';

/**
 * Starts PostgreSQL on `dataDir`, making the database cluster on the first start, and returns when it accepts
 * connections. As root it runs PostgreSQL under the account that owns the data, else `postgres` or `nobody`.
 * Throws PostgresError: DATA_DIRECTORY_IN_USE, DATA_DIRECTORY_UNREACHABLE, DATA_DIRECTORY_OTHER_VERSION,
 * DATA_DIRECTORY_INCOMPLETE, UNSUPPORTED_PLATFORM, NO_UNPRIVILEGED_USER, FOLDER_UNSAFE, INITDB_FAILED, START_FAILED.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true;
  const pack = await findPackage();
  const folder = await openDataFolder(resolve(options.dataDir));
  const binaries = await prepareBinaries(pack, folder.user);
  await ensureCluster(folder, binaries, durable);
  for (const deadlineMs = Date.now() + OLD_BACKENDS_PATIENCE_MS; ; await delay(100)) {
    const server = await tryStart(folder, binaries, durable, options.log);
    if ('pid' in server) return server;
    // After a kill of the server alone, its children need a moment to notice and leave.
    if (server.reason !== 'old-backends' || Date.now() > deadlineMs) throw server.error;
  }
}

type StartFailure = { reason: 'old-backends' | 'other'; error: PostgresError };

async function tryStart(
  folder: DataFolder,
  binaries: Binaries,
  durable: boolean,
  log: ((line: string) => void) | undefined,
): Promise<EmbeddedPostgres | StartFailure> {
  const stale = await awaitClusterFree(folder.clusterDir);
  const socketDir = await makeSocketDir(folder.user);
  const removeSocketDir = () => rm(socketDir, { recursive: true, force: true });
  const lines: string[] = [];
  let reportReady = () => {};
  const ready = new Promise<true>((done) => {
    reportReady = () => done(true);
  });
  const guarded = await startGuarded(
    async (watchdogPid) => {
      if (stale) await clearAfterCrash(folder, stale, watchdogPid);
      return composeOrder(folder, binaries, durable, socketDir, watchdogPid);
    },
    (line) => {
      if (line.includes(READY)) reportReady();
      lines.push(line);
      if (lines.length > 20) lines.shift();
      log?.(line);
    },
  ).catch((error) => removeSocketDir().then(() => Promise.reject(error)));
  stopWhenWatchdogDies(guarded, folder.clusterDir);
  const ended = guarded.closed.then(removeSocketDir);
  const pid = await guarded.started;
  if (!(await Promise.race([ready, ended.then(() => false)])) || pid === null) {
    await ended;
    return explainFailure(lines, folder.clusterDir);
  }
  guarded.keepAlive(false);
  return { ...describe(socketDir, guarded, ended), pid };
}

/**
 * How to reach the PostgreSQL that runs on a folder, whoever started it; null where none does. Its socket admits the account that
 * runs it, and root.
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres['config'] | null> {
  const clusterDir = join(resolve(dataDir), CLUSTER);
  const lock = await readLock(clusterDir);
  if (lock === null || lock.socketDir === '' || !(await mayServeCluster(lock.pid, clusterDir))) return null;
  return configAt(lock.socketDir);
}

const configAt = (socketDir: string): EmbeddedPostgres['config'] => ({
  host: socketDir,
  port: 5432,
  user: 'postgres',
  database: 'postgres',
  ssl: false,
});

function describe(
  socketDir: string,
  guarded: GuardedProcess,
  ended: Promise<void>,
): Omit<EmbeddedPostgres, 'pid'> {
  return {
    config: configAt(socketDir),
    watchdogPid: guarded.watchdogPid,
    ended,
    async stop() {
      guarded.keepAlive(true);
      guarded.requestStop();
      await ended;
    },
  };
}

function composeOrder(
  { clusterDir, user }: DataFolder,
  { postgres }: Binaries,
  durable: boolean,
  socketDir: string,
  watchdogPid: number,
) {
  const settings = {
    listen_addresses: '',
    port: '5432', // only part of the socket's name
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C', // the readiness line is recognised by its words
    log_line_prefix: '',
    log_checkpoints: 'off',
    // Nothing of the rows may reach the log: no failed statements, no details, no parameters.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    ...(durable ? { fsync: 'on' } : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const args = ['-D', clusterDir, ...nameGuardians(watchdogPid)];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  return { file: postgres, args, env: PROGRAM_ENV, user, stopSteps: STOP_STEPS, removeAfter: [socketDir] };
}

/** A private folder with a short path: a socket's path must not be longer than about 100 bytes. */
async function makeSocketDir(user: RunUser): Promise<string> {
  const preferred = tmpdir();
  const fits = Buffer.byteLength(preferred) + SOCKET_DIR_PREFIX.length <= MAX_SOCKET_DIR_LENGTH;
  const usable = fits && !/[,"\s]/.test(preferred) && (await canExecute(preferred, user));
  const socketDir = await mkdtemp(join(usable ? preferred : '/tmp', SOCKET_DIR_PREFIX));
  // Root may enter nevertheless: it made the folder for the account that runs PostgreSQL.
  if (user) await chown(socketDir, user.uid, user.gid);
  return socketDir;
}

/** A watchdog that ended while processes of the server still run was killed: then stopping is our work. */
function stopWhenWatchdogDies(guarded: GuardedProcess, clusterDir: string): void {
  let closed = false;
  guarded.closed.then(() => {
    closed = true;
  });
  guarded.watchdogEnded.then(async () => {
    // Killed before it could tell the pid: the server writes it to its lock a moment later, or has ended.
    while (!closed) {
      const pid = (await guarded.started) ?? (await readLock(clusterDir))?.pid;
      if (pid !== undefined) await stopServer(pid, clusterDir);
      await Promise.race([guarded.closed, delay(20)]);
    }
  });
}

function explainFailure(lines: string[], clusterDir: string): StartFailure {
  const text = lines.join(' ');
  if (/lock file "postmaster\.pid" already exists/.test(text))
    return { reason: 'other', error: dataDirectoryInUse(clusterDir) };
  const error = new PostgresError(
    'START_FAILED',
    `PostgreSQL did not start: ${lines.slice(-5).join(' ') || 'no reason given'}`,
  );
  return { reason: /pre-existing shared memory block/.test(text) ? 'old-backends' : 'other', error };
}
