/**
 * Uploads that went into no act and no case file do not stay: a child's paper that nobody sent has no reason to lie here. Runs by a timer, and
 * any number of processes may run it at once. Touches nothing that came from abroad or that a proposal still needs.
 */
import { type Kysely, sql } from 'kysely';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { attachmentKey } from '../vault/subjects.ts';

/** A week: longer than an approval holds (72 hours) with a weekend and a holiday before somebody proposes anew. Milliseconds. */
export const UNUSED_AFTER_MS = 7 * 24 * 3_600_000;
const AT_ONCE = 100;
const EVERY_MS = 3_600_000;

/**
 * Removes uploads of more than a week that no act and no case file has and no proposal needs, incomplete ones among them.
 * @returns milliseconds until the next look
 */
export async function removeUnused(store: {
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
}): Promise<number> {
  for (;;) {
    const removed = await runOperation(store.db, store.surroundings, removeSome);
    if (removed === 0) return EVERY_MS;
  }
}

async function removeSome(op: Operation): Promise<number> {
  const held = await unused(op).forUpdate().skipLocked().limit(AT_ONCE).execute();
  if (held.length === 0) return 0;
  // Asked again, now that the rows are held: whoever proposes one of them has either committed before, and is seen by this
  // statement, or waits for the row and finds it gone.
  const ids = held.map(({ id }) => id);
  const sure = await unused(op).where('id', 'in', ids).execute();
  if (sure.length === 0) return 0;
  const gone = sure.map(({ id }) => id).sort();
  await op.trx.deleteFrom('attachment').where('id', 'in', gone).execute();
  for (const id of gone) await op.vault.erase(op, attachmentKey(id));
  await op.audit('attachment.removed-unused', { count: gone.length, ids: gone });
  return gone.length;
}

function unused(op: Operation) {
  return op.trx
    .selectFrom('attachment')
    .select('id')
    .where('message_id', 'is', null)
    .where('case_id', 'is', null)
    .where('uploaded_by', 'is not', null)
    .where('created_at', '<', op.nowMs - UNUSED_AFTER_MS)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('proposal')
            .select('proposal.id')
            .where('status', 'in', ['stopped', 'waiting', 'stale'])
            .where(sql<boolean>`attachment.id = any(proposal.attachment_ids)`),
        ),
      ),
    );
}
