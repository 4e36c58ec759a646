// The folder an embedded PostgreSQL keeps its data in: whose it is, how it is first made, and what a crash may
// have left in it. Layout: <dataDir>/postgresql is PostgreSQL's own data directory. Nothing here deletes data.
import { randomBytes } from 'node:crypto';
import {
  chown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from '#platform/postgres/binaries.ts';
import { type RunUser, type StopStep, startGuarded } from '#platform/postgres/guarded-process.ts';
import { PostgresError } from '#platform/postgres/postgres-error.ts';
import { hasPid, isProcessAlive, mayServeCluster } from '#platform/postgres/process-facts.ts';
import { canExecute, findUnprivilegedUser, isRoot } from '#platform/postgres/run-user.ts';

export type DataFolder = { clusterDir: string; user: RunUser };

/** What PostgreSQL writes to postmaster.pid, as far as it matters here. */
export type Lock = { pid: number; socketDir: string; text: string };

/** Where the cluster lies in the folder that the operator named. */
export const CLUSTER = 'postgresql';
export const SOCKET_DIR_PREFIX = 'focalnet-pg-';

/** The programs get no environment but this: no locale, no PG… variable of the caller may change what they do. */
export const PROGRAM_ENV = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC' };

/** Fast shutdown, then immediate shutdown (which PostgreSQL itself enforces on its children after 5 s), then force. */
export const STOP_STEPS: StopStep[] = [
  { signal: 'SIGINT', graceMs: 20_000 },
  { signal: 'SIGQUIT', graceMs: 8_000 },
  { signal: 'SIGKILL', graceMs: 2_000 },
];

const POLL_MS = 20;

/**
 * Makes the data folder if it is missing and says who will run PostgreSQL on it: this account, or, when this is
 * root, the owner of the data that is there, else an unprivileged account.
 * Throws DATA_DIRECTORY_UNREACHABLE, NO_UNPRIVILEGED_USER.
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  await mkdir(dirname(dataDir), { recursive: true });
  await mkdir(dataDir, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const folder = await realpath(dataDir);
  const clusterDir = join(folder, CLUSTER);
  if (!isRoot()) return { clusterDir, user: null };
  const user = (await findOwner(clusterDir)) ?? (await findOwner(folder)) ?? (await findUnprivilegedUser());
  const isNew = (await readdir(folder)).length === 0;
  if (isNew) await chown(folder, user.uid, user.gid);
  if (await canExecute(folder, user)) return { clusterDir, user };
  throw new PostgresError(
    'DATA_DIRECTORY_UNREACHABLE',
    `PostgreSQL cannot run as root, and user id ${user.uid} cannot enter ${folder}: choose a data directory outside of private folders, or start as an ordinary user.`,
  );
}

async function findOwner(folder: string): Promise<RunUser> {
  const facts = await stat(folder).catch(() => null);
  return facts === null || facts.uid === 0 ? null : { uid: facts.uid, gid: facts.gid };
}

/**
 * Makes the cluster if there is none: aside, then renamed, so that an interrupted first boot leaves no half of
 * one. `durable: false` skips fsync. Throws INITDB_FAILED, DATA_DIRECTORY_OTHER_VERSION, DATA_DIRECTORY_INCOMPLETE.
 */
export async function ensureCluster(folder: DataFolder, binaries: Binaries, durable: boolean): Promise<void> {
  if (await hasCluster(folder.clusterDir, binaries.majorVersion)) return;
  await removeInterrupted(folder.clusterDir);
  const fresh = `${folder.clusterDir}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  await mkdir(fresh, { mode: 0o700 });
  try {
    if (folder.user) await chown(fresh, folder.user.uid, folder.user.gid);
    await runInitdb(fresh, folder.user, binaries, durable);
    await rename(fresh, folder.clusterDir);
    if (durable) await syncFolder(dirname(folder.clusterDir));
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    if (await hasCluster(folder.clusterDir, binaries.majorVersion)) return; // made by another process meanwhile
    throw new PostgresError(
      'DATA_DIRECTORY_INCOMPLETE',
      `${folder.clusterDir} is not empty and holds no PostgreSQL data: move it away or restore it.`,
    );
  }
}

async function hasCluster(clusterDir: string, majorVersion: string): Promise<boolean> {
  const found = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => null);
  if (found === null) return false;
  if (found.trim() === majorVersion) return true;
  throw new PostgresError(
    'DATA_DIRECTORY_OTHER_VERSION',
    `${clusterDir} was made by PostgreSQL ${found.trim()}, this is ${majorVersion}: dump it with the old version and restore it into a new folder.`,
  );
}

async function runInitdb(
  fresh: string,
  user: RunUser,
  { initdb }: Binaries,
  durable: boolean,
): Promise<void> {
  const args = [
    '-D',
    fresh,
    '--username=postgres',
    '--auth-local=trust',
    '--auth-host=reject',
    '--encoding=UTF8',
  ];
  // Byte order for sorting, Unicode for upper and lower, and neither changes with the system's libraries.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums');
  args.push('--no-instructions');
  if (!durable) args.push('--no-sync');
  const lines: string[] = [];
  const order = { file: initdb, args, env: PROGRAM_ENV, user, stopSteps: STOP_STEPS, removeAfter: [] };
  const run = await startGuarded(
    async () => order,
    (line) => lines.push(line),
  );
  const report = await run.watchdogEnded;
  await run.closed;
  if (report?.code === 0) return;
  throw new PostgresError('INITDB_FAILED', `initdb did not finish: ${lines.slice(-5).join(' ')}`);
}

/** What a first boot left that was killed; another process may be at its own right now. */
async function removeInterrupted(clusterDir: string): Promise<void> {
  const prefix = `${basename(clusterDir)}.new-`;
  for (const name of await readdir(dirname(clusterDir))) {
    if (!name.startsWith(prefix) || (await isProcessAlive(Number(name.slice(prefix.length).split('-')[0]))))
      continue;
    await rm(join(dirname(clusterDir), name), { recursive: true, force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** postmaster.pid, or null if there is none. */
export async function readLock(clusterDir: string): Promise<Lock | null> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Math.abs(Number.parseInt(lines[0] ?? '', 10)) || 0, socketDir: lines[4] ?? '', text };
}

/**
 * Waits until no server runs on the cluster, as far as that is a matter of a starter killed a moment ago: its
 * watchdog is given the time to finish, and a server that lost both is stopped. Returns the stale lock, if any.
 * Throws DATA_DIRECTORY_IN_USE when the server has an owner.
 */
export async function awaitClusterFree(clusterDir: string): Promise<Lock | null> {
  const patienceMs = STOP_STEPS.reduce((sum, { graceMs }) => sum + graceMs, 0);
  for (const deadlineMs = Date.now() + patienceMs; ; await delay(POLL_MS)) {
    const lock = await readLock(clusterDir);
    if (lock === null || !(await mayServeCluster(lock.pid, clusterDir))) return lock;
    const guardians = await readGuardians(clusterDir);
    if (guardians === null || (await isProcessAlive(guardians.starterPid)) || Date.now() > deadlineMs) {
      throw dataDirectoryInUse(clusterDir);
    }
    if (await isProcessAlive(guardians.watchdogPid)) continue;
    await stopServer(lock.pid, clusterDir);
    await removeSocketDir(lock.socketDir);
  }
}

export function dataDirectoryInUse(clusterDir: string): PostgresError {
  return new PostgresError(
    'DATA_DIRECTORY_IN_USE',
    `A PostgreSQL server already runs on ${clusterDir}: stop it, or give this one a data directory of its own.`,
  );
}

/** The settings that tell who started the server; PostgreSQL records its command line in postmaster.opts. */
export function nameGuardians(watchdogPid: number): string[] {
  return ['-c', `focalnet.starter_pid=${process.pid}`, '-c', `focalnet.watchdog_pid=${watchdogPid}`];
}

async function readGuardians(clusterDir: string) {
  const options = await readFile(join(clusterDir, 'postmaster.opts'), 'utf8').catch(() => '');
  const starterPid = Number(/focalnet\.starter_pid=(\d+)/.exec(options)?.[1]);
  const watchdogPid = Number(/focalnet\.watchdog_pid=(\d+)/.exec(options)?.[1]);
  return starterPid && watchdogPid ? { starterPid, watchdogPid } : null;
}

/** Stops a server that is not our child, step by step; returns when it is gone or nothing helps. */
export async function stopServer(pid: number, clusterDir: string): Promise<void> {
  for (const { signal, graceMs } of STOP_STEPS) {
    for (let deadlineMs = 0; deadlineMs === 0 || Date.now() < deadlineMs; await delay(POLL_MS)) {
      if (!(await mayServeCluster(pid, clusterDir))) return;
      if (deadlineMs !== 0) continue;
      deadlineMs = Date.now() + graceMs;
      try {
        process.kill(pid, signal);
      } catch {
        return; // gone this moment, or not ours to stop
      }
    }
  }
}

/**
 * Clears what a crash left so that it cannot block the next start: the socket's folder, and a lock whose pid has
 * been given to another program. PostgreSQL ignores a lock in the name of its parent but still checks the shared
 * memory the lock names, so the parent (`watchdogPid`) is written into it rather than the lock removed.
 */
export async function clearAfterCrash(folder: DataFolder, stale: Lock, watchdogPid: number): Promise<void> {
  await removeSocketDir(stale.socketDir);
  if (!hasPid(stale.pid)) return; // PostgreSQL sees by itself that nobody holds it
  const lockFile = join(folder.clusterDir, 'postmaster.pid');
  const aside = `${lockFile}.aside-${randomBytes(4).toString('hex')}`;
  const renewed = `${aside}.renewed`;
  const gone = await rename(lockFile, aside).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || Promise.reject(error),
  );
  if (gone) return; // another start has dealt with it
  try {
    // Between judging and renaming, another start may have put its own lock there: that one goes back unchanged.
    const taken = await readFile(aside, 'utf8');
    const text = taken === stale.text ? stale.text.replace(/^.*/, String(watchdogPid)) : taken;
    await writeFile(renewed, text, { mode: 0o600, flag: 'wx' });
    if (folder.user) await chown(renewed, folder.user.uid, folder.user.gid);
    await link(renewed, lockFile); // unlike rename, never over a lock that appeared meanwhile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
    await rm(renewed, { force: true });
  }
}

/** Only a folder of ours by its name, and only the two files PostgreSQL makes: the path comes from a file. */
async function removeSocketDir(socketDir: string): Promise<void> {
  if (!basename(socketDir).startsWith(SOCKET_DIR_PREFIX)) return;
  // Whatever cannot be removed disturbs nobody: the next server gets a folder of its own.
  for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock']) await rm(join(socketDir, name)).catch(() => {});
  await rmdir(socketDir).catch(() => {});
}
