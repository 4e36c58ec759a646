/**
 * The order of one lane as it comes in: how far everything has been dealt with, what is held for a gap, what is missing.
 * Knows nothing of envelopes and signatures.
 */

import type { Selectable } from 'kysely';
import { codeOf } from '#platform/http/http-error.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { type Code, kindOf, ProtocolError } from '#schema/protocol/codes.ts';
import type { MessageDocument } from '#schema/protocol/document.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import { type Operation, runPart } from '../operation.ts';
import { openRow } from '../vault/sealed-columns.ts';
import { VaultError } from '../vault/vault-error.ts';
import type { ExchangeContext } from './context.ts';
import { forgetParts, keepParts } from './inbound-parts.ts';
import { receiptTimeS } from './receipts.ts';
import { type InboundTable, sealedHeld } from './tables.ts';

export type LaneOfPeer = Pick<InboundTable, 'peer' | 'lane'>;

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

/** An error that is none of the protocol: ours. The message is kept and tried again; nothing else waits for it. */
export const FAILED = 'failed';

/**
 * Applies one document; the one place where an error of applying is caught, whoever handed the message over. What it wrote
 * before is taken back.
 * @returns the code of a permanent refusal, undefined when applied, FAILED where the error was ours
 * @throws where the database is away: that is no fault of a message, and everything waits for it
 */
export async function applyDocument(
  ctx: ExchangeContext,
  op: Operation,
  document: MessageDocument,
  receivedAtS: number,
): Promise<Code | typeof FAILED | undefined> {
  const part = await runPart(op, async (own) => {
    await ctx.handler.apply(own, document, receivedAtS * 1000);
    await keepParts(own, document);
    own.afterCommit(() => ctx.transfers.end(document.id));
  });
  if (part.ok) return undefined;
  const { error } = part;
  if (error instanceof ProtocolError && kindOf(error.code) === 'permanent') return error.code;
  const { from: party, lane } = document;
  ctx.log.error('message-failed', { party, lane, code: codeOf(error) });
  ctx.count('received', { peer: party, lane, outcome: FAILED });
  return FAILED;
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
    .select(HELD_COLUMNS)
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
    if (row.held !== null && !(await applyRow(ctx, op, peer, row)) && waitedSince === null) break;
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

const HELD_COLUMNS = [
  'peer',
  'id',
  'seq',
  'env',
  'envelope',
  'held',
  'held_thread',
  'held_tries',
  'held_next_at',
  'received_at',
] as const;
type HeldRow = Pick<Selectable<InboundTable>, (typeof HELD_COLUMNS)[number]>;

const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 3_600_000;

/**
 * Applies a message that was held. One that fails by an error of ours stays held, and is tried again until its time is over; then
 * its sender, which holds a receipt that says delivered, gets another that says it never took effect.
 * @returns whether nobody waits for it any longer
 */
async function applyRow(ctx: ExchangeContext, op: Operation, peer: string, row: HeldRow): Promise<boolean> {
  if (row.held_next_at !== null && row.held_next_at > op.nowMs) return false;
  const opened = await openHeld(op, row);
  const code =
    typeof opened === 'string' ? opened : await applyDocument(ctx, op, opened, receiptTimeS(row.received_at));
  const isOver = parseEnvelope(row.envelope).value.exp * 1000 < op.nowMs;
  const own = op.trx.updateTable('inbound').where('peer', '=', peer).where('id', '=', row.id);
  if (code === FAILED && !isOver) {
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** row.held_tries, LAST_RETRY_MS);
    await own.set({ held_tries: row.held_tries + 1, held_next_at: op.nowMs + waitMs }).execute();
    if (row.held_tries === 0) await op.audit('message.failed', { id: row.id, from: peer, env: row.env });
    return false;
  }
  const refusal = code === FAILED ? 'EXPIRED' : code;
  const ended = { held: null, held_thread: null, held_next_at: null };
  if (refusal) await forgetParts(op, peer, [row.id]);
  await own
    // The sender of what is refused holds a receipt that says delivered: it gets another.
    .set(
      refusal
        ? { ...ended, state: 'rejected', code: refusal, later_receipt: 'due' }
        : { ...ended, state: 'applied' },
    )
    .execute();
  return true;
}

/** What was held; or a code where its conversation has been erased meanwhile, or it is not what was kept. @throws VaultError KEY_UNAVAILABLE */
async function openHeld(op: Operation, row: HeldRow): Promise<MessageDocument | Code | typeof FAILED> {
  try {
    return JSON.parse((await openRow(op, sealedHeld, row))!.held!) as MessageDocument;
  } catch (error) {
    if (!(error instanceof VaultError) || error.code === 'KEY_UNAVAILABLE') throw error;
    return error.code === 'ERASED' ? 'ACT_NOT_ALLOWED' : FAILED;
  }
}

/** Tries again what could not be applied when its turn came, also where its lane has gone on. */
export async function retryHeld(ctx: ExchangeContext, op: Operation, lane: LaneOfPeer): Promise<void> {
  const applied = await lockInLane(op, lane);
  const passed = await op.trx
    .selectFrom('inbound')
    .select(HELD_COLUMNS)
    .where('peer', '=', lane.peer)
    .where('lane', '=', lane.lane)
    .where('held_next_at', '<=', op.nowMs)
    .where('seq', '<=', applied)
    .orderBy('seq')
    .execute();
  for (const row of passed) await applyRow(ctx, op, lane.peer, row);
  await applyHeld(ctx, op, lane, applied);
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
