/**
 * Small offices: the head names a decider of another office or unit as deputy of a unit, so that there is a second person for what
 * one may not decide alone (PRACTICE.md 1.4). A deputy sees nothing of the unit but what waits for a second person, until that
 * is decided or its time is over, and nothing that is for named readers.
 */
import { type Operation, runAs } from '../operation.ts';
import { AccessError } from './access-error.ts';
import { type Actor, roles } from './actor.ts';
import { assign } from './assign.ts';
import type { AccessContext } from './context.ts';
import { requireAllowed } from './decide.ts';
import { findWorker, requireUnit } from './find-person.ts';
import { accessLimits } from './limits.ts';
import { isPermitted } from './permit.ts';
import { readFuture } from './read-input.ts';

/**
 * @returns its id
 * @throws AccessError NOT_PERMITTED, STEP_UP_NEEDED, NO_SUCH_PERSON, PERSON_NOT_FIT for who does not decide or is of that unit,
 *   UNIT_EMPTY, TIME_INVALID
 */
export async function nameDeputy(
  ctx: AccessContext,
  actor: Actor,
  asked: { person: string; unit: string; until: string },
): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    requireAllowed(actor, 'deputy.name', {}, op.nowMs);
    const person = await findWorker(op.trx, asked.person);
    const fits =
      isPermitted(person.role, 'act.approve') && person.unit !== asked.unit && person.id !== actor.id;
    if (!fits) throw new AccessError('PERSON_NOT_FIT');
    await requireUnit(op.trx, asked.unit, roles);
    const until = readFuture(asked.until, op.nowMs, accessLimits.longestMs);
    const id = `deputy-${Buffer.from(op.random(12)).toString('hex')}`;
    const { unit } = asked;
    const given = { given_by: actor.id, given_at: op.nowMs, until, ended_at: null };
    await op.trx
      .insertInto('deputy')
      .values({ id, person: person.id, unit, ...given })
      .execute();
    await op.audit('deputy.named', { id, person: person.id, unit, until, actor: actor.id });
    return id;
  });
}

/** What waits already is decided by whom it was put before. @throws AccessError NOT_PERMITTED, NOT_FOUND, ALREADY_DECIDED */
export async function endDeputy(ctx: AccessContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    requireAllowed(actor, 'deputy.name', {}, op.nowMs);
    const row = await op.trx.selectFrom('deputy').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    if (row.ended_at !== null || row.until <= op.nowMs) throw new AccessError('ALREADY_DECIDED');
    await op.trx.updateTable('deputy').set({ ended_at: op.nowMs }).where('id', '=', id).execute();
    await op.audit('deputy.ended', { id, person: row.person, unit: row.unit, actor: actor.id });
  });
}

/**
 * Puts what waits for a second person before the deputies of the unit, for as long as it may wait.
 * @param draftUnit whose it is while it is not a conversation yet
 */
export async function callDeputies(
  op: Operation,
  waits: { thread: string; draftUnit: string | null; by: string; untilMs: number },
): Promise<void> {
  const { thread, by, untilMs } = waits;
  const row = await op.trx
    .selectFrom('conversation')
    .select(['unit', 'eyes_only'])
    .where('thread', '=', thread)
    .executeTakeFirst();
  const unit = row?.unit ?? waits.draftUnit;
  if (row?.eyes_only || unit === null) return;
  const deputies = await op.trx
    .selectFrom('deputy')
    .select('person')
    .distinct()
    .where('unit', '=', unit)
    .where('ended_at', 'is', null)
    .where('until', '>', op.nowMs)
    .execute();
  for (const { person } of deputies) await assign(op, { thread, assignee: person, by, untilMs });
}
