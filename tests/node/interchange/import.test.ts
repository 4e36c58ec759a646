/** Spreadsheets and records over HTTP: every problem before anything is written, progress, and going on after a cut. INVENTED. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTable, importTable } from '#node/interchange/import-table.ts';
import { interchangeRoutes } from '#node/interchange/routes.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { enterOffice, type Name, type Office } from '../../fixtures/office.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let office: Office;
let served: Served;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  const routes = interchangeRoutes(xa.ctx, async ({ headers }) => office.as(headers['x-who'] as Name));
  served = await serve({ host: '127.0.0.1', port: 0, routes, log: makeLog('test', 'silent') });
});
afterAll(async () => {
  await served.close();
  await xa.close();
});

const FROM = 'source=register&confidence=claimed';
async function send(path: string, body: string, who: Name = 'ana', headers: Record<string, string> = {}) {
  const response = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { 'x-focalnet': '1', 'x-who': who, ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}
const cases = async () => (await xa.db.selectFrom('case_file').select('id').execute()).length;
const table = (rows: number, mark = 'a') =>
  [
    'prs_FirstName;prs_SecondName;prs_Birthdate;prs_Gender',
    ...Array.from({ length: rows }, (_, i) => `Mila${mark}${i};Invented;2012-03;Feminine`),
  ].join('\r\n');
const provenance = { source: 'register', confidence: 'claimed' } as const;

describe('a spreadsheet', () => {
  it('is checked to its end, every problem by row, and nothing is written', async () => {
    const before = await cases();
    const broken =
      '\ufeffprs_FirstName,prs_Gender,tent\n"Zorvath, A",Feminine,1\nZorvath,Zorvath,\n,,\nZorvath,Feminine,2\n';
    const { status, text } = await send(`/cases/import?${FROM}&check=yes`, broken);
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        rows: 4,
        problems: [
          { row: 3, field: 'prs_Gender', problem: expect.stringContaining('must be one of Feminine') },
          { row: 4, field: 'row', problem: 'says nothing of a child' },
        ],
        problemCount: 2,
        dropped: [{ field: 'tent', reason: 'unknown', count: 2 }],
      },
    ]);
    const written = await send(`/cases/import?${FROM}`, broken);
    expect([written.status, JSON.parse(written.text).code]).toEqual([422, 'ROWS_INVALID']);
    expect(written.text).not.toContain('Zorvath');
    expect(await cases()).toBe(before);
  });

  it('has problems in rows that have slipped, and rows keep the numbers that the spreadsheet shows', async () => {
    const slipped =
      '\nprs_FirstName,prs_Gender\nMila,Feminine\n\nZorvath\nZorvath,x,Feminine\n"Zor\nvath",Zorvath\nMila,Masculine\n';
    const { text } = await send(`/cases/import?${FROM}&check=yes`, slipped);
    expect(text).not.toContain('Zorvath');
    expect(JSON.parse(text)).toMatchObject({
      rows: 5,
      problems: [
        { row: 5, field: 'row', problem: 'has 1 cells, and the first line has 2' },
        { row: 6, field: 'row', problem: 'has 3 cells, and the first line has 2' },
        { row: 7, field: 'prs_Gender' },
      ],
    });
    const before = await cases();
    const spaced = 'prs_FirstName,prs_Gender\nMila,Feminine\n\n\nMilo,Masculine\n';
    const { text: written } = await send(`/cases/import?${FROM}`, spaced);
    expect([JSON.parse(written), (await cases()) - before]).toEqual([{ done: 2, of: 2 }, 2]);
  });

  it('of very many rows lets others have their turn while it is checked', async () => {
    const order: string[] = [];
    const checked = checkTable(office.as('ana'), Buffer.from(table(5_000)), provenance, clock.ms).then(() =>
      order.push('checked'),
    );
    await new Promise((resolve) => setImmediate(resolve));
    order.push('another');
    await checked;
    expect(order).toEqual(['another', 'checked']);
  });

  it('is written with its progress, once however often it is sent', async () => {
    const before = await cases();
    const { status, text } = await send(`/cases/import?${FROM}`, table(60));
    expect([
      status,
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ]).toEqual([
      200,
      [
        { done: 25, of: 60 },
        { done: 50, of: 60 },
        { done: 60, of: 60 },
      ],
    ]);
    await send(`/cases/import?${FROM}`, table(60));
    expect((await cases()) - before).toBe(60);
    expect(await lastAudit(xa, 'case.imported')).toMatchObject({ by: office.id('ana') });
  });

  it('that was cut off goes on where it stopped, also for two who send it at once', async () => {
    const before = await cases();
    const bytes = Buffer.from(table(70, 'b'));
    for await (const _ of importTable(xa.ctx, office.as('ana'), bytes, provenance)) break;
    expect((await cases()) - before).toBe(25);
    const finish = async () => {
      let last: unknown;
      for await (const step of importTable(xa.ctx, office.as('bo'), bytes, provenance)) last = step;
      return last;
    };
    const outcomes = await Promise.allSettled([finish(), finish()]);
    // One of two at once may lose a race for some rows: what it lost, the other wrote.
    expect(outcomes.some((one) => one.status === 'fulfilled')).toBe(true);
    expect(await finish()).toEqual({ done: 70, of: 70 });
    expect((await cases()) - before).toBe(70);
  });

  it('of a broken form, or by somebody who may not, is refused with what to do', async () => {
    const codes = async (body: string, query = FROM, who: Name = 'ana', headers = {}) => {
      const { text } = await send(`/cases/import?${query}`, body, who, headers);
      return JSON.parse(text).code;
    };
    expect(await codes('a,b\n"x')).toBe('TABLE_BROKEN');
    expect(await codes('prs_FirstName')).toBe('TABLE_EMPTY');
    expect(await codes('a,a\n1,2')).toBe('COLUMN_TWICE');
    expect(await codes('first name,b\n1,2')).toBe('NO_KNOWN_COLUMN');
    expect(await codes(table(1), 'source=x')).toBe('PROVENANCE_MISSING');
    expect(await codes(table(1), FROM, 'lea')).toBe('NOT_PERMITTED');
    expect(await codes(table(1), FROM, 'ana', { 'x-focalnet': '0' })).toBe('CSRF');
  });
});

describe('one record', () => {
  const record = { name_first: 'Mila', protection_concerns: ['trafficked_smuggled'] };

  it('of Primero asks which is meant before it writes, and goes out again as HTCDS', async () => {
    const path = `/cases/import-record?format=primero&${FROM}`;
    const asked = await send(path, JSON.stringify({ record }));
    expect(JSON.parse(asked.text)).toMatchObject({
      case: null,
      questions: [{ about: 'protection_concerns:trafficked_smuggled' }],
    });
    const answers = { 'protection_concerns:trafficked_smuggled': 'ActualVictimOfTrafficking' };
    const { case: id } = JSON.parse((await send(path, JSON.stringify({ record, answers }))).text);
    const get = async (who: Name) => {
      const response = await fetch(`${served.url}/cases/${id}/htcds`, { headers: { 'x-who': who } });
      return { status: response.status, body: await response.json() };
    };
    expect(await get('sam')).toMatchObject({
      status: 200,
      body: { record: { prs_FirstName: 'Mila', vic_TraffickingStatus: 'ActualVictimOfTrafficking' } },
    });
    expect(await lastAudit(xa, 'case.exported')).toMatchObject({ case: id, actor: office.id('sam') });
    expect((await get('ana')).body).toMatchObject({ code: 'NOT_PERMITTED' });
    expect((await get('sue')).body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that is none is refused', async () => {
    const path = `/cases/import-record?format=htcds&${FROM}`;
    expect(JSON.parse((await send(path, '[')).text).code).toBe('RECORD_BROKEN');
    expect(JSON.parse((await send(path, '{"record":{}}')).text).code).toBe('ROWS_INVALID');
  });
});

describe('sightings of other registers', () => {
  const NOTES = {
    notes: [
      {
        note_record_id: 'invented.example/n1',
        person_record_id: 'invented.example/p1',
        source_date: '2027-01-10T21:40:00Z',
        entry_date: '2027-01-11T08:00:00Z',
        expiry_date: '2027-03-01T00:00:00Z',
        status: 'believed_alive',
        last_known_location: 'INVENTED station',
        x_country: 'XB',
        text: 'INVENTED: \u0634\u0648\u0647\u062f\u062a near the platform',
        author_name: 'Zorvath Invented',
        author_phone: '+000',
        author_made_contact: false,
        'Zorvath told us': 'INVENTED',
      },
      {
        source_date: '2026-12-01T10:00:00Z',
        expiry_date: '2027-01-05T00:00:00Z',
        status: 'believed_missing',
      },
    ],
  };
  const open = async () => {
    const record = { name_first: 'Mila', date_of_birth: '2012-01-01', estimated: true };
    const answer = await send(`/cases/import-record?format=primero&${FROM}`, JSON.stringify({ record }));
    return JSON.parse(answer.text).case as string;
  };
  const add = (id: string, file: unknown, who: Name = 'ana') =>
    send(`/cases/${id}/sightings?${FROM}&language=ar`, JSON.stringify(file), who);

  it('are added once, by who may write the file, and say what had no place', async () => {
    const id = await open();
    const first = await add(id, NOTES);
    expect([first.status, JSON.parse(first.text)]).toEqual([
      200,
      {
        added: 2,
        known: 0,
        dropped: [
          { field: 'a field', reason: 'unknown', count: 1 },
          { field: 'author_made_contact', reason: 'no-field', count: 1 },
          { field: 'author_name', reason: 'not-shared', count: 1 },
          { field: 'author_phone', reason: 'not-shared', count: 1 },
        ],
      },
    ]);
    const again = await Promise.all([1, 2].map(() => add(id, { notes: [NOTES.notes[0]] })));
    expect(again.map(({ text }) => JSON.parse(text))).toMatchObject(
      [1, 2].map(() => ({ added: 0, known: 1 })),
    );
    expect(await lastAudit(xa, 'case.sightings-imported')).toEqual({
      case: id,
      added: 2,
      by: office.id('ana'),
    });
    expect(JSON.parse((await add(id, NOTES, 'sue')).text).code).toBe('NOT_FOUND');
  });

  it('that are broken are named by number and field, and nothing of them is kept', async () => {
    const id = await open();
    const broken = {
      notes: [NOTES.notes[0], { status: 'Zorvath', source_date: 'yesterday', text: 'Zorvath' }],
    };
    const { status, text } = await add(id, broken);
    expect([status, text]).toEqual([422, expect.stringContaining('[notes.2.status ')]);
    expect(text).toContain('[notes.2.source_date ');
    expect(text).not.toContain('Zorvath');
    for (const none of [{}, { notes: [] }, { notes: Array(201).fill(NOTES.notes[0]) }, [], null])
      expect(JSON.parse((await add(id, none)).text).code).toBe('ROWS_INVALID');
    expect(JSON.parse((await add(id, NOTES)).text)).toMatchObject({ added: 2 });
  });

  it('go out without place, account, hour or whoever saw the child, and without what is of no use any more', async () => {
    const id = await open();
    await add(id, NOTES);
    const get = async (who: Name) => {
      const response = await fetch(`${served.url}/cases/${id}/sightings`, { headers: { 'x-who': who } });
      return { status: response.status, body: await response.json() };
    };
    const { body } = await get('sam');
    const record = body.person.person_record_id;
    expect(body).toEqual({
      standard: 'PFIF 1.4',
      person: { person_record_id: record, full_name: 'Mila', date_of_birth: '2012' },
      notes: [
        {
          note_record_id: `${record}/1`,
          person_record_id: record,
          status: 'believed_alive',
          source_date: '2027-01-10T00:00:00Z',
          x_country: 'XB',
          expiry_date: '2027-03-01T00:00:00Z',
        },
      ],
      dropped: expect.arrayContaining([
        { field: 'sighting', reason: 'expired', count: 1 },
        { field: 'sighting.account', reason: 'not-shared', count: 1 },
        { field: 'sighting.place', reason: 'not-shared', count: 1 },
      ]),
    });
    expect((await get('sam')).body.person.person_record_id).not.toBe(record);
    expect(await lastAudit(xa, 'case.exported')).toMatchObject({ case: id, format: 'pfif-1.4' });
    expect((await get('ana')).body).toMatchObject({ code: 'NOT_PERMITTED' });
  });
});
