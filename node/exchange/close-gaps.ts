/**
 * Looks after lanes in which something is missing: officers wait ten minutes at most for order, the peer is asked to send
 * again after an hour, and after a day both sides are told.
 */
import type { State } from '#schema/protocol/ids.ts';
import { runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import { applyHeld } from './receive.ts';
import { sealControl } from './seal-control.ts';

const LOOK_MS = 60_000;
const HOLD_MS = 10 * 60_000;
const RESEND_MS = 3_600_000;
const ALARM_MS = 24 * 3_600_000;
const RESEND_MOST = 500;

/** One round over lanes with a gap. @returns milliseconds until the next look */
export async function closeGaps(ctx: ExchangeContext): Promise<number> {
  const nowMs = ctx.surroundings.nowMs();
  const lanes = await ctx.db
    .selectFrom('in_lane')
    .selectAll()
    .where('gap_since', '<', nowMs - HOLD_MS)
    .execute();
  for (const lane of lanes) {
    const missing = await missingNumbers(ctx, lane);
    const sinceMs = nowMs - lane.gap_since!;
    const askAgain = lane.resend_asked_at === null || lane.resend_asked_at < nowMs - RESEND_MS;
    if (sinceMs > ALARM_MS)
      ctx.log.error('lane-gap', { party: lane.peer, lane: lane.lane, count: missing.length });
    await runOperation(ctx.db, ctx.surroundings, async (op) => {
      const { applied } = await op.trx
        .selectFrom('in_lane')
        .select('applied')
        .where('peer', '=', lane.peer)
        .where('lane', '=', lane.lane)
        .forUpdate()
        .executeTakeFirstOrThrow();
      await applyHeld(ctx, op, lane, applied, true);
      if (sinceMs <= RESEND_MS || !askAgain || missing.length === 0) return;
      await sealControl(ctx, op, lane.peer as State, { kind: 'resend', lane: lane.lane, seqs: missing });
      await op.trx
        .updateTable('in_lane')
        .set({ resend_asked_at: nowMs })
        .where('peer', '=', lane.peer)
        .where('lane', '=', lane.lane)
        .execute();
    });
  }
  return LOOK_MS;
}

/** Numbers below the highest received that never came. */
async function missingNumbers(
  ctx: ExchangeContext,
  lane: { peer: string; lane: 'routine' | 'urgent' },
): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('inbound')
    .select('seq')
    .where('peer', '=', lane.peer)
    .where('lane', '=', lane.lane)
    .orderBy('seq', 'desc')
    .limit(RESEND_MOST)
    .execute();
  const present = new Set(rows.map((row) => row.seq));
  const from = Math.max(1, Math.min(...present));
  const missing: number[] = [];
  for (let seq = from; seq < Math.max(...present); seq++) if (!present.has(seq)) missing.push(seq);
  return missing;
}
