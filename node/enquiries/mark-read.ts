/**
 * A person has opened acts of the peer. For urgent ones the sender is told so by a signed receipt: at three in the morning
 * the difference between "arrived" and "somebody has read it" decides whether to telephone (PRACTICE.md A20).
 *
 * The sender stops telephoning on that word, so it is given only when somebody has opened it who may answer: an officer, a
 * supervisor or the head, and not by an opening in need. What a case worker or an adviser reads is recorded and no more. Reading
 * never ends an alarm here: confirming does (confirm-alert.ts).
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import { readStandings } from '../access/standing.ts';
import { requestOpenedReceipt } from '../exchange/request-opened.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { lockConversation } from './store.ts';

/**
 * Marks every unread act of a conversation as opened by this person; repeating it changes nothing.
 * @returns how many acts were unread
 * @throws AccessError NOT_PERMITTED; EnquiryError CONVERSATION_UNKNOWN
 */
export async function markRead(ctx: EnquiryContext, actor: Actor, thread: string): Promise<number> {
  return runAs(ctx, actor, async (op) => {
    if (!(await lockConversation(op.trx, thread))) throw new EnquiryError('CONVERSATION_UNKNOWN');
    await op.require('act.mark-read', thread);
    return noteRead(ctx, op, thread);
  });
}

/**
 * The same in the caller's transaction, where the conversation is locked and the person may.
 * @param only these messages; without it all of the conversation
 */
export async function noteRead(
  ctx: EnquiryContext,
  op: PersonalOperation,
  thread: string,
  only?: readonly string[],
): Promise<number> {
  const read = await op.trx
    .updateTable('act')
    .set({ read_by: op.actor.id, read_at: op.nowMs })
    .where('thread', '=', thread)
    .where('stage', 'is', null)
    .where('read_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('message_id', 'in', [...only!]))
    .returning('message_id')
    .execute();
  await op.trx
    .updateTable('conversation')
    .set({ last_read_at: op.nowMs })
    .where('thread', '=', thread)
    .execute();
  const told = await tellOpened(op, thread, only);
  if (read.length === 0 && told.length === 0) return 0;
  const messageIds = read.map((act) => act.message_id);
  await op.audit('act.read', { thread, messageIds, told, actor: op.actor.id });
  await refreshConversation(op, ctx, thread);
  return read.length;
}

/** Urgent acts whose sender is told now, also where somebody who may not answer had read them before. */
async function tellOpened(op: PersonalOperation, thread: string, only?: readonly string[]) {
  const standing = (await readStandings(op.trx, [thread])).get(thread);
  if (!decide(op.actor, 'alert.confirm', { standing }, op.nowMs).allow) return [];
  const urgent = await op.trx
    .selectFrom('act')
    .select('message_id')
    .where('thread', '=', thread)
    .where('stage', 'is', null)
    .where('lane', '=', 'urgent')
    .$if(only !== undefined, (query) => query.where('message_id', 'in', [...only!]))
    .orderBy('n')
    .execute();
  const told: string[] = [];
  for (const { message_id: id } of urgent) if (await requestOpenedReceipt(op, id as MessageId)) told.push(id);
  return told;
}
