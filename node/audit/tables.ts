/**
 * What auditors may read of the log, of proofs and of openings in need, and the index their pages need. They may change nothing, and no
 * column they are given holds a name, a text or a fact about a child (EVENTS.md says what a detail may hold).
 */
import { type Kysely, sql } from 'kysely';
import { roleOfAudience } from '../storage/roles.ts';
import { grant, openFurther } from '../storage/walls.ts';

/** Completes the walls around what is there already (storage/walls.ts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_entry_at on audit_entry (at, id)`.execute(db);
  // Entry, salt and inner nodes: with these a detail can be checked against a signed checkpoint.
  await grant(db, roleOfAudience.auditor, 'audit_entry', 'select (bytes, salt)');
  await openFurther(db, 'log_node', {
    auditor: { privileges: 'select', rows: { select: { using: sql`true` } } },
  });
}
