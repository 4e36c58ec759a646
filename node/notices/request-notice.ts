/**
 * The way in: whoever brings about something that waits for a person asks here, in the same transaction, that the person be told.
 * Takes no words, no id of what waits and no State: a notice has no place for them.
 */
import type { Role } from '../access/actor.ts';
import type { Operation } from '../operation.ts';
import type { NoticeKind } from './tables.ts';

/** Persons by id, or everybody of these roles: of one unit, or without a unit of all. */
export type Recipients =
  | { readonly persons: readonly string[] }
  | { readonly roles: readonly Role[]; readonly unit?: string | undefined };

/**
 * Asks that these people be told that something waits. Asked for again before the mail leaves, it stays one mail. Who is disabled,
 * unknown or has no address is left out.
 * @returns how many people will be told
 */
export async function requestNotice(op: Operation, to: Recipients, kind: NoticeKind): Promise<number> {
  let people = op.trx
    .selectFrom('person')
    .select((eb) => ['person.id', eb.val(kind).as('kind'), eb.val(op.nowMs).as('at')])
    .where('email', 'is not', null)
    .where((eb) => eb.or([eb('disabled_at', 'is', null), eb('disabled_at', '>', op.nowMs)]));
  if ('persons' in to) people = people.where('id', 'in', [...to.persons, '']);
  else people = people.where('role', 'in', [...to.roles]);
  if ('unit' in to && to.unit !== undefined) people = people.where('unit', '=', to.unit);
  const { numInsertedOrUpdatedRows } = await op.trx
    .insertInto('notice')
    .columns(['person', 'kind', 'at'])
    .expression(people)
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows);
}
