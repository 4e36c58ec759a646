/**
 * Fetches what the gateway holds for this node. A node with no open port has no other way in; every other node uses it
 * beside its own endpoint. The cursor moves only after what was pulled is stored and its receipts are handed over.
 */

import { parseReceipt } from '#schema/jws/receipt.ts';
import type { ExchangeContext } from './context.ts';
import { rouseDeliveries } from './deliver.ts';
import { takeReceipts } from './receipts.ts';
import { type Delivery, receive } from './receive.ts';

interface Item {
  cursor: number;
  lane: 'urgent' | 'routine';
  kind: 'envelope' | 'receipt';
  envelope: string | null;
  sealed: string | null;
  receipt: string | null;
}

const PAGE = 64;
const MAILBOX = `query ($afterUrgent: Int!, $afterRoutine: Int!, $first: Int!) {
  mailbox(afterUrgent: $afterUrgent, afterRoutine: $afterRoutine, first: $first) {
    trimmed items { cursor lane kind envelope sealed receipt }
  }
}`;
const POST_RECEIPTS = 'mutation ($receipts: [String!]!) { postReceipts(receipts: $receipts) { code } }';
/** Without news an outbound-only node still looks this often: the event stream may be dead and not know it. */
const POLL_MS = 30_000;
const PENDING_RETRY_MS = 300;

/** Pulls page after page until the mailbox is empty. @returns milliseconds until the next look */
export async function pullMailbox(ctx: ExchangeContext): Promise<number> {
  if (ctx.trust.version() === 0) return 1000;
  for (;;) {
    const cursor = await readCursor(ctx);
    const { mailbox } = await ctx.client.graphql<{ mailbox: { trimmed: boolean; items: Item[] } }>(
      `${ctx.gatewayUrl}/graphql`,
      MAILBOX,
      { afterUrgent: cursor.urgent, afterRoutine: cursor.routine, first: PAGE },
    );
    if (mailbox.trimmed) ctx.log.warn('mailbox-trimmed');
    if (mailbox.items.length === 0) return POLL_MS;
    const complete = await takePage(ctx, mailbox.items);
    if (!complete) return PENDING_RETRY_MS;
    await moveCursor(ctx, cursor, mailbox.items);
  }
}

/** @returns false while receipts are not yet covered by the log: the same page is pulled again */
async function takePage(ctx: ExchangeContext, items: readonly Item[]): Promise<boolean> {
  const receipts = items.flatMap((item) => (item.receipt ? [item.receipt] : []));
  await takeReceipts(ctx, receipts);
  for (const peer of new Set(receipts.map((jws) => parseReceipt(jws).value.from)))
    await rouseDeliveries(ctx, peer);
  const deliveries = items.flatMap((item): Delivery[] =>
    item.envelope && item.sealed ? [{ envelope: item.envelope, sealed: item.sealed }] : [],
  );
  const results = await receive(ctx, deliveries, 'mailbox');
  const own = results.flatMap((result) => (result.receipt ? [result.receipt] : []));
  if (own.length > 0) await ctx.client.graphql(`${ctx.gatewayUrl}/graphql`, POST_RECEIPTS, { receipts: own });
  return !results.some((result) => result.code === 'PENDING' || isOurFault(result.code));
}

/** Such a message is worth another look; one that is forged or malformed is passed over. */
const isOurFault = (code: string | null): boolean =>
  code === 'LIST_BEHIND' || code === 'UNAVAILABLE' || code === 'CLOCK' || code === 'PARTS_MISSING';

async function readCursor(ctx: ExchangeContext): Promise<{ urgent: number; routine: number }> {
  const row = await ctx.db.selectFrom('mailbox_cursor').selectAll().executeTakeFirst();
  return { urgent: row?.urgent ?? 0, routine: row?.routine ?? 0 };
}

async function moveCursor(
  ctx: ExchangeContext,
  from: { urgent: number; routine: number },
  items: readonly Item[],
): Promise<void> {
  const highest = (lane: 'urgent' | 'routine') =>
    items.reduce((top, item) => (item.lane === lane ? Math.max(top, item.cursor) : top), from[lane]);
  const next = { urgent: highest('urgent'), routine: highest('routine') };
  await ctx.db
    .insertInto('mailbox_cursor')
    .values({ mailbox: 'gateway', ...next })
    .onConflict((c) => c.column('mailbox').doUpdateSet(next))
    .execute();
}
