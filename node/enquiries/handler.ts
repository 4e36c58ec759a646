/**
 * This slice as the exchange sees it.
 */
import type { MessageHandler } from '../exchange/handler.ts';
import { applyMessage } from './apply-message.ts';
import type { EnquiryContext } from './context.ts';
import { noteReceipt } from './note-receipt.ts';
import { noteUndelivered } from './note-undelivered.ts';

/** The handler that `main.ts` gives to the exchange. */
export function makeMessageHandler(ctx: EnquiryContext): MessageHandler {
  return {
    apply: (op, document) => applyMessage(ctx, op, document),
    noteReceipt: (op, messageId, { stage, code, atMs }) => noteReceipt(ctx, op, messageId, stage, code, atMs),
    noteUndelivered: (op, messageId, reason) => noteUndelivered(ctx, op, messageId, reason),
  };
}
