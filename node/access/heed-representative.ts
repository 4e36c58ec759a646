/**
 * Another State says that somebody represents the child no longer. Whoever of ours has that name is held back at once, and a decider
 * looks at it: what an authority there has ended may be the same person, or another of the same name.
 */
import { type SqlBool, sql } from 'kysely';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { nameInLine } from '../cases/participants.ts';
import { openTask } from '../enquiries/task.ts';
import { compareFacts } from '../matching/compare.ts';
import type { Operation } from '../operation.ts';
import { freeze } from './link-conflicts.ts';

/** In the transaction that takes the message. */
export async function heedRepresentative(op: Operation, thread: string, body: BodyOf<'REP'>): Promise<void> {
  const gone = body.change === 'ended' ? (body.formerName ?? body.name) : body.formerName;
  if (gone === undefined || !['ended', 'changed'].includes(body.change)) return;
  const links = await op.trx
    .selectFrom('guardian_link as l')
    .innerJoin('person', 'person.id', 'l.person')
    .select(['l.id', 'person.name'])
    .where('l.approved_at', 'is not', null)
    .where('l.revoked_at', 'is', null)
    .where(sql<SqlBool>`l.id in (select app_links_over(${thread}))`)
    .execute();
  for (const { id, name } of links) {
    if (!isAlike(name, gone)) continue;
    await freeze(op, id);
    await openTask(op, { kind: 'representative-ended', thread, about: id });
  }
}

const factsOf = (line: string) => ({ names: [nameInLine(line)], births: [], nationalities: [] });
const isAlike = (one: string, other: string): boolean =>
  compareFacts(factsOf(one), factsOf(other)).fields.some(
    ({ field, outcome }) => field === 'names' && outcome === 'match',
  );
