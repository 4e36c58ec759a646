/**
 * Holds back, as the work of the node, whoever represents a child by a link that the person did not see who named somebody like them.
 */
import { readParticipants } from '../cases/participants.ts';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Doors } from '../storage/doors.ts';
import { freezeAlike, type Written } from './link-conflicts.ts';
import { readNamed } from './named-in-acts.ts';

/** So many a round; the next comes in a minute. */
const ROUND = 200;

/** One round. Repeating it, or running it at once in several processes, looks at each once. */
export async function lookForUnseen(ctx: {
  readonly doors: Pick<Doors, 'jobs'>;
  readonly surroundings: Surroundings;
}): Promise<void> {
  const rows = await ctx.doors.jobs
    .selectFrom('guardian_look')
    .select('about')
    .distinct()
    .limit(ROUND)
    .execute();
  for (const { about } of rows)
    await runOperation(ctx.doors.jobs, ctx.surroundings, (op) => lookAt(op, about));
}

async function lookAt(op: Operation, about: string): Promise<void> {
  const looks = await op.trx
    .deleteFrom('guardian_look')
    .where('about', '=', about)
    .returning('entry')
    .execute();
  const of = await findWritten(op, about);
  if (!of) return;
  const entries = new Set(looks.map(({ entry }) => entry));
  const named = [...(await readParticipants(op, [about])), ...(await readNamed(op, [about]))];
  await freezeAlike(
    op,
    of,
    named.filter(({ entry }) => entries.has(entry)),
  );
}

async function findWritten({ trx }: Operation, about: string): Promise<Written | undefined> {
  const file = trx.selectFrom('case_file').select(['id', 'unit', 'eyes_only']).where('id', '=', about);
  const conversation = trx
    .selectFrom('conversation')
    .select(['thread as id', 'unit', 'eyes_only'])
    .where('thread', '=', about);
  return (await file.executeTakeFirst()) ?? conversation.executeTakeFirst();
}
