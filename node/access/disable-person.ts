/**
 * The head of office disables a person: their sessions end in this transaction, so the next request of theirs is refused. What
 * waits for them alone becomes a task of their unit.
 */
import { openTask } from '../enquiries/task.ts';
import { runAs } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { requireAllowed } from './decide.ts';
import { findPerson } from './find-person.ts';
import { readReason } from './read-input.ts';
import { endSessions } from './sessions.ts';
import { sealedPerson } from './tables.ts';
import { findUnattended } from './unattended.ts';

/** @throws AccessError NOT_PERMITTED, STEP_UP_NEEDED, REASON_MISSING, NO_SUCH_PERSON, SAME_PERSON, ALREADY_DECIDED */
export async function disablePerson(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  why: string,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    requireAllowed(actor, 'person.manage', { proposer: id }, op.nowMs);
    const reason = readReason(why);
    const person = await findPerson(op.trx, id);
    const sealed = await sealColumns(op, sealedPerson, { id }, { disabled_reason: reason });
    const { numUpdatedRows } = await op.trx
      .updateTable('person')
      .set({ disabled_at: op.nowMs, disabled_by: actor.id, ...sealed })
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new AccessError('ALREADY_DECIDED');
    await endSessions(op, { person: id }, 'disabled');
    const left = await findUnattended(op.trx, op.nowMs, id);
    if (left.length > 0)
      await openTask(op, {
        kind: 'work-left',
        unit: person.unit,
        about: id,
        detail: String(left.length),
        except: [id],
      });
    await op.audit('person.disabled', { person: id, actor: actor.id });
  });
}
