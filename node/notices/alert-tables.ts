/**
 * Alerts are a kind of notice of their own: what a flood of other urgent mails fills up must not silence them.
 */
import { type Kysely, sql } from 'kysely';
import { noticeKinds } from './tables.ts';

/** Lets the tables of notices take every kind there is now. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const kinds = sql.join(noticeKinds.map((kind) => sql.lit(kind)));
  for (const table of ['notice', 'notice_state']) {
    const name = sql.id(`${table}_kind_check`);
    await sql`alter table ${sql.table(table)} drop constraint ${name}, add constraint ${name} check (kind in (${kinds}))`.execute(
      db,
    );
  }
}
