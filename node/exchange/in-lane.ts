/**
 * The order of one lane as it comes in: how far everything has been dealt with, what is held for a gap, what is missing.
 * Knows nothing of envelopes and signatures.
 */
import { type Code, kindOf, ProtocolError } from '#schema/protocol/codes.ts';
import type { MessageDocument } from '#schema/protocol/document.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import type { Operation } from '../operation.ts';
import { openRow } from '../vault/sealed-columns.ts';
import type { ExchangeContext } from './context.ts';
import { keepParts } from './inbound-parts.ts';
import { receiptTimeS } from './receipts.ts';
import { sealedHeld } from './tables.ts';

/** Locks the lane. @returns the number up to which everything of it has been dealt with */
export async function lockInLane(
  op: Operation,
  { peer, lane }: { peer: string; lane: Lane },
): Promise<number> {
  await op.trx
    .insertInto('in_lane')
    .values({ peer, lane, applied: 0 })
    .onConflict((c) => c.doNothing())
    .execute();
  const row = await op.trx
    .selectFrom('in_lane')
    .select('applied')
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.applied;
}

/** Applies one document. @returns the code of a permanent refusal, undefined when applied */
export async function applyDocument(
  ctx: ExchangeContext,
  op: Operation,
  document: MessageDocument,
  receivedAtS: number,
): Promise<Code | undefined> {
  try {
    await ctx.handler.apply(op, document, receivedAtS * 1000);
    await keepParts(op, document);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError && kindOf(error.code) === 'permanent') return error.code;
    throw error;
  }
}

/** Numbers passed over that are asked for later; a peer that leaves more out than this has to be telephoned. */
const MISSING_MOST = 500;

/**
 * Moves the lane on: applies what was held for a gap that has closed, passes over rejected numbers and tombstones, and
 * notes since when something is held.
 * @param waitedSince passes over gaps too: nobody waits any longer for what has been missing since then
 */
export async function applyHeld(
  ctx: ExchangeContext,
  op: Operation,
  { peer, lane }: { peer: string; lane: Lane },
  from: number,
  waitedSince: number | null = null,
): Promise<void> {
  let applied = from;
  const later = await op.trx
    .selectFrom('inbound')
    .select(['peer', 'id', 'seq', 'state', 'held', 'held_thread', 'received_at'])
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .where('seq', '>', from)
    .orderBy('seq')
    .execute();
  let left = later.length;
  const missing: number[] = [];
  op.afterCommit(ctx.wake.prove);
  for (const row of later) {
    if (row.seq !== applied + 1 && waitedSince === null) break;
    for (let seq = applied + 1; seq < row.seq && missing.length < MISSING_MOST; seq++) missing.push(seq);
    if (row.held !== null) {
      const opened = (await openRow(op, sealedHeld, row))!;
      const document = JSON.parse(opened.held!) as MessageDocument;
      const code = await applyDocument(ctx, op, document, receiptTimeS(row.received_at));
      await op.trx
        .updateTable('inbound')
        .set({
          held: null,
          held_thread: null,
          state: code ? 'rejected' : 'applied',
          // The sender holds a receipt that says delivered: it gets another.
          ...(code ? { code, later_receipt: 'due' } : {}),
        })
        .where('peer', '=', peer)
        .where('id', '=', row.id)
        .execute();
    }
    applied = row.seq;
    left--;
  }
  if (missing.length > 0) {
    await op.trx
      .insertInto('missing_number')
      .values(missing.map((seq) => ({ peer, lane, seq, since: waitedSince! })))
      .execute();
  }
  await op.trx
    .updateTable('in_lane')
    .set((eb) => ({ applied, gap_since: left === 0 ? null : eb.fn.coalesce('gap_since', eb.val(op.nowMs)) }))
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .execute();
}

/** These numbers have come after all, or are accounted for. */
export async function noteFound(
  op: Operation,
  { peer, lane }: { peer: string; lane: Lane },
  seqs: readonly number[],
): Promise<void> {
  if (seqs.length === 0) return;
  await op.trx
    .deleteFrom('missing_number')
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .where('seq', 'in', [...seqs])
    .execute();
}
