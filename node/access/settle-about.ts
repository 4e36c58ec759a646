/**
 * Ends the open tasks about something, because what they asked for has been recorded.
 */
import type { TaskKind } from '../enquiries/tables.ts';
import { closeTasks } from '../enquiries/task.ts';
import type { PersonalOperation } from '../operation.ts';

export async function settleAbout(
  op: PersonalOperation,
  kinds: readonly TaskKind[],
  about: string,
  reason: string,
): Promise<void> {
  const open = await op.trx
    .selectFrom('task')
    .select('id')
    .where('kind', 'in', [...kinds])
    .where('about', '=', about)
    .where('closed_at', 'is', null)
    .execute();
  await closeTasks(op, open, { by: op.actor.id, reason });
}
