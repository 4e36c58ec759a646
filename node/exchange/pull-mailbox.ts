/**
 * Fetches what the gateway holds for this node. A node with no open port has no other way in; every other node uses it
 * beside its own endpoint. The cursor moves only after what was pulled is stored and its receipts are handed over.
 */
import { codeOf } from '#platform/http/http-error.ts';
import { PeerError } from '#platform/http/peer-error.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import type { ExchangeContext } from './context.ts';
import { rouseDeliveries } from './deliver.ts';
import { beginAnew } from './gateway-restored.ts';
import { takeReceipts } from './receipts.ts';
import { type Delivery, type DeliveryResult, receive } from './receive.ts';
import { isWorthRetry, retryAside, setAside } from './set-aside.ts';

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
  // To others the gateway gives nothing; a new list wakes this.
  if (!['active', 'certificate-unlisted'].includes(ctx.trust.standing())) return POLL_MS;
  const retryMs = await retryAside(ctx, (deliveries) => takeDeliveries(ctx, deliveries));
  for (;;) {
    const cursor = await readCursor(ctx);
    const mailbox = await readPage(ctx, cursor).catch((error: unknown) => {
      ctx.contacts.failed('mailbox', codeOf(error));
      throw error;
    });
    if (mailbox === null) continue;
    ctx.contacts.reached('mailbox');
    if (mailbox.trimmed) ctx.log.warn('mailbox-trimmed');
    if (mailbox.items.length === 0) return Math.min(POLL_MS, retryMs ?? POLL_MS);
    const complete = await takePage(ctx, mailbox.items);
    if (!complete) return PENDING_RETRY_MS;
    await moveCursor(ctx, passPage(cursor, mailbox.items));
  }
}

type Page = { trimmed: boolean; items: Item[] };

/** One page after the cursor. Null where the mailbox ends before it: the gateway was restored from a backup. */
async function readPage(ctx: ExchangeContext, { urgent, routine }: Cursor): Promise<Page | null> {
  try {
    const variables = { afterUrgent: urgent, afterRoutine: routine, first: PAGE };
    return (await ctx.client.graphql<{ mailbox: Page }>(`${ctx.gatewayUrl}/graphql`, MAILBOX, variables))
      .mailbox;
  } catch (error) {
    if (!(error instanceof PeerError) || error.code !== 'CURSOR_FUTURE' || urgent + routine === 0)
      throw error;
    await beginAnew(ctx);
    return null;
  }
}

/** @returns false while receipts are not yet covered by the log: the same page is pulled again */
async function takePage(ctx: ExchangeContext, items: readonly Item[]): Promise<boolean> {
  const receipts = items.flatMap((item) => (item.receipt ? [item.receipt] : []));
  await takeReceipts(ctx, receipts);
  for (const peer of new Set(receipts.flatMap(signerOf))) await rouseDeliveries(ctx, peer);
  const deliveries = items.flatMap((item): Delivery[] =>
    item.envelope && item.sealed ? [{ envelope: item.envelope, sealed: item.sealed }] : [],
  );
  const results = await takeDeliveries(ctx, deliveries);
  await setAside(
    ctx,
    deliveries.filter((_, at) => isWorthRetry(results[at]!)),
  );
  return !results.some(({ code }) => code === 'PENDING');
}

/** Whose receipt it says it is; of what is none, nobody's. */
function signerOf(jws: string): string[] {
  try {
    return [parseReceipt(jws).value.from];
  } catch {
    return [];
  }
}

/** Receives, and hands the receipts over to the gateway. */
async function takeDeliveries(
  ctx: ExchangeContext,
  deliveries: readonly Delivery[],
): Promise<DeliveryResult[]> {
  const results = await receive(ctx, deliveries, 'mailbox');
  const receipts = results.flatMap(({ receipt }) => (receipt ? [receipt] : []));
  if (receipts.length > 0) await ctx.client.graphql(`${ctx.gatewayUrl}/graphql`, POST_RECEIPTS, { receipts });
  return results;
}

type Cursor = { urgent: number; routine: number };

async function readCursor(ctx: ExchangeContext): Promise<Cursor> {
  const row = await ctx.db.selectFrom('mailbox_cursor').selectAll().executeTakeFirst();
  return { urgent: row?.urgent ?? 0, routine: row?.routine ?? 0 };
}

function passPage(from: Cursor, items: readonly Item[]): Cursor {
  const highest = (lane: 'urgent' | 'routine') =>
    items.reduce((top, item) => (item.lane === lane ? Math.max(top, item.cursor) : top), from[lane]);
  return { urgent: highest('urgent'), routine: highest('routine') };
}

async function moveCursor(ctx: ExchangeContext, next: Cursor): Promise<void> {
  await ctx.db
    .insertInto('mailbox_cursor')
    .values({ mailbox: 'gateway', ...next })
    .onConflict((c) => c.column('mailbox').doUpdateSet(next))
    .execute();
}
