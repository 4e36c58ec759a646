// Case files as an office uses them, among 100,000: opened with the record of it, written in, found, imported. Beside the same work on
// the same rows in the open in the same run, which is what encryption costs.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { Actor } from '#node/access/actor.ts';
import type { CaseContext } from '#node/cases/context.ts';
import { readItems } from '#node/cases/history.ts';
import { readCase } from '#node/cases/list-cases.ts';
import { insertCases } from '#node/cases/open-case.ts';
import { readSought, searchCases } from '#node/cases/search-cases.ts';
import { makeEntry, type NewStatement } from '#node/cases/statement.ts';
import { addEntries, lockCase, readEntries } from '#node/cases/store.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import { importTable } from '#node/interchange/import-table.ts';
import { openBlindIndex } from '#node/matching/open-index.ts';
import { runAs } from '#node/operation.ts';
import { openReading, type Reading } from '#node/reading.ts';
import { withCase } from '#node/storage/case-walls.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { type Doors, openDoors } from '#node/storage/doors.ts';
import { openTable } from '#node/storage/walls.ts';
import { createKeyFile, openFileKeys } from '#node/vault/file-keys.ts';
import { openVault } from '#node/vault/vault.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { inRounds, inTurns } from './by-turns.ts';
import { fillIndex } from './measure-search.ts';
import { birthDay, makePerson, PEOPLE, type Size, seededRandom } from './population.ts';

/** Files with content that opens; the others are as large and never opened. */
const OPENED = 2_000;
const ENTRIES_OF_OTHERS = 3;
const BATCH = 500;
const SEARCHES = 200;
const ROUND_MS = 1_200;
const IMPORTED = 10_000;
const SEED = 20_261_126;

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const provenance = { source: 'register', confidence: 'claimed' } as const;
const officer: Actor = {
  ...{
    id: 'officer',
    name: 'Officer (invented)',
    role: 'officer',
    office: 'Invented office',
    unit: 'own',
  },
  ...{ signedInMs: 0, purpose: 'case-work' },
};

interface Office {
  readonly db: Kysely<Database>;
  readonly ctx: CaseContext & { readonly doors: Doors };
}

