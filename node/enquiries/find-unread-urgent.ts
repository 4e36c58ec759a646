/**
 * Alerts that for half an hour nobody here has confirmed, or nobody there has opened, and whom to telephone about each. A pure
 * query: who rings is a person, and what reminds them is a timer elsewhere.
 */
import { limitMs } from '#schema/conversation/calendar.ts';
import type { State } from '#schema/protocol/ids.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { EnquiryContext } from './context.ts';
import type { Db } from './store.ts';

/** In milliseconds. */
export const UNREAD_LIMIT_MS = limitMs('alert-unread');

export interface UnreadUrgent {
  readonly messageId: string;
  readonly thread: string;
  readonly peer: string;
  /** `theirs`: nobody here has confirmed it, ring our own duty officer. `ours`: nobody there who may answer has opened it, ring theirs. */
  readonly author: 'ours' | 'theirs';
  readonly sinceMs: number;
  /** Duty telephones of the office that is silent; empty if the trust list names none. */
  readonly call: ListedNode['profile']['dutyPhones'];
}

/** Oldest first. */
export async function findUnreadUrgent(ctx: EnquiryContext, db: Db): Promise<UnreadUrgent[]> {
  const before = ctx.surroundings.nowMs() - UNREAD_LIMIT_MS;
  const rows = await db
    .selectFrom('task')
    .innerJoin('act', 'act.message_id', 'task.message_id')
    .innerJoin('conversation', 'conversation.thread', 'act.thread')
    .select(['act.message_id', 'act.thread', 'act.stage', 'task.opened_at', 'conversation.peer'])
    // Theirs until somebody here has confirmed it; ours until the peer has opened or answered it, or somebody has telephoned.
    .where('task.kind', '=', 'call-duty-phone')
    .where('task.closed_at', 'is', null)
    .where('task.opened_at', '<=', before)
    .orderBy('task.opened_at')
    .orderBy('task.id')
    .execute();
  return rows.map((row) => {
    const author = row.stage === null ? 'theirs' : 'ours';
    const office = ctx.peerProfile((author === 'ours' ? row.peer : ctx.state) as State);
    const { message_id: messageId, thread, peer, opened_at: sinceMs } = row;
    return { messageId, thread, peer, author, sinceMs, call: office?.profile.dutyPhones ?? [] };
  });
}
