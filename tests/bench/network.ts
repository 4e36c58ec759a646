// Two States' nodes as processes, introduced to each other by a list of their own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchNetworkFile } from './make-network.ts';
import type { BenchCalls } from './node-process.ts';

const NODE_PROCESS = fileURLToPath(new URL('./node-process.ts', import.meta.url));
const MAKE_NETWORK = fileURLToPath(new URL('./make-network.ts', import.meta.url));
const MAKE_TIMEOUT_MS = 20_000;

type Calls = { [name: string]: (value: never) => Promise<unknown> };

/** A process that does what it is told by IPC, one call after another. */
export interface BenchProcess<C extends Calls> {
  readonly url: string;
  readonly call: <N extends keyof C>(name: N, ...value: Parameters<C[N]>) => ReturnType<C[N]>;
  readonly close: () => Promise<void>;
}
export type BenchNode = BenchProcess<{ [N in keyof BenchCalls]: BenchCalls[N] }>;

export interface BenchNetwork {
  readonly a: BenchNode;
  readonly b: BenchNode;
  readonly close: () => Promise<void>;
}

/** Starts both nodes. @param profileFolder where each leaves a CPU profile when it ends; null for none */
export async function startBenchNetwork(profileFolder: string | null): Promise<BenchNetwork> {
  const start = () =>
    startProcess<BenchNode extends BenchProcess<infer C> ? C : never>(NODE_PROCESS, profileFolder);
  const [a, b] = await Promise.all([start(), start()]);
  const { keys, list, anchor } = await makeBenchNetwork({ xa: a.url, xb: b.url });
  await Promise.all([
    a.call('join', { keys: keys.xa, list, anchor }),
    b.call('join', { keys: keys.xb, list, anchor }),
  ]);
  return { a, b, close: async () => void (await Promise.all([a.close(), b.close()])) };
}

/** Keys and first list of xa and xb. */
export async function makeBenchNetwork(urls: { xa: string; xb: string }): Promise<BenchNetworkFile> {
  const run = promisify(execFile);
  const args = ['--import', 'tsx', MAKE_NETWORK, urls.xa, urls.xb];
  const { stdout } = await run(process.execPath, args, { timeout: MAKE_TIMEOUT_MS });
  return JSON.parse(stdout) as BenchNetworkFile;
}

/** @param program a file that says its address first, then answers calls, and ends with its parent */
export async function startProcess<C extends Calls>(
  program: string,
  profileFolder: string | null,
): Promise<BenchProcess<C>> {
  const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const child = spawn(process.execPath, [...profiling, '--import', 'tsx', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // As nodes are deployed: GraphQL checks its types more often elsewhere.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const { url } = (await answerOf(child)) as { url: string };
  return {
    url,
    call: (async (name: string, value?: unknown) => {
      child.send({ call: name, value });
      const { result, error } = (await answerOf(child)) as { result?: unknown; error?: string };
      if (error !== undefined) throw new Error(error);
      return result;
    }) as unknown as BenchProcess<C>['call'],
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** The next message of a node; one call is answered before the next is made. */
function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null) =>
      reject(new Error(`a node ended with ${code}; see what it printed above`));
    child.once('exit', end);
    child.once('error', reject);
    child.once('message', (message) => {
      child.off('exit', end);
      child.off('error', reject);
      resolve(message);
    });
  });
}