async function withOffice<T>(work: (office: Office) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
  await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  try {
    await prepareDatabase(postgres.config);
    const path = join(folder, 'vault.json');
    await createKeyFile(path, random);
    const vault = openVault({
      node: 'xa',
      provider: await openFileKeys(path, random),
      nowMs: Date.now,
      random,
    });
    const doors = openDoors(postgres.config, Date.now);
    const db = openDatabase<Database>({ ...postgres.config, max: 1 });
    const surroundings = { nowMs: Date.now, random, vault };
    const ctx = { doors, surroundings, changes: { publish: () => {} } };
    return await work({ db, ctx }).finally(() => Promise.all([doors.close(), db.destroy()]));
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * `openPerSecond`: a file with all its entries, and the record of reading it committed; `openFloorRatio`: beside the same with the
 * entries in the open. `savePerSecond` and `saveFloorRatio`: a note added; `saveNamePerSecond`: a name changed, with its tokens.
 * `searchP50Ms`, `searchP95Ms`: an officer's whole search, candidates decrypted and compared, recorded.
 */
export async function measureCase({ cases }: Size) {
  return withOffice(async (office) => {
    const ids = await fill(office, cases);
    const { ctx } = office;
    const some = (i: number) => ids[(i * 73) % ids.length]!;
    const open = await inTurns(
      {
        plain: (i) => openFile(ctx, some(i), readPlain),
        sealed: (i) => openFile(ctx, some(i), readSealed),
      },
      ROUND_MS,
    );
    const save = await inTurns(
      { plain: (i) => savePlain(ctx, some(i)), sealed: (i) => writeEntry(ctx, officer, noteFor(some(i))) },
      ROUND_MS,
    );
    const saveName = await inRounds((i) => writeEntry(ctx, officer, nameFor(some(i), i)), ROUND_MS);
    const searches = await timeSearches(ctx);
    return {
      openPerSecond: open.perSecond,
      openPlainPerSecond: open.plainPerSecond,
      openFloorRatio: open.ratio,
      savePerSecond: save.perSecond,
      savePlainPerSecond: save.plainPerSecond,
      saveFloorRatio: save.ratio,
      saveNamePerSecond: saveName,
      ...searches,
    };
  });
}

const personOf = (n: number) => makePerson(seededRandom(SEED + n));

function statementsOf(n: number): NewStatement[] {
  const { parts, script, language } = personOf(n);
  const day = birthDay(n);
  const note = { text: 'INVENTED '.repeat(20), language: 'en' };
  return [
    {
      kind: 'name',
      value: {
        kind: 'current',
        parts: parts.map(({ value }) => ({ kind: 'undivided', value })),
        script,
        language,
      },
      provenance,
    },
    {
      kind: 'birth',
      value: {
        ...{ earliest: day, latest: day, precision: 'day', basis: 'document', findings: [] },
        ...{ disputed: false, presumedMinor: true },
      },
      provenance,
    },
    { kind: 'gender', value: { gender: 'Feminine' }, provenance },
    { kind: 'note', value: { note }, provenance },
    { kind: 'note', value: { note }, provenance },
    { kind: 'mark', value: { mark: note }, provenance },
  ] as NewStatement[];
}

/** @returns files whose content opens */
async function fill({ db, ctx }: Office, cases: number): Promise<string[]> {
  const index = await db.transaction().execute((trx) => openBlindIndex(trx, ctx.surroundings.vault));
  const people = Array.from({ length: PEOPLE }, (_, n) => personOf(n));
  await fillIndex({ db, index, people, cases });
  // Without looking up for each row that its file is there.
  await sql`set session_replication_role = replica`.execute(db);
  await sql`insert into case_entry (id, case_id, n, file_id, author, at, sealed)
    select md5(f.id || g), f.id, g, f.id, 'officer', 0, decode(repeat(md5(f.id || g), 12), 'hex')
    from case_file f cross join generate_series(1, ${ENTRIES_OF_OTHERS}) g`.execute(db);
  await sql`reset session_replication_role`.execute(db);
  const ids: string[] = [];
  for (let from = 0; from < OPENED; from += BATCH)
    await runAs(ctx, officer, async (op) => {
      const batch = Array.from({ length: BATCH }, (_, n) => ({
        id: `01a3185c-0000-7000-a000-${String(from + n).padStart(12, '0')}`,
        entries: statementsOf(from + n).map((one) => makeEntry(one, random)),
      }));
      await insertCases(
        op,
        batch.map(({ id }) => id),
      );
      await addEntries(op, batch);
      ids.push(...batch.map(({ id }) => id));
    });
  await fillPlain({ db, ctx }, ids);
  await sql`vacuum analyze`.execute(db);
  return ids;
}

/** What is sealed in these files, in the open and behind the same wall. */
async function fillPlain({ db, ctx }: Office, ids: readonly string[]): Promise<void> {
  await sql`create table bench_entry (id text primary key, file_id text not null references case_file, body text not null)`.execute(
    db,
  );
  await openTable(db as Kysely<unknown>, 'bench_entry', {
    officer: {
      privileges: 'select, insert',
      rows: {
        select: { using: withCase('bench_entry.file_id') },
        insert: { check: withCase('bench_entry.file_id') },
      },
    },
  });
  await sql`create index bench_entry_file on bench_entry (file_id)`.execute(db);
  const entries = await db.transaction().execute((trx) => readEntries(trx, ctx.surroundings.vault, ids));
  const rows = [...entries].flatMap(([file, all]) =>
    all.map(({ id, ...entry }) => [id, file, JSON.stringify(entry)] as const),
  );
  const column = (at: 0 | 1 | 2) => rows.map((row) => row[at]);
  await sql`insert into bench_entry (id, file_id, body)
    select * from unnest(${column(0)}::text[], ${column(1)}::text[], ${column(2)}::text[])`.execute(db);
}

type Read = (ctx: CaseContext, reading: Reading, id: string) => Promise<number>;

const openFile = (ctx: Office['ctx'], id: string, read: Read): Promise<void> =>
  inReading(ctx, ['case'], async (reading) => {
    await readCase(await reading.trx(), officer, id, Date.now());
    reading.noteContent(id);
    if ((await read(ctx, reading, id)) < 6) throw new Error('the file is not what was written');
  });

async function inReading(
  ctx: Office['ctx'],
  fields: readonly string[],
  work: (reading: Reading) => Promise<void>,
): Promise<void> {
  const reading = openReading(ctx, officer);
  try {
    await work(reading);
    await reading.finish(fields);
  } finally {
    await reading.abandon();
  }
}

const readSealed: Read = async (ctx, reading, id) =>
  readItems((await readEntries(await reading.trx(), ctx.surroundings.vault, [id])).get(id)!).length;

const readPlain: Read = async (_ctx, reading, id) => {
  const { rows } = await sql<{ id: string; body: string }>`
    select id, body from bench_entry where file_id = ${id}`.execute(await reading.trx());
  return readItems(rows.map((row) => ({ id: row.id, ...JSON.parse(row.body) }))).length;
};

const noteFor = (id: string) => ({
  ...{ case: id, kind: 'note' as const, replaces: [], provenance },
  value: { note: { text: 'INVENTED '.repeat(20), language: 'en' } },
});

const nameFor = (id: string, i: number) => ({
  ...{ case: id, kind: 'name' as const, replaces: [], provenance },
  value: { kind: 'alias', parts: [{ kind: 'given', value: `Invented${i}` }], script: 'Latn' },
});

/** As writeEntry: asked, held, read, added, recorded; only nothing is sealed. */
async function savePlain(ctx: Office['ctx'], id: string): Promise<void> {
  await runAs(ctx, officer, async (op) => {
    await op.require('case.write', id);
    const file = await lockCase(op, id);
    const { rows } = await sql<{ body: string }>`select body from bench_entry where file_id = ${id}`.execute(
      op.trx,
    );
    for (const { body } of rows) JSON.parse(body);
    const entry = Buffer.from(op.random(16)).toString('hex');
    const body = JSON.stringify({ ...noteFor(id), n: file.n + 1, caseId: id, atMs: op.nowMs });
    await sql`insert into bench_entry (id, file_id, body) values (${entry}, ${id}, ${body})`.execute(op.trx);
    await op.trx.updateTable('case_file').set({ updated_at: op.nowMs }).where('id', '=', id).execute();
    await op.audit('case.written', { case: id, entry, n: file.n + 1, by: officer.id });
  });
}

async function timeSearches(ctx: Office['ctx']) {
  const tookMs: number[] = [];
  for (let n = 0; n < SEARCHES; n++) {
    const { parts, language } = personOf(n * 7);
    const day = birthDay(n * 7);
    const births = [{ earliest: `${day.slice(0, 4)}-01-01`, latest: `${day.slice(0, 4)}-12-31` }];
    const written = parts.map(({ value }) => value).join(' ');
    const sought = readSought({ names: [{ written, language }], births });
    const startedMs = performance.now();
    await inReading(ctx, ['searchCases'], async (reading) => {
      const found = await searchCases(await reading.reader(), officer, Date.now(), { sought, first: 10 });
      for (const { row } of found) reading.noteContent(row.id);
    });
    tookMs.push(performance.now() - startedMs);
  }
  tookMs.sort((one, other) => one - other);
  return { searchP50Ms: tookMs[SEARCHES / 2]!, searchP95Ms: tookMs[Math.ceil(SEARCHES * 0.95) - 1]! };
}

/** `rowsPerSecond`: a spreadsheet of 10,000 rows, checked, written, found by name; `seconds`: all of it. */
export async function measureImport({ cases }: Size) {
  return withOffice(async ({ ctx }) => {
    const rows = Math.min(IMPORTED, cases);
    const lines = Array.from({ length: rows }, (_, n) => {
      const [given, family] = personOf(n).parts.map(({ value }) => value.replaceAll(/[;"\n]/g, ' '));
      return [given, family ?? given, birthDay(n), n % 2 ? 'Feminine' : 'Masculine'].join(';');
    });
    const table = Buffer.from(['prs_FirstName;prs_SecondName;prs_Birthdate;prs_Gender', ...lines].join('\n'));
    const begun = performance.now();
    let last = { done: 0, of: rows };
    for await (const step of importTable(ctx, officer, table, provenance)) last = step;
    if (last.done !== rows) throw new Error('the import did not come to its end');
    const seconds = (performance.now() - begun) / 1000;
    return { rowsPerSecond: rows / seconds, seconds };
  });
}
