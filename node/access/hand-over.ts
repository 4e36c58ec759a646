/**
 * Somebody is away: another of the unit stands in until they are back. What passes on is work, not rights: conversations the
 * absent person is assigned to, tasks that wait for them, proposals of theirs that may be withdrawn or submitted again. Who
 * stands in decides nothing they could not decide anyway, and reads nothing that is for named readers.
 */

import { type Operation, type PersonalOperation, runAs } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { decidesIn } from './decide.ts';
import { type Colleague, findPerson, findWorker } from './find-person.ts';
import { accessLimits } from './limits.ts';
import { sealedHandOver } from './people-tables.ts';
import { requirePermission } from './permit.ts';
import { readFuture } from './read-input.ts';

export interface AskedHandOver {
  readonly from: string;
  /** Left out where nobody has been found yet: then what waits for the absent person shows as left. */
  readonly to?: string | undefined;
  /** ISO 8601. */
  readonly until: string;
  readonly note?: string | undefined;
}

/**
 * By the person who goes, or by who decides in their unit. A new one takes the place of one that stands.
 * @returns its id
 * @throws AccessError NOT_PERMITTED, NO_SUCH_PERSON, PERSON_NOT_FIT, TIME_INVALID
 */
export async function handOver(ctx: AccessContext, actor: Actor, asked: AskedHandOver): Promise<string> {
  requirePermission(actor, 'work.hand-over');
  return runAs(ctx, actor, async (op) => {
    const from = await findPerson(op.trx, asked.from);
    requireOwnOrDecider(actor, from.id, from.unit);
    const until = readFuture(asked.until, op.nowMs, accessLimits.longestMs);
    if (asked.to !== undefined) await requireStandIn(op, from, asked.to);
    await endOpen(op, from.id);
    const id = `hand-over-${Buffer.from(op.random(12)).toString('hex')}`;
    const persons = { from_person: from.id, to_person: asked.to ?? null, unit: from.unit };
    const note = asked.note?.trim() || null;
    const sealed = await sealColumns(op, sealedHandOver, { id }, { note });
    await op.trx
      .insertInto('hand_over')
      .values({
        id,
        ...persons,
        given_by: actor.id,
        given_at: op.nowMs,
        until,
        ...sealed,
        ended_at: null,
      })
      .execute();
    await op.audit('work.handed-over', { id, from: from.id, to: asked.to ?? null, until, actor: actor.id });
    return id;
  });
}

/** Back earlier. @throws AccessError NOT_FOUND, NOT_PERMITTED, ALREADY_DECIDED */
export async function endHandOver(ctx: AccessContext, actor: Actor, id: string): Promise<void> {
  requirePermission(actor, 'work.hand-over');
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx.selectFrom('hand_over').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    requireOwnOrDecider(actor, row.from_person, row.unit);
    if (row.ended_at !== null || row.until <= op.nowMs) throw new AccessError('ALREADY_DECIDED');
    await endOpen(op, row.from_person);
  });
}

/** Whether this person does the other's work now. */
export async function standsInFor(op: Operation, actor: Actor, other: string): Promise<boolean> {
  const row = await op.trx
    .selectFrom('hand_over')
    .select('id')
    .where('from_person', '=', other)
    .where('to_person', '=', actor.id)
    .where('ended_at', 'is', null)
    .where('until', '>', op.nowMs)
    .executeTakeFirst();
  return row !== undefined;
}

function requireOwnOrDecider(actor: Actor, person: string, unit: string): void {
  if (actor.id !== person && !decidesIn(actor, unit)) throw new AccessError('NOT_PERMITTED');
}

/** Of the same unit, since only its people see its conversations; there, and not away themselves. */
async function requireStandIn(op: PersonalOperation, from: Colleague, to: string): Promise<void> {
  const person = await findWorker(op.trx, to);
  const away = await op.trx
    .selectFrom('hand_over')
    .select('id')
    .where('from_person', '=', to)
    .where('ended_at', 'is', null)
    .where('until', '>', op.nowMs)
    .executeTakeFirst();
  if (person.unit !== from.unit || person.id === from.id || away) throw new AccessError('PERSON_NOT_FIT');
}

/** Ends what stands for this person; one whose time is over has ended then, and leaves no entry. */
async function endOpen(op: PersonalOperation, from: string): Promise<void> {
  const ended = await op.trx
    .updateTable('hand_over')
    .set({ ended_at: op.nowMs })
    .where('from_person', '=', from)
    .where('ended_at', 'is', null)
    .returning(['id', 'until'])
    .execute();
  for (const { id, until } of ended)
    if (until > op.nowMs) await op.audit('work.taken-back', { id, from, actor: op.actor.id });
}
