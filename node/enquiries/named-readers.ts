/**
 * Conversations that only named persons may read: the head of office always, and whom the act names (PRACTICE.md A15). An insider
 * may sit in the office itself, so what an officer could read of it ends the moment such an act is there.
 */
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import type { BodyOf, MessageCode } from '#schema/conversation/message-types.ts';
import type { Operation } from '../operation.ts';
import type { Body } from './parse-body.ts';

/** Whether an act of ours makes its conversation one for named readers here. */
export const isForNamedReaders = (type: MessageCode, body: Body): boolean =>
  type === 'ENQ' && (body as unknown as EnquiryBody).handling.readers === 'eyes-only';

/** Names the peer gives to the readers of its act, null where the whole office may read it. */
export function readersNamed(type: MessageCode, body: Body): readonly string[] | null {
  if (type === 'LSW') return (body as unknown as BodyOf<'LSW'>).readers;
  return isForNamedReaders(type, body) ? (body as unknown as EnquiryBody).handling.named : null;
}

/** Closes an inbound conversation to all but the head and those of the office who bear one of the names. */
export async function closeToOthers(op: Operation, thread: string, names: readonly string[]): Promise<void> {
  await op.trx.updateTable('conversation').set({ eyes_only: true }).where('thread', '=', thread).execute();
  const people = await op.trx
    .selectFrom('person')
    .select(['id', 'name'])
    .where('disabled_at', 'is', null)
    .execute();
  const wanted = new Set(names.map(fold));
  await admitReaders(
    op,
    thread,
    people.filter(({ name }) => wanted.has(fold(name))).map(({ id }) => id),
    'named by the peer',
  );
}

/** Lets these persons read; repeating it changes nothing. */
export async function admitReaders(
  op: Operation,
  thread: string,
  persons: readonly string[],
  by: string,
): Promise<void> {
  if (persons.length === 0) return;
  await op.trx
    .insertInto('reader')
    .values(persons.map((person) => ({ thread, person, admitted_by: by, admitted_at: op.nowMs })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await op.audit('reader.admitted', { thread, persons: [...persons], by });
}

/** As two people write the same name. */
const fold = (name: string): string => name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
