// How many messages a second two nodes exchange, and how long one takes at an even pace.
import { measureFloor } from './floor.ts';
import { measureEnquiries } from './measure-enquiries.ts';
import { type BenchNetwork, startBenchNetwork } from './network.ts';
import type { Usage } from './node-process.ts';

const IN_FLIGHT = 64;
/** Long enough for both processes to have compiled what is hot. */
const WARM_UP_MESSAGES = 400;
const MEASURED_MS = 12_000;
const LEAST_MESSAGES = 200;
const MOST_MESSAGES = 20_000;

const PACE_PER_SECOND = 20;
const PACED_MESSAGES = 400;

/**
 * Messages a second from xa to xb, from the officer's transaction to the receipt stored in xa, all logged; and the share
 * of the floor that this is. `senderCpuMs` and `commits` are for each message.
 */
export async function measureExchange(profileFolder: string | null) {
  const { perSecond, sender, recipient } = await withNetwork(profileFolder, async ({ a, b }) => {
    const warm = await a.call('send', { to: 'xb', count: WARM_UP_MESSAGES, inFlight: IN_FLIGHT });
    const expected = Math.round((WARM_UP_MESSAGES / warm.elapsedMs) * MEASURED_MS);
    const count = Math.min(MOST_MESSAGES, Math.max(LEAST_MESSAGES, expected));
    const before = [await a.call('usage'), await b.call('usage')] as const;
    const { elapsedMs } = await a.call('send', { to: 'xb', count, inFlight: IN_FLIGHT });
    const after = [await a.call('usage'), await b.call('usage')] as const;
    const applied = after[1].applied - before[1].applied;
    if (applied !== count) throw new Error(`sent ${count} messages, but xb applied ${applied}`);
    const share = (n: 0 | 1) => perMessage(before[n], after[n], count);
    return { perSecond: (count / elapsedMs) * 1000, sender: share(0), recipient: share(1) };
  });
  const floorPerSecond = await measureFloor();
  const floorRatio = perSecond / floorPerSecond;
  return { perSecond, floorPerSecond, floorRatio, sender, recipient, ...(await measureEnquiries()) };
}

function perMessage(before: Usage, after: Usage, count: number): { cpuMs: number; commits: number } {
  return { cpuMs: (after.cpuMs - before.cpuMs) / count, commits: (after.commits - before.commits) / count };
}

/** Milliseconds from when an officer's message is due to be written until its receipt is stored, at 20 a second. */
export async function measureReceipt(profileFolder: string | null) {
  const latencies = await withNetwork(profileFolder, async ({ a }) => {
    await a.call('send', { to: 'xb', count: WARM_UP_MESSAGES, inFlight: IN_FLIGHT });
    const pace = { count: PACED_MESSAGES, inFlight: IN_FLIGHT, everyMs: 1000 / PACE_PER_SECOND };
    return (await a.call('send', { to: 'xb', ...pace })).latenciesMs.sort((x, y) => x - y);
  });
  const at = (share: number) => latencies[Math.ceil(latencies.length * share) - 1]!;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

async function withNetwork<T>(
  profileFolder: string | null,
  work: (network: BenchNetwork) => Promise<T>,
): Promise<T> {
  const network = await startBenchNetwork(profileFolder);
  try {
    return await work(network);
  } finally {
    await network.close();
  }
}
