/**
 * Ends the open tasks about something, because what they asked for has been recorded.
 */
import type { TaskKind } from '../enquiries/tables.ts';
import type { PersonalOperation } from '../operation.ts';

export async function settleAbout(
  op: PersonalOperation,
  kinds: readonly TaskKind[],
  about: string,
  reason: string,
): Promise<void> {
  const closed = await op.trx
    .updateTable('task')
    .set({ closed_at: op.nowMs, closed_by: op.actor.id, reason })
    .where('kind', 'in', [...kinds])
    .where('about', '=', about)
    .where('closed_at', 'is', null)
    .returning(['id', 'kind', 'thread'])
    .execute();
  for (const task of closed) await op.audit('task.closed', { ...task, actor: op.actor.id });
}
