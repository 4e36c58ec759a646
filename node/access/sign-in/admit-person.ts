/**
 * Whether somebody whom the provider vouches for may come in, as the office has entered them.
 */
import type { Operation } from '../../operation.ts';
import { AccessError } from '../access-error.ts';
import { type Audience, audienceOf } from '../actor.ts';

/** Nobody here has this subject: it is shown to them, so that they can be entered. */
export class UnknownPersonError extends AccessError {
  readonly issuer: string;
  readonly subject: string;
  constructor(issuer: string, subject: string) {
    super('PERSON_UNKNOWN');
    this.issuer = issuer;
    this.subject = subject;
  }
}

/**
 * Id and endpoint of a person.
 * @throws AccessError PERSON_UNKNOWN, PERSON_DISABLED, NO_ENDPOINT
 */
export async function admitPerson(
  op: Operation,
  who: { issuer: string; subject: string } | { id: string },
): Promise<{ person: string; audience: Audience }> {
  const query = op.trx.selectFrom('person').select(['id', 'role', 'disabled_at']);
  const person = await ('id' in who
    ? query.where('id', '=', who.id)
    : query.where('issuer', '=', who.issuer).where('subject', '=', who.subject)
  ).executeTakeFirst();
  if (!person)
    throw 'id' in who ? new AccessError('PERSON_UNKNOWN') : new UnknownPersonError(who.issuer, who.subject);
  if (person.disabled_at !== null) throw new AccessError('PERSON_DISABLED');
  const audience = audienceOf[person.role];
  if (audience === null) throw new AccessError('NO_ENDPOINT');
  return { person: person.id, audience };
}
