/**
 * Time limits of either side that have run out, as tasks: silence is an alarm (PRACTICE.md A5). First a supervisor's, then the
 * head's; where the peer is silent, its duty telephone is to be rung. Nothing here ends anything.
 */
import { limitMs } from '#schema/conversation/calendar.ts';
import type { Conversation } from '#schema/conversation/conversation.ts';
import type { Operation } from '../operation.ts';
import type { Limit } from './next-due.ts';
import { closeTasks, insertTask } from './task.ts';

/** How long a supervisor has, and then the head, in milliseconds. */
export const escalationTimes = { routine: limitMs('task-routine'), urgent: limitMs('task-urgent') } as const;

/** Each limit, side and due date is told of once, whatever became of the task. */
const keyOf = (thread: string, { whose, event, dueMs }: Limit): string =>
  `${thread} ${whose} ${event} ${dueMs}`;

/**
 * Limits that have run out now. Ours for an alert stands until it is confirmed, whoever has read it. Of theirs it is said only
 * while their receipt has not said that somebody who may answer has opened ours.
 */
export async function findOverdue(
  op: Operation,
  thread: string,
  limits: readonly Limit[],
): Promise<readonly Limit[]> {
  const overdue = limits.filter((limit) => limit.overdue);
  const isUnreadThere = ({ event, whose }: Limit) => event === 'alert-unread' && whose === 'theirs';
  if (!overdue.some(isUnreadThere)) return overdue;
  const call = await op.trx
    .selectFrom('task')
    .innerJoin('act', 'act.message_id', 'task.message_id')
    .select('task.id')
    .where('act.type', '=', 'URG')
    .where('task.thread', '=', thread)
    .where('task.kind', '=', 'call-duty-phone')
    .where('task.closed_at', 'is', null)
    // An alert of the peer has no stage here: it is ours to read.
    .where('act.stage', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return call ? overdue : overdue.filter((limit) => !isUnreadThere(limit));
}

/** Opens a task for each, once. */
export async function openEscalations(
  op: Operation,
  thread: string,
  { danger, urgency }: Conversation,
  overdue: readonly Limit[],
): Promise<void> {
  const time = escalationTimes[danger || urgency !== 'routine' ? 'urgent' : 'routine'];
  for (const limit of overdue) {
    const call = limit.whose === 'theirs' ? ':call-peer' : '';
    await insertTask(op, {
      kind: 'escalation',
      thread,
      detail: `${limit.whose}:${limit.event}:supervisor${call}`,
      once: keyOf(thread, limit),
      dueAtMs: op.nowMs + time,
    });
  }
}

/**
 * Closes the tasks about limits that have been kept meanwhile, or no longer run.
 * @param by this node's State: the acts say so, and no person needs to
 */
export async function settleEscalations(
  op: Operation,
  thread: string,
  overdue: readonly Limit[],
  by: string,
): Promise<void> {
  const open = await op.trx
    .selectFrom('task')
    .select(['id', 'once'])
    .where('thread', '=', thread)
    .where('kind', '=', 'escalation')
    // Those about a message wait for its receipt (no-receipt.ts).
    .where('message_id', 'is', null)
    .where('closed_at', 'is', null)
    .execute();
  const keys = new Set<string | null>(overdue.map((limit) => keyOf(thread, limit)));
  const settled = open.filter(({ once }) => !keys.has(once));
  await closeTasks(op, settled, { by, reason: 'kept, or no longer due' });
}
