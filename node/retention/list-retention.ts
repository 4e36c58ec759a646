/**
 * Clocks as a person sees them: in their own transaction, whose policies leave out what they do not see. No content.
 */
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { RetentionTable } from './tables.ts';

export type RetentionRow = Omit<Selectable<RetentionTable>, 'answer' | 'warn_at' | 'warned_at'> & {
  /** Until when the law keeps it; null where it does not. */
  readonly heldUntil: number | null;
};

const query = (trx: Transaction<Database>) =>
  trx
    .selectFrom('retention')
    .select(['kind', 'id', 'rule', 'ground', 'closed_at', 'block_at', 'erase_at', 'blocked_at', 'erased_at'])
    .select(sql<number | null>`(select until from app_hold_over(retention.id))`.as('heldUntil'));

/** By id of conversation or file. */
export async function readRetention(
  trx: Transaction<Database>,
  ids: readonly string[],
): Promise<Map<string, RetentionRow>> {
  const rows = await query(trx)
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** What comes next, first. */
export const listRetention = (trx: Transaction<Database>): Promise<RetentionRow[]> =>
  query(trx).where('erased_at', 'is', null).orderBy('erase_at').orderBy('id').limit(200).execute();
