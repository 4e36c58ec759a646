// The starter's side of the watchdog (watchdog.mjs): runs a program that is stopped when either side dies.
// It knows nothing of PostgreSQL.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** An account of the operating system; null means "the one this process runs as". */
export type RunUser = { uid: number; gid: number } | null;

export type StopStep = { signal: NodeJS.Signals; graceMs: number };

export type GuardedOrder = {
  file: string;
  args: string[];
  env: Record<string, string>;
  user: RunUser;
  stopSteps: StopStep[];
  /** Folders the watchdog removes once the program has ended. */
  removeAfter: string[];
};

export type ExitReport = { code: number | null; signal: NodeJS.Signals | null };

export type GuardedProcess = {
  watchdogPid: number;
  /** The program's pid; null when the watchdog ended before it could tell. */
  started: Promise<number | null>;
  /** The watchdog has ended; null when it could not say how the program ended. */
  watchdogEnded: Promise<ExitReport | null>;
  /** Every process that inherited the program's standard error is gone. */
  closed: Promise<void>;
  /** Asks the watchdog to stop the program; await `closed`. */
  requestStop(): void;
  /** Whether this process keeps the starter's event loop alive. */
  keepAlive(keep: boolean): void;
};

const WATCHDOG_FILE = fileURLToPath(new URL('./watchdog.mjs', import.meta.url));

/**
 * Starts a watchdog and has it run a program. `order` receives the watchdog's pid, which is the parent of the
 * program to be. `onLine` gets each line the program writes to its standard error.
 */
export async function startGuarded(
  order: (watchdogPid: number) => Promise<GuardedOrder>,
  onLine: (line: string) => void,
): Promise<GuardedProcess> {
  // A session of its own: Ctrl-C in a terminal goes to the starter alone, which then stops in its own order.
  const watchdog = spawn(process.execPath, ['--max-old-space-size=16', WATCHDOG_FILE], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => watchdog.once('spawn', resolve).once('error', reject));
  const watchdogPid = watchdog.pid!;
  watchdog.stdin.on('error', () => {}); // a dead watchdog shows in its exit event
  const reports = readReports(watchdog.stdout);
  createInterface({ input: watchdog.stderr }).on('line', onLine);
  const exited = new Promise<void>((resolve) => watchdog.once('exit', () => resolve()));
  const closed = new Promise<void>((resolve) => watchdog.once('close', () => resolve()));
  try {
    watchdog.stdin.write(`${JSON.stringify(await order(watchdogPid))}\n`);
  } catch (error) {
    watchdog.stdin.end();
    throw error;
  }
  return {
    watchdogPid,
    started: reports.started,
    watchdogEnded: exited.then(() => reports.ended),
    closed,
    requestStop: () => watchdog.stdin.end(),
    keepAlive: (keep) => {
      const pipes = [watchdog.stdin, watchdog.stdout, watchdog.stderr] as unknown as Duplex[];
      for (const one of [watchdog, ...pipes] as { ref(): void; unref(): void }[])
        keep ? one.ref() : one.unref();
    },
  };
}

function readReports(stdout: NodeJS.ReadableStream) {
  const { promise: started, resolve: resolveStarted } = deferred<number | null>();
  const { promise: ended, resolve: resolveEnded } = deferred<ExitReport | null>();
  createInterface({ input: stdout })
    .on('line', (line) => {
      const report = JSON.parse(line) as { pid?: number; failed?: string } & Partial<ExitReport>;
      if (report.pid !== undefined) resolveStarted(report.pid);
      if (report.code !== undefined) resolveEnded({ code: report.code, signal: report.signal ?? null });
    })
    .on('close', () => {
      resolveStarted(null);
      resolveEnded(null);
    });
  return { started, ended };
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
