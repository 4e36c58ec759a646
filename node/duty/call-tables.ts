/**
 * What calling people about an alert needs beyond the tables of the roster (tables.ts): to let in who is called.
 */
import type { Kysely } from 'kysely';
import { openToWork } from '../storage/walls.ts';

/** Opens what was closed to the node's timers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await openToWork(db, 'app_jobs', 'assignment', 'select, insert, update (until)');
  await openToWork(db, 'app_jobs', 'reader', 'select');
}
