/**
 * Holds back what is new from a guardian, while it is looked at whether they are one (PRACTICE.md A7). They are not told: to them
 * it is as if nothing had happened since; and when it is let through again, as if it had come then.
 */
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { type Personal, runAs } from '../operation.ts';

/** Repeating it changes nothing. @throws AccessError NOT_PERMITTED, NOT_FOUND */
export async function freezeLink(ctx: Personal, actor: Actor, link: string, frozen: boolean): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx
      .selectFrom('guardian_link')
      .select(['person', 'threads', 'frozen_at'])
      .where('id', '=', link)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    for (const thread of row.threads) await op.require('representation.freeze', thread);
    if ((row.frozen_at !== null) === frozen) return;
    await op.trx
      .updateTable('guardian_link')
      .set({ frozen_at: frozen ? op.nowMs : null })
      .where('id', '=', link)
      .execute();
    if (row.frozen_at !== null && row.frozen_at < op.nowMs) {
      const held = { person: row.person, since: row.frozen_at, until: op.nowMs };
      await op.trx
        .insertInto('guardian_hold')
        .values(row.threads.map((thread) => ({ ...held, thread })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await op.audit(frozen ? 'guardian-link.frozen' : 'guardian-link.thawed', { id: link, actor: actor.id });
  });
}
