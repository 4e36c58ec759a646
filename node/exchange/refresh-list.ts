/**
 * Keeps the trust list current: asks the gateway for each list after the one in force and checks it against that one. That the
 * gateway still serves the list confirms nothing; that others have just watched its log does.
 */

import { codeOf } from '#platform/http/http-error.ts';
import { parseList } from '#schema/jws/trust-list.ts';
import { LogError } from '#schema/log/log-error.ts';
import { parseVkey } from '#schema/log/note.ts';
import { formatProof } from '#schema/log/proof.ts';
import { decodeBase64 } from '#schema/protocol/base64.ts';
import type { ExchangeContext } from './context.ts';
import { rouseAside } from './set-aside.ts';
import { watchedAtMs } from './watched-at.ts';

const LIST = 'query ($ver: Int) { trustList(ver: $ver) { ver list index proof checkpoint } }';
const CHECKPOINTS = 'query { checkpoints { origin note } }';
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
  if (newest && newest.ver === ctx.trust.version()) await confirmList(ctx, newest);
  if (before === 'expired' && ctx.trust.freshness() !== 'expired') await rouse(ctx);
  const jitter = (ctx.surroundings.random(1)[0]! / 255 - 0.5) * 2 * JITTER;
  return POLL_MS * (1 + jitter);
}

/** It is in force as of the time at which others last signed the log in which its successor would stand. */
async function confirmList(ctx: ExchangeContext, { list }: Served): Promise<void> {
  const keyring = ctx.trust.current();
  if (parseList(list).hash !== keyring.hash) return;
  const { checkpoints } = await ctx.client.graphql<{ checkpoints: { origin: string; note: string }[] }>(
    `${ctx.gatewayUrl}/graphql`,
    CHECKPOINTS,
  );
  const { name } = parseVkey(keyring.gateway.log);
  const posted = checkpoints.find(({ origin }) => origin === name);
  if (!posted) return;
  try {
    const atMs = await watchedAtMs(posted.note, keyring, ctx.identity.state, ctx.surroundings.nowMs());
    if (atMs !== null) await ctx.trust.refreshed(atMs);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    ctx.log.warn('list-unconfirmed', { code: codeOf(error) });
  }
}

/**
 * Who was suspended may take part again, keys may be good now, and a list may be relied on again: what waited for that waits
 * no longer. Until its first list a node can witness nothing.
 */
async function rouse(ctx: ExchangeContext): Promise<void> {
  await rouseAside(ctx);
  await ctx.db
    .updateTable('outbox')
    .set({ next_attempt_at: ctx.surroundings.nowMs() })
    .where('state', 'in', ['ready', 'relayed'])
    .where('attempts', '>', 0)
    .execute();
  const { seal, deliver, pull, prove, witness } = ctx.wake;
  for (const wake of [seal, deliver, pull, prove, witness]) wake();
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
