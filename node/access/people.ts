/**
 * The people of an office, entered by the office: never by signing in. What is done here is audited by ids only.
 */

import { type Kysely, sql } from 'kysely';
import * as z from 'zod';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { AccessError } from './access-error.ts';
import { Actor, type Role } from './actor.ts';
import { endSessions } from './sessions.ts';

export const Person = Actor.omit({ signedInMs: true, purpose: true }).extend({
  issuer: z.url({ protocol: /^https?$/ }),
  subject: z.string().regex(/^[\x20-\x7e]{1,255}$/, 'as the identity provider writes it'),
  /** For notices without content; null for somebody who gets none. */
  email: z.email().nullable(),
  language: z.string().regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/, 'a language tag (BCP 47), such as fr'),
});
export type Person = z.infer<typeof Person>;

export interface PeopleContext {
  /** As `app_people`. */
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
}

/**
 * Enters a person. One human entered twice would be their own second person, and no digest shows that; so whoever looks like
 * somebody who is entered, disabled or not, is refused unless it is confirmed that they are two humans, and the log keeps that it
 * was. Simpler than entries that name each other, which whoever enters somebody twice would leave out: this asks by itself.
 * @param isAnotherHuman confirmed by whoever enters them
 * @throws AccessError PERSON_EXISTS, PERSON_ALIKE; ZodError
 */
export const enterPerson = (ctx: PeopleContext, person: Person, isAnotherHuman = false): Promise<void> =>
  runOperation(ctx.db, ctx.surroundings, async (op) => {
    const values = { ...Person.parse(person), created_at: op.nowMs, disabled_at: null };
    // Two that are entered at once must see each other.
    await sql`select pg_advisory_xact_lock(hashtext('enter-person'))`.execute(op.trx);
    const isAlike = await looksEntered(op, values);
    if (isAlike && !isAnotherHuman) throw new AccessError('PERSON_ALIKE');
    const query = op.trx
      .insertInto('person')
      .values(values)
      .onConflict((conflict) => conflict.doNothing());
    const { numInsertedOrUpdatedRows } = await query.executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw new AccessError('PERSON_EXISTS');
    await op.audit('person.entered', {
      person: person.id,
      role: person.role,
      ...(isAlike && { anotherHuman: true }),
    });
  });

/** Of the same name in the same office, or with the same address; not who has the very id or subject: that is another refusal. */
async function looksEntered(op: Operation, person: Person): Promise<boolean> {
  const others = await op.trx
    .selectFrom('person')
    .select(['name', 'office', 'email'])
    .where('id', '<>', person.id)
    .where((eb) => eb.not(eb.and([eb('issuer', '=', person.issuer), eb('subject', '=', person.subject)])))
    .execute();
  return others.some(
    ({ name, office, email }) =>
      (plain(name) === plain(person.name) && plain(office) === plain(person.office)) ||
      (email !== null && person.email !== null && plain(email) === plain(person.email)),
  );
}

/** As people compare names: no case, no marks, no spaces or stops between the letters. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}@]/gu, '');

/** Ends all sessions of a person and lets them begin no other. @throws AccessError PERSON_NOT_FOUND */
export const disablePerson = (ctx: PeopleContext, id: string): Promise<void> =>
  runOperation(ctx.db, ctx.surroundings, async (op) => {
    await setDisabled(op, id, op.nowMs);
    await endSessions(op, { person: id }, 'disabled');
    await op.audit('person.disabled', { person: id });
  });

/** Lets a person sign in again. @throws AccessError PERSON_NOT_FOUND */
export const enablePerson = (ctx: PeopleContext, id: string): Promise<void> =>
  runOperation(ctx.db, ctx.surroundings, async (op) => {
    await setDisabled(op, id, null);
    // One that began at the very moment of disabling must not come to life again.
    await endSessions(op, { person: id }, 'disabled');
    await op.audit('person.enabled', { person: id });
  });

async function setDisabled(op: Operation, id: string, disabledAt: number | null): Promise<void> {
  const query = op.trx.updateTable('person').set({ disabled_at: disabledAt }).where('id', '=', id);
  const { numUpdatedRows } = await query.executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new AccessError('PERSON_NOT_FOUND');
}

/**
 * Gives a person another role. The entry stays, so whom two-person acts compare is the same human before and after; sessions end,
 * since the new role may have another endpoint. A guardian keeps theirs while they represent a child.
 * @throws AccessError PERSON_NOT_FOUND, STILL_REPRESENTS
 */
export const changeRole = (ctx: PeopleContext, id: string, role: Role): Promise<void> =>
  runOperation(ctx.db, ctx.surroundings, async (op) => {
    const query = op.trx.updateTable('person').set({ role }).where('id', '=', id);
    const { numUpdatedRows } = await query.executeTakeFirst().catch((error: { constraint?: string }) => {
      throw error.constraint === 'person_represents' ? new AccessError('STILL_REPRESENTS') : error;
    });
    if (numUpdatedRows !== 1n) throw new AccessError('PERSON_NOT_FOUND');
    await endSessions(op, { person: id }, 'replaced');
    await op.audit('person.role-changed', { person: id, role });
  });

/** Everybody who was ever entered, without names, addresses and subjects. */
export async function listPeople(
  db: Kysely<Database>,
): Promise<{ id: string; role: string; unit: string; disabled: boolean }[]> {
  const query = db.selectFrom('person').select(['id', 'role', 'unit', 'disabled_at']).orderBy('id');
  const rows = await query.execute();
  return rows.map(({ disabled_at, ...person }) => ({ ...person, disabled: disabled_at !== null }));
}
