/** A State joins and rotates its keys by the command line, each step as its people would take it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import { makeAnchor, parseList, verifyFirstList, verifyListToLog } from '#schema/jws/trust-list.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { run } from './run-command.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-list-'));
  await writeFile(at('profile.json'), JSON.stringify(inventedProfiles.xc));
  await foundNetwork();
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs one command after the other, each of which must hold. */
async function runAll(...steps: readonly string[][]): Promise<void> {
  for (const step of steps) expect(await run(step), step.join(' ')).toMatchObject({ code: 0, err: '' });
}

const makeKeys = (party: string, file: string, ...more: string[]): string[][] => [
  ['keys', 'new', '--net', NET, '--party', party, ...more, '--out', at(`${file}.json`)],
  ['keys', 'public', '--keys', at(`${file}.json`), '--out', at(`${file}.public.json`)],
];

/** Three authorities found a network with its gateway and xa, and two of them sign its first list. */
async function foundNetwork(): Promise<void> {
  await writeFile(at('xa.profile.json'), JSON.stringify(inventedProfiles.xa));
  const authorities = ['1', '2', '3'];
  await runAll(
    ...authorities.flatMap((n) => makeKeys('authority', `authority-${n}`, '--number', n)),
    ...makeKeys('gateway', 'gateway'),
    ...makeKeys('xa', 'xa'),
    [
      ...['list', 'found', '--net', NET, '--gateway', 'http://127.0.0.1:9', '--quorum', '1'],
      ...['--keys', at('gateway.public.json'), '--out', at('draft-1.json')],
      ...authorities.flatMap((n) => ['--authority', at(`authority-${n}.public.json`)]),
    ],
    [
      ...['list', 'add', '--list', at('draft-1.json'), '--keys', at('xa.public.json')],
      ...['--profile', at('xa.profile.json'), '--out', at('draft-1.json')],
    ],
    [
      ...['list', 'sign', '--file', at('draft-1.json'), '--out', at('list-1.json'), '--yes'],
      ...['1', '2'].flatMap((n) => ['--key', at(`authority-${n}.json`)]),
    ],
    ['list', 'anchor', '--list', at('list-1.json'), '--out', at('anchor.json')],
  );
}

test('a network is founded by command: its first list holds against its anchor', async () => {
  for (const n of ['1', '2', '3'])
    expect(await readText(`authority-${n}.public.json`)).not.toMatch(/PRIVATE|"d"/);
  const anchor = Anchor.parse(JSON.parse(await readText('anchor.json')));
  const list = await readText('list-1.json');
  const { value } = parseList(list);
  expect([value.ver, value.nodes.map(({ node }) => node), value.policy.quorum]).toEqual([1, ['xa'], 1]);
  expect(value.authorities.keys.map(({ kid }) => kid)).toEqual([1, 2, 3].map((n) => `authority-${n}#sig-1`));
  expect(await makeAnchor(list)).toEqual(anchor);
  await verifyFirstList(list, anchor);
});

test('a network is not founded with an authority named twice, keys of another party, or a key file', async () => {
  const found = (gateway: string, ...authorities: string[]) =>
    run([
      ...['list', 'found', '--net', NET, '--gateway', 'http://127.0.0.1:9', '--keys', at(gateway)],
      ...authorities.flatMap((name) => ['--authority', at(name)]),
      ...['--out', at('never.json')],
    ]);
  const publics = [1, 2, 3].map((n) => `authority-${n}.public.json`);
  const [first, second] = publics as [string, string];
  expect(await found('gateway.public.json', first, second)).toMatchObject({ code: 2 });
  expect((await found('gateway.public.json', first, second, second)).err).toContain('are the same');
  expect((await found('xa.public.json', ...publics)).err).toContain('OTHER_PARTY');
  expect((await found('gateway.json', ...publics)).err).toContain('no public half');
  await expect(readText('never.json')).rejects.toThrow('ENOENT');
});

const readText = (name: string) => readFile(at(name), 'utf8');
const nowS = () => Math.floor(Date.now() / 1000);

