/**
 * A conversation goes to another unit. Who decides in the unit it leaves does that alone: with two to agree it would lie between
 * two desks while a child waits. The unit that gets it is told by a task and may move it on or back, and until it has read
 * itself in, who moved it stays assigned and can be asked.
 */
import { openTask } from '../enquiries/task.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import { assign } from './assign.ts';
import type { AccessContext } from './context.ts';
import { requireUnit } from './find-person.ts';
import { accessLimits } from './limits.ts';

/** @throws AccessError NOT_FOUND, NOT_PERMITTED, UNIT_EMPTY, INPUT_INVALID where it is that unit's already */
export async function moveConversation(
  ctx: AccessContext,
  actor: Actor,
  { thread, unit }: { thread: string; unit: string },
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('conversation.move', thread);
    const row = await op.trx
      .selectFrom('conversation')
      .select(['unit', 'eyes_only'])
      .where('thread', '=', thread)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    if (row.unit === unit) throw new AccessError('INPUT_INVALID');
    await requireUnit(op.trx, unit, ['supervisor', 'head']);
    // Named readers stay those they are, whatever the unit; for all others the mover must still see it to be asked.
    if (!row.eyes_only)
      await assign(op, {
        thread,
        assignee: actor.id,
        by: actor.id,
        untilMs: op.nowMs + accessLimits.moverStaysMs,
      });
    await op.trx.updateTable('conversation').set({ unit }).where('thread', '=', thread).execute();
    await freeTasks(op, thread, row.unit);
    // That there is a conversation for named readers is itself for them alone.
    if (!row.eyes_only) await openTask(op, { kind: 'conversation-moved', thread, unit, openedBy: actor.id });
    await op.audit('conversation.moved', { thread, from: row.unit, to: unit, actor: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}

/** Tasks in the inbox of somebody who will not see the conversation any more become the new unit's. */
async function freeTasks(op: PersonalOperation, thread: string, left: string): Promise<void> {
  await op.trx
    .updateTable('task')
    .set({ assigned_to: null })
    .where('thread', '=', thread)
    .where('closed_at', 'is', null)
    .where('assigned_to', 'in', (eb) => eb.selectFrom('person').select('id').where('unit', '=', left))
    .execute();
}
