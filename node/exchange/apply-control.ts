/**
 * Control messages: log proofs, read marks, tombstones, requests to resend. Each can be applied again without harm, and
 * none is receipted or logged as a message.
 */
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Control, ControlDocument } from '#schema/protocol/document.ts';
import type { ControlEnvelope } from '#schema/protocol/envelope.ts';
import { runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import { takeReceipts } from './receipts.ts';
import { applyHeld } from './receive.ts';

/** Applies one control message of an authenticated peer. */
export async function applyControl(
  ctx: ExchangeContext,
  envelope: ControlEnvelope,
  document: ControlDocument,
): Promise<void> {
  const { control } = document;
  switch (control.kind) {
    case 'proofs':
      return keepProofs(ctx, envelope.from, control);
    case 'receipts':
      await takeReceipts(ctx, control.receipts);
      return;
    case 'tombstones':
      return keepTombstones(ctx, envelope.from, control);
    case 'resend':
      return resend(ctx, envelope.from, control);
  }
}

/** Kept as sent; whoever reads an evidence bundle verifies them. */
async function keepProofs(
  ctx: ExchangeContext,
  peer: string,
  control: Control & { kind: 'proofs' },
): Promise<void> {
  for (const { re, index, hashes } of control.receipts) {
    const proof = new TextDecoder().decode(
      encodeCanonical({ index, hashes, checkpoint: control.checkpoint }),
    );
    await ctx.db
      .updateTable('outbox')
      .set({ receipt_proof: proof })
      .where('id', '=', re)
      .where('peer', '=', peer)
      .where('receipt', 'is not', null)
      .execute();
  }
}

/** Numbers that will never come: the lane moves on over them. */
function keepTombstones(
  ctx: ExchangeContext,
  peer: string,
  control: Control & { kind: 'tombstones' },
): Promise<void> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const { lane } = control;
    await op.trx
      .insertInto('in_lane')
      .values({ peer, lane, applied: 0 })
      .onConflict((c) => c.doNothing())
      .execute();
    const { applied } = await op.trx
      .selectFrom('in_lane')
      .select('applied')
      .where('peer', '=', peer)
      .where('lane', '=', lane)
      .forUpdate()
      .executeTakeFirstOrThrow();
    for (const { id, seq, reason } of control.items) {
      await op.trx
        .insertInto('inbound')
        .values({
          peer,
          id,
          lane,
          seq,
          env: '',
          envelope: '',
          state: 'tombstone',
          code: reason,
          received_at: op.nowMs,
        })
        .onConflict((c) => c.doNothing())
        .execute();
    }
    await applyHeld(ctx, op, { peer, lane }, applied);
  });
}

/** Messages the peer has lost, or never got, are due again at once: the stored bytes, unchanged. */
async function resend(
  ctx: ExchangeContext,
  peer: string,
  control: Control & { kind: 'resend' },
): Promise<void> {
  await ctx.db
    .updateTable('outbox')
    .set({ next_attempt_at: ctx.surroundings.nowMs() })
    .where('peer', '=', peer)
    .where('lane', '=', control.lane)
    .where('seq', 'in', control.seqs)
    .where('state', 'in', ['ready', 'relayed'])
    .execute();
  ctx.wake.deliver();
}
