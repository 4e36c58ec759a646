/**
 * A decider says what they found in a week's sample of readings: somebody none of whose own readings are in it.
 */
import type { Selectable } from 'kysely';
import { openTask } from '../enquiries/task.ts';
import { runAs } from '../operation.ts';
import { type Opened, sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { decidesIn, requireAllowed } from './decide.ts';
import { type ReadingFinding, type ReadingReviewTable, sealedReadingReview } from './people-tables.ts';
import { readReason } from './read-input.ts';
import { settleAbout } from './settle-about.ts';

export type ReadingReviewRow = Opened<Selectable<ReadingReviewTable>, 'note'>;

/**
 * @param note in words; needed for every finding but that all is in order
 * @throws AccessError NOT_PERMITTED, NOT_FOUND, SAME_PERSON, ALREADY_DECIDED, REASON_MISSING
 */
export async function reviewReadings(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  found: { finding: ReadingFinding; note?: string | undefined },
): Promise<void> {
  const { finding } = found;
  await runAs(ctx, actor, async (op) => {
    requireAllowed(actor, 'reading.review', {}, op.nowMs);
    const row = await op.trx.selectFrom('reading_review').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row || !decidesIn(actor, row.unit)) throw new AccessError('NOT_FOUND');
    if (row.persons.includes(actor.id)) throw new AccessError('SAME_PERSON');
    if (row.reviewed_at !== null) throw new AccessError('ALREADY_DECIDED');
    const note = finding === 'in-order' ? (found.note ?? null) : readReason(found.note ?? '');
    const sealed = await sealColumns(op, sealedReadingReview, { id }, { note });
    const { numUpdatedRows } = await op.trx
      .updateTable('reading_review')
      .set({ reviewed_by: actor.id, reviewed_at: op.nowMs, finding, ...sealed })
      .where('id', '=', id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new AccessError('ALREADY_DECIDED');
    await settleAbout(op, ['reading-review'], id, finding);
    if (finding === 'not-in-order')
      await openTask(op, {
        kind: 'incident',
        unit: row.unit,
        about: id,
        detail: 'readings-not-in-order',
        except: row.persons,
      });
    await op.audit('reading-review.found', { id, finding, actor: actor.id });
  });
}
