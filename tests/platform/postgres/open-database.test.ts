// What openDatabase promises: exact values, honest commits, no poisoned connection.
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HELD, openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';

type Tables = { note: { id: number; body: string } };

let test: TestDatabase;
let db: Kysely<Tables>;

beforeAll(async () => {
  test = await createTestDatabase();
  db = openDatabase<Tables>({ ...test.config, max: 1 });
  await sql`create table note (id bigint primary key, body text not null)`.execute(db);
});

afterAll(async () => {
  await db?.destroy();
  await test?.drop();
});

async function readOne(expression: ReturnType<typeof sql>): Promise<unknown> {
  const { rows } = await sql<{ v: unknown }>`select ${expression} as v`.execute(db);
  return rows[0]!.v;
}

/** Whether the server had any statement of the one connection while `work` ran, as it tells itself. */
async function hasSent(database: TestDatabase, work: () => Promise<unknown>): Promise<boolean> {
  const other = openDatabase<Tables>(database.config);
  const pid = await readOne(sql`pg_backend_pid()`);
  const started = async () => {
    const { rows } = await sql<{
      at: string;
    }>`select query_start::text as at from pg_stat_activity where pid = ${pid}`.execute(other);
    return rows[0]!.at;
  };
  const before = await started();
  await work();
  const after = await started();
  await other.destroy();
  return before !== after;
}

describe('values', () => {
  it('gives every safe bigint as a number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeInteger(), async (n) => {
        expect(await readOne(sql`${n.toString()}::int8`)).toBe(n === 0 ? 0 : n);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['9007199254740992', '-9007199254740992', '9223372036854775807'])(
    'refuses the bigint %s',
    async (n) => {
      await expect(readOne(sql`${n}::int8`)).rejects.toMatchObject({ code: 'VALUE_NOT_SAFE' });
      expect(await readOne(sql`1`)).toBe(1);
    },
  );

  it('gives every moment of timestamptz(3) as its milliseconds', async () => {
    const moments = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(20_000, 0, 1) });
    await fc.assert(
      fc.asyncProperty(moments, async (ms) => {
        const text = new Date(ms).toISOString().replace(/^\+0/, '');
        expect(await readOne(sql`${text}::timestamptz(3)`)).toBe(ms);
      }),
      {
        numRuns: 100,
        examples: [[0], [-1], [Date.UTC(9999, 11, 31, 23, 59, 59, 999)], [Date.UTC(10_000, 0, 1)]],
      },
    );
  });

  it('reads moments right whatever the role or database prefers', async () => {
    await sql.raw(`alter database ${test.config.database} set timezone = 'Asia/Kathmandu'`).execute(db);
    await sql.raw(`alter database ${test.config.database} set datestyle = 'German'`).execute(db);
    const other = openDatabase<Tables>(test.config);
    const { rows } = await sql<{ v: number }>`select '2027-01-15T00:00:00.5Z'::timestamptz as v`.execute(
      other,
    );
    await other.destroy();
    expect(rows[0]!.v).toBe(Date.UTC(2027, 0, 15, 0, 0, 0, 500));
  });

  it.each(['infinity', '-infinity', '0044-03-15 BC'])('refuses the moment %s', async (text) => {
    await expect(readOne(sql`${text}::timestamptz`)).rejects.toMatchObject({ code: 'VALUE_NOT_SAFE' });
  });

  it('refuses timestamps without time zone', async () => {
    await expect(readOne(sql`now()::timestamp`)).rejects.toMatchObject({ code: 'VALUE_NOT_SAFE' });
  });

  it('gives dates as text, bytes as bytes, nulls and arrays as they are', async () => {
    expect(await readOne(sql`'2027-01-15'::date`)).toBe('2027-01-15');
    expect(await readOne(sql`${new Uint8Array([0, 255, 10])}::bytea`)).toEqual(Buffer.from([0, 255, 10]));
    expect(await readOne(sql`null::int8`)).toBeNull();
    expect(await readOne(sql`array[1, null, 3]::int8[]`)).toEqual([1, null, 3]);
    expect(await readOne(sql`array[[1, 2], [3, 4]]::int8[]`)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await readOne(sql`array['1970-01-01Z'::timestamptz]`)).toEqual([0]);
    expect(await readOne(sql`array['2027-01-15'::date]`)).toEqual(['2027-01-15']);
  });
});

