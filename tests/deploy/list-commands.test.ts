/** A State joins and rotates its keys by the command line, each step as its people would take it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import {
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  publicKeysOf,
} from '#deploy/network/make-keys.ts';
import { draftFirstList } from '#deploy/network/make-list.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import {
  assembleList,
  makeAnchor,
  parseList,
  signList,
  verifyFirstList,
  verifyListToLog,
} from '#schema/jws/trust-list.ts';
import { run } from './run-command.ts';

vi.setConfig({ testTimeout: 180_000 });
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-list-'));
  await writeFile(at('profile.json'), JSON.stringify(inventedProfiles.xc));
  await foundNetwork();
});
afterAll(() => rm(folder, { recursive: true }));

/** Authorities' key files, and list 1 with xa, signed by two. */
async function foundNetwork(): Promise<void> {
  const nowMs = Date.now();
  const authorities = await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random)));
  for (const [i, key] of authorities.entries())
    await writeFile(at(`authority-${i + 1}.json`), JSON.stringify(key));
  const list = draftFirstList({
    net: NET,
    nowMs,
    authorities: describeAuthorities(authorities),
    quorum: 1,
    gateway: {
      url: 'http://127.0.0.1:9',
      keys: await publicKeysOf(await makePartyKeys(NET, 'gateway', random, nowMs), nowMs),
    },
    members: [
      {
        node: 'xa',
        keys: await publicKeysOf(await makePartyKeys(NET, 'xa', random, nowMs), nowMs),
        urls: [],
        profile: inventedProfiles.xa,
      },
    ],
    types: ['ENQ@1'],
  });
  const keys = await Promise.all(authorities.slice(0, 2).map(({ kid, jwk }) => importSigningKey(kid, jwk)));
  await writeFile(
    at('list-1.json'),
    assembleList(list, await Promise.all(keys.map((key) => signList(list, key)))),
  );
}

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
