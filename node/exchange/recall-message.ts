/**
 * Takes a message of ours back. What has not left is stopped here and certainly unread. For what may have left the gateway is
 * asked to delete it unread, and then a tombstone asks the peer not to take it; its answer says what became of it. Decides
 * nothing about who may ask.
 */
import type { Selectable } from 'kysely';
import { codeOf } from '#platform/http/http-error.ts';
import { PeerError } from '#platform/http/peer-error.ts';
import { signRecall } from '#schema/jws/recall.ts';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import { type Operation, runOperation } from '../operation.ts';
import { type ExchangeContext, nowS } from './context.ts';
import { nextTryMs } from './deliver.ts';
import type { OutboxTable } from './tables.ts';

const RECALL = 'mutation ($recall: String!) { recall(recall: $recall) }';
const BATCH = 64;
/** A person may be waiting for the answer. */
const TIMEOUT_MS = 5_000;

/** `unread`: it had not left, and will not. `asked`: it may have left. `decided`: a receipt has come, or it was given up before. */
export type Stopped = 'unread' | 'asked' | 'decided';

/**
 * Stops a message of ours: from the commit on nothing of it is sent. Locks what the exchange holds of it; call it before
 * locking a conversation.
 */
export async function stopMessage(op: Operation, messageId: MessageId): Promise<Stopped> {
  const unsealed = await op.trx
    .deleteFrom('seal_request')
    .where('message_id', '=', messageId)
    .returning('id')
    .executeTakeFirst();
  if (unsealed) {
    await forgetParts(op, messageId);
    return 'unread';
  }
  const row = await op.trx
    .updateTable('outbox')
    .set({ state: 'recalling', attempts: 0, next_attempt_at: op.nowMs })
    .where('id', '=', messageId)
    .where('state', 'in', ['ready', 'relayed', 'unconfirmed'])
    .returningAll()
    .executeTakeFirst();
  if (!row) return (await isRecalling(op, messageId)) ? 'asked' : 'decided';
  if (row.sent_to.length > 0) return 'asked';
  await finish(op, row, 'unread');
  return 'unread';
}

async function isRecalling(op: Operation, messageId: string): Promise<boolean> {
  const query = op.trx.selectFrom('outbox').select('id').where('id', '=', messageId);
  return (await query.where('state', '=', 'recalling').executeTakeFirst()) !== undefined;
}

async function forgetParts(op: Operation, messageId: string): Promise<void> {
  await op.trx.deleteFrom('outbox_part').where('message_id', '=', messageId).execute();
}

/** @returns whether it was still open */
async function finish(
  op: Operation,
  row: Pick<Selectable<OutboxTable>, 'id' | 'peer' | 'lane' | 'seq'>,
  atGateway: string,
): Promise<boolean> {
  const { numUpdatedRows } = await op.trx
    .updateTable('outbox')
    .set({ state: 'recalled', tombstone_due: true })
    .where('id', '=', row.id)
    .where('state', '=', 'recalling')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await forgetParts(op, row.id);
  const { id, peer: to, lane, seq } = row;
  await op.audit('message.given-up', { id, to, lane, seq, reason: 'recalled', atGateway });
  return true;
}

/** Asks the gateway about each message that is to be taken back. @returns milliseconds until the next try, null if none waits */
export async function askRecalls(ctx: ExchangeContext): Promise<number | null> {
  const rows = await ctx.db
    .selectFrom('outbox')
    .selectAll()
    .where('state', '=', 'recalling')
    .where('next_attempt_at', '<=', ctx.surroundings.nowMs())
    .limit(BATCH)
    .execute();
  for (const row of rows) await ask(ctx, row);
  const { at } = await ctx.db
    .selectFrom('outbox')
    .select((eb) => eb.fn.min('next_attempt_at').as('at'))
    .where('state', '=', 'recalling')
    .executeTakeFirstOrThrow();
  return at === null ? null : Math.max(50, Number(at) - ctx.surroundings.nowMs());
}

/** Asks the gateway about one message now. */
export async function askRecall(ctx: ExchangeContext, messageId: MessageId): Promise<void> {
  const query = ctx.db.selectFrom('outbox').selectAll().where('id', '=', messageId);
  const row = await query.where('state', '=', 'recalling').executeTakeFirst();
  if (row) await ask(ctx, row);
}

async function ask(ctx: ExchangeContext, row: Selectable<OutboxTable>): Promise<void> {
  const payload = {
    v: 1 as const,
    id: row.id as MessageId,
    from: ctx.identity.state,
    to: row.peer as State,
    at: nowS(ctx.surroundings),
  };
  const recall = await signRecall(payload, ctx.identity.sig);
  try {
    const { recall: answer } = await ctx.client.graphql<{ recall: string }>(
      `${ctx.gatewayUrl}/graphql`,
      RECALL,
      { recall },
      { timeoutMs: TIMEOUT_MS },
    );
    await settle(ctx, row, answer);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    ctx.log.warn('recall-failed', { party: row.peer, code: codeOf(error) });
    await ctx.db
      .updateTable('outbox')
      .set({
        attempts: row.attempts + 1,
        next_attempt_at: ctx.surroundings.nowMs() + nextTryMs(row.attempts),
      })
      .where('id', '=', row.id)
      .where('state', '=', 'recalling')
      .execute();
  }
}

/** Certain only where the message can be nowhere else: neither tried at the peer, nor fetched, nor lost with a mailbox. */
async function settle(ctx: ExchangeContext, row: Selectable<OutboxTable>, answer: string): Promise<void> {
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    const { sent_to, relayed_receipt } = await op.trx
      .selectFrom('outbox')
      .select(['sent_to', 'relayed_receipt'])
      .where('id', '=', row.id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const gone = answer === 'recalled' || (answer === 'unknown' && relayed_receipt === null);
    if (!(await finish(op, row, answer))) return;
    const mayHaveArrived = !gone || sent_to.includes('peer');
    await ctx.handler.noteUndelivered(op, row.id as MessageId, 'recalled', mayHaveArrived);
    op.afterCommit(ctx.wake.deliver);
  });
}
