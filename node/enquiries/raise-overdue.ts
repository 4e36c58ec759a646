/**
 * What time alone brings about: never an end, always a task for a person. Runs by a timer, and any number of processes may run
 * it at once.
 */
import { sql } from 'kysely';
import { runOperation } from '../operation.ts';
import { callFor, callForClearance, findUncalled, findUncalledClearances } from './call-seconds.ts';
import type { EnquiryContext } from './context.ts';
import { findUnreadUrgent } from './find-unread-urgent.ts';
import { calendarFor, nextAlarm, runningLimits } from './next-due.ts';
import { findUnreceipted, raiseUnreceipted } from './no-receipt.ts';
import { findOverdue, openEscalations } from './overdue-limits.ts';
import { recountDueDates } from './recount-due-dates.ts';
import { foldThread } from './refresh-conversation.ts';
import { lockConversation } from './store.ts';
import { insertTask } from './task.ts';
import { tellOfTask } from './tell-of-task.ts';
import { findUntoldWords, tellOfWord } from './tell-of-words.ts';
import { lapseIfOver } from './waiting-proposal.ts';

/**
 * Lets proposals lapse that nobody has approved, opens an incident for each alert whose second approval has not come in time, escalates
 * receipts that are out too long and time limits of either side that have run out, calls second persons whom nobody has called, and
 * tells who watches of unread alerts. One that fails holds up no other.
 * @throws the first error there was, at the end
 */
export async function raiseOverdue(ctx: EnquiryContext): Promise<void> {
  const failures: unknown[] = [];
  const all = async <T>(found: readonly T[], raise: (one: T) => Promise<void>) => {
    for (const one of found) await raise(one).catch((error) => failures.push(error));
  };
  await all(await findUnapproved(ctx), (proposal) => raiseIncident(ctx, proposal));
  await all(await findLapsed(ctx), ({ id }) =>
    runOperation(ctx.doors.jobs, ctx.surroundings, (op) => lapseIfOver(ctx, op, id)),
  );
  await all(await findUncalled(ctx), ({ id }) => callFor(ctx, id));
  await all(await findUncalledClearances(ctx), (waits) => callForClearance(ctx, waits));
  await all(await findUnreceipted(ctx), (act) => raiseUnreceipted(ctx, act));
  await all(await findSilent(ctx), ({ thread }) => escalate(ctx, thread));
  await all(await findUnanswered(ctx), ({ id }) => escalateFurther(ctx, id));
  await all(await findUntoldWords(ctx), (word) => tellOfWord(ctx, word));
  for (const { thread } of await findUnreadUrgent(ctx, ctx.doors.jobs)) ctx.changes.publish(thread);
  if (failures.length > 0) throw failures[0];
}

/** Alerts that one person sent and nobody has approved in time. */
function findUnapproved(ctx: EnquiryContext) {
  const nowMs = ctx.surroundings.nowMs();
  return (
    ctx.doors.jobs
      .selectFrom('proposal')
      .select(['id', 'thread', 'message_id', 'proposer'])
      // One that grew old may have arrived all the same, and its sender cannot take it back alone.
      .where('status', 'in', ['released', 'stale'])
      .where('approver', 'is', null)
      .where('second_due_at', '<', nowMs)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('task')
              .select('task.id')
              .where('task.kind', '=', 'incident')
              .whereRef('task.proposal_id', '=', 'proposal.id'),
          ),
        ),
      )
      .execute()
  );
}

async function raiseIncident(
  ctx: EnquiryContext,
  proposal: { id: string; thread: string; message_id: string | null; proposer: string },
): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    await insertTask(op, {
      kind: 'incident',
      once: `incident ${proposal.id}`,
      thread: proposal.thread,
      proposalId: proposal.id,
      detail: 'second-approval-missing',
      except: [proposal.proposer],
      ...(proposal.message_id !== null && { messageId: proposal.message_id }),
    });
    op.afterCommit(() => ctx.changes.publish(proposal.thread));
  });
}

/** At most this many a round, the longest overdue first: the next round comes in a minute. */
const ROUND = 200;

/** Proposals that nobody has approved in their time, the longest over first. */
const findLapsed = (ctx: EnquiryContext) =>
  ctx.doors.jobs
    .selectFrom('proposal')
    .select('id')
    .where('status', '=', 'waiting')
    .where('expires_at', '<', ctx.surroundings.nowMs())
    .orderBy('expires_at')
    .limit(ROUND)
    .execute();

/** Conversations in which a limit of either side has run out since somebody was last told. */
const findSilent = (ctx: EnquiryContext) =>
  ctx.doors.jobs
    .selectFrom('conversation')
    .select('thread')
    .where('alarm_at', '<', ctx.surroundings.nowMs())
    .orderBy('alarm_at')
    .limit(ROUND)
    .execute();

async function escalate(ctx: EnquiryContext, thread: string): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const row = await lockConversation(op.trx, thread);
    if (!row) return;
    const { conversation } = await foldThread(op, thread);
    const limits = runningLimits(conversation, row.side, op.nowMs, calendarFor(ctx, row));
    await openEscalations(op, thread, conversation, await findOverdue(op, thread, limits));
    await op.trx
      .updateTable('conversation')
      .set({ alarm_at: nextAlarm(limits, op.nowMs, true) })
      .where('thread', '=', thread)
      .execute();
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}

/** Escalations that no supervisor has answered in their time. */
const findUnanswered = (ctx: EnquiryContext) =>
  ctx.doors.jobs
    .selectFrom('task')
    .select('id')
    .where('kind', '=', 'escalation')
    .where('closed_at', 'is', null)
    .where('due_at', '<', ctx.surroundings.nowMs())
    .where('detail', 'like', '%:supervisor%')
    .orderBy('due_at')
    .limit(ROUND)
    .execute();

/** To the head of office, who has as long as the supervisor had. */
async function escalateFurther(ctx: EnquiryContext, id: string): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const task = await op.trx
      .updateTable('task')
      .set({
        detail: sql`replace(detail, ':supervisor', ':head')`,
        due_at: sql`${op.nowMs}::bigint + due_at - opened_at`,
      })
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .where('due_at', '<', op.nowMs)
      .returning(['id', 'kind', 'thread', 'detail'])
      .executeTakeFirst();
    if (!task) return;
    await op.audit('task.escalated', task);
    const { thread, detail } = task;
    await tellOfTask(op, { kind: 'escalation', ...(thread !== null && { thread }), detail: detail! });
    op.afterCommit(() => ctx.changes.publish(task.thread ?? ''));
  });
}

/**
 * Looks every minute until closed, and counts due dates anew where another trust list has come. Errors go to `onError`; the next
 * round comes all the same.
 */
export function watchTimes(
  ctx: EnquiryContext,
  onError: (error: unknown) => void,
  everyMs = 60_000,
): { close: () => Promise<void> } {
  let round = Promise.resolve();
  let countedByList = 0;
  const look = async () => {
    await raiseOverdue(ctx);
    const list = ctx.listVersion();
    if (list !== countedByList) await recountDueDates(ctx);
    countedByList = list;
  };
  const timer = setInterval(() => {
    round = round.then(look).catch(onError);
  }, everyMs);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      return round;
    },
  };
}
