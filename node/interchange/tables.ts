/**
 * Which rows of which file have been imported, so that an import that was cut off goes on where it stopped and a file sent twice makes
 * nothing twice. A file is known by a digest of its bytes, of whoever's unit took it.
 */
import { type Kysely, sql } from 'kysely';
import { withCase } from '../storage/case-walls.ts';
import { openTable } from '../storage/walls.ts';

export interface ImportedRowTable {
  unit: string;
  /** SHA-256 of the file, hex. */
  file: string;
  /** Of the file, from 1; the line of names is none. */
  row: number;
  case_id: string;
}

export interface InterchangeTables {
  imported_row: ImportedRowTable;
}

/** Creates the table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table imported_row (
    unit text not null, file text not null, row int not null, case_id text not null references case_file, primary key (unit, file, row))`.execute(
    db,
  );
  await openTable(db, 'imported_row', {
    officer: {
      privileges: 'select, insert',
      rows: {
        select: { using: sql`unit = app_unit()` },
        insert: { check: sql`unit = app_unit() and ${withCase('imported_row.case_id')}` },
      },
    },
  });
}
