/**
 * `focalnet keys new|backup|restore`: the private half of a party, made where it stays, with a sealed copy elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { makeAuthorityKey, makePartyKeys } from '../network/make-keys.ts';
import { type Command, need, print, UsageError } from './command.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
/** PBKDF2 rounds (OWASP 2023 for HMAC-SHA-512: 210,000), twice that. */
const ROUNDS = 420_000;

export const keysNew: Command = {
  help: `  --net NAME      the network, e.g. focalnet.example
  --party CODE    a State's code such as xa, or gateway, or authority
  --number N      which authority: 1, 2 or 3
  --out FILE      where to write them (mode 0600; never overwritten)

  focalnet keys new --net focalnet.example --party xa --out xa.keys.json`,
  run: async (values) => {
    const net = need(values, 'net');
    const party = need(values, 'party');
    const keys =
      party === 'authority'
        ? await makeAuthorityKey(net, Number(need(values, 'number')), random)
        : await makePartyKeys(net, party, random, Date.now());
    await writeFile(need(values, 'out'), `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: 'wx' });
    print('Written. Make a sealed backup now: focalnet keys backup.');
    return 0;
  },
};

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
