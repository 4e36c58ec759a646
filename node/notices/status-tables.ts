/**
 * The operator's status and metrics read how often in a row the mail server has failed, and nothing of who was to be told.
 */
import type { Kysely } from 'kysely';
import { openFurther } from '../storage/walls.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await openFurther(db, 'mail_server', { work: { app_operations: 'select (failures)' } });
}
