/**
 * Another State says that somebody represents the child no longer. Whoever of ours has that name is held back at once, and a decider
 * looks at it: what an authority there has ended may be the same person, or another of the same name.
 */
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { nameInLine } from '../cases/participants.ts';
import { openTask } from '../enquiries/task.ts';
import { compareFacts } from '../matching/compare.ts';
import type { Operation } from '../operation.ts';
import { freeze, linksInForce, whoIs } from './link-conflicts.ts';
import { openLinks, readContent } from './link-content.ts';

/** In the transaction that takes the message. */
export async function heedRepresentative(op: Operation, thread: string, body: BodyOf<'REP'>): Promise<void> {
  const gone = body.change === 'ended' ? (body.formerName ?? body.name) : body.formerName;
  if (gone === undefined || !['ended', 'changed'].includes(body.change)) return;
  for (const { id, person, content } of await openLinks(op, await linksInForce(op, thread))) {
    // Under a name from before a marriage, or under that of the organisation that was appointed.
    const { names, organisation } = await whoIs(op, person, readContent(content!));
    if (![...names, organisation ?? ''].some((name) => name !== '' && isAlike(name, gone))) continue;
    await freeze(op, id);
    await openTask(op, { kind: 'representative-ended', thread, about: id });
  }
}

const factsOf = (line: string) => ({ names: [nameInLine(line)], births: [], nationalities: [] });
const isAlike = (one: string, other: string): boolean =>
  compareFacts(factsOf(one), factsOf(other)).fields.some(
    ({ field, outcome }) => field === 'names' && outcome === 'match',
  );
