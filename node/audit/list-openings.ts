/**
 * Openings in need and what came of their review: who, when, of what category. Not of which conversation and not why: that is for
 * those who review them.
 */
import type { Selectable, Transaction } from 'kysely';
import type { BreakGlassTable } from '../access/tables.ts';
import type { Database } from '../storage/database.ts';

export type Opening = Omit<Selectable<BreakGlassTable>, 'thread' | 'reason'>;

const COLUMNS = [
  'id',
  'person',
  'unit',
  'category',
  'opened_at',
  'expires_at',
  'review_due_at',
  'reviewed_by',
  'reviewed_at',
  'finding',
  'unit',
] as const;

/** The last ones first, at most 200. */
export function listOpenings(trx: Transaction<Database>, unreviewed: boolean): Promise<Opening[]> {
  return trx
    .selectFrom('break_glass')
    .select(COLUMNS)
    .$if(unreviewed, (query) => query.where('reviewed_at', 'is', null))
    .orderBy('opened_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
}
