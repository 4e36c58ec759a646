// SECURITY.md T6, a first form: invented canary words go through every place where people write, and then no copy of the database
// holds one in the open: every table as text, the files of the database, and the write-ahead log.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deferDisclosure } from '#node/access/disclosures.ts';
import { handOver } from '#node/access/hand-over.ts';
import { openInNeed } from '#node/access/open-in-need.ts';
import { reportBreach, updateBreach } from '#node/access/report-breach.ts';
import { readPart } from '#node/attachments/parts.ts';
import { storeAttachment, storeUncleaned } from '#node/attachments/store-attachment.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { askClearance, revokeClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { readActRows } from '#node/enquiries/store.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { answerLetter } from '#node/local-services/answer-questions.ts';
import { giveQuestions } from '#node/local-services/give-questions.ts';
import { showGuardian } from '#node/representation/show-guardian.ts';
import { sealedColumns } from '#node/storage/sealed.ts';
import { act } from '#tests/fixtures/act.ts';
import { counselled, enquiryBody, reportBody } from '#tests/fixtures/act-bodies.ts';
import { carry, type LoopNode, readerOf, startLoopNode } from '#tests/fixtures/loopback.ts';
import { enterOffice, type Office } from '#tests/fixtures/office.ts';
import { random } from '#tests/fixtures/vault.ts';

/** Found nowhere else on this machine. */
const CANARY = `Kanarienvogel${Buffer.from(random(9)).toString('hex')}`;
const clock = { ms: Date.parse('2027-01-11T09:00:00Z') };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  office = await enterOffice(xa);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

/** The ways in which the bytes of a text stand in a dump. */
const shapes = (text: string): Buffer[] => {
  const bytes = Buffer.from(text);
  const utf16 = Buffer.from(text, 'utf16le');
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [bytes, utf16, Buffer.from(bytes.toString('hex')), ...base64.map((one) => Buffer.from(one))];
};
const hits = (haystack: Buffer, text = CANARY): number =>
  shapes(text).filter((needle) => haystack.includes(needle)).length;

