// How fast, and how well, a child is found by name and birth among 100,000 cases of which the database holds blind tokens; beside a
// search of the same names in plaintext by trigrams (pg_trgm) in the same run.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { type BlindIndex, type BlindToken, makeBlindIndex } from '#node/matching/blind-index.ts';
import { compareFacts, compareWith } from '#node/matching/compare.ts';
import type { SearchableFacts } from '#node/matching/facts.ts';
import { findCandidates } from '#node/matching/find-candidates.ts';
import { indexFacts } from '#node/matching/index-facts.ts';
import { foldText } from '#node/matching/words.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { type NamePair, namePairs } from '../fixtures/names/corpus.ts';
import {
  BIRTH_DAYS,
  birthDay,
  makePerson,
  PEOPLE,
  type Random,
  type Size,
  seededRandom,
} from './population.ts';

type Bench = {
  readonly db: Kysely<Database>;
  readonly index: BlindIndex;
  readonly people: readonly Name[];
  readonly cases: number;
};
type Name = SearchableFacts['names'][number];

const WARM_UP_SEARCHES = 60;
const SEARCHES_OF_PEOPLE = 300;
/** Units among which the files are; somebody of one of them sees that share alone. */
const UNITS = 20;
const SEED = 20_261_126;

/**
 * `p50Ms`, `p95Ms`: from facts to candidates, one search at a time, as the head; `ofUnitP95Ms`: as somebody who sees one case in twenty. `found`: of the corpus's pairs that are one child, how many have
 * the other record among the 50 candidates; `recall`: how many are shown as well, names and births matching; `precision`: of all
 * pairs shown, how many are one child, though every pair was born in one year. `heldOut`: the same of pairs no rule was made for.
 * `compareP95Ms`: comparing 50 decrypted candidates. `plain`: trigrams of the names in Latin letters, in plaintext.
 */
export async function measureSearch({ cases }: Size) {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
  await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  try {
    await prepareDatabase(postgres.config);
    // As a superuser, and for the search as the head, who sees every case.
    const db = openDatabase<Database>({ ...postgres.config, max: 1 });
    await sql`select set_config('app.role', 'head', false)`.execute(db);
    const random = seededRandom(SEED);
    const index = makeBlindIndex(Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256)));
    const people = Array.from({ length: PEOPLE }, () => makePerson(random));
    const bench = { db, index, people, cases };
    await fillIndex(bench);
    await fillPlain(bench);
    const measured = await measure(bench, random);
    await db.destroy();
    return measured;
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ids as long as those of case files. */
const caseId = (i: string) => sql.raw(`'01a3185c-0000-7000-8000-' || lpad((${i})::text, 12, '0')`);
const pairId = (n: number) => `01a3185c-0000-7000-9000-${String(n).padStart(12, '0')}`;

/** Tokens of each name and each birth once, put together by the database: 100,000 cases in seconds. */
export async function fillIndex({ db, index, people, cases }: Bench): Promise<void> {
  await sql`create table bench_name (n int, kind smallint, token bytea)`.execute(db);
  await sql`create table bench_birth (n int, kind smallint, token bytea)`.execute(db);
  const namesOf = (n: number) => index.tokensToKeep({ names: [people[n]!], births: [], nationalities: [] });
  const birthsOf = (n: number) => index.tokensToKeep({ names: [], births: [birthOf(n)], nationalities: [] });
  await fill(db, 'bench_name', PEOPLE, namesOf);
  await fill(db, 'bench_birth', BIRTH_DAYS, birthsOf);
  await sql`alter table search_token drop constraint search_token_pkey`.execute(db);
  await sql`drop index search_token_case`.execute(db);
  const byCase = (table: string, of: number) => sql`insert into search_token (kind, token, case_id)
    select kind, token, ${caseId('i')} from generate_series(0, ${cases - 1}) i join ${sql.table(table)} b on b.n = (i * 7919::bigint) % ${of}::int`;
  await byCase('bench_name', PEOPLE).execute(db);
  await byCase('bench_birth', BIRTH_DAYS).execute(db);
  await sql`alter table search_token add primary key (kind, token, case_id)`.execute(db);
  await sql`create index search_token_case on search_token (case_id)`.execute(db);
  for (const [n, { right, left }] of namePairs.entries())
    await db
      .transaction()
      .execute((trx) => indexFacts(trx, index, pairId(n), withBirth(right, left, n, 'day')));
  await sql`insert into case_file (id, unit, opened_by, opened_at, updated_at)
    select id, 'unit-' || n % ${UNITS}, 'officer', 0, 0 from (select ${caseId('i')} as id, i as n from generate_series(0, ${cases - 1}) i
      union all select id, n from unnest(${namePairs.map((_, n) => pairId(n))}::text[]) with ordinality as pair (id, n)) as every`.execute(
    db,
  );
  await sql`vacuum analyze search_token, case_file`.execute(db);
}

