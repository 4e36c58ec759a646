/**
 * A person closes a task and says how it was dealt with. Tasks never close by time.
 */
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { type Operation, runAs } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { TaskTable } from './tables.ts';
import { closeTasks, safetyTasks } from './task.ts';

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError TASK_UNKNOWN, REASON_MISSING */
export async function closeTask(
  ctx: EnquiryContext,
  actor: Actor,
  id: string,
  reason: string,
): Promise<void> {
  requirePermission(actor, 'task.close');
  if (reason.trim().length < 10) throw new EnquiryError('REASON_MISSING');
  await runAs(ctx, actor, async (op) => {
    const task = await op.trx
      .selectFrom('task')
      .selectAll()
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!task) throw new EnquiryError('TASK_UNKNOWN');
    if (task.thread !== null) await op.require('task.close', task.thread);
    if (safetyTasks.includes(task.kind)) requirePermission(actor, 'task.close-safety');
    if (safetyTasks.includes(task.kind) || task.kind === 'second-approval-due')
      await requireOther(op, actor, task);
    await closeTasks(op, [task], { by: actor.id, reason: reason.trim() });
    op.afterCommit(() => ctx.changes.publish(task.thread ?? ''));
  });
}

/** What one person sent alone, another looks at. */
async function requireOther(
  op: Operation,
  actor: Actor,
  task: Pick<TaskTable, 'proposal_id' | 'message_id'>,
) {
  const own = await op.trx
    .selectFrom('proposal')
    .select('id')
    .where('proposer', '=', actor.id)
    .where((eb) => eb.or([eb('id', '=', task.proposal_id), eb('message_id', '=', task.message_id)]))
    .executeTakeFirst();
  if (own) throw new AccessError('SAME_PERSON');
}
