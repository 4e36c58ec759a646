/**
 * Small offices: the head names a decider or legal adviser of another office or unit as deputy of a unit, so that there is a second
 * person for what one may not decide alone (PRACTICE.md 1.4). A deputy sees nothing of the unit but what waits for a second person, until that
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
import { isPermitted, rolesThat } from './permit.ts';
import { readFuture } from './read-input.ts';

/**
 * @returns its id
 * @throws AccessError NOT_PERMITTED, STEP_UP_NEEDED, NO_SUCH_PERSON, PERSON_NOT_FIT for whose role is nobody's second or who is of that unit,
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
    const isSecond = SECONDS.some((action) => isPermitted(person.role, action));
    const fits = isSecond && person.unit !== asked.unit && person.id !== actor.id;
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

/** What a second person decides: a deputy is put before what their own role may. */
const SECONDS = [
  'act.approve',
  'act.approve-refusal',
  'clearance.grant',
  'clearance.grant-asylum',
  'clearance.grant-place',
  'guardian.approve',
  'disclosure.approve-outside',
] as const;
export type SecondAct = (typeof SECONDS)[number];

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

export interface WaitsForSecond {
  readonly thread: string;
  /** Whose it is while it is not a conversation yet; null where nobody outside may see that. */
  readonly draftUnit: string | null;
  readonly action: SecondAct;
  readonly by: string;
  readonly untilMs: number;
}

/**
 * Puts what waits for a second person before those deputies of the unit who may decide it, for as long as it may wait; not before who
 * asks, who is not their own second.
 * @returns who they are
 */
export async function callDeputies(op: Operation, waits: WaitsForSecond): Promise<string[]> {
  const { thread, by, untilMs, action } = waits;
  const row = await op.trx
    .selectFrom('conversation')
    .select(['unit', 'eyes_only'])
    .where('thread', '=', thread)
    .executeTakeFirst();
  const unit = row?.unit ?? waits.draftUnit;
  if (row?.eyes_only || unit === null) return [];
  const deputies = await op.trx
    .selectFrom('deputy')
    .innerJoin('person', 'person.id', 'deputy.person')
    .select('deputy.person')
    .distinct()
    .where('deputy.unit', '=', unit)
    .where('deputy.person', '<>', by)
    .where('deputy.ended_at', 'is', null)
    .where('deputy.until', '>', op.nowMs)
    .where('person.role', 'in', [...rolesThat(action)])
    .where('person.disabled_at', 'is', null)
    .execute();
  for (const { person } of deputies) await assign(op, { thread, assignee: person, by, untilMs });
  return deputies.map(({ person }) => person);
}