async function fill(
  db: Kysely<Database>,
  table: string,
  count: number,
  tokensOf: (n: number) => readonly BlindToken[],
): Promise<void> {
  const CHUNK = 2_000;
  for (let from = 0; from < count; from += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, count - from) }, (_, n) => n + from).flatMap((n) =>
      tokensOf(n).map(({ kind, token }) => [n, kind, Buffer.from(token).toString('hex')] as const),
    );
    const column = (at: 0 | 1 | 2) => rows.map((row) => row[at]);
    await sql`insert into ${sql.table(table)} select n, kind, decode(token, 'hex')
      from unnest(${column(0)}::int[], ${column(1)}::smallint[], ${column(2)}::text[]) as r (n, kind, token)`.execute(
      db,
    );
  }
}

async function fillPlain({ db, people, cases }: Bench): Promise<void> {
  await sql`create extension pg_trgm`.execute(db);
  await sql`create table bench_plain (case_id text primary key, name text not null)`.execute(db);
  const names = people.map(latinOf);
  await sql`insert into bench_plain select ${caseId('i')}, (${names}::text[])[1 + (i * 7919::bigint) % ${PEOPLE}::int]
    from generate_series(0, ${cases - 1}) i`.execute(db);
  await sql`insert into bench_plain select id, name from unnest(${namePairs.map((_, n) => pairId(n))}::text[],
    ${namePairs.map(({ right }) => latinOf(right.names[0]!))}::text[]) as r (id, name)`.execute(db);
  await sql`create index bench_plain_name on bench_plain using gin (name gin_trgm_ops)`.execute(db);
  await sql`vacuum analyze bench_plain`.execute(db);
}

const latinOf = ({ parts, language, romanised }: Name): string =>
  foldText([...parts.map(({ value }) => value), romanised ?? ''].join(' '), language);

/** Days for most, a year for one in four: what is known when a child is enquired about. */
const birthOf = (n: number) =>
  n % 4 === 0 ? yearOf(birthDay(n)) : { earliest: birthDay(n), latest: birthDay(n) };
const yearOf = (day: string) => ({
  earliest: `${day.slice(0, 4)}-01-01`,
  latest: `${day.slice(0, 4)}-12-31`,
});

/** Pairs that say no birth get one year, sought as a year and found as a day of it: also those that are two children. */
function withBirth(
  facts: SearchableFacts,
  other: SearchableFacts,
  n: number,
  as: 'year' | 'day',
): SearchableFacts {
  if (facts.births.length > 0 || other.births.length > 0) return facts;
  const day = birthDay((n * 977) % BIRTH_DAYS);
  return { ...facts, births: [as === 'year' ? yearOf(day) : { earliest: day, latest: day }] };
}

