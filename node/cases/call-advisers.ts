/**
 * Lets the legal side see a case file and tells it at once: the advisers of its unit, or those of the whole office where the unit has none.
 */
import { assign } from '../access/assign.ts';
import { accessLimits } from '../access/limits.ts';
import { poolOf } from '../access/standing.ts';
import { requestNotice } from '../notices/request-notice.ts';
import type { PersonalOperation } from '../operation.ts';
import type { CaseRow } from './store.ts';

/** Not for a file of named readers: who else reads it is the head's word. */
export async function callAdvisers(op: PersonalOperation, file: Pick<CaseRow, 'id' | 'unit'>): Promise<void> {
  const query = op.trx.selectFrom('person').select(['id', 'unit']).where('role', '=', 'legal-adviser');
  const all = await query.where('disabled_at', 'is', null).execute();
  const own = all.filter(({ unit }) => unit === file.unit);
  const called = own.length > 0 ? own : all;
  const given = { thread: file.id, by: op.actor.id, untilMs: op.nowMs + accessLimits.adviserStaysMs };
  for (const unit of new Set(called.map((one) => one.unit)))
    await assign(op, { ...given, assignee: poolOf('legal-adviser', unit) });
  await requestNotice(op, { persons: called.map(({ id }) => id), thread: file.id }, 'urgent');
}
