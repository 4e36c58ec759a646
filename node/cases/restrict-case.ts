/**
 * A decider closes a file to all but the head and named readers, or opens it to its unit again (PRACTICE.md A15: an insider may sit in
 * the office itself).
 */
import type { Actor } from '../access/actor.ts';
import { runAs } from '../operation.ts';
import type { CaseContext } from './context.ts';
import { lockCase } from './store.ts';

/**
 * Whoever closes it stays a reader; the head admits others (node/access/admit-reader.ts).
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_UNKNOWN
 */
export async function restrictCase(
  ctx: CaseContext,
  actor: Actor,
  { case: id, eyesOnly }: { case: string; eyesOnly: boolean },
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    await op.require('case.restrict', id);
    await lockCase(op, id);
    if (eyesOnly)
      await op.trx
        .insertInto('reader')
        .values({ thread: id, person: actor.id, admitted_by: actor.id, admitted_at: op.nowMs })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    await op.trx
      .updateTable('case_file')
      .set({ eyes_only: eyesOnly, updated_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    await op.audit(eyesOnly ? 'case.restricted' : 'case.unrestricted', { case: id, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(id));
  });
}
