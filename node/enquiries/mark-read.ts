/**
 * A person has opened acts of the peer. For urgent ones the sender is told so by a signed receipt: at three in the morning
 * the difference between "arrived" and "somebody has read it" decides whether to telephone (PRACTICE.md A20).
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Actor } from '../access/actor.ts';
import { requestOpenedReceipt } from '../exchange/request-opened.ts';
import { runAs } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { lockConversation } from './store.ts';
import { settleTasks } from './task.ts';

/**
 * Marks every unread act of a conversation as opened by this person; repeating it changes nothing.
 * @returns how many acts were unread
 * @throws AccessError NOT_PERMITTED; EnquiryError CONVERSATION_UNKNOWN
 */
export async function markRead(ctx: EnquiryContext, actor: Actor, thread: string): Promise<number> {
  return runAs(ctx, actor, async (op) => {
    if (!(await lockConversation(op.trx, thread))) throw new EnquiryError('CONVERSATION_UNKNOWN');
    await op.require('act.mark-read', thread);
    const opened = await op.trx
      .updateTable('act')
      .set({ read_by: actor.id, read_at: op.nowMs })
      .where('thread', '=', thread)
      .where('stage', 'is', null)
      .where('read_at', 'is', null)
      .returning(['message_id', 'lane'])
      .execute();
    await op.trx
      .updateTable('conversation')
      .set({ last_read_at: op.nowMs })
      .where('thread', '=', thread)
      .execute();
    if (opened.length === 0) return 0;
    const messageIds = opened.map((act) => act.message_id);
    await op.audit('act.read', { thread, messageIds, actor: actor.id });
    const urgent = opened.filter((act) => act.lane === 'urgent').map((act) => act.message_id as MessageId);
    for (const messageId of urgent) await requestOpenedReceipt(op, messageId);
    await settleTasks(op, {
      kind: 'call-duty-phone',
      messageIds: urgent,
      by: actor.id,
      reason: 'opened by a person',
    });
    await refreshConversation(op, ctx, thread);
    return opened.length;
  });
}
