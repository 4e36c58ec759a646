/**
 * T7: what the roles of the database may touch, read from the catalogue. A grant that is not listed here fails, whoever made it
 * and however.
 */
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { NOBODY, OWNER, roleOfAudience, workRoles } from '#node/storage/roles.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';

let database: TestDatabase;
let db: Kysely<Database>;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepareDatabase(database.config);
  db = openDatabase<Database>({ ...database.config, max: 2 });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** Everything granted to a role on relations of any schema of ours, or on single columns of them. */
async function grantsOf(role: string): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select format('%s %s', lower(a.privilege_type), c.relname) as line
      from pg_class c cross join lateral aclexplode(c.relacl) a where a.grantee = ${role}::regrole
    union all
    select format('%s %s.%s', lower(a.privilege_type), c.relname, t.attname)
      from pg_attribute t join pg_class c on c.oid = t.attrelid cross join lateral aclexplode(t.attacl) a
      where a.grantee = ${role}::regrole
    union all
    select format('%s schema %s', lower(a.privilege_type), n.nspname)
      from pg_namespace n cross join lateral aclexplode(n.nspacl) a where a.grantee = ${role}::regrole
    union all
    select format('execute %s', p.proname) from pg_proc p cross join lateral aclexplode(p.proacl) a
      where a.grantee = ${role}::regrole
    union all
    select format('member of %s', roleid::regrole) from pg_auth_members where member = ${role}::regrole
    order by line`.execute(db);
  return rows.map(({ line }) => line);
}

const columns = (privilege: string, table: string, names: string) =>
  names.split(' ').map((name) => `${privilege} ${table}.${name}`);
/** Whoever acts or reads adds to the log, and reads back what they have just added. */
const LOG = ['insert audit_entry', ...columns('select', 'audit_entry', 'id leaf')];

const expected: Readonly<Record<string, readonly string[]>> = {
  [roleOfAudience.ministry]: [
    ...LOG,
    ...columns('select', 'signed_release', 'period edition released_at content signature'),
  ],
  [roleOfAudience.guardian]: [
    ...LOG,
    ...columns('select', 'guardian_link', 'id person threads ends_at approved_at revoked_at'),
    ...columns('select', 'guardian_link', 'kind case_id shown'),
    ...columns('select', 'data_key', 'subject wrapped wrap_key'),
    ...columns('select', 'milestone', 'thread n stage at'),
  ],
  [roleOfAudience.auditor]: [
    ...LOG,
    ...columns('select', 'audit_entry', 'type at detail idx bytes salt'),
    ...columns('select', 'person', 'id role unit disabled_at'),
    ...columns(
      'select',
      'break_glass',
      'id person unit category opened_at expires_at review_due_at reviewed_by reviewed_at finding',
    ),
    'select log_checkpoint',
    'select log_node',
    'select cosignature',
  ],
  [roleOfAudience.operator]: LOG,
};

/** One line for each table: `act  select, insert, update (stage, thread)`; then what is no table. */
async function describeGrants(role: string): Promise<string> {
  const tables = new Map<string, Map<string, string[]>>();
  const other: string[] = [];
  for (const line of await grantsOf(role)) {
    const [, privilege, table, column] = /^(select|insert|update|delete) (\w+)(?:\.(\w+))?$/.exec(line) ?? [];
    if (privilege === undefined) {
      other.push(line);
      continue;
    }
    const ofTable = tables.get(table!) ?? new Map<string, string[]>();
    tables.set(table!, ofTable.set(privilege, [...(ofTable.get(privilege) ?? []), column ?? '']));
  }
  const lines = [...tables]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([table, privileges]) => {
      const said = ['select', 'insert', 'update', 'delete'].flatMap((privilege) => {
        const columns = privileges.get(privilege);
        if (columns === undefined) return [];
        // A privilege on the table and on columns of it is one on the table.
        return columns.includes('') ? [privilege] : [`${privilege} (${columns.sort().join(', ')})`];
      });
      return `  ${table.padEnd(24)} ${said.join(', ')}`;
    });
  return [role, ...lines, ...other.map((line) => `  ${line}`)].join('\n');
}

describe('the catalogue', () => {
  it('grants every role exactly what was read (grants.txt)', async () => {
    const roles = [NOBODY, ...workRoles, ...Object.values(roleOfAudience)];
    const described: string[] = [];
    for (const role of roles) described.push(await describeGrants(role));
    const head = `What each role of the database may do with which table and which columns of it, as the catalogue of PostgreSQL says it.
