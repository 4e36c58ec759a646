// A program that makes the keys and the first list of a network of two States and prints them as JSON. A process of its own:
// exporting keys while others are being made has deadlocked Node 20. Arguments: the machine addresses of xa and xb.
import { randomBytes } from 'node:crypto';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import {
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  type PartyKeyFile,
  publicKeysOf,
} from '#deploy/network/make-keys.ts';
import { draftFirstList } from '#deploy/network/make-list.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, makeAnchor, signList } from '#schema/jws/trust-list.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';

export interface BenchNetworkFile {
  readonly keys: { readonly xa: PartyKeyFile; readonly xb: PartyKeyFile };
  readonly list: string;
  readonly anchor: Anchor;
}

async function makeNetwork(urls: { xa: string; xb: string }): Promise<BenchNetworkFile> {
  const nowMs = Date.now();
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  const authorities = await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random)));
  const gateway = await makePartyKeys(NET, 'gateway', random, nowMs);
  const keys = {
    xa: await makePartyKeys(NET, 'xa', random, nowMs),
    xb: await makePartyKeys(NET, 'xb', random, nowMs),
  };
  const member = async (node: 'xa' | 'xb') => ({
    node,
    keys: await publicKeysOf(keys[node], nowMs),
    urls: [urls[node]],
    profile: inventedProfiles[node],
  });
  const list = draftFirstList({
    net: NET,
    nowMs,
    authorities: describeAuthorities(authorities),
    quorum: 2,
    // Nobody is there: what is measured is two nodes that reach each other.
    gateway: { url: 'http://127.0.0.1:9', keys: await publicKeysOf(gateway, nowMs) },
    members: [await member('xa'), await member('xb')],
    types: ['ENQ@1'],
  });
  const signers = await Promise.all(
    authorities.slice(0, 2).map(({ kid, jwk }) => importSigningKey(kid, jwk)),
  );
  const json = assembleList(list, await Promise.all(signers.map((key) => signList(list, key))));
  return { keys, list: json, anchor: await makeAnchor(json) };
}

const [xa, xb] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await makeNetwork({ xa: xa!, xb: xb! })));
