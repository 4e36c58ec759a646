/**
 * A person reads a conversation. That they did is committed before anything of it is answered (SECURITY.md, T1).
 */
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { type ConversationRow, requireConversation } from './store.ts';

/** @throws AccessError NOT_PERMITTED; EnquiryError CONVERSATION_UNKNOWN */
export function readConversation(
  ctx: EnquiryContext,
  actor: Actor,
  thread: string,
): Promise<ConversationRow> {
  requirePermission(actor, 'conversation.read');
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const row = await requireConversation(op.trx, thread);
    await op.audit('conversation.read', { thread, actor: actor.id, role: actor.role });
    return row;
  });
}
