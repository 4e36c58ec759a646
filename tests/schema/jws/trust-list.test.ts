import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { generalVerify, importJWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeKeyring } from '#schema/jws/keyring.ts';
import { generateSigningJwk, importSigningKey, toPublicJwk } from '#schema/jws/keys.ts';
import {
  assembleList,
  hashList,
  ListError,
  makeAnchor,
  makeListEntry,
  parseList,
  signList,
  type VerifiedList,
  verifyFirstList,
  verifyListToLog,
  verifyNextList,
} from '#schema/jws/trust-list.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { addSignatureLines } from '#schema/log/note.ts';
import type { LogProof } from '#schema/log/proof.ts';
import { leafHash, nodeHash } from '#schema/log/tree.ts';
import { TrustList } from '#schema/protocol/trust-list.ts';
import { FOUNDED_S, makeTestNetwork, NET, signTestList, type TestNetwork } from '#tests/fixtures/network.ts';

const NOW_S = FOUNDED_S + 1000;

let network: TestNetwork;
let second: TrustList;

beforeAll(async () => {
  network = await makeTestNetwork();
  second = follow(network.verified);
});

function follow(previous: VerifiedList, change: (list: TrustList) => void = () => {}): TrustList {
  const list = structuredClone(previous.value);
  Object.assign(list, { ver: list.ver + 1, prev: previous.hash, iat: NOW_S });
  change(list);
  return TrustList.parse(list);
}

/** A proof that a list is leaf 1 of 2 in the gateway's log, cosigned by some nodes. */
async function proveInLog(
  list: TrustList,
  witnesses: string[] = ['xa'],
  logOf = 'gateway',
): Promise<LogProof> {
  const neighbour = leafHash(new Uint8Array([1]));
  const { leaf } = makeListEntry({ value: list, hash: hashList(list) });
  const checkpoint = {
    origin: `${NET}/${logOf}`,
    size: 2,
    extensions: [],
    rootHash: nodeHash(neighbour, leaf) as Uint8Array<ArrayBuffer>,
  };
  const note = await signCheckpoint(checkpoint, network.parties[logOf]!.log);
  const lines = await Promise.all(
    witnesses.map((name) => cosignCheckpoint(note, network.parties[name]!.wit, NOW_S)),
  );
  return { index: 1, hashes: [neighbour], checkpoint: addSignatureLines(note, lines) };
}

async function refusal(act: () => unknown): Promise<string> {
  const error = await Promise.resolve()
    .then(act)
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(ListError);
  return (error as ListError).code;
}

const sign = (list: TrustList, count = 2) => signTestList(list, network.authorities, count);

