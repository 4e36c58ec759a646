import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import {
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  publicKeysOf,
} from '#deploy/network/make-keys.ts';
import { draftFirstList } from '#deploy/network/make-list.ts';
import { openTrust, type Standing } from '#node/exchange/trust.ts';
import { KeyFile, openIdentity } from '#node/identity.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { closedVault } from '#node/vault/vault.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, makeAnchor, signList } from '#schema/jws/trust-list.ts';
import type { Profile } from '#schema/protocol/envelope.ts';
import type { State } from '#schema/protocol/ids.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';

type Listed = TrustList['nodes'][number];
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
let database: TestDatabase;
let db: Kysely<Database>;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase<Database>(database.config);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** Trust of xa, in a network of xa and xb whose list is changed before it is signed. */
async function trustWith(
  ours: Profile[],
  change: (list: TrustList, nowS: number) => void = () => {},
  theirs: Profile[] = ['p4'],
) {
  return (await openWith(ours, change, theirs)).trust;
}

async function openWith(
  ours: Profile[],
  change: (list: TrustList, nowS: number) => void,
  theirs: Profile[] = ['p4'],
) {
  const nowMs = Date.now();
  const authorities = await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random)));
  const gateway = await publicKeysOf(await makePartyKeys(NET, 'gateway', random, nowMs), nowMs);
  const [own, other] = [
    await makePartyKeys(NET, 'xa', random, nowMs, 1, ours),
    await makePartyKeys(NET, 'xb', random, nowMs, 1, theirs),
  ];
  const list = draftFirstList({
    net: NET,
    nowMs,
    authorities: describeAuthorities(authorities),
    quorum: 1,
    gateway: { url: 'http://127.0.0.1:9', keys: gateway },
    members: [
      { node: 'xa', keys: await publicKeysOf(own, nowMs), urls: [], profile: inventedProfiles.xa },
      { node: 'xb', keys: await publicKeysOf(other, nowMs), urls: [], profile: inventedProfiles.xb },
    ],
    types: ['ENQ@1'],
  });
  change(list, Math.floor(nowMs / 1000));
  const signers = await Promise.all(authorities.map(({ kid, jwk }) => importSigningKey(kid, jwk)));
  const json = assembleList(list, await Promise.all(signers.map((key) => signList(list, key))));
  await prepareDatabase(database.config);
  await db.deleteFrom('trust_list').execute();
  const self = await openIdentity(KeyFile.parse(own));
  const anchor = await makeAnchor(json);
  const reopen = (atMs: number) =>
    openTrust(db, anchor, self, { nowMs: () => atMs, random, vault: closedVault });
  const trust = await reopen(nowMs);
  expect([trust.standing(), trust.maySendTo('xb')]).toEqual(['no-list', false]);
  await trust.accept(json, null);
  return { trust, nowMs, reopen };
}

it.each<[Profile, Profile[], Profile[], Profile | null]>([
  ['p4', ['p4'], ['p4', 'p6'], 'p4'],
  ['p4', ['p4', 'p6'], ['p4', 'p6'], 'p6'],
  ['p6', ['p4', 'p6'], ['p4', 'p6'], 'p6'],
  ['p6', ['p4'], ['p4', 'p6'], null],
  ['p6', ['p4', 'p6'], ['p4'], null],
  ['p4', ['p6'], ['p4'], null],
])(
  'a network that allows %s from a peer of %j to a node of %j seals with %s',
  async (minProfile, theirs, ours, sealed) => {
    const restrict = (list: TrustList) => {
      list.policy.minProfile = minProfile;
    };
    const trust = await trustWith(ours, restrict, theirs);
    expect(trust.maySendTo('xb')).toBe(sealed !== null);
    const seal = () => trust.sealingFor('xb' as State).profile;
    if (sealed === null) expect(seal).toThrow('PROFILE_TOO_WEAK');
    else expect(seal()).toBe(sealed);
  },
);

it.each<[string, (list: TrustList) => void]>([
  ['names p6 for a peer without a certificate of it', ({ nodes }) => nodes[1]!.profiles.push('p6')],
  ['does not hold the p6 certificate of this node', ({ nodes }) => nodes[0]!.pgp.pop()],
])('a list that %s lets it seal in p4', async (_, change) => {
  const both: Profile[] = ['p4', 'p6'];
  const trust = await trustWith(both, change, _.startsWith('names') ? ['p4'] : both);
  const { signWith, encryptTo, profile } = trust.sealingFor('xb' as State);
  expect([profile, signWith.profile, ...encryptTo.map((one) => one.profile)]).toEqual(['p4', 'p4', 'p4']);
});

it.each<[string, Standing, (self: Listed, nowS: number) => void]>([
  ['takes part', 'active', () => {}],
  [
    'is suspended',
    'suspended',
    (self) => {
      self.status = 'suspended';
    },
  ],
  [
    'has left',
    'left',
    (self) => {
      self.status = 'left';
    },
  ],
  [
    'has a key that is listed but not good yet',
    'key-not-valid',
    (self, nowS) => {
      self.sig[0]!.from = nowS + 60;
    },
  ],
  [
    'has a key that has ended',
    'key-not-valid',
    (self, nowS) => {
      self.sig[0]!.exp = nowS - 60;
    },
  ],
  [
    'has a key that is revoked from tomorrow on',
    'key-not-valid',
    (self, nowS) => {
      self.sig[0]!.revoked = { since: nowS + 86_400, reason: 'invented' };
    },
  ],
  [
    'has another key',
    'key-not-valid',
    (self) => {
      self.sig[0]!.kid = 'xa#sig-2';
    },
  ],
])('a node that %s is %s, and sends only where it takes part', async (_, standing, change) => {
  const trust = await trustWith(['p4'], (list, nowS) => change(list.nodes[0]!, nowS));
  expect(trust.standing()).toBe(standing);
  expect([trust.maySendTo('xb'), trust.mayDeliverTo('xb')]).toEqual([
    standing === 'active',
    standing === 'active',
  ]);
});

it('nothing is sealed with a certificate that nobody can verify, nor for a peer that speaks another protocol', async () => {
  const unlisted = await trustWith(['p4'], (list) => {
    [list.nodes[0]!.pgp, list.nodes[1]!.pgp] = [list.nodes[1]!.pgp, list.nodes[0]!.pgp];
  });
  expect(unlisted.standing()).toBe('certificate-unlisted');
  const newer = await trustWith(['p4'], (list) => {
    list.nodes[1]!.versions = [2];
  });
  expect([newer.maySendTo('xb'), newer.mayDeliverTo('xb')]).toEqual([false, true]);
});

it('a State that is listed no more has left, as one that is marked so', async () => {
  const trust = await trustWith(['p4'], (list) => {
    list.nodes[1]!.status = 'left';
  });
  expect([trust.hasLeft('xb'), trust.hasLeft('xz'), trust.hasLeft('xa')]).toEqual([true, true, false]);
});

it('a restart makes a list no older than it is: when it was last confirmed is written down', async () => {
  const { nowMs, reopen } = await openWith(['p4'], (list, nowS) => {
    list.exp = nowS + 400 * 86_400;
    for (const node of list.nodes) node.sig[0]!.exp = list.exp;
  });
  const later = nowMs + 40 * 86_400_000;
  expect((await reopen(later)).freshness()).toBe('expired');
  await (await reopen(later)).refreshed(later - 3_600_000);
  const trust = await reopen(later);
  expect([trust.freshness(), trust.maySendTo('xb')]).toEqual(['fresh', true]);
});