Which rows, the policies say. \`npx vitest run tests/node/storage/grants.test.ts -u\` writes this anew: read the difference.`;
    await expect(`${head}\n\n${described.join('\n\n')}\n`).toMatchFileSnapshot('grants.txt');
  });

  it('has no other role of ours', async () => {
    const { rows } = await sql<{ name: string }>`select rolname as name from pg_roles
      where rolname like 'app\\_%' or rolname like 'focalnet%' order by 1`.execute(db);
    const known = [OWNER, NOBODY, ...workRoles, ...Object.values(roleOfAudience)];
    expect(rows.map(({ name }) => name).filter((name) => !(known as string[]).includes(name))).toEqual([]);
  });

  it.each(Object.entries(expected))('grants %s exactly this', async (role, grants) => {
    expect(await grantsOf(role)).toEqual([...grants].sort());
  });

  it.each(Object.entries(expected))('lets %s read nothing else, whatever it asks', async (role, grants) => {
    const { rows } = await sql<{ name: string }>`select relname as name from pg_class
      where relkind in ('r', 'v', 'm', 'p', 'f') and relnamespace = 'public'::regnamespace`.execute(db);
    const readable = new Set(grants.flatMap((line) => /^select ([a-z_]+)/.exec(line)?.[1] ?? []));
    for (const { name } of rows) {
      const ask = db.transaction().execute(async (trx) => {
        await sql`set local role ${sql.id(role)}`.execute(trx);
        return sql`select count(*) from ${sql.table(name)}`.execute(trx);
      });
      if (readable.has(name)) await ask;
      else await expect(ask, name).rejects.toThrow(/permission denied/);
    }
    for (const command of [
      'delete from audit_entry',
      "update audit_entry set type = 'x'",
      'truncate audit_entry',
    ])
      await expect(
        db.transaction().execute(async (trx) => {
          await sql`set local role ${sql.id(role)}`.execute(trx);
          await sql.raw(command).execute(trx);
        }),
      ).rejects.toThrow(/permission denied/);
  });

  it('has row-level security forced on every table, an owner nobody logs in as, nothing for everybody', async () => {
    const { rows } = await sql<{ name: string; forced: boolean; owner: string; open: boolean }>`
      select relname as name, relrowsecurity and relforcerowsecurity as forced, relowner::regrole::text as owner,
        exists (select 1 from aclexplode(relacl) where grantee = 0)
          or exists (select 1 from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = c.oid and a.grantee = 0) as open
      from pg_class c where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`.execute(db);
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ forced, owner, open }) => !forced || owner !== OWNER || open)).toEqual([]);
  });

  it('has no view, which would look with its owner’s eyes, and no default privileges', async () => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
      union all select defaclobjtype::text from pg_default_acl`.execute(db);
    expect(rows).toEqual([]);
  });

  it('has functions with the owner’s eyes only about who acts, or not for everybody', async () => {
    const { rows } = await sql<{ name: string; open: boolean; path: string[] | null }>`
      select proname as name, proacl is null or exists (select 1 from aclexplode(proacl) where grantee = 0) as open,
        proconfig as path from pg_proc
      where prosecdef and prorettype <> 'trigger'::regtype and pronamespace = 'public'::regnamespace`.execute(
      db,
    );
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter(({ name, open }) => open && !name.startsWith('app_my_'))).toEqual([]);
    expect(rows.filter(({ path }) => !path?.includes('search_path=public, pg_temp'))).toEqual([]);
  });
});
