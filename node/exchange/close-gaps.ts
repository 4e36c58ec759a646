/**
 * Looks after lanes in which something is missing: officers wait ten minutes at most for order, the peer is asked to send
 * again after an hour, and after a day the log lines say so.
 */
import type { State } from '#schema/protocol/ids.ts';
import { runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import { applyHeld, lockInLane } from './in-lane.ts';
import { sealControl } from './seal-control.ts';
import type { InLaneTable } from './tables.ts';

type InLane = Pick<InLaneTable, 'peer' | 'lane'>;

const LOOK_MS = 60_000;
const HOLD_MS = 10 * 60_000;
const RESEND_MS = 3_600_000;
const ALARM_MS = 24 * 3_600_000;
const RESEND_MOST = 500;

/** One round over lanes with a gap. @returns milliseconds until the next look */
export async function closeGaps(ctx: ExchangeContext): Promise<number> {
  await passOverGaps(ctx);
  await askAgain(ctx);
  return LOOK_MS;
}

/** Applies what has been held for too long; the numbers before it are noted as missing. */
async function passOverGaps(ctx: ExchangeContext): Promise<void> {
  const lanes = await ctx.db
    .selectFrom('in_lane')
    .select(['peer', 'lane', 'gap_since'])
    .where('gap_since', '<', ctx.surroundings.nowMs() - HOLD_MS)
    .execute();
  for (const lane of lanes) {
    await runOperation(ctx.db, ctx.surroundings, async (op) =>
      applyHeld(ctx, op, lane, await lockInLane(op, lane), lane.gap_since),
    );
  }
}

/** Asks each peer, once an hour at most, for the numbers that are missing. */
async function askAgain(ctx: ExchangeContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const lanes = await ctx.db
    .selectFrom('in_lane')
    .innerJoin('missing_number as missing', (join) =>
      join.onRef('missing.peer', '=', 'in_lane.peer').onRef('missing.lane', '=', 'in_lane.lane'),
    )
    .select((eb) => ['in_lane.peer', 'in_lane.lane', eb.fn.min('missing.since').as('since')])
    .where('missing.since', '<', nowMs - RESEND_MS)
    .where((eb) => eb.or([eb('resend_asked_at', 'is', null), eb('resend_asked_at', '<', nowMs - RESEND_MS)]))
    .groupBy(['in_lane.peer', 'in_lane.lane'])
    .execute();
  for (const lane of lanes) {
    const count = await askFor(ctx, lane);
    if (Number(lane.since) < nowMs - ALARM_MS)
      ctx.log.error('lane-gap', { party: lane.peer, lane: lane.lane, count });
  }
}

/** @returns how many numbers are missing, or at least as many as one message asks for */
function askFor(ctx: ExchangeContext, { peer, lane }: InLane): Promise<number> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const rows = await op.trx
      .selectFrom('missing_number')
      .select('seq')
      .where('peer', '=', peer)
      .where('lane', '=', lane)
      .orderBy('seq')
      .limit(RESEND_MOST)
      .execute();
    const seqs = rows.map(({ seq }) => seq);
    if (seqs.length > 0) await sealControl(ctx, op, peer as State, { kind: 'resend', lane, seqs });
    await op.trx
      .updateTable('in_lane')
      .set({ resend_asked_at: op.nowMs })
      .where('peer', '=', peer)
      .where('lane', '=', lane)
      .execute();
    return seqs.length;
  });
}
