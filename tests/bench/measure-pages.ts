// How fast an officer's pages are over HTTP and GraphQL, each with the record of reading it committed; beside bare SQL of the same
// rows in the same run; and what each layer between the two costs.
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startProcess } from './network.ts';
import { officers, threadOf } from './office.ts';
import type { Layer, Page, PagesCalls } from './pages-process.ts';

const PROCESS = fileURLToPath(new URL('./pages-process.ts', import.meta.url));
const IN_FLIGHT = 16;
const WARM_UP_MS = 3_000;
/** Each layer is measured in turns, so that a machine that slows down slows all of them. */
const ROUNDS = 3;
const ROUND_MS = 2_500;

const INBOX = `query($first: Int) { inbox(first: $first) { edges { cursor node {
  thread peerState side state stateLabel purpose urgency danger awaitingUs unread urgentUnread dueAt overdue openedAt updatedAt
} } pageInfo { hasNextPage endCursor } } }`;
const CONVERSATION = `query($thread: ID!) { conversation(thread: $thread) {
  thread peerState side state stateLabel purpose urgency danger awaitingUs unread dueAt overdue openedAt updatedAt allowedActs
  warnings { code about } acts { id type typeLabel side ours n at deliveredAt readAt stage authorName authorOffice withoutEffect
  rendered { depth label value language reviewed } } } }`;

const bodies: Readonly<Record<Page, (i: number, k: number) => string>> = {
  inbox: () => JSON.stringify({ query: INBOX, variables: { first: 50 } }),
  conversation: (i, k) => JSON.stringify({ query: CONVERSATION, variables: { thread: threadOf(i, k) } }),
};

export const measureInbox = (profileFolder: string | null) => measurePage('inbox', profileFolder);
export const measureConversation = (profileFolder: string | null) =>
  measurePage('conversation', profileFolder);

/**
 * `perSecond` and `p95Ms` with 16 requests under way; `floorRatio`: share of bare SQL, and `recordedRatio` before HTTP and GraphQL;
 * `cost`: milliseconds that a page more takes with row-level security, with the record committed, by HTTP, by GraphQL, each over
 * the layer before it.
 */
async function measurePage(page: Page, profileFolder: string | null) {
  const office = await startProcess<PagesCalls>(PROCESS, profileFolder);
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  try {
    const bare = (layer: Layer, ms: number) => office.call('run', { page, layer, inFlight: IN_FLIGHT, ms });
    const latenciesMs: number[] = [];
    const plain = async (ms: number) =>
      (await ask(agent, office.url, page, 'plain', ms)).length / (ms / 1000);
    const whole = async (ms: number) => {
      const spent = await ask(agent, office.url, page, 'graphql', ms);
      latenciesMs.push(...spent);
      return spent.length / (ms / 1000);
    };
    const layers = ['sql', 'rls', 'audit'] as const;
    for (const layer of layers) await bare(layer, WARM_UP_MS / 3);
    await plain(WARM_UP_MS / 3);
    await whole(WARM_UP_MS);
    latenciesMs.length = 0;
    const rates: Record<Layer | 'http' | 'graphql', number[]> = {
      sql: [],
      rls: [],
      audit: [],
      http: [],
      graphql: [],
    };
    for (let round = 0; round < ROUNDS; round++) {
      for (const layer of layers) rates[layer].push(await bare(layer, ROUND_MS));
      rates.http.push(await plain(ROUND_MS));
      rates.graphql.push(await whole(ROUND_MS));
    }
    const rate = (layer: keyof typeof rates) => mean(rates[layer]);
    const over = (layer: keyof typeof rates, below: keyof typeof rates) =>
      1000 / rate(layer) - 1000 / rate(below);
    latenciesMs.sort((a, b) => a - b);
    return {
      perSecond: rate('graphql'),
      p95Ms: latenciesMs[Math.ceil(latenciesMs.length * 0.95) - 1]!,
      floorPerSecond: rate('sql'),
      floorRatio: rate('graphql') / rate('sql'),
      recordedRatio: rate('audit') / rate('sql'),
      cost: {
        rls: over('rls', 'sql'),
        audit: over('audit', 'rls'),
        http: over('http', 'audit'),
        graphql: over('graphql', 'http'),
      },
    };
  } finally {
    agent.destroy();
    await office.close();
  }
}

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

/** Asks for pages for so long. @returns milliseconds each took */
async function ask(
  agent: Agent,
  url: string,
  page: Page,
  how: 'plain' | 'graphql',
  ms: number,
): Promise<number[]> {
  const started = performance.now();
  const spent: number[] = [];
  let next = 0;
  const work = async () => {
    while (performance.now() - started < ms) {
      const k = next++;
      const i = 1 + (k % officers);
      const begun = performance.now();
      const at = how === 'plain' ? `${url}/plain/${page}?${k}` : `${url}/graphql`;
      const text = await post(agent, at, i, bodies[page](i, k));
      spent.push(performance.now() - begun);
      if (text.startsWith('{"errors"')) throw new Error(`a page was refused: ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return spent;
}

function post(agent: Agent, url: string, i: number, body: string): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-focalnet': '1',
    'x-bench-officer': i,
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve(Buffer.concat(pieces).toString()));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
