/**
 * Holds back what is new from a guardian, while it is looked at whether they are one (PRACTICE.md A7). They are not told: to them
 * it is as if nothing had happened since; and when it is let through again, as if it had come then.
 */
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { lockLink } from '../access/guardian-link.ts';
import { countOpen, freeze } from '../access/link-conflicts.ts';
import { type Operation, type Personal, runAs } from '../operation.ts';
import { threadsOf } from './link-threads.ts';

/** Repeating it changes nothing. @throws AccessError NOT_PERMITTED, NOT_FOUND, CONFLICT_OPEN while a possible conflict stands that nobody has settled */
export async function freezeLink(ctx: Personal, actor: Actor, link: string, frozen: boolean): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await lockLink(op, link, 'representation.freeze');
    if (frozen) return freeze(op, link, { actor: actor.id });
    if (row.frozen_at === null) return;
    if ((await countOpen(op, row)) > 0) throw new AccessError('CONFLICT_OPEN');
    await op.trx.updateTable('guardian_link').set({ frozen_at: null }).where('id', '=', link).execute();
    await holdUntilNow(op, row.person, await threadsOf(op, link), row.frozen_at);
    await op.audit('guardian-link.thawed', { id: link, actor: actor.id });
    await op.audit('guardian-link.noted', { id: link, what: 'thawed', actor: actor.id });
  });
}

/** What came in between is shown as if it had come now. */
async function holdUntilNow(
  { trx, nowMs }: Operation,
  person: string,
  threads: readonly string[],
  since: number,
): Promise<void> {
  if (threads.length === 0 || since >= nowMs) return;
  await trx
    .insertInto('guardian_hold')
    .values(threads.map((thread) => ({ person, thread, since, until: nowMs })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
