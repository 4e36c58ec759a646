import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { inventedProfiles } from '#deploy/demo/invented-profiles.ts';
import {
  addNode,
  KEPT_AFTER_END_S,
  ROTATION_LEAD_S,
  ROTATION_OVERLAP_S,
  removeNode,
  resumeNode,
  rotateKeys,
  suspendNode,
  updateNode,
} from '#deploy/network/change-list.ts';
import { describeChange, findConcerns } from '#deploy/network/describe-change.ts';
import { makeNextKeys, makePartyKeys, type PartyKeyFile } from '#deploy/network/make-keys.ts';
import { draftNextList } from '#deploy/network/make-list.ts';
import { type PublicKeyFile, publicHalfOf, requireUsableCertificates } from '#deploy/network/public-keys.ts';
import { makeKeyring } from '#schema/jws/keyring.ts';
import { assembleList, findListFault, signList, verifyListToLog } from '#schema/jws/trust-list.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { FOUNDED_S, makeTestNetwork, NET, type TestNetwork } from '#tests/fixtures/network.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const NOW_S = FOUNDED_S + 1000;
let network: TestNetwork;
let list: TrustList;
let xd: PartyKeyFile;
let xdPublic: PublicKeyFile;
let joined: TrustList;
beforeAll(async () => {
  network = await makeTestNetwork();
  list = draftNextList(network.list, network.list.nodes, NOW_S * 1000);
  xd = await makePartyKeys(NET, 'xd', random, NOW_S * 1000);
  xdPublic = await publicHalfOf(xd);
  joined = addNode(list, { keys: xdPublic, profile: inventedProfiles.xc, urls: [] }, NOW_S);
});

const nodeOf = (from: TrustList, state: string) => from.nodes.find(({ node }) => node === state)!;
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

/** The list as a gateway would take it after the first: signed by two authorities. */
async function keyringOf(after: TrustList) {
  const signatures = await Promise.all(network.authorities.slice(0, 2).map((key) => signList(after, key)));
  return makeKeyring(await verifyListToLog(assembleList(after, signatures), network.verified, NOW_S));
}

describe('a State', () => {
  it('joins with its keys, its types and no address, and the list is one that a gateway takes', async () => {
    expect(findListFault(joined)).toBeNull();
    const node = nodeOf(joined, 'xd');
    expect(node).toMatchObject({ status: 'active', urls: [], delivery: ['pull'], types: xdPublic.types });
    expect((await keyringOf(joined)).findKey('xd#sig-1', NOW_S).status).toBe('active');
    expect(
      codeOf(() => addNode(joined, { keys: xdPublic, profile: inventedProfiles.xc, urls: [] }, NOW_S)),
    ).toBe('LISTED_ALREADY');
    const foreign = { ...xdPublic, net: 'another.example' };
    expect(
      codeOf(() => addNode(list, { keys: foreign, profile: inventedProfiles.xc, urls: [] }, NOW_S)),
    ).toBe('OTHER_NETWORK');
  });

  it('is suspended and resumed, leaves, and comes back with new keys beside the old ones', async () => {
    const suspended = suspendNode(joined, 'xd');
    expect(nodeOf(suspended, 'xd').status).toBe('suspended');
    expect(nodeOf(resumeNode(suspended, 'xd'), 'xd')).toEqual(nodeOf(joined, 'xd'));
    const left = removeNode(suspended, 'xd');
    expect(nodeOf(left, 'xd')).toMatchObject({ status: 'left', sig: nodeOf(joined, 'xd').sig });
    expect(codeOf(() => suspendNode(suspended, 'xd'))).toBe('NOT_ACTIVE');
    expect(codeOf(() => resumeNode(joined, 'xd'))).toBe('NOT_SUSPENDED');
    expect(codeOf(() => resumeNode(left, 'xd'))).toBe('NOT_SUSPENDED');
    expect(codeOf(() => removeNode(left, 'xd'))).toBe('LEFT_ALREADY');
    expect(codeOf(() => suspendNode(list, 'xz'))).toBe('NOT_LISTED');
    const again = await publicHalfOf(await makePartyKeys(NET, 'xd', random, NOW_S * 1000, 2));
    const back = addNode(
      left,
      { keys: again, profile: inventedProfiles.xc, urls: ['https://xd.example'] },
      NOW_S + 5,
    );
    expect(nodeOf(back, 'xd').sig.map(({ kid }) => kid)).toEqual(['xd#sig-2', 'xd#sig-1']);
    expect(findListFault(back)).toBeNull();
    const keyring = await keyringOf(back);
    expect(codeOf(() => keyring.findKey('xd#sig-1', NOW_S + 5))).toBe('KEY_NOT_VALID');
    // What it signed while it took part can still be verified.
    expect(keyring.findKey('xd#sig-1', NOW_S).kid).toBe('xd#sig-1');
    const sameNumber = { ...again, sig: { ...again.sig, kid: 'xd#sig-1' } };
    expect(
      codeOf(() => addNode(left, { keys: sameNumber, profile: inventedProfiles.xc, urls: [] }, NOW_S)),
    ).toBe('KEY_NUMBER_USED');
  });

  it('says itself where it is and what it understands', () => {
    const moved = updateNode(joined, 'xd', { urls: ['https://xd.example'], types: ['ENQ@1'] });
    expect(nodeOf(moved, 'xd')).toMatchObject({ delivery: ['push', 'pull'], types: ['ENQ@1'] });
    expect(nodeOf(moved, 'xd').profile).toEqual(inventedProfiles.xc);
    expect(codeOf(() => updateNode(removeNode(joined, 'xd'), 'xd', { urls: [] }))).toBe('NOT_ACTIVE');
  });
});

