/** The list of what is erased and what stays is that of the database: a column that is in neither fails here. */
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Content,
  ofCase,
  ofConversation,
  ofLink,
  ofMessage,
  otherwise,
  stays,
} from '#node/retention/content-list.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { sealedColumns } from '#node/storage/sealed.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';

let database: TestDatabase;
let db: Kysely<Database>;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepareDatabase(database.config);
  db = openDatabase<Database>({ ...database.config, max: 1 });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const lists: readonly Content[] = [...ofConversation, ...ofCase, ...ofMessage, ...ofLink];
const erased = new Set([
  ...lists.flatMap(({ table, empties = '' }) => empties.split(' ').map((column) => `${table}.${column}`)),
  ...Object.entries(otherwise).flatMap(([table, { columns }]) =>
    columns.split(' ').map((column) => `${table}.${column}`),
  ),
]);
const kept = new Set(
  Object.entries(stays).flatMap(([table, columns]) =>
    columns.split(' ').map((column) => `${table}.${column}`),
  ),
);
const removed = new Set(lists.filter(({ empties }) => empties === undefined).map(({ table }) => table));

describe('every column with words, bytes or lists', () => {
  it('is erased or stays, as the list says, and nothing else is in the list', async () => {
    const { rows } = await sql<{
      name: string;
    }>`select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and data_type in ('text', 'bytea', 'ARRAY', 'json', 'jsonb', 'character varying', 'USER-DEFINED')
      order by 1`.execute(db);
    const names = rows.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name) => !erased.has(name) && !kept.has(name))).toEqual([]);
    expect([...erased, ...kept].filter((name) => !name.endsWith('.') && !names.includes(name))).toEqual([]);
    expect([...erased].filter((name) => kept.has(name))).toEqual([]);
  });

  it('that is sealed goes, unless it is sealed under the office’s own key', () => {
    const ofOffice = ['person', 'hand_over', 'breach', 'breach_note', 'reading_review'];
    const left = sealedColumns
      .filter(({ table }) => !ofOffice.includes(table) && !removed.has(table))
      .flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`))
      .filter((name) => !erased.has(name));
    expect(left).toEqual([]);
  });

  it('may be emptied or removed by the role that erases, and by it alone what the list names', async () => {
    for (const { table, empties } of lists) {
      const columns = empties === undefined ? [null] : empties.split(' ');
      for (const column of columns) {
        const { rows } = await sql<{ may: boolean }>`select ${
          column === null
            ? sql`has_table_privilege('app_retention', ${table}, 'delete')`
            : sql`has_column_privilege('app_retention', ${table}, ${column}, 'update')`
        } as may`.execute(db);
        expect([table, column, rows[0]!.may]).toEqual([table, column, true]);
      }
    }
  });
});
