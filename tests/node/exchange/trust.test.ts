import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import {
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  publicKeysOf,
} from '#deploy/network/make-keys.ts';
import { draftFirstList } from '#deploy/network/make-list.ts';
import { openTrust } from '#node/exchange/trust.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, makeAnchor, signList } from '#schema/jws/trust-list.ts';
import type { Profile } from '#schema/protocol/envelope.ts';
import type { State } from '#schema/protocol/ids.ts';
import { createTestDatabase, type TestDatabase } from '#tests/fixtures/database.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

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
    const nowMs = Date.now();
    const authorities = await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random)));
    const gateway = await publicKeysOf(await makePartyKeys(NET, 'gateway', random, nowMs), nowMs);
    const keys = await publicKeysOf(await makePartyKeys(NET, 'xb', random, nowMs), nowMs);
    const list = draftFirstList({
      net: NET,
      nowMs,
      authorities: describeAuthorities(authorities),
      quorum: 1,
      gateway: { url: 'http://127.0.0.1:9', keys: gateway },
      members: [{ node: 'xb', keys, urls: [], profile: inventedProfiles.xb }],
      types: ['ENQ@1'],
    });
    list.policy.minProfile = minProfile;
    list.nodes[0]!.profiles = theirs;
    const signers = await Promise.all(authorities.map(({ kid, jwk }) => importSigningKey(kid, jwk)));
    const json = assembleList(list, await Promise.all(signers.map((key) => signList(list, key))));
    await prepareDatabase(database.config);
    const db = openDatabase<Database>(database.config);
    await db.deleteFrom('trust_list').execute();
    const trust = await openTrust(db, await makeAnchor(json), ours, { nowMs: () => nowMs, random });
    await trust.accept(json, null);
    expect(trust.maySendTo('xb')).toBe(sealed !== null);
    const seal = () => trust.sealingFor('xb' as State).profile;
    if (sealed === null) expect(seal).toThrow('PROFILE_TOO_WEAK');
    else expect(seal()).toBe(sealed);
    await db.destroy();
  },
);