describe('keys are rotated', () => {
  let next: PublicKeyFile;
  beforeAll(async () => {
    next = await publicHalfOf(await makeNextKeys(xd, random, NOW_S * 1000));
  });

  it('listed fourteen days before use, then good beside the old one for fourteen more', async () => {
    const rotated = rotateKeys(joined, next, { nowS: NOW_S });
    expect(findListFault(rotated)).toBeNull();
    const keyring = await keyringOf(rotated);
    const fromS = NOW_S + ROTATION_LEAD_S;
    const valid = (kid: string, atS: number) => codeOf(() => keyring.findKey(kid, atS)) === null;
    expect([valid('xd#sig-2', fromS - 1), valid('xd#sig-2', fromS)]).toEqual([false, true]);
    const endS = fromS + ROTATION_OVERLAP_S;
    expect([valid('xd#sig-1', endS - 1), valid('xd#sig-1', endS)]).toEqual([true, false]);
    expect(nodeOf(rotated, 'xd').pgp.map(({ fpr }) => fpr)).toEqual([next.pgp[0]!.fpr, xdPublic.pgp[0]!.fpr]);
  });

  it('keys of p6 come beside those of p4, and the list names the profiles its certificates are of', async () => {
    const now = NOW_S * 1000;
    const file = await makeNextKeys(xd, random, now, ['p4', 'p6']);
    const rotated = rotateKeys(joined, await publicHalfOf(file), { nowS: NOW_S });
    const listed = nodeOf(rotated, 'xd');
    const { profiles, pgp } = listed;
    await requireUsableCertificates({ nodes: [listed] });
    expect(profiles).toEqual(['p4', 'p6']);
    expect(pgp.map(({ fpr }) => fpr.length)).toEqual([40, 64, 40]);
    // Once there, they are followed by keys of both profiles.
    const after = await publicHalfOf(await makeNextKeys(file, random, now));
    expect(after.pgp.map(({ fpr }) => fpr.length)).toEqual([40, 64, 40, 64]);
    const without = { ...listed, pgp: pgp.filter(({ fpr }) => fpr.length === 40) };
    await expect(requireUsableCertificates({ nodes: [without] })).rejects.toMatchObject({
      code: 'PROFILE_WITHOUT_CERTIFICATE',
    });
  });

  it('a key about to end is followed at once', () => {
    const ending = NOW_S + 3 * 24 * 3600;
    const short = structuredClone(joined);
    nodeOf(short, 'xd').sig[0]!.exp = ending;
    const [fresh, old] = nodeOf(rotateKeys(short, next, { nowS: NOW_S }), 'xd').sig;
    expect(fresh!.from).toBeLessThanOrEqual(NOW_S);
    // Never longer than it was to be good for.
    expect(old!.exp).toBe(ending);
  });

  it('lost: the old ones are revoked and the new ones good at once, and nothing is sealed for the old certificate', async () => {
    const rotated = rotateKeys(joined, next, { nowS: NOW_S, lost: 'stolen' });
    const keyring = await keyringOf(rotated);
    expect(codeOf(() => keyring.findKey('xd#sig-1', NOW_S))).toBe('KEY_NOT_VALID');
    expect(keyring.findKey('xd#sig-1', NOW_S - 1).revoked).toBe(true);
    expect(keyring.findKey('xd#sig-2', NOW_S).revoked).toBe(false);
    expect(nodeOf(rotated, 'xd').pgp).toEqual([next.pgp[0]]);
  });

  it('a former key goes when nothing it signed can be under way any more, and numbers never come again', async () => {
    const first = rotateKeys(joined, next, { nowS: NOW_S });
    const third = await publicHalfOf(
      await makeNextKeys(await makeNextKeys(xd, random, NOW_S * 1000), random, NOW_S * 1000),
    );
    const endS = nodeOf(first, 'xd').sig[1]!.exp;
    const kept = { ...third, pgp: [third.pgp[0]!, next.pgp[0]!] };
    const early = rotateKeys(first, kept, { nowS: endS + KEPT_AFTER_END_S - 1 });
    const late = rotateKeys(first, kept, { nowS: endS + KEPT_AFTER_END_S });
    expect(nodeOf(early, 'xd').sig.map(({ kid }) => kid)).toEqual(['xd#sig-3', 'xd#sig-2', 'xd#sig-1']);
    expect(nodeOf(late, 'xd').sig.map(({ kid }) => kid)).toEqual(['xd#sig-3', 'xd#sig-2']);
    expect(codeOf(() => rotateKeys(first, next, { nowS: NOW_S }))).toBe('KEY_NUMBER_USED');
  });

  it('keys of another log, of another State, or without an overlap are refused', async () => {
    const strange = await publicHalfOf(await makePartyKeys(NET, 'xd', random, NOW_S * 1000, 2));
    expect(codeOf(() => rotateKeys(joined, strange, { nowS: NOW_S }))).toBe('LOG_KEYS_DIFFER');
    const alone = { ...next, pgp: [next.pgp[0]!] };
    expect(codeOf(() => rotateKeys(joined, alone, { nowS: NOW_S }))).toBe('NO_OVERLAP');
    expect(codeOf(() => rotateKeys(list, next, { nowS: NOW_S }))).toBe('NOT_LISTED');
  });

  it('the gateway too, which has no certificate', async () => {
    const keys = { ...(await makePartyKeys(NET, 'gateway', random, NOW_S * 1000)) };
    const base = structuredClone(joined);
    const before = await publicHalfOf(keys);
    base.gateway = {
      ...base.gateway,
      log: before.log,
      wit: before.wit,
      sig: [{ ...before.sig, from: NOW_S, exp: NOW_S + 100 * 24 * 3600 }],
    };
    const after = await publicHalfOf(await makeNextKeys(keys, random, NOW_S * 1000));
    const rotated = rotateKeys(base, after, { nowS: NOW_S });
    expect(rotated.gateway.sig.map(({ kid }) => kid)).toEqual(['gateway#sig-2', 'gateway#sig-1']);
    expect(findListFault(rotated)).toBeNull();
  });
});