describe('list 1', () => {
  test('is accepted by its anchor', async () => {
    const list = await verifyFirstList(network.json, network.anchor);
    expect(list).toMatchObject({
      alarm: false,
      hash: network.anchor.list1,
      signers: ['authority-1#sig-1', 'authority-2#sig-1'],
    });
    expect(makeKeyring(list)).toMatchObject({ ver: 1, net: NET, policy: { quorum: 1 } });
  });

  test('is an ordinary general JWS: jose verifies each signature', async () => {
    const jws = JSON.parse(network.json);
    for (const signature of jws.signatures) {
      const jwk = network.list.authorities.keys.find(
        ({ kid }) => kid === JSON.parse(Buffer.from(signature.protected, 'base64url').toString()).kid,
      )!.jwk;
      const one = { payload: jws.payload, signatures: [signature] };
      await expect(
        generalVerify(one, await importJWK(jwk, 'Ed25519'), { crit: { focalnet: true } }),
      ).resolves.toBeDefined();
    }
  });

  test('is the same list with a third signature', async () => {
    const withThree = await sign(network.list, 3);
    expect(withThree).not.toBe(network.json);
    await expect(verifyFirstList(withThree, network.anchor)).resolves.toMatchObject({
      hash: network.verified.hash,
    });
  });

  test('of another anchor is refused', async () => {
    const other = await makeTestNetwork({ states: ['xa', 'xb'] });
    expect(await refusal(() => verifyFirstList(other.json, network.anchor))).toBe('ANCHOR_MISMATCH');
    const renamed = { ...network.anchor, net: 'other.example' };
    expect(await refusal(() => verifyFirstList(network.json, renamed))).toBe('WRONG_NETWORK');
    const swapped = { ...network.anchor, authorities: { ...network.anchor.authorities, threshold: 3 } };
    expect(await refusal(() => verifyFirstList(network.json, swapped))).toBe('ANCHOR_MISMATCH');
  });

  test('makes no anchor below the threshold', async () => {
    const lone = await sign(network.list, 1);
    expect(await refusal(() => makeAnchor(lone))).toBe('THRESHOLD_NOT_MET');
  });

  test('any changed character is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(network.json.length - 1),
        fc.integer({ min: 32, max: 126 }),
        async (at, code) => {
          const changed = network.json.slice(0, at) + String.fromCharCode(code) + network.json.slice(at + 1);
          fc.pre(changed !== network.json);
          await refusal(() => verifyFirstList(changed, network.anchor));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('list n+1', () => {
  const next = async (
    list: TrustList,
    options: { count?: number; proof?: LogProof; nowS?: number; previous?: VerifiedList } = {},
  ) => {
    const { count = 2, proof, nowS = NOW_S, previous = network.verified } = options;
    return verifyNextList(await sign(list, count), previous, {
      nowS,
      ...(proof === undefined ? {} : { proof }),
    });
  };

  test('with threshold and proof is accepted without alarm', async () => {
    const list = await next(second, { proof: await proveInLog(second) });
    expect(list).toMatchObject({ alarm: false, value: { ver: 2 } });
    const third = follow(list, (value) => {
      value.nodes[2]!.status = 'suspended';
    });
    const after = await next(third, { previous: list, proof: await proveInLog(third, ['xb']) });
    expect(makeKeyring(after).node('xc')?.status).toBe('suspended');
  });

  test('signed by all authorities needs no witnesses, and raises the alarm', async () => {
    expect(await next(second, { count: 3 })).toMatchObject({ alarm: true });
    expect(await next(second, { count: 3, proof: await proveInLog(second) })).toMatchObject({ alarm: false });
    expect(await next(second, { count: 3, proof: await proveInLog(second, []) })).toMatchObject({
      alarm: true,
    });
  });

  test.each([
    ['no proof', async () => undefined],
    ['a proof without witnesses', () => proveInLog(second, [])],
    ['the gateway as its own witness', () => proveInLog(second, ['gateway'])],
    ["a proof in a node's log", () => proveInLog(second, ['xb'], 'xa')],
    [
      'a proof of another list',
      () =>
        proveInLog(
          follow(network.verified, (list) => {
            list.exp += 1;
          }),
        ),
    ],
    ['another index', async () => ({ ...(await proveInLog(second)), index: 0 })],
  ])('with two signatures and %s is refused', async (_name, makeProof) => {
    const proof = await makeProof();
    expect(await refusal(() => next(second, proof === undefined ? {} : { proof }))).toBe('NOT_WITNESSED');
  });

  test('a suspended State is no witness', async () => {
    const suspended = follow(network.verified, (list) => {
      list.nodes[0]!.status = 'suspended';
    });
    const previous = await next(suspended, { proof: await proveInLog(suspended) });
    const third = follow(previous);
    expect(await refusal(async () => next(third, { previous, proof: await proveInLog(third, ['xa']) }))).toBe(
      'NOT_WITNESSED',
    );
    await expect(next(third, { previous, proof: await proveInLog(third, ['xb']) })).resolves.toBeDefined();
  });

  test('new authorities count only from the list after', async () => {
    const newcomer = await generateSigningJwk(new Uint8Array(32).fill(9));
    const rotated = follow(network.verified, (list) => {
      list.authorities.keys[2] = { kid: 'authority-3#sig-2', jwk: toPublicJwk(newcomer) };
    });
    const newKey = await importSigningKey('authority-3#sig-2', newcomer);
    const early = assembleList(rotated, [
      await signList(rotated, network.authorities[0]!),
      await signList(rotated, newKey),
    ]);
    expect(await refusal(() => verifyNextList(early, network.verified, { nowS: NOW_S }))).toBe(
      'AUTHORITY_UNKNOWN',
    );
    const previous = await next(rotated, { proof: await proveInLog(rotated) });
    const third = follow(previous);
    const late = assembleList(third, [
      await signList(third, network.authorities[0]!),
      await signList(third, newKey),
    ]);
    const proof = await proveInLog(third);
    await expect(verifyNextList(late, previous, { nowS: NOW_S, proof })).resolves.toMatchObject({
      alarm: false,
    });
    const retired = assembleList(
      third,
      await Promise.all(network.authorities.slice(1).map((key) => signList(third, key))),
    );
    expect(await refusal(() => verifyNextList(retired, previous, { nowS: NOW_S, proof }))).toBe(
      'AUTHORITY_UNKNOWN',
    );
  });

  const faults: [string, (list: TrustList) => void, string][] = [
    [
      'skips a version',
      (list) => {
        list.ver = 3;
      },
      'NOT_NEXT',
    ],
    [
      'names another predecessor',
      (list) => {
        list.prev = '11'.repeat(32);
      },
      'CHAIN_BROKEN',
    ],
    [
      'is dated before it',
      (list) => {
        list.iat = FOUNDED_S - 1;
      },
      'TIME_REVERSED',
    ],
    [
      'is dated in the future',
      (list) => {
        list.iat = NOW_S + 301;
      },
      'FROM_FUTURE',
    ],
    [
      'is of another network',
      (list) => {
        list.net = 'other.example';
        for (const party of [list.gateway, ...list.nodes]) {
          party.log = party.log.replace(NET, list.net);
          party.wit = party.wit.replace(NET, list.net);
        }
      },
      'MALFORMED',
    ],
  ];
  test.each(faults)('which %s is refused', async (_name, change, code) => {
    expect(await refusal(() => next(follow(network.verified, change), { count: 3 }))).toBe(code);
  });

  test('rolled back, repeated or forked is told apart', async () => {
    const previous = await next(second, { count: 3 });
    expect(await refusal(() => next(network.list, { count: 3, previous }))).toBe('ROLLED_BACK');
    expect(await refusal(() => next(second, { count: 3, previous }))).toBe('NOT_NEXT');
    const fork = follow(network.verified, (list) => {
      list.exp += 1;
    });
    expect(await refusal(() => next(fork, { count: 3, previous }))).toBe('FORKED');
  });

  test('with one signature, a repeated one, or a stranger is refused', async () => {
    expect(await refusal(() => next(second, { count: 1 }))).toBe('THRESHOLD_NOT_MET');
    const one = await signList(second, network.authorities[0]!);
    expect(await refusal(() => assembleList(second, [one, one]))).toBe('MALFORMED');
    const key = network.parties.xa!.sig;
    const asNode = assembleList(second, [one, await signList(second, key)]);
    expect(await refusal(() => verifyNextList(asNode, network.verified, { nowS: NOW_S }))).toBe(
      'AUTHORITY_UNKNOWN',
    );
    const asAuthority = assembleList(second, [
      one,
      await signList(second, { ...key, kid: 'authority-2#sig-1' }),
    ]);
    expect(await refusal(() => verifyNextList(asAuthority, network.verified, { nowS: NOW_S }))).toBe(
      'BAD_SIGNATURE',
    );
  });

  test('with a signature of the list before is refused', async () => {
    const stolen = await signList(network.list, network.authorities[1]!);
    const mixed = assembleList(second, [await signList(second, network.authorities[0]!), stolen]);
    expect(await refusal(() => verifyNextList(mixed, network.verified, { nowS: NOW_S }))).toBe(
      'BAD_SIGNATURE',
    );
  });
});

describe('a list that no witness can have seen yet', () => {
  test('is taken only on demand, and only with the threshold', async () => {
    const list = await verifyListToLog(await sign(second), network.verified, NOW_S);
    expect(list.value.ver).toBe(2);
    const lone = await sign(second, 1);
    expect(await refusal(() => verifyListToLog(lone, network.verified, NOW_S))).toBe('THRESHOLD_NOT_MET');
  });

  test('is never taken by a node: that would let a gateway show it a list of its own', () => {
    const root = new URL('../../..', import.meta.url).pathname;
    for (const folder of ['node', 'platform', 'deploy']) {
      for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        expect(readFileSync(join(root, folder, file), 'utf8'), file).not.toContain('verifyListToLog');
      }
    }
  });
});

describe('a list that contradicts itself is refused even when signed', () => {
  const faults: [string, (list: TrustList) => void][] = [
    [
      'ends before it begins',
      (list) => {
        list.exp = list.iat;
      },
    ],
    [
      'a State twice',
      (list) => {
        list.nodes.push(structuredClone(list.nodes[0]!));
      },
    ],
    [
      "another's key id",
      (list) => {
        list.nodes[0]!.sig[0]!.kid = 'xb#sig-9';
      },
    ],
    [
      'one key for two parties',
      (list) => {
        list.nodes[0]!.sig[0]!.jwk = list.nodes[1]!.sig[0]!.jwk;
      },
    ],
    [
      'log key as witness key',
      (list) => {
        list.nodes[0]!.wit = list.nodes[0]!.log;
      },
    ],
    [
      "another's log",
      (list) => {
        list.nodes[0]!.log = list.nodes[1]!.log;
      },
    ],
    [
      'a log key that is none',
      (list) => {
        list.nodes[0]!.log = 'x';
      },
    ],
    [
      'threshold out of reach',
      (list) => {
        list.authorities.threshold = 4;
      },
    ],
    [
      'a State as authority',
      (list) => {
        list.authorities.keys[0]!.kid = 'xa#sig-7';
      },
    ],
    [
      'no predecessor',
      (list) => {
        list.prev = '0'.repeat(64);
      },
    ],
  ];
  test.each(faults)('%s', async (_name, change) => {
    expect(await refusal(() => sign(follow(network.verified, change), 3))).toBe('MALFORMED');
  });

  test('signatures out of order', () => {
    const jws = JSON.parse(network.json);
    jws.signatures.reverse();
    expect(() => parseList(JSON.stringify(jws))).toThrow(ListError);
  });
});
