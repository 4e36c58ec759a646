/**
 * Acts of ours for which the peer's node has signed nothing in time: it may be dead, and the mailbox would keep them for a month
 * without anybody knowing. A person telephones; the message waits on. Where an alert waits to be read, somebody is asked to ring
 * already (find-unread-urgent.ts).
 */
import { addLimit, calendarOf } from '#schema/conversation/calendar.ts';
import { type TimeLimitId, timeLimit } from '#schema/vocabulary/time-limits.ts';
import { type Operation, runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { escalationTimes } from './overdue-limits.ts';
import { insertTask, settleTasks } from './task.ts';

/** Of a limit in minutes or hours, which no calendar changes; milliseconds. */
const lengthMs = (id: TimeLimitId): number => addLimit(0, timeLimit(id).value, calendarOf(undefined));

/** How long a receipt may be out, in milliseconds. Of what is urgent nobody there has read anything either: the stricter row holds. */
const limitMs = {
  routine: lengthMs('transport-receipt'),
  urgent: Math.min(lengthMs('transport-receipt'), lengthMs('alert-unread')),
} as const;

type Lane = keyof typeof limitMs;
/** At most this many a round, the longest out first. */
const ROUND = 200;

/** Acts of ours whose receipt is overdue and of which nobody has been told. */
export function findUnreceipted(ctx: EnquiryContext) {
  const nowMs = ctx.surroundings.nowMs();
  return ctx.doors.jobs
    .selectFrom('act')
    .select(['message_id', 'thread', 'lane'])
    .where('stage', 'in', ['queued', 'relayed'])
    .where((eb) =>
      eb.or(
        (['routine', 'urgent'] as const).map((lane) =>
          eb.and([eb('lane', '=', lane), eb('at', '<', nowMs - limitMs[lane])]),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('task')
            .select('task.id')
            .where('task.kind', 'in', ['escalation', 'call-duty-phone'])
            .whereRef('task.message_id', '=', 'act.message_id'),
        ),
      ),
    )
    .orderBy('at')
    .limit(ROUND)
    .execute();
}

/** A supervisor's task, once for each message; unanswered it goes to the head of office, as all escalations do. */
export async function raiseUnreceipted(
  ctx: EnquiryContext,
  act: { message_id: string; thread: string; lane: Lane },
): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    await insertTask(op, {
      kind: 'escalation',
      thread: act.thread,
      messageId: act.message_id,
      detail: 'theirs:transport-receipt:supervisor:call-peer',
      once: `no-receipt ${act.message_id}`,
      dueAtMs: op.nowMs + escalationTimes[act.lane],
    });
    op.afterCommit(() => ctx.changes.publish(act.thread));
  });
}

/** Something is known of the message now: a receipt has come, or it was given up, which has a task of its own. */
export const settleUnreceipted = (op: Operation, messageId: string, reason: string): Promise<void> =>
  settleTasks(op, { kind: 'escalation', messageIds: [messageId], by: 'peer', reason });