it('a certificate that is not the one its fingerprint names would stop every node: it is found before anybody signs', async () => {
  await expect(requireUsableCertificates({ nodes: [nodeOf(joined, 'xd')] })).resolves.toBeUndefined();
  const swapped = structuredClone(nodeOf(joined, 'xd'));
  swapped.pgp[0]!.fpr = 'a'.repeat(40);
  await expect(requireUsableCertificates({ nodes: [swapped] })).rejects.toMatchObject({
    code: 'CERTIFICATE_UNUSABLE',
  });
});

describe('what a list changes is said in words', () => {
  const wordsOf = (after: TrustList, before: TrustList = joined) => describeChange(before, after).slice(1);

  it('each change as a sentence, and nothing where nothing changes', async () => {
    expect(wordsOf(joined)).toEqual([]);
    expect(wordsOf(suspendNode(joined, 'xb'))).toEqual([
      'xb is SUSPENDED: nothing is sent to it, and what it sends is refused.',
    ]);
    expect(wordsOf(joined, list)[0]).toContain('xd joins: signs with xd#sig-1 (');
    const next = await publicHalfOf(await makeNextKeys(xd, random, NOW_S * 1000));
    const rotated = wordsOf(rotateKeys(joined, next, { nowS: NOW_S, lost: 'stolen' })).join('\n');
    for (const part of [
      'NEW SIGNING KEY xd#sig-2',
      'xd#sig-1 is REVOKED',
      `certificate ${xdPublic.pgp[0]!.fpr} IS NOT`,
    ])
      expect(rotated).toContain(part);
    expect(describeChange(null, network.list).join('\n')).toContain('xa joins');
  });

  it('warns where too few would be left to witness', () => {
    expect(findConcerns(joined)).toEqual([]);
    const few = ['xa', 'xb', 'xc'].reduce(suspendNode, {
      ...joined,
      policy: { ...joined.policy, quorum: 2 },
    });
    expect(findConcerns(few)).toHaveLength(1);
  });

  /** Every place in a list that holds a value, as a path. */
  const pathsOf = (value: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, child]) =>
          pathsOf(child, [...path, Array.isArray(value) ? Number(name) : name]),
        )
      : [path];

  it('no value of a list can change unsaid', () => {
    const unsaid = new Set(['ver', 'prev', 'iat', 'exp']);
    const paths = pathsOf(joined).filter(([first]) => !unsaid.has(String(first)));
    fc.assert(
      fc.property(fc.constantFrom(...paths), (path) => {
        const other = structuredClone(joined) as unknown as Record<string | number, unknown>;
        const holder = path.slice(0, -1).reduce((at, step) => at[step] as typeof other, other);
        const last = path.at(-1)!;
        const value = holder[last];
        holder[last] =
          typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}x`;
        expect(wordsOf(other as unknown as TrustList).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('nor can anything vanish unsaid', () => {
    for (const state of ['xa', 'xd']) {
      const without = { ...joined, nodes: joined.nodes.filter(({ node }) => node !== state) };
      expect(wordsOf(without)).toEqual([expect.stringContaining(`${state} IS NOT LISTED`)]);
    }
  });
});
