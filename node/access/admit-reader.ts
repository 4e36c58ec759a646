/**
 * The head of office lets a person read what is for named readers only: a whole conversation that is closed to others, or what a
 * warning shows to the persons it names (PRACTICE.md A15). Few, and to be taken back at once.
 */
import { type Operation, runAs } from '../operation.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { findWorker } from './find-person.ts';
import { accessLimits } from './limits.ts';

/** @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, NO_SUCH_PERSON, PERSON_NOT_FIT, READERS_FULL */
export async function admitReader(
  ctx: AccessContext,
  actor: Actor,
  { thread, person }: { thread: string; person: string },
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('reader.admit', thread);
    await lockSubject(op, thread);
    await findWorker(op.trx, person);
    const readers = await op.trx.selectFrom('reader').select('person').where('thread', '=', thread).execute();
    if (readers.some((reader) => reader.person === person)) return;
    if (readers.length >= accessLimits.namedReaders) throw new AccessError('READERS_FULL');
    await op.trx
      .insertInto('reader')
      .values({ thread, person, admitted_by: actor.id, admitted_at: op.nowMs })
      .execute();
    await op.audit('reader.admitted', { thread, persons: [person], by: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}

/** What is read is the lock, a conversation, a draft or a case file: two admissions at once do not pass the limit together. */
async function lockSubject({ trx }: Operation, id: string): Promise<void> {
  for (const table of ['conversation', 'proposal'] as const) {
    const query = trx.selectFrom(table).select('thread').where('thread', '=', id);
    if (await query.forUpdate().executeTakeFirst()) return;
  }
  const file = trx.selectFrom('case_file').select('id').where('id', '=', id);
  if (!(await file.forUpdate().executeTakeFirst())) throw new AccessError('NOT_FOUND');
}

/** From the next request on they read it no more. @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED */
export async function removeReader(
  ctx: AccessContext,
  actor: Actor,
  { thread, person }: { thread: string; person: string },
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('reader.remove', thread);
    const { numDeletedRows } = await op.trx
      .deleteFrom('reader')
      .where('thread', '=', thread)
      .where('person', '=', person)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new AccessError('NOT_FOUND');
    await op.audit('reader.removed', { thread, person, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(thread));
  });
}
