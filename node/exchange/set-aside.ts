/**
 * Messages that cannot be taken yet: an attachment part is missing, the sender names a list that is not here, a clock is wrong,
 * or an error of ours was met. They are kept here and tried again, so that nothing behind them in the mailbox waits for them.
 */
import { createHash } from 'node:crypto';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { type Operation, runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import type { Delivery, DeliveryResult } from './receive.ts';

const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 3_600_000;
const RETRIES_AT_ONCE = 64;

/** Such a message is worth another look; one that is forged or malformed is passed over. */
export const isWorthRetry = ({ code }: DeliveryResult): boolean =>
  code === 'LIST_BEHIND' ||
  code === 'LIST_STALE' ||
  code === 'UNAVAILABLE' ||
  code === 'CLOCK' ||
  code === 'PARTS_MISSING';

const hashOf = ({ envelope }: Delivery): string => createHash('sha256').update(envelope).digest('hex');

/** Keeps deliveries for later; those kept already stay as they are. */
export async function setAside(ctx: ExchangeContext, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const next_at = ctx.surroundings.nowMs() + FIRST_RETRY_MS;
  await ctx.db
    .insertInto('set_aside')
    .values(deliveries.map((one) => ({ env: hashOf(one), ...one, next_at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  ctx.log.warn('messages-set-aside', { count: deliveries.length });
}

/**
 * Keeps a message that met an error of ours, in the transaction in which it could not be applied; the log says so once.
 */
export async function keepFailed(
  op: Operation,
  delivery: Delivery,
  about: { id: string; from: string; env: string },
): Promise<void> {
  const kept = await op.trx
    .insertInto('set_aside')
    .values({ env: about.env, ...delivery, next_at: op.nowMs + FIRST_RETRY_MS })
    .onConflict((conflict) => conflict.doNothing())
    .returning('env')
    .executeTakeFirst();
  if (kept) await op.audit('message.failed', about);
}

/**
 * Tries again what is due. What cannot be taken until its envelope ends is given up, and the log says so.
 * @param take receives deliveries and hands over their receipts
 * @returns milliseconds until the next is due; null when nothing is kept
 */
export async function retryAside(
  ctx: ExchangeContext,
  take: (deliveries: readonly Delivery[]) => Promise<DeliveryResult[]>,
): Promise<number | null> {
  const nowMs = ctx.surroundings.nowMs();
  const due = await ctx.db
    .selectFrom('set_aside')
    .selectAll()
    .where('next_at', '<=', nowMs)
    .orderBy('next_at')
    .limit(RETRIES_AT_ONCE)
    .execute();
  const results = due.length === 0 ? [] : await take(due);
  for (const [at, row] of due.entries()) {
    const result = results[at]!;
    if (result.code === 'PENDING' || isWorthRetry(result)) await postpone(ctx, row, nowMs);
    else await ctx.db.deleteFrom('set_aside').where('env', '=', row.env).execute();
  }
  const next = await ctx.db
    .selectFrom('set_aside')
    .select((eb) => eb.fn.min('next_at').as('at'))
    .executeTakeFirst();
  return next?.at == null ? null : Math.max(0, Number(next.at) - ctx.surroundings.nowMs());
}

/** A list has come, or was confirmed again: what may have waited for it is tried now. */
export async function rouseAside(ctx: ExchangeContext): Promise<void> {
  await ctx.db.updateTable('set_aside').set({ next_at: ctx.surroundings.nowMs() }).execute();
  ctx.wake.pull();
}

async function postpone(
  ctx: ExchangeContext,
  { env, envelope, tries }: { env: string; envelope: string; tries: number },
  nowMs: number,
): Promise<void> {
  const { id, from, exp } = parseEnvelope(envelope).value;
  if (exp * 1000 > nowMs) {
    const next_at = nowMs + Math.min(FIRST_RETRY_MS * 2 ** tries, LAST_RETRY_MS);
    await ctx.db
      .updateTable('set_aside')
      .set({ next_at, tries: tries + 1 })
      .where('env', '=', env)
      .execute();
    return;
  }
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    await op.trx.deleteFrom('set_aside').where('env', '=', env).execute();
    await op.audit('message.abandoned', { id, from, env });
    op.afterCommit(ctx.sequencer.wake);
  });
}
