/**
 * Looks after lanes in which something is missing: officers wait ten minutes at most for order, the peer is asked to send
 * again after an hour, and after a day the log lines say so.
 */
import type { State } from '#schema/protocol/ids.ts';
import { runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import { applyHeld, type LaneOfPeer as InLane, lockInLane, retryHeld } from './in-lane.ts';
import { sealControl } from './seal-control.ts';

const LOOK_MS = 60_000;
const HOLD_MS = 10 * 60_000;
const RESEND_MS = 3_600_000;
const ALARM_MS = 24 * 3_600_000;
const RESEND_MOST = 500;

/**
 * One round over lanes with a gap. A lane that fails holds up no other.
 * @returns milliseconds until the next look
 * @throws what the last failing lane threw, after all were tried
 */
export async function closeGaps(ctx: ExchangeContext): Promise<number> {
  const failures: unknown[] = [];
  const each = async <L extends InLane>(lanes: readonly L[], work: (lane: L) => Promise<unknown>) => {
    for (const lane of lanes) await work(lane).catch((error: unknown) => failures.push(error));
  };
  await each(await lanesHeldTooLong(ctx), (lane) =>
    runOperation(ctx.db, ctx.surroundings, async (op) =>
      applyHeld(ctx, op, lane, await lockInLane(op, lane), lane.gap_since),
    ),
  );
  await each(await lanesToRetry(ctx), (lane) =>
    runOperation(ctx.db, ctx.surroundings, (op) => retryHeld(ctx, op, lane)),
  );
  await each(await lanesToAsk(ctx), (lane) => askAgain(ctx, lane));
  if (failures.length > 0) throw failures.at(-1);
  return LOOK_MS;
}

/** What has been held for so long is applied; the numbers before it are noted as missing. */
function lanesHeldTooLong(ctx: ExchangeContext) {
  return ctx.db
    .selectFrom('in_lane')
    .select(['peer', 'lane', 'gap_since'])
    .where('gap_since', '<', ctx.surroundings.nowMs() - HOLD_MS)
    .execute();
}

/** Here something could not be applied, by an error of ours. */
function lanesToRetry(ctx: ExchangeContext) {
  return ctx.db
    .selectFrom('inbound')
    .select(['peer', 'lane'])
    .distinct()
    .where('held_next_at', '<=', ctx.surroundings.nowMs())
    .execute();
}

/** Each peer is asked, once an hour at most, for the numbers that are missing. */
function lanesToAsk(ctx: ExchangeContext) {
  const nowMs = ctx.surroundings.nowMs();
  return ctx.db
    .selectFrom('in_lane')
    .innerJoin('missing_number as missing', (join) =>
      join.onRef('missing.peer', '=', 'in_lane.peer').onRef('missing.lane', '=', 'in_lane.lane'),
    )
    .select((eb) => ['in_lane.peer', 'in_lane.lane', eb.fn.min('missing.since').as('since')])
    .where('missing.since', '<', nowMs - RESEND_MS)
    .where((eb) => eb.or([eb('resend_asked_at', 'is', null), eb('resend_asked_at', '<', nowMs - RESEND_MS)]))
    .groupBy(['in_lane.peer', 'in_lane.lane'])
    .execute();
}

async function askAgain(ctx: ExchangeContext, lane: InLane & { since: number | string }): Promise<void> {
  const count = await askFor(ctx, lane);
  if (Number(lane.since) < ctx.surroundings.nowMs() - ALARM_MS)
    ctx.log.error('lane-gap', { party: lane.peer, lane: lane.lane, count });
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
