// How long a person waits to be signed in: a browser's whole way between a node and its identity provider, over HTTP, into a
// database with fsync on. The node is a process of its own; provider and browser share this one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from '#deploy/demo/browser.ts';
import { openDemoNetwork } from '#deploy/demo/network.ts';
import { signInAs } from '#deploy/demo/sign-in-as.ts';

const WARM_UP = 10;
const MEASURED = 100;

/**
 * `p50Ms`, `p95Ms`: from /sign-in to the session. `nodeP95Ms`: the part of it that the node answered for, where it itself waits
 * for the provider's token. `requestP95Ms`: a request that only looks at the session.
 */
export async function measureSignIn() {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
  const network = await openDemoNetwork(join(folder, 'demo'));
  try {
    await network.startGateway();
    const { officerUrl } = await network.startNode('xa');
    for (let i = 0; i < WARM_UP; i++) await signInOnce(officerUrl);
    const ways: Way[] = [];
    for (let i = 0; i < MEASURED; i++) ways.push(await signInOnce(officerUrl));
    const at = (name: keyof Way, share: number) => {
      const sorted = ways.map((way) => way[name]).sort((x, y) => x - y);
      return sorted[Math.ceil(sorted.length * share) - 1]!;
    };
    return {
      p50Ms: at('wholeMs', 0.5),
      p95Ms: at('wholeMs', 0.95),
      nodeP95Ms: at('nodeMs', 0.95),
      requestP95Ms: at('requestMs', 0.95),
    };
  } finally {
    await network.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Way {
  readonly wholeMs: number;
  readonly nodeMs: number;
  readonly requestMs: number;
}

async function signInOnce(nodeUrl: string): Promise<Way> {
  let nodeMs = 0;
  const browser = openBrowser(async (url, init) => {
    const sentMs = performance.now();
    const response = await fetch(url, init);
    if (String(url).startsWith(nodeUrl)) nodeMs += performance.now() - sentMs;
    return response;
  });
  const startedMs = performance.now();
  await signInAs(nodeUrl, 'officer.xa', { browser });
  const way = { wholeMs: performance.now() - startedMs, nodeMs };
  const askedMs = performance.now();
  const { status } = await browser.step(`${nodeUrl}/session`);
  if (status !== 200) throw new Error(`the session is not good: ${status}`);
  return { ...way, requestMs: performance.now() - askedMs };
}