test('a State joins: keys, public half, draft, what it changes, two signatures on two machines', async () => {
  const steps = [
    ['keys', 'new', '--net', NET, '--party', 'xd', '--out', at('xd.keys.json')],
    ['keys', 'public', '--keys', at('xd.keys.json'), '--out', at('xd.public.json')],
    [
      'list',
      'add',
      '--list',
      at('list-1.json'),
      '--keys',
      at('xd.public.json'),
      '--profile',
      at('profile.json'),
      '--out',
      at('draft.json'),
    ],
  ];
  for (const step of steps) expect(await run(step)).toMatchObject({ code: 0, err: '' });
  expect(await readText('xd.public.json')).not.toMatch(/PRIVATE|"d"/);
  const diff = await run(['list', 'diff', at('list-1.json'), at('draft.json')]);
  expect(diff.out).toContain('xd joins: signs with xd#sig-1');
  const sign = ['list', 'sign', '--list', at('list-1.json')];
  const first = [
    ...sign,
    '--file',
    at('draft.json'),
    '--key',
    at('authority-1.json'),
    '--out',
    at('half.json'),
  ];
  // Nobody can be asked in a test, and nothing is signed unread.
  expect(await run(first)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  const half = await run([...first, '--yes']);
  expect(half).toMatchObject({ code: 0, out: expect.stringContaining('1 more must sign') });
  expect(half.out).toContain('xd joins');
  const second = [
    ...sign,
    '--file',
    at('half.json'),
    '--key',
    at('authority-3.json'),
    '--out',
    at('list-2.json'),
    '--yes',
  ];
  expect((await run(second)).out).toContain('can be published');
  const list1 = await readText('list-1.json');
  const verified = await verifyFirstList(list1, await makeAnchor(list1));
  const list2 = await verifyListToLog(await readText('list-2.json'), verified, nowS());
  expect(list2.value.nodes.map(({ node }) => node)).toEqual(['xa', 'xd']);
});

test('suspending and rotating in one draft; the reason is for those who sign and is not published', async () => {
  const steps = [
    ['keys', 'next', '--keys', at('xd.keys.json'), '--out', at('xd.keys-2.json')],
    ['keys', 'public', '--keys', at('xd.keys-2.json'), '--out', at('xd.public-2.json')],
    [
      'list',
      'suspend',
      'xa',
      '--reason',
      'invented reason',
      '--list',
      at('list-2.json'),
      '--out',
      at('draft-3.json'),
    ],
    [
      'list',
      'rotate',
      'xd',
      '--keys',
      at('xd.public-2.json'),
      '--list',
      at('draft-3.json'),
      '--out',
      at('draft-3.json'),
    ],
  ];
  for (const step of steps) expect(await run(step)).toMatchObject({ code: 0, err: '' });
  const sign = [
    'list',
    'sign',
    '--file',
    at('draft-3.json'),
    '--key',
    at('authority-1.json'),
    '--key',
    at('authority-2.json'),
    '--out',
    at('list-3.json'),
    '--yes',
  ];
  expect((await run([...sign, '--list', at('list-1.json')])).err).toContain('WRONG_PREDECESSOR');
  const signed = await run([...sign, '--list', at('list-2.json')]);
  for (const words of ['xa is SUSPENDED', 'NEW SIGNING KEY xd#sig-2', 'invented reason'])
    expect(signed.out).toContain(words);
  const list3 = parseList(await readText('list-3.json')).value;
  expect(list3.ver).toBe(3);
  expect(JSON.stringify(list3)).not.toContain('invented reason');
});

test('what nobody may sign is not drafted, and a list in force is no draft', async () => {
  const bare = await run(['list', 'show', '--list', at('list-2.json'), '--json']);
  await writeFile(at('bare.json'), bare.out);
  const suspend = ['list', 'suspend', 'xa', '--reason', 'invented', '--out', at('none.json'), '--list'];
  expect((await run([...suspend, at('bare.json')])).err).toContain('NOT_A_BASE');
  expect(
    (await run(['list', 'resume', 'xa', '--out', at('none.json'), '--list', at('list-2.json')])).err,
  ).toContain('NOT_SUSPENDED');
  const stranger = JSON.parse(await readText('authority-1.json'));
  await writeFile(at('stranger.json'), JSON.stringify({ ...stranger, kid: 'authority-4#sig-1' }));
  const sign = [
    'list',
    'sign',
    '--file',
    at('draft-3.json'),
    '--list',
    at('list-2.json'),
    '--key',
    at('stranger.json'),
    '--out',
    at('none.json'),
    '--yes',
  ];
  expect((await run(sign)).err).toContain('no authority');
});
