/**
 * Another trust list may name other working days: the due dates that the inbox sorts by are counted anew from the acts.
 * Nothing else of a conversation is touched, so none of them shows as changed.
 */
import { runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { calendarFor, nextAlarm, ownDueDates, runningLimits } from './next-due.ts';
import { foldThread } from './refresh-conversation.ts';
import { lockConversation } from './store.ts';

/** Counts the next due date of every conversation that has one by the list in force. */
export async function recountDueDates(ctx: EnquiryContext): Promise<void> {
  const due = await ctx.doors.jobs
    .selectFrom('conversation')
    .select('thread')
    .where('due_at', 'is not', null)
    .execute();
  for (const { thread } of due) await recount(ctx, thread);
}

async function recount(ctx: EnquiryContext, thread: string): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const row = await lockConversation(op.trx, thread);
    if (!row) return;
    const { conversation } = await foldThread(op, thread);
    const calendar = calendarFor(ctx, row);
    const [next] = ownDueDates(conversation, row.side, op.nowMs, calendar);
    const dueAt = next?.dueMs ?? null;
    const alarmAt = nextAlarm(runningLimits(conversation, row.side, op.nowMs, calendar), op.nowMs, false);
    if (dueAt === row.due_at && alarmAt === row.alarm_at) return;
    await op.trx
      .updateTable('conversation')
      .set({ due_at: dueAt, alarm_at: alarmAt })
      .where('thread', '=', thread)
      .execute();
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}
