// What keeping content sealed costs: values alone, pages and saves beside the same rows in the open, and the rotation of wrapping keys.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { createKeyFile, openFileKeys } from '#node/vault/file-keys.ts';
import { rotateWrapping } from '#node/vault/rotate-keys.ts';
import { openRows, type SealedColumns, sealColumns } from '#node/vault/sealed-columns.ts';
import { closedVault, conversationKey, openVault, type Vault } from '#node/vault/vault.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { inRounds, inTurns } from './by-turns.ts';

const ROWS = 10_000;
const PAGE = 50;
const VALUE_BYTES = 1024;
const AT_ONCE = 1000;

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const text = 'INVENTED '.repeat(VALUE_BYTES / 8).slice(0, VALUE_BYTES);

type Row = { id: string; thread: string };
const sealedBench: SealedColumns<Row, 'body'> = {
  table: 'bench_sealed',
  columns: ['body'],
  row: ({ id }) => id,
  subject: ({ thread }) => conversationKey(thread),
};
/** Another row, or page, with each turn. */
const at = (turn: number): number => (turn * 73) % (ROWS - PAGE);
const rowOf = (i: number): Row => ({ id: `row-${i}`, thread: `thread-${i}` });

/**
 * `sealPerSecond`, `openPerSecond`: values of 1 KB; `page` and `save`: pages of 50 rows of as many conversations, and rows saved,
 * a second, sealed and in the open by turns, with the share that is left; `firstPage`: with no key held; `rotation.perSecond`.
 */
export async function measureVault() {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
  await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  const db = openDatabase<Database>({ ...postgres.config, max: 1 });
  try {
    await prepareDatabase(postgres.config);
    const path = join(folder, 'vault.json');
    await createKeyFile(path, random);
    const provider = await openFileKeys(path, random);
    const open = () => openVault({ node: 'xa', provider, nowMs: Date.now, random });
    const vault = open();
    await fill(db, vault);
    const values = await measureValues(db, vault);
    const page = await inTurns({
      plain: (i) => readPlain(db, at(i)),
      sealed: (i) => readPage(db, vault, at(i)),
    });
    const firstPage = await inTurns({
      plain: (i) => readPlain(db, at(i)),
      sealed: (i) => readPage(db, open(), at(i)),
    });
    const save = await inTurns({
      plain: (i) =>
        db
          .transaction()
          .execute((trx) => sql`update bench_plain set body = ${text} where n = ${at(i)}`.execute(trx)),
      sealed: (i) =>
        db.transaction().execute(async (trx) => {
          const { body } = await sealColumns({ trx, vault }, sealedBench, rowOf(at(i)), { body: text });
          await sql`update bench_sealed set body = ${body} where n = ${at(i)}`.execute(trx);
        }),
    });
    const begun = performance.now();
    const surroundings = { nowMs: Date.now, random, vault: closedVault };
    const { rewrapped } = await rotateWrapping({ db, surroundings, provider });
    const rotation = { perSecond: rewrapped / ((performance.now() - begun) / 1000) };
    return { ...values, page, firstPage, save, rotation };
  } finally {
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true });
  }
}

async function fill(db: Kysely<Database>, vault: Vault): Promise<void> {
  for (const [table, type] of [
    ['bench_plain', 'text'],
    ['bench_sealed', 'bytea'],
  ] as const)
    await sql`create table ${sql.table(table)} (id text primary key, thread text not null, n int not null unique, body ${sql.raw(type)} not null)`.execute(
      db,
    );
  for (let first = 0; first < ROWS; first += AT_ONCE) {
    const rows = Array.from({ length: AT_ONCE }, (_, k) => rowOf(first + k));
    await db.transaction().execute(async (trx) => {
      const keys = await vault.forWriting(trx, rows.map(sealedBench.subject));
      const bodies = rows.map((row) => keys.seal(placeOf(row), text));
      const [ids, threads] = [rows.map(({ id }) => id), rows.map(({ thread }) => thread)];
      await sql`insert into bench_sealed (id, thread, n, body) select id, thread, ${first}::int - 1 + k::int, body
        from unnest(${ids}::text[], ${threads}::text[], ${bodies}::bytea[]) with ordinality as new (id, thread, body, k)`.execute(
        trx,
      );
    });
  }
  await sql`insert into bench_plain (id, thread, n, body) select id, thread, n, ${text} from bench_sealed`.execute(
    db,
  );
  await sql`vacuum analyze`.execute(db);
}

const placeOf = (row: Row) => ({
  table: sealedBench.table,
  column: 'body',
  row: row.id,
  subject: sealedBench.subject(row),
  version: 1,
});

const readPlain = (db: Kysely<Database>, i: number) =>
  sql`select id, thread, body from bench_plain where n between ${i} and ${i + PAGE - 1}`.execute(db);

async function readPage(db: Kysely<Database>, vault: Vault, i: number): Promise<void> {
  const { rows } = await sql<Row & { body: Buffer }>`
    select id, thread, body from bench_sealed where n between ${i} and ${i + PAGE - 1}`.execute(db);
  const opened = await openRows({ trx: db, vault }, sealedBench, rows);
  if (opened.length !== PAGE || opened[0]!.body !== text) throw new Error('a page is not what was sealed');
}

async function measureValues(db: Kysely<Database>, vault: Vault) {
  const row = rowOf(0);
  const place = placeOf(row);
  const keys = await vault.forReading(db, [place.subject]);
  const sealed = keys.seal(place, text);
  const sealing = async () => void keys.seal(place, text);
  const opening = async () => void keys.openText(place, sealed);
  return { sealPerSecond: await inRounds(sealing), openPerSecond: await inRounds(opening) };
}
