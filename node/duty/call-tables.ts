/**
 * What calling people about an alert needs beyond the tables of the roster (tables.ts): to let in who is called, and to call them again.
 */
import type { Kysely } from 'kysely';
import { grant, openFurther, openToWork } from '../storage/walls.ts';

/** Opens what was closed to the node's timers; assignments are open to them already (node/storage/people-walls.ts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await openToWork(db, 'app_jobs', 'reader', 'select');
  await grant(db, 'app_jobs', 'alert_call', 'update (told_at)');
}

/** The operator's status counts alerts that nobody has confirmed, and sees nothing else of tasks. */
export async function upUnheard(db: Kysely<unknown>): Promise<void> {
  await openFurther(db, 'task', {
    work: { app_operations: 'select (kind, detail, opened_at, closed_at)' },
  });
}
