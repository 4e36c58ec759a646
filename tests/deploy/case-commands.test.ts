/** `focalnet case …` as processes of their own against an officers' server with a real database. INVENTED children. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readBirth } from '#deploy/commands/case.ts';
import { type LoopNode, START_MS, startLoopNode } from '../fixtures/loopback.ts';
import { enterOffice, type Name, type Office } from '../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../fixtures/officer-client.ts';
import { run } from './run-command.ts';

// Each command is a process of its own that reads the sources.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let xa: LoopNode;
let here: OfficerServer;
let office: Office;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-case-'));
  xa = await startLoopNode('xa', { ms: START_MS });
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
});
afterAll(async () => {
  await here.close();
  await xa.close();
  await rm(folder, { recursive: true });
});

async function command(who: Name, args: readonly string[]) {
  const { cookie } = await here.headers(office.as(who));
  return run(['case', ...args, '--node', here.url], { FOCALNET_SESSION: cookie!.split('=')[1]! });
}
const json = ({ out }: { out: string }) => JSON.parse(out);

test('a spreadsheet is checked by row, imported with its progress, and is found, shown, listed and exported', async () => {
  const from = ['--source', 'register', '--confidence', 'claimed'];
  const table = join(folder, 'children.csv');
  await writeFile(table, 'prs_FirstName\nMila\n');
  const unsure = await command('ana', [
    ...['import', '--file', table, '--source', 'register', '--confidence', 'sure'],
  ]);
  expect([unsure.code, unsure.err]).toEqual([1, expect.stringContaining('one of verified, likely, claimed')]);
  const HEAD = 'prs_FirstName;prs_SecondName;prs_Birthdate;prs_Gender\n';
  await writeFile(table, `${HEAD}Mila;Invented;2012-03;Feminine\nZorvath;Invented;2012-03;Zorvath\n`);
  const checked = await command('ana', ['import', '--file', table, ...from, '--check']);
  expect([checked.code, checked.out]).toEqual([
    1,
    expect.stringMatching(/^row 3: prs_Gender: must be one of .*\n2 rows, 1 problems\n$/),
  ]);
  expect(checked.out).not.toContain('Zorvath');

  await writeFile(table, `${HEAD}Юлия;Придуманная;2012-03;Feminine\nMila;Invented;2013-03;Feminine\n`);
  const imported = await command('ana', ['import', '--file', table, ...from, '--json']);
  expect([imported.code, json(imported), imported.err]).toEqual([0, { done: 2, of: 2 }, '2 of 2 rows\n']);
  // Sent again it makes nothing twice.
  expect((await command('ana', ['import', '--file', table, ...from])).out).toBe('2 files\n');
  const listed = json(await command('ana', ['list', '--only', 'open', '--json'])) as { id: string }[];
  expect(listed).toHaveLength(2);

  const search = ['search', '--name', 'Pridumannaya Yuliya', '--birth', '2012'];
  const found = json(await command('bo', [...search, '--json'])) as { case: { id: string } }[];
  expect(found).toHaveLength(1);
  const { id } = found[0]!.case;
  expect(listed.map((one) => one.id)).toContain(id);
  const spoken = await command('bo', [...search, '--language', 'ru']);
  expect(spoken.out).toContain(
    'Имена: Почти совпадает (Звучит похоже)  \u2068Pridumannaya Yuliya\u2069 | \u2068Юлия Придуманная\u2069',
  );
  expect((await command('eva', search)).code).toBe(1);
  expect((await command('bo', ['search', '--birth', '2012'])).code).toBe(2);

  // The invented children of README.md, and one of them by another spelling.
  const children = ['import', '--file', 'tests/fixtures/children.csv', ...from];
  expect((await command('ana', children)).out).toBe('3 files\n');
  const julija = await command('ana', ['search', '--name', 'Julija Petrowa', '--birth', '2011']);
  expect([julija.code, julija.out]).toEqual([0, expect.stringContaining('\u2068Юлия Петрова\u2069')]);

  const shown = await command('ana', ['show', '--id', id]);
  expect([shown.code, shown.out]).toEqual([0, expect.stringContaining('Придуманная')]);
  expect(shown.out).toMatch(/^Name \(i-[0-9a-f]+\)$/m);
  expect(shown.out).toMatch(/^ {4}Register, Claimed; /m);
  const out = join(folder, 'case.json');
  expect((await command('ana', ['export', '--id', id, '--out', out])).code).toBe(1);
  const exported = await command('sam', ['export', '--id', id, '--out', out, '--json']);
  expect([exported.code, json(exported)]).toMatchObject([0, { out }]);
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({
    standard: expect.stringContaining('HTCDS'),
  });
});

test('days of birth are what was known of them', () => {
  expect(readBirth('2011')).toEqual({ earliest: '2011-01-01', latest: '2011-12-31' });
  expect(readBirth('2012-02')).toEqual({ earliest: '2012-02-01', latest: '2012-02-29' });
  expect(readBirth('2011-04-05')).toEqual({ earliest: '2011-04-05', latest: '2011-04-05' });
  expect(readBirth('2010/2012-02')).toEqual({ earliest: '2010-01-01', latest: '2012-02-29' });
  for (const text of ['', '11', '2011-4', '2011/2012/2013'])
    expect(() => readBirth(text)).toThrow('--birth is like');
});
