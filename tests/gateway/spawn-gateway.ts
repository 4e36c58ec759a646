/** Starts run-gateway.ts as a child process; a test file that does so calls `endSpawned` after each test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { GatewayConfig } from '#gateway/config.ts';

export type SpawnedGateway = {
  url: string;
  pid: number;
  /** Ends the process with that signal and waits until it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
};

const running = new Set<SpawnedGateway['end']>();

/** Ends what a failed test left behind. */
export async function endSpawned(): Promise<void> {
  await Promise.all([...running].map((end) => end('SIGKILL')));
}

/** Starts one and waits until it serves. */
export async function spawnGateway(config: GatewayConfig): Promise<SpawnedGateway> {
  const file = fileURLToPath(new URL('./run-gateway.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end: SpawnedGateway['end'] = async (signal) => {
    running.delete(end);
    child.kill(signal);
    await exited;
  };
  // From here on, not only once it serves: a test may give up in between.
  running.add(end);
  child.stdin!.end(JSON.stringify(config));
  const [url] = (await Promise.race([
    once(createInterface(child.stdout!), 'line'),
    exited.then(() => Promise.reject(new Error('the gateway process ended at its start'))),
  ])) as [string];
  return { url, pid: child.pid!, end };
}
