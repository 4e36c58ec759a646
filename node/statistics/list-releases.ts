/**
 * The figures that have been released, as they were signed.
 */
import type { Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { SignedReleaseTable } from './tables.ts';

export type Release = Pick<
  SignedReleaseTable,
  'period' | 'edition' | 'released_at' | 'content' | 'signature'
>;

/** The last released first. */
export function listReleases(trx: Transaction<Database>): Promise<Release[]> {
  return trx
    .selectFrom('signed_release')
    .select(['period', 'edition', 'released_at', 'content', 'signature'])
    .orderBy('released_at', 'desc')
    .orderBy('period', 'desc')
    .orderBy('edition', 'desc')
    .execute();
}
