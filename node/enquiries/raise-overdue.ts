/**
 * What time alone brings about: never an end, always a task for a person. Runs by a timer, and any number of processes may run
 * it at once.
 */
import { runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { findUnreadUrgent } from './find-unread-urgent.ts';
import { recountDueDates } from './recount-due-dates.ts';
import { openTask } from './task.ts';

/** Opens an incident for each alert whose second approval has not come in time, and tells who watches of unread alerts. */
export async function raiseOverdue(ctx: EnquiryContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const late = await ctx.db
    .selectFrom('proposal')
    .select(['id', 'thread', 'message_id'])
    .where('status', '=', 'released')
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
    .execute();
  for (const proposal of late) await raiseIncident(ctx, proposal);
  for (const { thread } of await findUnreadUrgent(ctx)) ctx.changes.publish(thread);
}

async function raiseIncident(
  ctx: EnquiryContext,
  proposal: { id: string; thread: string; message_id: string | null },
): Promise<void> {
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    // The row is the lock: two timers open one incident.
    await op.trx
      .selectFrom('proposal')
      .select('id')
      .where('id', '=', proposal.id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    await openTask(op, {
      kind: 'incident',
      thread: proposal.thread,
      proposalId: proposal.id,
      detail: 'second-approval-missing',
      ...(proposal.message_id !== null && { messageId: proposal.message_id }),
    });
    op.afterCommit(() => ctx.changes.publish(proposal.thread));
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
