/**
 * A person closes a task and says how it was dealt with. Tasks never close by time.
 */
import type { State } from '#schema/protocol/ids.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { decidesIn } from '../access/decide.ts';
import { requirePermission } from '../access/permit.ts';
import { type Operation, type PersonalOperation, runAs } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { requireConversation } from './store.ts';
import type { TaskTable } from './tables.ts';
import { closeTasks, safetyTasks, settledByAct } from './task.ts';

/** @throws AccessError NOT_PERMITTED, SAME_PERSON, NEEDS_A_FINDING; EnquiryError TASK_UNKNOWN, REASON_MISSING, ALERT_UNCONFIRMED */
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
    if (!task || (task.unit !== null && !decidesIn(actor, task.unit))) throw new EnquiryError('TASK_UNKNOWN');
    if (settledByAct.includes(task.kind)) throw new AccessError('NEEDS_A_FINDING');
    if (task.about === actor.id) throw new AccessError('SAME_PERSON');
    if (task.thread !== null) await op.require('task.close', task.thread);
    if (task.kind === 'call-duty-phone') await requireAnswerer(ctx, op, task);
    if (safetyTasks.includes(task.kind)) requirePermission(actor, 'task.close-safety');
    if (safetyTasks.includes(task.kind) || task.kind === 'second-approval-due')
      await requireOther(op, actor, task);
    await closeTasks(op, [task], { by: actor.id, reason: reason.trim() });
    op.afterCommit(() => ctx.changes.publish(task.thread ?? ''));
  });
}

/**
 * An alarm ends by the word of who may answer it; one of the other State not by a word here at all, as long as an acknowledgement
 * can leave: nobody there would know who has it.
 */
async function requireAnswerer(
  ctx: EnquiryContext,
  op: PersonalOperation,
  { thread, detail }: Pick<TaskTable, 'thread' | 'detail'>,
): Promise<void> {
  await op.require('alert.confirm', thread!);
  if (detail !== 'theirs') return;
  const { peer } = await requireConversation(op.trx, thread!);
  const isActive = (state: string) => ctx.peerProfile(state as State)?.status === 'active';
  if (isActive(peer) && isActive(ctx.state)) throw new EnquiryError('ALERT_UNCONFIRMED');
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
