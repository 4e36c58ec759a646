/**
 * Looks people up for those who choose somebody. Shows what a colleague may know of another, and no more.
 */
import type { Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import { AccessError } from './access-error.ts';
import { type Actor, audienceOf, type Role, roles } from './actor.ts';
import { isPermitted } from './permit.ts';

export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly unit: string;
  readonly office: string;
  readonly disabled_at: number | null;
}

const SHOWN = ['id', 'name', 'role', 'unit', 'office', 'disabled_at'] as const;

/** Colleagues on enquiries are known to each other; a guardian to who may link them to a child; everybody to the head. */
const knows = (actor: Actor): readonly Role[] =>
  roles.filter(
    (role) =>
      actor.role === 'head' ||
      audienceOf[role] === 'officer' ||
      (role === 'guardian' && isPermitted(actor.role, 'guardian.propose')),
  );

/** People who may come in and whom this person may choose from, by unit and name. */
export function listPeople(
  trx: Transaction<Database>,
  actor: Actor,
  filter: { readonly unit?: string | undefined; readonly role?: string | undefined },
): Promise<Colleague[]> {
  let query = trx
    .selectFrom('person')
    .select(SHOWN)
    .where('disabled_at', 'is', null)
    .where('role', 'in', knows(actor));
  if (filter.unit !== undefined) query = query.where('unit', '=', filter.unit);
  if (filter.role !== undefined) query = query.where('role', '=', filter.role as Role);
  return query.orderBy('unit').orderBy('name').orderBy('id').limit(1000).execute();
}

/** @throws AccessError NO_SUCH_PERSON */
export async function findPerson(trx: Transaction<Database>, id: string): Promise<Colleague> {
  const person = await trx.selectFrom('person').select(SHOWN).where('id', '=', id).executeTakeFirst();
  if (!person) throw new AccessError('NO_SUCH_PERSON');
  return person;
}

/** Somebody who can be given work on enquiries. @throws AccessError NO_SUCH_PERSON, PERSON_NOT_FIT */
export async function findWorker(trx: Transaction<Database>, id: string): Promise<Colleague> {
  const person = await findPerson(trx, id);
  if (person.disabled_at !== null || audienceOf[person.role] !== 'officer')
    throw new AccessError('PERSON_NOT_FIT');
  return person;
}

/** @param of roles of which one person at least must be there @throws AccessError UNIT_EMPTY, also for a name that is no unit's */
export async function requireUnit(
  trx: Transaction<Database>,
  unit: string,
  of: readonly Role[],
): Promise<void> {
  const found = await trx
    .selectFrom('person')
    .select('id')
    .where('unit', '=', unit)
    .where('role', 'in', [...of])
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (!found) throw new AccessError('UNIT_EMPTY');
}
