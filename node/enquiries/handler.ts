/**
 * This slice as the exchange sees it.
 */
import type { MessageHandler } from '../exchange/handler.ts';
import { applyMessage } from './apply-message.ts';
import type { EnquiryContext } from './context.ts';
import { noteReceipt } from './note-receipt.ts';
import { noteUnconfirmed } from './note-unconfirmed.ts';
import { noteUndelivered } from './note-undelivered.ts';

/** The handler that `main.ts` gives to the exchange. */
export function makeMessageHandler(ctx: EnquiryContext): MessageHandler {
  return {
    apply: (op, document, receivedAtMs) => applyMessage(ctx, op, document, receivedAtMs),
    noteReceipt: (op, messageId, receipt) => noteReceipt(ctx, op, messageId, receipt),
    noteUndelivered: (op, messageId, reason, mayHaveArrived) =>
      noteUndelivered(ctx, op, messageId, reason, mayHaveArrived),
    noteUnconfirmed: (op, messageId) => noteUnconfirmed(ctx, op, messageId),
  };
}
