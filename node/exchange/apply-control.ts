/**
 * Control messages: log proofs, read marks, tombstones, requests to resend. Each can be applied again without harm, and
 * none is receipted or logged as a message.
 */
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Control, ControlDocument } from '#schema/protocol/document.ts';
import type { ControlEnvelope } from '#schema/protocol/envelope.ts';
import type { ExchangeContext } from './context.ts';
import { takeReceipts } from './receipts.ts';
import { takeTombstones } from './take-tombstones.ts';

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
      return takeTombstones(ctx, envelope.from, control);
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

/**
 * Messages the peer has lost, or never got, are due again at once: the stored bytes, unchanged. Of those that were given up
 * here it is told again that they will never come.
 */
async function resend(
  ctx: ExchangeContext,
  peer: string,
  control: Control & { kind: 'resend' },
): Promise<void> {
  const asked = ctx.db
    .updateTable('outbox')
    .where('peer', '=', peer)
    .where('lane', '=', control.lane)
    .where('seq', 'in', control.seqs);
  await asked
    .set({ next_attempt_at: ctx.surroundings.nowMs() })
    .where('state', 'in', ['ready', 'relayed'])
    .execute();
  await asked
    .set({ tombstone_due: true })
    .where('state', 'in', ['expired', 'stale', 'recalled', 'left'])
    .execute();
  ctx.wake.deliver();
}
