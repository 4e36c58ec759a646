/**
 * Founds the demo's network: keys for everybody, the first trust list signed by two of three authorities, and the anchor that
 * every participant starts from.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyFile } from '#node/vault/file-keys.ts';
import { messageCodes, wireName } from '#schema/conversation/message-types.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, makeAnchor, signList } from '#schema/jws/trust-list.ts';
import {
  type AuthorityKeyFile,
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  type PartyKeyFile,
  publicKeysOf,
} from '../network/make-keys.ts';
import { draftFirstList } from '../network/make-list.ts';
import { inventedProfiles, NET } from './invented-profiles.ts';

export type Code = 'xa' | 'xb' | 'xc';
export const codes: readonly Code[] = ['xa', 'xb', 'xc'];

export interface Founded {
  readonly anchorPath: string;
  readonly listPath: string;
  /** Paths of the key files, by party. */
  readonly keyPaths: Readonly<Record<Code | 'gateway', string>>;
  /** Files of wrapping keys, by State. */
  readonly vaultPaths: Readonly<Record<Code, string>>;
}

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

/** Writes keys, list and anchor into `folder`. @param addresses machine endpoints; null for an outbound-only node */
export async function foundNetwork(
  folder: string,
  gatewayUrl: string,
  addresses: Readonly<Record<Code, string | null>>,
): Promise<Founded> {
  const nowMs = Date.now();
  const parties = ['gateway', ...codes] as const;
  const made = await Promise.all(
    parties.map(async (party) => [party, await makePartyKeys(NET, party, random, nowMs)] as const),
  );
  const keys = Object.fromEntries(made) as Record<Code | 'gateway', PartyKeyFile>;
  const authorities = await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random)));
  const list = draftFirstList({
    net: NET,
    nowMs,
    authorities: describeAuthorities(authorities),
    quorum: 2,
    gateway: { url: gatewayUrl, keys: await publicKeysOf(keys.gateway, nowMs) },
    members: await Promise.all(
      codes.map(async (code) => ({
        node: code,
        keys: await publicKeysOf(keys[code], nowMs),
        urls: addresses[code] === null ? [] : [addresses[code]],
        profile: inventedProfiles[code],
      })),
    ),
    types: messageCodes.map(wireName),
  });
  const { anchorPath, listPath } = await writeSigned(folder, list, authorities.slice(0, 2));
  const paths = parties.map(async (party) => [party, await writeKeys(folder, keys[party])] as const);
  const keyPaths = Object.fromEntries(await Promise.all(paths)) as Founded['keyPaths'];
  const vaults = codes.map(async (code) => {
    const path = join(folder, `${code}.vault.json`);
    await createKeyFile(path, random);
    return [code, path] as const;
  });
  const vaultPaths = Object.fromEntries(await Promise.all(vaults)) as Founded['vaultPaths'];
  return { anchorPath, listPath, keyPaths, vaultPaths };
}

async function writeSigned(
  folder: string,
  list: ReturnType<typeof draftFirstList>,
  authorities: readonly AuthorityKeyFile[],
): Promise<{ anchorPath: string; listPath: string }> {
  const signers = await Promise.all(authorities.map(({ kid, jwk }) => importSigningKey(kid, jwk)));
  const json = assembleList(list, await Promise.all(signers.map((key) => signList(list, key))));
  const [anchorPath, listPath] = [join(folder, 'anchor.json'), join(folder, 'list-1.json')];
  await writeFile(anchorPath, `${JSON.stringify(await makeAnchor(json), null, 2)}\n`);
  await writeFile(listPath, json);
  return { anchorPath, listPath };
}

async function writeKeys(folder: string, keys: PartyKeyFile): Promise<string> {
  const path = join(folder, `${keys.party}.keys.json`);
  await writeFile(path, JSON.stringify(keys), { mode: 0o600 });
  return path;
}
