/**
 * Who takes part at present. What a suspended State left behind still counts, and its log is still watched; from its mailbox it
 * gets nothing, and nothing new is taken from it (PROTOCOL.md, T15).
 */
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { GatewayContext } from './context.ts';

/** @throws ProtocolError SENDER_SUSPENDED for a State that is suspended or has left */
export function requireActive(ctx: Pick<GatewayContext, 'keyring'>, caller: string): void {
  if (ctx.keyring().node(caller)?.status !== 'active') throw new ProtocolError('SENDER_SUSPENDED');
}