describe('transactions', () => {
  it('says so when a commit was in truth a rollback', async () => {
    const swallowing = db.transaction().execute(async (trx) => {
      await trx.insertInto('note').values({ id: 1, body: 'lost' }).execute();
      await sql`select 1 / 0`.execute(trx).catch(() => {});
    });
    await expect(swallowing).rejects.toMatchObject({ code: 'TRANSACTION_ROLLED_BACK' });
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([]);
  });

  it('does not lend out a connection that is still inside a transaction', async () => {
    const pid = await readOne(sql`pg_backend_pid()`);
    await db.connection().execute(async (one) => {
      await sql`begin`.execute(one);
      await sql`select 1`.execute(one);
    });
    expect(await readOne(sql`pg_backend_pid()`)).not.toBe(pid);
    expect(await readOne(sql`now() = statement_timestamp()`)).toBe(true);
  });

  it('sends nothing for a transaction without statements, and nothing of one that ends before its first', async () => {
    const sent = await hasSent(test, async () => {
      await db.transaction().execute(async () => {});
      const given = db.transaction().execute(async (trx) => {
        await sql`${sql.raw(HELD)}select 1 / 0`.execute(trx);
        throw new Error('given up');
      });
      await expect(given).rejects.toThrow('given up');
    });
    expect(sent).toBe(false);
    expect(await hasSent(test, () => readOne(sql`1`))).toBe(true);
  });

  it('holds a statement back until the next one, which gets its error', async () => {
    const failing = db.transaction().execute(async (trx) => {
      await trx.insertInto('note').values({ id: 8, body: 'lost' }).execute();
      await sql`${sql.raw(HELD)}insert into note values (8, 'twice')`.execute(trx);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    await db.transaction().execute(async (trx) => {
      await sql`${sql.raw(HELD)}insert into note values (9, ${'kept'})`.execute(trx);
    });
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([{ id: 9, body: 'kept' }]);
    await db.deleteFrom('note').execute();
  });

  it('does nothing after a held statement that failed', async () => {
    const failing = db.transaction().execute(async (trx) => {
      await sql`${sql.raw(HELD)}select 1 / 0`.execute(trx);
      await trx.insertInto('note').values({ id: 7, body: 'lost' }).execute();
    });
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([]);
  });

  it('keeps a connection after an ordinary error', async () => {
    const pid = await readOne(sql`pg_backend_pid()`);
    await expect(readOne(sql`1 / 0`)).rejects.toMatchObject({ code: '22012' });
    expect(await readOne(sql`pg_backend_pid()`)).toBe(pid);
  });

  it('goes on after its connection was cut, while idle and while in use', async () => {
    const other = openDatabase<Tables>(test.config);
    const pid = await readOne(sql`pg_backend_pid()`);
    await sql`select pg_terminate_backend(${pid}::int, 5000)`.execute(other);
    await expect.poll(() => readOne(sql`1`).catch(() => null)).toBe(1);
    await expect(sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)).rejects.toThrow();
    expect(await readOne(sql`1`)).toBe(1);
    await other.destroy();
  });

  it('fails a transaction whose connection is cut between two statements, and only that', async () => {
    const other = openDatabase<Tables>(test.config);
    const cut = db.transaction().execute(async (trx) => {
      await trx.insertInto('note').values({ id: 2, body: 'lost' }).execute();
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await sql`select pg_terminate_backend(${rows[0]!.pid}, 5000)`.execute(other);
      await trx.insertInto('note').values({ id: 3, body: 'lost too' }).execute();
    });
    await expect(cut).rejects.toThrow();
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([]);
    await other.destroy();
  });
});

describe('session', () => {
  it('limits statements and names itself', async () => {
    expect(await readOne(sql`current_setting('statement_timeout')`)).toBe('30s');
    expect(await readOne(sql`current_setting('application_name')`)).toBe('focalnet');
    const strict = openDatabase<Tables>({
      ...test.config,
      statement_timeout: 20,
      application_name: 'strict',
    });
    await expect(sql`select pg_sleep(60)`.execute(strict)).rejects.toMatchObject({ code: '57014' });
    await strict.destroy();
  });

  it('keeps options of the caller', async () => {
    const own = openDatabase<Tables>({ ...test.config, options: '-c search_path=pg_temp' });
    const { rows } = await sql<{ search_path: string }>`show search_path`.execute(own);
    await own.destroy();
    expect(rows[0]!.search_path).toBe('pg_temp');
  });
});
