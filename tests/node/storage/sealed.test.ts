/** A database from before content was sealed is refused and kept as it is, whatever the walls show of it to whoever migrates. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, migrations } from '#node/storage/database.ts';
import { asRole, OWNER, prepareRoles } from '#node/storage/roles.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepareRoles(database.config);
});
afterAll(() => database.drop());

describe('content in the open', () => {
  it('stops the change that would have emptied it, and is still there', async () => {
    const owner = openDatabase<Database>({ ...asRole(database.config, OWNER), max: 1 });
    const superuser = openDatabase<Database>({ ...database.config, max: 1 });
    try {
      await migrate(
        owner,
        Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '040-sealed')),
      );
      // A document that waits for those before it: there is one copy of it.
      await sql`insert into inbound (peer, id, lane, seq, env, envelope, state, held, received_at)
        values ('xb', 'm', 'routine', 2, 'e', 'e', 'held', 'INVENTED document', 0)`.execute(superuser);
      await expect(migrate(owner, migrations)).rejects.toThrow('content in the open');
      const { rows } = await sql`select held from inbound`.execute(superuser);
      expect(rows).toEqual([{ held: 'INVENTED document' }]);
      await sql`delete from inbound`.execute(superuser);
      expect(await migrate(owner, migrations)).toContain('040-sealed');
      const { rows: unforced } = await sql`select relname from pg_class
        where relrowsecurity and not relforcerowsecurity`.execute(superuser);
      expect(unforced).toEqual([]);
    } finally {
      await Promise.all([owner.destroy(), superuser.destroy()]);
    }
  });
});