async function measure(bench: Bench, random: Random) {
  const soughtPeople = Array.from({ length: SEARCHES_OF_PEOPLE }, () => someoneSought(bench, random));
  const soughtPairs = namePairs.map(({ left, right }, n) => withBirth(left, right, n, 'year'));
  const search = (facts: SearchableFacts) => findCandidates(bench.db, bench.index, facts);
  const plain = (facts: SearchableFacts) => searchPlain(bench.db, facts);
  for (const facts of soughtPeople.slice(0, WARM_UP_SEARCHES))
    await Promise.all([search(facts), plain(facts)]);

  const people = await timeEach(soughtPeople, search);
  const pairs = await timeEach(soughtPairs, search);
  const plainPeople = await timeEach(soughtPeople, plain);
  const plainPairs = await timeEach(soughtPairs, plain);
  const ofUnit = sorted((await asOfficer(bench.db, () => timeEach(soughtPeople, search))).tookMs);
  const found = (answers: readonly Named[][]) =>
    answers.map((all, n) => all.some((one) => one.caseId === pairId(n)));
  const latencies = sorted([...people.tookMs, ...pairs.tookMs]);
  const plainLatencies = sorted([...plainPeople.tookMs, ...plainPairs.tookMs]);
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from search_token`.execute(bench.db);
  return {
    p50Ms: at(latencies, 0.5),
    p95Ms: at(latencies, 0.95),
    ofUnitP95Ms: at(ofUnit, 0.95),
    ...judge(found(pairs.answers), () => true),
    heldOut: judge(found(pairs.answers), ({ heldOut }) => heldOut),
    compareP95Ms: at(sorted(soughtPairs.map((facts) => timeComparisons(facts, bench, random))), 0.95),
    plain: {
      p50Ms: at(plainLatencies, 0.5),
      p95Ms: at(plainLatencies, 0.95),
      found: judge(found(plainPairs.answers), () => true).found,
    },
    tokensPerCase: rows[0]!.n / (bench.cases + namePairs.length),
  };
}

/** As somebody who sees one case in twenty. */
async function asOfficer<T>(db: Kysely<Database>, work: () => Promise<T>): Promise<T> {
  const take = (role: string) =>
    sql`select set_config('app.role', ${role}, false), set_config('app.unit', 'unit-3', false), set_config('app.person', 'officer', false)`;
  await take('officer').execute(db);
  const done = await work();
  await take('head').execute(db);
  return done;
}

type Named = { readonly caseId: string };

/** A person of the population, by the name as written or in Latin letters, and the year of birth. */
function someoneSought({ people }: Bench, random: Random): SearchableFacts {
  const name = people[Math.floor(random() * people.length)]!;
  const latin: Name = { parts: [{ kind: 'undivided', value: latinOf(name) }], script: 'Latn' };
  const birth = yearOf(birthDay(Math.floor(random() * BIRTH_DAYS)));
  return { names: [random() < 0.5 ? name : latin], births: [birth], nationalities: [] };
}

async function searchPlain(db: Kysely<Database>, { names }: SearchableFacts): Promise<Named[]> {
  const name = latinOf(names[0]!);
  const { rows } = await sql<{ case_id: string }>`
    select case_id from bench_plain where name % ${name} order by similarity(name, ${name}) desc, case_id limit 50`.execute(
    db,
  );
  return rows.map(({ case_id }) => ({ caseId: case_id }));
}

async function timeEach<T>(all: readonly SearchableFacts[], work: (facts: SearchableFacts) => Promise<T>) {
  const answers: T[] = [];
  const tookMs: number[] = [];
  for (const facts of all) {
    const startedMs = performance.now();
    answers.push(await work(facts));
    tookMs.push(performance.now() - startedMs);
  }
  return { answers, tookMs };
}

function timeComparisons(facts: SearchableFacts, { people }: Bench, random: Random): number {
  const others = Array.from({ length: 50 }, (_, n) => ({
    names: [people[Math.floor(random() * people.length)]!],
    births: [birthOf(n)],
    nationalities: [],
  }));
  const startedMs = performance.now();
  const compare = compareWith(facts);
  for (const other of others) compare(other);
  return performance.now() - startedMs;
}

function judge(found: readonly boolean[], counts: (pair: NamePair) => boolean) {
  const judged = namePairs.map((pair, n) => ({
    ...pair,
    found: found[n]!,
    shown: found[n]! && isShown(pair, n),
  }));
  const all = judged.filter(counts);
  const same = all.filter((pair) => pair.same);
  const shown = all.filter((pair) => pair.shown);
  return {
    found: same.filter((pair) => pair.found).length / same.length,
    recall: same.filter((pair) => pair.shown).length / same.length,
    precision: shown.filter((pair) => pair.same).length / shown.length,
  };
}

function isShown({ left, right }: NamePair, n: number): boolean {
  const { fields } = compareFacts(withBirth(left, right, n, 'year'), withBirth(right, left, n, 'day'));
  return fields.every(({ outcome }) => outcome !== 'mismatch');
}

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((one, other) => one - other);
const at = (ordered: readonly number[], share: number): number =>
  ordered[Math.ceil(ordered.length * share) - 1]!;
