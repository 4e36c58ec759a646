/**
 * Keeps the trust list current: asks the gateway for each list after the one in force and checks it against that one.
 */
import { formatProof } from '#schema/log/proof.ts';
import { decodeBase64 } from '#schema/protocol/base64.ts';
import type { ExchangeContext } from './context.ts';
import { rouseAside } from './set-aside.ts';

const LIST = 'query ($ver: Int) { trustList(ver: $ver) { ver list index proof checkpoint } }';
const POLL_MS = 60_000;
const JITTER = 0.2;
const SAY_AGAIN_MS = 3_600_000;

interface Served {
  ver: number;
  list: string;
  index: number | null;
  proof: string[] | null;
  checkpoint: string | null;
}

/** One round: walks from the list in force to the newest. @returns milliseconds until the next look */
export async function refreshList(ctx: ExchangeContext): Promise<number> {
  sayAge(ctx);
  const before = ctx.trust.freshness();
  const newest = await fetchList(ctx, null);
  while (newest && ctx.trust.version() < newest.ver) {
    const next = await fetchList(ctx, ctx.trust.version() + 1);
    if (!next) break;
    const { alarm } = await ctx.trust.accept(next.list, proofOf(next));
    ctx.log[alarm ? 'error' : 'info'](alarm ? 'list-accepted-without-witnesses' : 'list-accepted', {
      ver: next.ver,
    });
    await rouse(ctx);
  }
  if (newest && newest.ver === ctx.trust.version()) await ctx.trust.refreshed();
  if (before === 'expired' && ctx.trust.freshness() !== 'expired') await rouse(ctx);
  const jitter = (ctx.surroundings.random(1)[0]! / 255 - 0.5) * 2 * JITTER;
  return POLL_MS * (1 + jitter);
}

/**
 * Who was suspended may take part again, keys may be good now, and a list may be relied on again: what waited for that waits
 * no longer.
 */
async function rouse(ctx: ExchangeContext): Promise<void> {
  await rouseAside(ctx);
  await ctx.db
    .updateTable('outbox')
    .set({ next_attempt_at: ctx.surroundings.nowMs() })
    .where('state', 'in', ['ready', 'relayed'])
    .where('attempts', '>', 0)
    .execute();
  for (const wake of [ctx.wake.seal, ctx.wake.deliver, ctx.wake.pull, ctx.wake.prove]) wake();
}

const saidAtMs = new WeakMap<ExchangeContext, number>();

/** Once an hour while nobody has confirmed the list for too long. */
function sayAge(ctx: ExchangeContext): void {
  const age = ctx.trust.version() === 0 ? 'fresh' : ctx.trust.freshness();
  const nowMs = ctx.surroundings.nowMs();
  if (age === 'fresh' || nowMs - (saidAtMs.get(ctx) ?? 0) < SAY_AGAIN_MS) return;
  saidAtMs.set(ctx, nowMs);
  if (age === 'stale') ctx.log.warn('list-stale', { ver: ctx.trust.version() });
  else ctx.log.error('list-expired', { ver: ctx.trust.version() });
}

async function fetchList(ctx: ExchangeContext, ver: number | null): Promise<Served | null> {
  const { trustList } = await ctx.client.graphql<{ trustList: Served | null }>(
    `${ctx.gatewayUrl}/graphql`,
    LIST,
    { ver },
  );
  return trustList;
}

function proofOf({ index, proof, checkpoint }: Served): string | null {
  if (index === null || proof === null || checkpoint === null) return null;
  return formatProof({ index, hashes: proof.map((hash) => decodeBase64(hash)), checkpoint });
}
