/**
 * Receipts: signed statements of this node about messages that came in, and what to make of those that others signed.
 */
import { createHash } from 'node:crypto';
import { appendEntries } from '#platform/log/append-entry.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { parseReceipt, receiptMatches, signReceipt, verifyReceipt } from '#schema/jws/receipt.ts';
import { encodeHex } from '#schema/protocol/base64.ts';
import type { Code } from '#schema/protocol/codes.ts';
import type { MessageEnvelope, Receipt, Stage } from '#schema/protocol/envelope.ts';
import { type MessageId, makeMessageId } from '#schema/protocol/ids.ts';
import { type Operation, runOperation } from '../operation.ts';
import { type ExchangeContext, nowS } from './context.ts';
import type { OutboxState } from './tables.ts';

/** What a receipt is about. */
export interface Subject {
  readonly message: Pick<MessageEnvelope, 'id' | 'from' | 'lane' | 'seq'>;
  /** SHA-256 of the envelope as received, and of its sealed blob; of a message that was given up, as its sender names them. */
  readonly env: string;
  readonly sealed: string;
  readonly stage: Stage;
  readonly code?: Code | undefined;
  readonly doc?: string | undefined;
}

/** The time a receipt names, whole seconds since 1970, for what was received at this time in milliseconds. */
export const receiptTimeS = (receivedAtMs: number): number => Math.floor(receivedAtMs / 1000);

/**
 * Writes the leaf of each receipt into the caller's transaction and signs the receipts.
 * They may be released only once the node's own checkpoint covers their audit entries.
 */
export async function makeReceipts(
  ctx: ExchangeContext,
  op: Operation,
  subjects: readonly Subject[],
): Promise<{ receipt: string; auditId: number }[]> {
  const facts = subjects.map(({ message, env, sealed, stage, code, doc }) => ({
    re: message.id,
    lane: message.lane,
    seq: message.seq,
    stage,
    env,
    sealed,
    ...(code ? { code } : {}),
    ...(doc ? { doc } : {}),
  }));
  const entries = await appendEntries(
    op.trx,
    facts.map((fact, i) => ({
      type: `message.${fact.stage}`,
      atMs: op.nowMs,
      salt: op.random(32),
      detail: { ...fact, from: subjects[i]!.message.from },
    })),
  );
  return Promise.all(
    facts.map(async (fact, i) => {
      const receipt: Receipt = {
        v: 1,
        id: makeMessageId(op.nowMs, op.random(10)),
        from: ctx.identity.state as unknown as Receipt['from'],
        to: subjects[i]!.message.from,
        at: receiptTimeS(op.nowMs),
        log: { origin: ctx.identity.origin, leaf: encodeHex(entries[i]!.leaf) },
        ...fact,
      };
      return { receipt: await signReceipt(receipt, ctx.identity.sig), auditId: entries[i]!.id };
    }),
  );
}

/**
 * Takes receipts for messages this node has sent. One that does not verify, or is about other bytes, is ignored: the
 * message stays in the outbox.
 * @returns how many changed something
 */
export async function takeReceipts(ctx: ExchangeContext, receipts: readonly string[]): Promise<number> {
  const verified = (await Promise.all(receipts.map((jws) => verifyOrNull(ctx, jws)))).filter(
    (one) => one !== null,
  );
  if (verified.length === 0) return 0;
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    let taken = 0;
    for (const receipt of verified) {
      if (!(await takeOne(ctx, op, receipt))) continue;
      taken++;
      const { from: peer, stage } = receipt.value;
      op.afterCommit(() => {
        ctx.contacts.heard(peer);
        ctx.count('receipts', { peer, stage });
      });
    }
    return taken;
  });
}

type VerifiedReceipt = Awaited<ReturnType<typeof verifyReceipt>>;

async function verifyOrNull(ctx: ExchangeContext, jws: string): Promise<VerifiedReceipt | null> {
  try {
    return await verifyReceipt(parseReceipt(jws), ctx.trust.current(), nowS(ctx.surroundings));
  } catch {
    ctx.log.warn('receipt-refused', { code: 'BAD_SIGNATURE' });
    return null;
  }
}

/** Where a receipt is kept. A rejection after `delivered` comes of a message that had waited for those before it. */
function columnOf(stage: Stage, receipt: string | null): 'relayed_receipt' | 'receipt' | 'later_receipt' {
  if (stage === 'relayed') return 'relayed_receipt';
  return stage === 'opened' || (stage === 'rejected' && receipt !== null) ? 'later_receipt' : 'receipt';
}

/** The recipient's word holds also for what was given up here meanwhile: it may have arrived and only the answer be lost. */
function nextState(now: OutboxState, stage: Stage): OutboxState {
  if (stage === 'relayed') return now === 'ready' ? 'relayed' : now;
  return stage === 'opened' || now === 'rejected' ? now : stage;
}

async function takeOne(ctx: ExchangeContext, op: Operation, receipt: VerifiedReceipt): Promise<boolean> {
  const { re, stage, code, at } = receipt.value;
  const row = await op.trx
    .selectFrom('outbox')
    .selectAll()
    .where('id', '=', re)
    .forUpdate()
    .executeTakeFirst();
  if (row?.class !== 'msg') return false;
  const column = columnOf(stage, row.receipt);
  // A gateway that had forgotten it promises again: the first promise is kept.
  const again = stage === 'relayed' && row.state === 'ready' && row.relayed_receipt !== null;
  if ((row[column] !== null && !again) || row.receipt === receipt.jws) return false;
  const sent = { value: parseEnvelope(row.envelope).value as MessageEnvelope, hash: row.env };
  if (!receiptMatches(receipt, sent)) return false;
  const state = nextState(row.state, stage);
  const decided = state === 'delivered' || state === 'rejected';
  await op.trx
    .updateTable('outbox')
    .set({ [column]: row[column] ?? receipt.jws, state, ...(decided && { tombstone_due: false }) })
    .where('id', '=', re)
    .execute();
  if (decided) await op.trx.deleteFrom('outbox_part').where('message_id', '=', re).execute();
  if (decided) op.afterCommit(() => ctx.transfers.end(re));
  await op.audit('receipt.taken', {
    re,
    stage,
    env: row.env,
    receipt: createHash('sha256').update(receipt.jws).digest('hex'),
  });
  await ctx.handler.noteReceipt(op, re as MessageId, { stage, code, atMs: at * 1000 });
  return true;
}
