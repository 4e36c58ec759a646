/** The blind index in a real database: what it finds, what it keeps with a case, and that nobody reads it past its case. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeBlindIndex } from '#node/matching/blind-index.ts';
import type { SearchableFacts } from '#node/matching/facts.ts';
import { findCandidates, MOST_CANDIDATES } from '#node/matching/find-candidates.ts';
import { indexFacts, removeTokens } from '#node/matching/index-facts.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { roleOfAudience } from '#node/storage/roles.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';
import { namePairs } from '../../fixtures/names/corpus.ts';

const index = makeBlindIndex(Uint8Array.from({ length: 32 }, (_, n) => n * 7));
const OFFICER = roleOfAudience.officer;
let database: TestDatabase;
let db: Kysely<Database>;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepareDatabase(database.config);
  // As a superuser past the walls, and for the search as the head, who sees every case.
  db = openDatabase<Database>({ ...database.config, max: 1 });
  await sql`select set_config('app.role', 'head', false)`.execute(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate search_token, case_file cascade`.execute(db);
});

const named = (value: string, script = 'Latn', born?: string): SearchableFacts => ({
  names: [{ parts: [{ kind: 'undivided', value }], script }],
  births: born === undefined ? [] : [{ earliest: born, latest: born }],
  nationalities: [],
});
const keep = (caseId: string, facts: SearchableFacts, unit = 'national') =>
  db.transaction().execute(async (trx) => {
    const times = { opened_at: 0, updated_at: 0 };
    await trx
      .insertInto('case_file')
      .values({ id: caseId, unit, opened_by: 'officer-1', ...times })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return indexFacts(trx, index, caseId, facts);
  });
const find = async (facts: SearchableFacts, search = {}) =>
  (await findCandidates(db, index, facts, search)).map(({ caseId }) => caseId);
const countOf = (caseId: string) =>
  db
    .selectFrom('search_token')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .where('case_id', '=', caseId)
    .executeTakeFirstOrThrow()
    .then(({ n }) => Number(n));

describe('a search', () => {
  it('finds a case by a name in another script, the likeliest first', async () => {
    await keep('both', named('Юлия Петрова', 'Cyrl', '2010-03-01'));
    await keep('name', named('Петрова Юлия', 'Cyrl', '2001-03-01'));
    await keep('family', named('Anna Petrova', 'Latn', '2010-03-01'));
    await keep('other', named('Giorgi Maisuradze', 'Latn', '2010-03-01'));
    expect(await find(named('Iuliia Petrova', 'Latn', '2010-03-01'))).toEqual(['both', 'name', 'family']);
  });

  it('finds nobody by a birth alone', async () => {
    await keep('one', named('Anna', 'Latn', '2010-03-01'));
    expect(await find(named('Giorgi', 'Latn', '2010-03-01'))).toEqual([]);
    expect(
      await find({ names: [], births: named('', 'Latn', '2010-03-01').births, nationalities: [] }),
    ).toEqual([]);
    expect(await find({ names: [], births: [], nationalities: [] })).toEqual([]);
  });

  it('counts a rare word more than a common one', async () => {
    await keep('rare', named('Fatima Quilaqueo'));
    for (let n = 0; n < 60; n++)
      await keep(`common-${n}`, named(`Maria Surname${String.fromCharCode(97 + (n % 26))}`));
    expect((await find(named('Maria Quilaqueo')))[0]).toBe('rare');
  });

  it('gives at most 50, in an order that does not change, without the case that searches', async () => {
    for (let n = 0; n < 60; n++) await keep(`c-${String(n).padStart(2, '0')}`, named('Maria Rossi'));
    const all = await find(named('Maria Rossi'));
    expect(all).toHaveLength(MOST_CANDIDATES);
    expect(all).toEqual([...all].sort());
    expect(await find(named('Maria Rossi'), { except: 'c-00', most: 2 })).toEqual(['c-01', 'c-02']);
    expect(await find(named('Maria Rossi'), { most: 1_000 })).toHaveLength(MOST_CANDIDATES);
  });

  it('with another key finds nothing', async () => {
    await keep('one', named('Maria Rossi', 'Latn', '2010-03-01'));
    const other = makeBlindIndex(new Uint8Array(32).fill(9));
    expect(await findCandidates(db, other, named('Maria Rossi', 'Latn', '2010-03-01'))).toEqual([]);
  });

  it('of every pair of the corpus that is one child brings up the other, among all of them', async () => {
    for (const [n, { right }] of namePairs.entries()) await keep(`pair-${n}`, right);
    const same = [...namePairs.entries()].filter(([, pair]) => pair.same);
    const missed: string[] = [];
    for (const [n, { left, line }] of same) if (!(await find(left)).includes(`pair-${n}`)) missed.push(line);
    // Two names that share no word by sound: 0.99 was measured.
    expect(missed.length / same.length).toBeLessThanOrEqual(0.02);
  });
});

describe('the tokens of a case', () => {
  it('are replaced, not added to', async () => {
    const first = await keep('one', named('Maria Rossi', 'Latn', '2010-03-01'));
    expect(await countOf('one')).toBe(first);
    await keep('one', named('Anna Bianchi'));
    expect(await find(named('Maria Rossi', 'Latn', '2010-03-01'))).toEqual([]);
    expect(await find(named('Anna Bianchi'))).toEqual(['one']);
    expect(await keep('one', { names: [], births: [], nationalities: [] })).toBe(0);
    expect(await countOf('one')).toBe(0);
  });

  it('stay as they were if the facts are refused or the transaction fails', async () => {
    const before = await keep('one', named('Maria Rossi'));
    await expect(keep('one', named('Anna', 'Latn', '2010-13-01'))).rejects.toMatchObject({
      code: 'BIRTH_INVALID',
    });
    const failing = db.transaction().execute(async (trx) => {
      await indexFacts(trx, index, 'one', named('Anna'));
      throw new Error('the caller fails');
    });
    await expect(failing).rejects.toThrow('the caller fails');
    expect(await countOf('one')).toBe(before);
    expect(await find(named('Maria Rossi'))).toEqual(['one']);
  });

  it('go whole, and only those of the case', async () => {
    await keep('one', named('Maria Rossi'));
    const other = await keep('other', named('Maria Rossi'));
    await db.transaction().execute((trx) => removeTokens(trx, 'one'));
    expect([await countOf('one'), await countOf('other')]).toEqual([0, other]);
  });

  it('are read by nobody', async () => {
    await keep('one', named('Maria Rossi'));
    const reading = asPerson('north', (trx) => trx.selectFrom('search_token').select('token').execute());
    await expect(reading).rejects.toThrow('permission denied for table search_token');
  });
});

describe('a person', () => {
  it('finds, keeps and removes only for cases that the person sees', async () => {
    for (let n = 0; n < 60; n++) await keep(`south-${n}`, named('Maria Rossi'), 'south');
    await keep('north-1', named('Mariya Rossi'), 'north');
    const found = async (unit: string, name: string) =>
      (await asPerson(unit, (trx) => findCandidates(trx, index, named(name)))).map(({ caseId }) => caseId);
    expect(await found('north', 'Maria Rossi')).toEqual(['north-1']);
    expect(await found('south', 'Maria Rossi')).toHaveLength(MOST_CANDIDATES);
    expect(await found('east', 'Maria Rossi')).toEqual([]);

    await asPerson('north', (trx) => indexFacts(trx, index, 'north-1', named('Anna Bianchi')));
    expect(await found('north', 'Anna Bianchi')).toEqual(['north-1']);
    await expect(
      asPerson('north', (trx) => indexFacts(trx, index, 'south-1', named('Anna Bianchi'))),
    ).rejects.toThrow('row-level security');
    const before = await countOf('south-1');
    await asPerson('north', (trx) => removeTokens(trx, 'south-1'));
    expect(before).toBeGreaterThan(0);
    expect(await countOf('south-1')).toBe(before);
  });

  it('does not find a case that is for named readers only', async () => {
    await keep('closed', named('Maria Rossi'), 'north');
    await sql`update case_file set eyes_only = true where id = 'closed'`.execute(db);
    expect(await asPerson('north', (trx) => findCandidates(trx, index, named('Maria Rossi')))).toEqual([]);
    expect(await find(named('Maria Rossi'))).toEqual(['closed']);
  });
});

/** In a transaction of an officer of this unit (node/storage/doors.ts). */
function asPerson<T>(unit: string, work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`select set_config('app.person', 'officer-1', true), set_config('app.purpose', 'care', true),
      set_config('app.role', 'officer', true), set_config('app.unit', ${unit}, true), set_config('app.now', '0', true)`.execute(
      trx,
    );
    await sql`set local role ${sql.id(OFFICER)}`.execute(trx);
    return work(trx);
  });
}
