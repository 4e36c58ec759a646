/**
 * The gateway's signed promise to hold a message until its time is over or its delivery is proved: an entry in its log and a
 * `relayed` receipt.
 */
import type { Transaction } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import { signReceipt } from '#schema/jws/receipt.ts';
import { encodeHex } from '#schema/protocol/base64.ts';
import type { MessageEnvelope, Receipt } from '#schema/protocol/envelope.ts';
import { GATEWAY, makeMessageId } from '#schema/protocol/ids.ts';
import { type GatewayContext, nowS } from '../context.ts';
import type { GatewayDatabase } from '../tables.ts';

/** Signs and stores the promise for each message, in the caller's transaction; released only once the log covers it. */
export async function promiseRelay(
  ctx: GatewayContext,
  trx: Transaction<GatewayDatabase>,
  messages: readonly { envelope: MessageEnvelope; env: string }[],
): Promise<void> {
  if (messages.length === 0) return;
  const atMs = ctx.nowMs();
  const facts = messages.map(({ envelope, env }) => ({
    re: envelope.id,
    lane: envelope.lane,
    seq: envelope.seq,
    stage: 'relayed' as const,
    env,
    sealed: envelope.sealed.sha256,
  }));
  const entries = await appendEntries(
    trx,
    facts.map((fact, i) => {
      const { from, to } = messages[i]!.envelope;
      return { type: 'message.relayed', atMs, salt: ctx.random(32), detail: { ...fact, from, to } };
    }),
  );
  const rows = messages.map(async ({ envelope }, i) => {
    const receipt: Receipt = {
      v: 1,
      id: makeMessageId(atMs, ctx.random(10)),
      from: GATEWAY as Receipt['from'],
      to: envelope.from,
      at: nowS(ctx),
      log: { origin: ctx.log.name, leaf: encodeHex(entries[i]!.leaf) },
      ...facts[i]!,
    };
    const { re, lane, seq, env, sealed } = facts[i]!;
    return {
      sender: envelope.from as string,
      message_id: re as string,
      recipient: envelope.to as string,
      lane,
      seq,
      env,
      sealed,
      receipt: await signReceipt(receipt, ctx.sig),
      audit_id: entries[i]!.id,
      state: 'held' as const,
    };
  });
  await trx
    .insertInto('relayed')
    .values(await Promise.all(rows))
    .execute();
}
