/**
 * A decider of its unit lets a person work on a conversation or a case file: somebody of another unit, a local case worker, a legal adviser.
 * What has ended is over with the next request, since every request asks anew.
 */
import type { Selectable } from 'kysely';
import { type PersonalOperation, runAs } from '../operation.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import { assign } from './assign.ts';
import type { AccessContext } from './context.ts';
import { findWorker } from './find-person.ts';
import { accessLimits } from './limits.ts';
import { readFuture } from './read-input.ts';
import { readStandings } from './standing.ts';
import type { AssignmentTable } from './tables.ts';

/**
 * @param until ISO 8601; without it, until somebody ends it
 * @returns the assignment's id
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, ADMIT_A_READER, NO_SUCH_PERSON, PERSON_NOT_FIT, TIME_INVALID
 */
export async function assignConversation(
  ctx: AccessContext,
  actor: Actor,
  asked: { thread: string; person: string; until?: string | undefined },
): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    const { thread, person } = asked;
    await op.require('assignment.give', thread);
    await refuseNamedReaders(op, thread);
    await findWorker(op.trx, person);
    const untilMs =
      asked.until === undefined ? null : readFuture(asked.until, op.nowMs, accessLimits.longestMs);
    op.afterCommit(() => ctx.changes.publish(thread));
    return assign(op, { thread, assignee: person, by: actor.id, untilMs });
  });
}

/** Being assigned lets nobody read what is for named readers; saying so is for those who read it anyway. */
async function refuseNamedReaders(op: PersonalOperation, thread: string): Promise<void> {
  const standing = (await readStandings(op.trx, [thread])).get(thread);
  if (!standing || standing.draftedBy !== null) throw new AccessError('NOT_FOUND');
  if (standing.eyesOnly) throw new AccessError('ADMIT_A_READER');
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED, ALREADY_DECIDED */
export async function endAssignment(ctx: AccessContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx.selectFrom('assignment').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    await op.require('assignment.give', row.thread);
    const open = op.trx.updateTable('assignment').where('id', '=', id).where('ended_at', 'is', null);
    const { numUpdatedRows } = await open.set({ ended_at: op.nowMs }).executeTakeFirst();
    if (numUpdatedRows === 0n) throw new AccessError('ALREADY_DECIDED');
    const { thread, assignee } = row;
    await op.audit('assignment.ended', { id, thread, assignee, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}

export type AssignmentRow = Selectable<AssignmentTable>;
