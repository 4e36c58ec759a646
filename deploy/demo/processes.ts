/**
 * Starting a node or the gateway as a process of its own and ending it. A child ends by itself when this process is gone,
 * however it went (deploy/run-process.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../run-process.ts';

const CLI = fileURLToPath(new URL('../../bin/focalnet.mjs', import.meta.url));
const PATIENCE_MS = 15_000;

export interface RunningProcess {
  readonly ready: Ready;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface Processes {
  /** Fulfils once it serves. @throws Error when it ends before that */
  readonly start: (command: 'node' | 'gateway', env: Record<string, string>) => Promise<RunningProcess>;
  /** Ends all, nodes first, also those that are just starting; nothing can be started afterwards. */
  readonly stopAll: () => Promise<void>;
}

/** @param onOutput gets what they print instead of this process's own output */
export function openProcesses(onOutput?: (text: string) => void): Processes {
  const children = new Map<ChildProcess, 'node' | 'gateway'>();
  let isClosed = false;
  return {
    start: async (command, env) => {
      if (isClosed) throw new Error('the network is being stopped');
      const child = spawn(process.execPath, [CLI, command, 'run'], {
        env: { ...process.env, ...env },
        stdio: ['ignore', onOutput ? 'pipe' : 'inherit', onOutput ? 'pipe' : 'inherit', 'ipc'],
        // Ctrl-C in a terminal goes to this process alone, which then stops its children in order.
        detached: true,
      });
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
      children.set(child, command);
      child.once('exit', () => children.delete(child));
      const ready = await awaitReady(child, command);
      return { ready, pid: child.pid!, stop: () => stopProcess(child) };
    },
    stopAll: async () => {
      isClosed = true;
      for (const kind of ['node', 'gateway'] as const) {
        const these = [...children].filter(([, command]) => command === kind);
        await Promise.all(these.map(([child]) => stopProcess(child)));
      }
    },
  };
}

function awaitReady(child: ChildProcess, command: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready));
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the ${command} ended before it was ready (exit ${code}); see what it printed above`)),
    );
  });
}

/** Asks a process to end and waits for it; one that does not within 15 s is killed, its database then stops itself. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(timer);
}

/** Ports that were free a moment ago: the list must name addresses before the nodes start. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
