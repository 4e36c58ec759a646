/**
 * Wrapped data keys. One row is all that stands between what is kept under a subject and nothing: without it nobody opens that
 * any more (crypto-shredding, DOMAIN.md P7). Times are epoch milliseconds.
 *
 * Walls: whoever reads or writes content sees every row, whichever conversation it is of. What a role may read is said once, on
 * the tables with the content; a wrapped key without the key provider opens nothing, and a policy here would say the same a
 * second time, more slowly. Guardians, operators, auditors and ministries have no part in it: what an endpoint of
 * theirs shows later must be opened to them where it is (`openFurther`). Nobody deletes a row: an erased subject stays
 * as a row without a key, so that no new key is ever made under its name.
 */
import { type Kysely, sql } from 'kysely';
import { openTable, openToWork } from '../storage/walls.ts';

export interface DataKeyTable {
  /** `conversation:<thread>`, `case:<id>`, `attachment:<id>`, `index:<n>`. */
  subject: string;
  /** Null: erased. */
  wrapped: Buffer | null;
  wrap_key: string | null;
  created_at: number;
  erased_at: number | null;
}

export interface VaultTables {
  data_key: DataKeyTable;
}

const everyRow = sql`true`;

/** Creates the table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table data_key (
    subject text primary key, wrapped bytea, wrap_key text, created_at bigint not null, erased_at bigint,
    constraint data_key_gone check ((wrapped is null) = (wrap_key is null) and (wrapped is null) = (erased_at is not null)))`.execute(
    db,
  );
  await sql`create index data_key_wrap on data_key (wrap_key) where wrap_key is not null`.execute(db);
  await openTable(db, 'data_key', {
    work: {
      app_exchange: 'select, insert',
      app_jobs: 'select, insert, update (wrapped, wrap_key, erased_at)',
      app_local: 'select',
      app_vault: 'select, update (wrapped, wrap_key)',
    },
    officer: {
      privileges: 'select, insert',
      rows: { select: { using: everyRow }, insert: { check: everyRow } },
    },
  });
  await openToWork(db, 'app_vault', 'audit_entry', 'insert, select (id, leaf)');
  for (const statement of TRIGGERS) await statement.execute(db);
}

const TRIGGERS = [
  sql`create function refuse_revival() returns trigger language plpgsql as ${sql.lit(`begin
    raise exception 'what is erased stays erased' using errcode = 'insufficient_privilege';
  end`)}`,
  sql`create trigger data_key_stays_erased before update on data_key
    for each row when (old.wrapped is null) execute function refuse_revival()`,
];