async function dump(node: LoopNode): Promise<Map<string, Buffer>> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`.execute(
    node.db,
  );
  const tables = new Map<string, Buffer>();
  for (const { name } of rows) {
    const text = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(node.db);
    tables.set(name, Buffer.from(text.rows.map(({ row }) => row).join('\n')));
  }
  return tables;
}

/** Files of this node's database, and the write-ahead log, as a stolen disk has them. */
async function readDisk(node: LoopNode): Promise<Map<string, Buffer>> {
  await sql`checkpoint`.execute(node.db);
  const { rows } = await sql<{ folder: string; oid: string }>`
    select current_setting('data_directory') as folder, (select oid::text from pg_database where datname = current_database()) as oid`.execute(
    node.db,
  );
  const { folder, oid } = rows[0]!;
  const files = new Map<string, Buffer>();
  for (const part of [join('base', oid), 'pg_wal'])
    for (const entry of await readdir(join(folder, part), { withFileTypes: true }))
      if (entry.isFile()) {
        // The server recycles files of its log while they are listed.
        const bytes = await readFile(join(folder, part, entry.name)).catch(() => null);
        if (bytes) files.set(join(part, entry.name), bytes);
      }
  return files;
}

const where = (found: Map<string, Buffer>): string[] =>
  [...found].filter(([, bytes]) => hits(bytes) > 0).map(([name]) => name);

/** An enquiry about a child of that name, with words of people wherever they may write. */
const withCanary = (): Partial<ReturnType<typeof enquiryBody>> => {
  const body = JSON.parse(JSON.stringify(enquiryBody()).replaceAll('Юсуф', CANARY));
  expect(JSON.stringify(body)).toContain(CANARY);
  return body;
};

async function journey(): Promise<{ thread: string; file: string }> {
  const ana = office.as('ana');
  const sam = office.as('sam');
  const { thread } = await act(
    xa,
    { type: 'ENQ', peer: 'xb', body: withCanary() },
    { by: ana, approver: sam },
  );
  await carry(xa, xb);
  await act(xb, { type: 'ACK', thread, body: { re: 1 } });
  const given = await giveQuestions(xb.ctx, xb.person('ana'), {
    thread,
    questions: ['q1'],
    service: `Service ${CANARY}`,
    language: 'en',
    days: 3,
  });
  const link = { token: given.path.slice('/local/'.length), pin: given.pin };
  const answers = [{ ref: 'q1', text: `INVENTED ${CANARY}` }];
  const local = { db: xb.ctx.doors.local, surroundings: xb.ctx.surroundings };
  expect(await answerLetter(local, link, { answeredBy: `Worker ${CANARY}`, answers })).toBe('taken');
  const report = JSON.parse(JSON.stringify(reportBody()).replace(/"text":"[^"]*"/g, `"text":"${CANARY}"`));
  await act(xb, { type: 'RPT', thread, body: report });
  await carry(xb, xa);
  const stopped = await proposeAct(xa.ctx, ana, {
    type: 'SUP',
    thread,
    body: {
      phase: 'correct',
      questions: [],
      text: { text: `INVENTED ${CANARY}`, language: 'en' },
      children: [],
      attachments: [],
    },
    safety: counselled('XB'),
  }).catch((error: { proposal: string }) => error.proposal);
  const asked = { kind: 'asylum' as const, proposal: String(stopped), grounds: `INVENTED ${CANARY}` };
  const clearance = await askClearance(xa.ctx, sam, { ...asked, expiresAtMs: clock.ms + 86_400_000 });
  await revokeClearance(xa.ctx, sam, clearance, `INVENTED ${CANARY}`);
  await withdrawProposal(xa.ctx, ana, String(stopped), { reason: `INVENTED ${CANARY}` });
  const { message_id } = (await readActRows(readerOf(xa), [thread])).find((row) => row.side === 'requester')!;
  const review = new Date(clock.ms + 86_400_000).toISOString();
  await deferDisclosure(xa.ctx, sam, message_id, {
    ground: 'danger-to-child',
    reason: `INVENTED ${CANARY}`,
    review,
  });
  const east = await office.enquire('eva');
  await openInNeed(xa.ctx, ana, { thread: east, category: 'other', reason: `INVENTED ${CANARY}` });
  const breach = await reportBreach(xa.ctx, ana, {
    kind: 'other',
    noticed: new Date(clock.ms - 1000).toISOString(),
    messages: [],
    account: `INVENTED ${CANARY}`,
  });
  await updateBreach(xa.ctx, sam, breach, { step: 'measure', text: `INVENTED ${CANARY}` });
  await handOver(xa.ctx, ana, { from: ana.id, until: review, note: `INVENTED ${CANARY}` });
  const bytes = Buffer.from(`INVENTED ${CANARY}`);
  const file = await storeAttachment(xa.ctx, ana, { bytes, declaredMedia: 'text/plain' });
  await storeUncleaned(xa.ctx, sam, {
    pieces: (async function* () {
      yield bytes;
    })(),
    declaredMedia: 'application/x-invented',
    reason: `INVENTED ${CANARY}`,
  });
  const task = await xb.db
    .selectFrom('task')
    .select('id')
    .where('kind', '=', 'local-answer')
    .executeTakeFirstOrThrow();
  await closeTask(xb.ctx, xb.person('sam', 'supervisor'), task.id, `INVENTED ${CANARY}`);
  const words = { text: `INVENTED ${CANARY}`, language: 'en' };
  await showGuardian(xa.ctx, sam, thread, { kind: 'note', text: words, tell: 'not-yet' });
  return { thread, file: file.id };
}

describe('T6: a stolen disk, dump or log holds no word of a child', () => {
  test('no table, no file of the database and no log holds a canary; whoever has the keys reads it', async () => {
    const { thread, file } = await journey();
    for (const node of [xa, xb]) {
      expect(where(await dump(node))).toEqual([]);
      expect(where(await readDisk(node))).toEqual([]);
      const words = JSON.stringify(await readActRows(readerOf(node), [thread]));
      expect(hits(Buffer.from(words))).toBeGreaterThan(0);
    }
    expect(hits(Buffer.from((await readPart(readerOf(xa), file, 0))!))).toBeGreaterThan(0);
  });

  test('the search would find one: a word in the open is seen in table, file and log', async () => {
    await sql`create table in_the_open (word text)`.execute(xa.db);
    await sql`insert into in_the_open values (${CANARY})`.execute(xa.db);
    expect(where(await dump(xa))).toEqual(['in_the_open']);
    const files = where(await readDisk(xa));
    expect(files.some((name) => name.startsWith('base'))).toBe(true);
    expect(files.some((name) => name.startsWith('pg_wal'))).toBe(true);
    await sql`drop table in_the_open`.execute(xa.db);
  });

  test('every column declared sealed is bytes in the database, and the journey has written in it', async () => {
    const { rows } = await sql<{ table: string; column: string; type: string }>`
      select table_name as table, column_name as column, data_type as type from information_schema.columns
      where table_schema = 'public'`.execute(xa.db);
    const written: string[] = [];
    for (const { table, columns } of sealedColumns)
      for (const column of columns) {
        const found = rows.find((row) => row.table === table && row.column === column);
        expect([table, column, found?.type]).toEqual([table, column, 'bytea']);
        for (const node of [xa, xb]) {
          const count = await sql<{ n: number }>`
            select count(${sql.ref(column)})::int as n from ${sql.table(table)}`.execute(node.db);
          if (count.rows[0]!.n > 0) written.push(`${table}.${column}`);
        }
      }
    const all = sealedColumns.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`));
    // What a guardian says (shown.test.ts), disabling a person, a reviewed reading and a message held for a gap have tests of their own.
    const elsewhere = [
      'person.disabled_reason',
      'reading_review.note',
      'inbound.held',
      'seal_request.content',
      'guardian_word.content',
    ];
    expect(all.filter((one) => !written.includes(one) && !elsewhere.includes(one))).toEqual([]);
  });
});
