/**
 * Ends what must not leave any more, and tells the peer so: a number that will never come is accounted for by a tombstone,
 * which the peer answers with what it has signed for the message. So both States know what became of it, whatever was lost.
 */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { codeOf } from '#platform/http/http-error.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import { runOperation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { ExchangeContext } from './context.ts';
import { sealControl } from './seal-control.ts';
import type { OutboxState } from './tables.ts';

const GIVE_UP_BATCH = 64;
const TOMBSTONE_BATCH = 200;

/** Gives up what has run out of time, and what nobody had taken before its release grew stale. A person hears of each. */
export async function giveUpOverdue(ctx: ExchangeContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const isOverdue = overdueAt(nowMs);
  const rows = await ctx.db.selectFrom('outbox').select('id').where(isOverdue).limit(GIVE_UP_BATCH).execute();
  for (const { id } of rows) {
    await runOperation(ctx.db, ctx.surroundings, async (op) => {
      const row = await op.trx
        .updateTable('outbox')
        .set({
          state: sql<OutboxState>`case when expires_at < ${nowMs} then 'expired' else 'stale' end`,
          tombstone_due: sql<boolean>`class = 'msg'`,
        })
        .where('id', '=', id)
        // Its receipt may have come meanwhile.
        .where(isOverdue)
        .returning(['peer', 'class', 'lane', 'seq', 'state', 'sent_to'])
        .executeTakeFirst();
      if (row?.class !== 'msg') return;
      const reason = row.state as 'expired' | 'stale';
      await op.trx.deleteFrom('outbox_part').where('message_id', '=', id).execute();
      await op.audit('message.given-up', { id, to: row.peer, lane: row.lane, seq: row.seq, reason });
      await ctx.handler.noteUndelivered(op, id as MessageId, reason, row.sent_to.length > 0);
    });
  }
}

const overdueAt =
  (nowMs: number) =>
  (eb: ExpressionBuilder<Database, 'outbox'>): Expression<SqlBool> =>
    eb.or([
      eb.and([
        eb('state', 'in', ['ready', 'relayed', 'unconfirmed', 'recalling']),
        eb('expires_at', '<', nowMs),
      ]),
      eb.and([eb('state', '=', 'ready'), eb('approved_until', '<', nowMs)]),
    ]);

/** Tells peers which numbers will never come. Those of a peer that nothing may be sealed for wait until something may. */
export async function sendTombstones(ctx: ExchangeContext): Promise<void> {
  const lanes = await ctx.db
    .selectFrom('outbox')
    .select(['peer', 'lane'])
    .distinct()
    .where('tombstone_due', '=', true)
    .execute();
  for (const { peer, lane } of lanes.filter((one) => ctx.trust.maySendTo(one.peer))) {
    const sent = async () => {
      while ((await sendBatch(ctx, peer as State, lane)) === TOMBSTONE_BATCH);
    };
    // What cannot be sealed for one peer must not keep back what waits for the others.
    await sent().catch((error: unknown) =>
      ctx.log.warn('tombstones-failed', { party: peer, lane, code: codeOf(error) }),
    );
  }
}

function sendBatch(ctx: ExchangeContext, peer: State, lane: Lane): Promise<number> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const due = op.trx
      .selectFrom('outbox')
      .select('id')
      .where('peer', '=', peer)
      .where('lane', '=', lane)
      .where('tombstone_due', '=', true)
      .orderBy('seq')
      .limit(TOMBSTONE_BATCH)
      .forUpdate()
      .skipLocked();
    const rows = await op.trx
      .updateTable('outbox')
      .set({ tombstone_due: false })
      .where('id', 'in', due)
      .returning(['id', 'seq', 'state', 'env', 'envelope'])
      .execute();
    if (rows.length === 0) return 0;
    const items = rows.map(({ id, seq, state, env, envelope }) => ({
      id: id as MessageId,
      seq: seq!,
      reason: state === 'recalled' ? ('recalled' as const) : ('expired' as const),
      env,
      sealed: parseEnvelope(envelope).value.sealed.sha256,
    }));
    await sealControl(ctx, op, peer, { kind: 'tombstones', lane, items });
    return rows.length;
  });
}
