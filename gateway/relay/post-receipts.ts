/**
 * A recipient's signed receipt ends the holding of a message and goes on to its sender.
 */
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { parseReceipt, receiptMatches, verifyReceipt } from '#schema/jws/receipt.ts';
import { type Code, ProtocolError } from '#schema/protocol/codes.ts';
import type { MessageEnvelope } from '#schema/protocol/envelope.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type GatewayContext, nowS } from '../context.ts';
import { putItems } from './put-items.ts';

/** Takes receipts of the authenticated caller. One that is not about a message held here is answered and changes nothing. */
export async function postReceipts(
  ctx: GatewayContext,
  caller: string,
  receipts: readonly string[],
): Promise<{ code: Code | 'UNKNOWN' | null }[]> {
  const results: { code: Code | 'UNKNOWN' | null }[] = [];
  for (const jws of receipts) results.push({ code: await postOne(ctx, caller, jws) });
  return results;
}

async function postOne(ctx: GatewayContext, caller: string, jws: string): Promise<Code | 'UNKNOWN' | null> {
  try {
    const receipt = await verifyReceipt(parseReceipt(jws), ctx.keyring(), nowS(ctx));
    const { from, to, re, stage, lane } = receipt.value;
    if (from !== caller) return 'SENDER_UNKNOWN';
    if (stage !== 'delivered' && stage !== 'rejected') return 'MALFORMED';
    const held = await ctx.db
      .selectFrom('mailbox_item')
      .select('envelope')
      .where('message_id', '=', re)
      .where('recipient', '=', caller)
      .where('sender', '=', to)
      .where('kind', '=', 'message')
      .executeTakeFirst();
    if (!held) return 'UNKNOWN';
    const envelope = parseEnvelope(held.envelope!);
    if (!receiptMatches(receipt, { value: envelope.value as MessageEnvelope, hash: envelope.hash }))
      return 'EQUIVOCATION';
    await clear(ctx, { caller, sender: to, re, lane, jws });
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

type Clearing = { caller: string; sender: string; re: string; lane: 'urgent' | 'routine'; jws: string };

async function clear(ctx: GatewayContext, { caller, sender, re, lane, jws }: Clearing): Promise<void> {
  await ctx.db.transaction().execute(async (trx) => {
    const gone = await trx
      .deleteFrom('mailbox_item')
      .where('message_id', '=', re)
      .where('recipient', '=', caller)
      .where('kind', '=', 'message')
      .returning('cursor')
      .execute();
    if (gone.length === 0) return;
    await trx.deleteFrom('part').where('recipient', '=', caller).where('message_id', '=', re).execute();
    await trx
      .updateTable('relayed')
      .set({ state: 'receipted' })
      .where('sender', '=', sender)
      .where('message_id', '=', re)
      .execute();
    const expires_at = ctx.nowMs() + limits.ttlS * 1000;
    await putItems(trx, [
      {
        recipient: sender,
        lane,
        kind: 'receipt',
        message_id: re,
        sender: caller,
        envelope: null,
        sealed: null,
        receipt: jws,
        expires_at,
      },
    ]);
  });
  await ctx.tell('mailbox', sender);
}
