/**
 * What time alone brings about among people: never an end, always a task for a person. Runs by a timer, and any number of
 * processes may run it at once.
 */
import { type NewTask, openTask } from '../enquiries/task.ts';
import { runOperation } from '../operation.ts';
import { accessLimits } from './limits.ts';
import { SETTLES, tellAuthorityByMs } from './report-breach.ts';
import {
  openReadingReviews,
  raiseManyReadings,
  raiseManySearches,
  takeTurn,
  type WatchContext,
} from './watch-readings.ts';

/** One round of everything; what fails stops the round and is tried again with the next. */
export async function watchPeopleOnce(ctx: WatchContext): Promise<void> {
  await raiseManyReadings(ctx);
  await raiseManySearches(ctx);
  await raiseOverdueNeeds(ctx);
  await raiseDeferrals(ctx);
  await raiseBreachClocks(ctx);
  await openReadingReviews(ctx);
}

/** What was opened in need and nobody looked at in time goes to the head as well. */
async function raiseOverdueNeeds(ctx: WatchContext): Promise<void> {
  const late = await ctx.doors.jobs
    .selectFrom('break_glass')
    .select(['id', 'thread', 'unit', 'person'])
    .where('reviewed_at', 'is', null)
    .where('review_due_at', '<', ctx.surroundings.nowMs())
    .execute();
  if (late.length === 0) return;
  const head = await ctx.doors.jobs
    .selectFrom('person')
    .select('id')
    .where('role', '=', 'head')
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const assigned = head && { assignedTo: head.id };
  for (const { id, thread, unit, person } of late)
    await openOnce(ctx, { kind: 'need-overdue', thread, unit, about: id, except: [person], ...assigned });
}

/** That the child's side is not told of a disclosure is looked at again on its day. */
async function raiseDeferrals(ctx: WatchContext): Promise<void> {
  const due = await ctx.doors.jobs
    .selectFrom('disclosure')
    .innerJoin('conversation', 'conversation.thread', 'disclosure.thread')
    .select(['message_id', 'disclosure.thread', 'unit', 'eyes_only'])
    .where('review_at', '<=', ctx.surroundings.nowMs())
    .execute();
  for (const row of due)
    await openOnce(ctx, {
      kind: 'deferral-review',
      thread: row.thread,
      about: row.message_id,
      // Of a conversation for named readers, they alone hear that it is there.
      ...(row.eyes_only ? {} : { unit: row.unit }),
    });
}

/** Nobody has told the authority of a breach, nor said why it need not be told, and its time is nearly over, or over. */
async function raiseBreachClocks(ctx: WatchContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const running = await ctx.doors.jobs
    .selectFrom('breach')
    .select(['id', 'unit', 'noticed_at'])
    .where('closed_at', 'is', null)
    .where('noticed_at', '<=', nowMs - accessLimits.breachMs + accessLimits.breachWarningMs)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('breach_note')
            .select('breach_note.id')
            .whereRef('breach_note.breach', '=', 'breach.id')
            .where('breach_note.step', 'in', [...SETTLES]),
        ),
      ),
    )
    .execute();
  for (const { id, unit, noticed_at } of running) {
    const dueAtMs = tellAuthorityByMs({ noticed_at });
    await openOnce(ctx, { kind: 'breach-due', unit, about: id, dueAtMs });
    if (dueAtMs <= nowMs) await openOnce(ctx, { kind: 'breach-overdue', unit, about: id, dueAtMs });
  }
}

function openOnce(ctx: WatchContext, task: NewTask & { readonly about: string }): Promise<void> {
  return runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    await takeTurn(op, `${task.kind} ${task.about}`);
    await openTask(op, task);
  });
}

/** Looks every minute until closed. Errors go to `onError`; the next round comes all the same. */
export function watchPeople(
  ctx: WatchContext,
  onError: (error: unknown) => void,
  everyMs = 60_000,
): { close: () => Promise<void> } {
  let round = Promise.resolve();
  const timer = setInterval(() => {
    round = round.then(() => watchPeopleOnce(ctx)).catch(onError);
  }, everyMs);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      return round;
    },
  };
}
