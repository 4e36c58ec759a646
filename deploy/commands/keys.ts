/**
 * `focalnet keys new|next|public|backup|restore`: the private half of a party, made where it stays, with a sealed copy elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { CompactEncrypt, compactDecrypt } from 'jose';
import type { Profile } from '#schema/protocol/envelope.ts';
import {
  type AuthorityKeyFile,
  makeAuthorityKey,
  makeNextKeys,
  makePartyKeys,
  type PartyKeyFile,
} from '../network/make-keys.ts';
import { authorityHalfOf, publicHalfOf } from '../network/public-keys.ts';
import { type Command, need, print, UsageError, type Values } from './command.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
/** PBKDF2 rounds (OWASP 2023 for HMAC-SHA-512: 210,000), twice that. */
const ROUNDS = 420_000;

export const keysNew: Command = {
  help: `  --net NAME      the network, e.g. focalnet.example
  --party CODE    a State's code such as xa, or gateway, or authority
  --number N      which authority: 1, 2 or 3; for a State that founds itself anew, a number it never had
  --profile p6    for a State: sealing keys of RFC 9580 beside those that everybody opens; used with States that have them too
  --out FILE      where to write them (mode 0600; never overwritten)

  focalnet keys new --net focalnet.example --party xa --out xa.keys.json`,
  run: async (values) => {
    const net = need(values, 'net');
    const party = need(values, 'party');
    const keys =
      party === 'authority'
        ? await makeAuthorityKey(net, Number(need(values, 'number')), random)
        : await makePartyKeys(net, party, random, Date.now(), Number(values.number ?? 1), profilesIn(values));
    await writeKeys(values, keys);
    return 0;
  },
};

export const keysNext: Command = {
  help: `  --keys FILE     the key file in use
  --profile p6    makes sealing keys of RFC 9580 too, where the file has none yet
  --out FILE      where to write the keys that follow it (mode 0600; never overwritten)

  New signing and sealing keys; log and witness keys stay. The former sealing keys stay in the file, to open what was sealed for
  them. Hand the public half to the network's authority, and start the node with the new file once its key may sign.

  focalnet keys next --keys xa.keys.json --out xa.keys-2.json`,
  run: async (values) => {
    const keys = await readKeys(values);
    if ('kid' in keys) throw new UsageError('an authority gets a new key with `keys new`');
    await writeKeys(values, await makeNextKeys(keys, random, Date.now(), profilesIn(values)));
    return 0;
  },
};

export const keysPublic: Command = {
  help: `  --keys FILE     the key file, of a State, the gateway or an authority
  --out FILE      its public half, with the message types this software understands: for the network's authority

  focalnet keys public --keys xa.keys.json --out xa.public.json`,
  run: async (values) => {
    const keys = await readKeys(values);
    if ('kid' in keys) {
      const own = authorityHalfOf(keys);
      await writeFile(need(values, 'out'), `${JSON.stringify(own, null, 2)}\n`);
      print(`Public half of ${own.kid}. Compare its fingerprint by voice once the first list is drafted.`);
      return 0;
    }
    const half = await publicHalfOf(keys);
    await writeFile(need(values, 'out'), `${JSON.stringify(half, null, 2)}\n`);
    print(
      `Public half of ${half.party}, ${half.sig.kid}. Compare the fingerprints by voice once it is drafted.`,
    );
    return 0;
  },
};

/** Profiles of the sealing keys to make; undefined where nothing is said. */
function profilesIn({ profile }: Values): Profile[] | undefined {
  if (profile === undefined) return undefined;
  if (profile !== 'p6') throw new UsageError('--profile takes p6; keys of p4 are always made');
  return ['p4', 'p6'];
}

const readKeys = async (values: Values): Promise<PartyKeyFile | AuthorityKeyFile> =>
  JSON.parse(await readFile(need(values, 'keys'), 'utf8')) as PartyKeyFile | AuthorityKeyFile;

async function writeKeys(values: Values, keys: unknown): Promise<void> {
  await writeFile(need(values, 'out'), `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: 'wx' });
  print('Written. Make a sealed backup now: focalnet keys backup.');
}

function passphrase(): Uint8Array {
  const text = process.env.FOCALNET_PASSPHRASE ?? '';
  if (text.length < 16)
    throw new UsageError(
      'set FOCALNET_PASSPHRASE to at least 16 characters; two people keep it apart from the backup',
    );
  return new TextEncoder().encode(text);
}

export const keysBackup: Command = {
  help: `  --keys FILE            the key file
  --out FILE             the sealed copy (never overwritten)
  FOCALNET_PASSPHRASE    at least 16 characters

  FOCALNET_PASSPHRASE=… focalnet keys backup --keys xa.keys.json --out xa.backup`,
  run: async (values) => {
    const sealed = await new CompactEncrypt(new Uint8Array(await readFile(need(values, 'keys'))))
      .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', typ: 'focalnet-keys+jwe' })
      .setKeyManagementParameters({ p2c: ROUNDS })
      .encrypt(passphrase());
    await writeFile(need(values, 'out'), `${sealed}\n`, { mode: 0o600, flag: 'wx' });
    print('Sealed. Try the restore before you rely on it.');
    return 0;
  },
};

export const keysRestore: Command = {
  help: `  --backup FILE          the sealed copy
  --out FILE             where to write the key file (never overwritten)
  FOCALNET_PASSPHRASE    as at the backup

  FOCALNET_PASSPHRASE=… focalnet keys restore --backup xa.backup --out xa.keys.json`,
  run: async (values) => {
    const sealed = (await readFile(need(values, 'backup'), 'utf8')).trim();
    const options = { keyManagementAlgorithms: ['PBES2-HS512+A256KW'], maxPBES2Count: ROUNDS };
    const { plaintext } = await compactDecrypt(sealed, passphrase(), options).catch(() => {
      throw new Error('the backup does not open: another passphrase, or the file was changed');
    });
    await writeFile(need(values, 'out'), plaintext, { mode: 0o600, flag: 'wx' });
    print('Restored.');
    return 0;
  },
};
