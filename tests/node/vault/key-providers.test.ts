// Both key providers by one contract, each for real: a file, and a token of SoftHSM2 by PKCS#11; and what each refuses.
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gcm } from '@noble/ciphers/aes.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyFile, nameOf } from '#node/vault/file-keys.ts';
import type { KeyProvider } from '#node/vault/key-provider.ts';
import { openKeyProvider } from '#node/vault/open-key-provider.ts';
import { KeyProviderError } from '#node/vault/vault-error.ts';
import { hasToken, makeToken, type TestToken } from '#tests/fixtures/softhsm.ts';
import { random } from '#tests/fixtures/vault.ts';

let folder: string;
let token: TestToken;
const withToken = hasToken();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-keys-'));
  if (withToken) token = await makeToken();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  if (withToken) await token.remove();
});

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof KeyProviderError ? error.code : String(error)),
  );
const fresh = async (): Promise<string> => {
  const path = join(folder, `${random(4).join('-')}.json`);
  await createKeyFile(path, random);
  return path;
};

const kinds: [string, boolean, () => Promise<{ open: () => Promise<KeyProvider> }>][] = [
  [
    'a file',
    true,
    async () => {
      const path = await fresh();
      return { open: () => openKeyProvider(path, random) };
    },
  ],
  [
    'a token',
    withToken,
    async () => {
      const open = () => openKeyProvider(token.settingsPath, random);
      const provider = await open();
      await provider.makeNext();
      await provider.close();
      return { open };
    },
  ],
];

describe.each(kinds)('%s', (_, runs, make) => {
  test.skipIf(!runs)('wraps and unwraps, under the name of the subject alone', async () => {
    const { open } = await make();
    const provider = await open();
    const key = random(32);
    const wrapped = await provider.wrap(key, 'conversation:a');
    expect(wrapped.keyId).toBe(await provider.currentId());
    expect(Buffer.from(wrapped.wrapped).includes(Buffer.from(key))).toBe(false);
    expect(Buffer.from(await provider.unwrap(wrapped, 'conversation:a'))).toEqual(Buffer.from(key));
    expect(await codeOf(provider.unwrap(wrapped, 'conversation:b'))).toMatch(/^(KEY_WRONG|TOKEN_FAILED)$/);
    const altered = {
      ...wrapped,
      wrapped: Uint8Array.from(wrapped.wrapped, (byte, i) => (i === 20 ? byte ^ 1 : byte)),
    };
    expect(await codeOf(provider.unwrap(altered, 'conversation:a'))).toMatch(/^(KEY_WRONG|TOKEN_FAILED)$/);
    expect(await codeOf(provider.unwrap({ ...wrapped, keyId: 'wrap-999' }, 'conversation:a'))).toBe(
      'KEY_MISSING',
    );
    // What failed leaves the provider as it was.
    expect(Buffer.from(await provider.unwrap(wrapped, 'conversation:a'))).toEqual(Buffer.from(key));
    await provider.close();
  });

  test.skipIf(!runs)('many at once', async () => {
    const { open } = await make();
    const provider = await open();
    const keys = Array.from({ length: 60 }, () => random(32));
    const wrapped = await Promise.all(keys.map((key, i) => provider.wrap(key, `case:${i}`)));
    const back = await Promise.all(wrapped.map((one, i) => provider.unwrap(one, `case:${i}`)));
    expect(back.map((key) => Buffer.from(key).toString('hex'))).toEqual(
      keys.map((key) => Buffer.from(key).toString('hex')),
    );
    await provider.close();
  });

  test.skipIf(!runs)(
    'goes over to a next key, which another process sees at once; the former still opens',
    async () => {
      const { open } = await make();
      const [provider, other] = [await open(), await open()];
      const before = await provider.wrap(random(32), 'case:1');
      expect(await other.currentId()).toBe(before.keyId);
      const next = await provider.makeNext();
      expect(next).not.toBe(before.keyId);
      expect(await other.currentId()).toBe(next);
      const after = await provider.wrap(random(32), 'case:2');
      expect(after.keyId).toBe(next);
      await other.unwrap(before, 'case:1');
      await other.unwrap(after, 'case:2');
      expect(await codeOf(provider.remove(next))).toBe('KEY_IN_USE');
      await provider.remove(before.keyId);
      expect(await provider.keyIds()).not.toContain(before.keyId);
      expect(await codeOf(provider.unwrap(before, 'case:1'))).toBe('KEY_MISSING');
      await provider.unwrap(after, 'case:2');
      await Promise.all([provider.close(), other.close()]);
    },
  );
});

describe('a file of wrapping keys', () => {
  test('is opened by another implementation of AES-GCM', async () => {
    const path = await fresh();
    const provider = await openKeyProvider(path, random);
    const key = random(32);
    const { keyId, wrapped } = await provider.wrap(key, 'case:1');
    const file = JSON.parse(await readFile(path, 'utf8')) as { wrapping: { id: string; key: string }[] };
    const raw = Buffer.from(file.wrapping.find(({ id }) => id === keyId)!.key, 'base64url');
    const aad = Buffer.from(nameOf(keyId, 'case:1'));
    expect(gcm(raw, wrapped.subarray(1, 13), aad).decrypt(wrapped.subarray(13))).toEqual(key);
  });

  test('that others can read is refused, also when that comes later', async () => {
    const path = await fresh();
    const provider = await openKeyProvider(path, random);
    await chmod(path, 0o640);
    expect(await codeOf(openKeyProvider(path, random))).toBe('FILE_MODE');
    expect(await codeOf(provider.wrap(random(32), 'case:1'))).toBe('FILE_MODE');
  });

  test('that is away or spoilt is refused, with a word of what to do and none of what is in it', async () => {
    const path = await fresh();
    const provider = await openKeyProvider(path, random);
    const text = await readFile(path, 'utf8');
    await rename(path, `${path}.away`);
    expect(await codeOf(provider.currentId())).toBe('FILE_UNREADABLE');
    expect(await codeOf(openKeyProvider(path, random))).toBe('FILE_UNREADABLE');
    const { wrapping } = JSON.parse(text) as { wrapping: { key: string }[] };
    for (const spoilt of [
      text.slice(0, -20),
      '{}',
      JSON.stringify({ ...JSON.parse(text), current: 'wrap-7' }),
      JSON.stringify({
        v: 1,
        kind: 'file',
        current: 'wrap-1',
        wrapping: [{ id: 'wrap-1', key: wrapping[0]!.key.slice(4) }],
      }),
    ]) {
      await writeFile(path, spoilt, { mode: 0o600 });
      const error = (await openKeyProvider(path, random).catch((one) => one)) as Error;
      expect(error).toMatchObject({ code: 'FILE_INVALID' });
      expect(`${error.stack} ${String(error.cause)}`).not.toContain(wrapping[0]!.key.slice(4, 20));
    }
  });

  test('is never overwritten, and a rotation leaves it whole and private', async () => {
    const path = await fresh();
    await expect(createKeyFile(path, random)).rejects.toMatchObject({ code: 'EEXIST' });
    await (await openKeyProvider(path, random)).makeNext();
    const { mode } = await import('node:fs/promises').then(({ stat }) => stat(path));
    expect(mode & 0o777).toBe(0o600);
    expect((JSON.parse(await readFile(path, 'utf8')) as { current: string }).current).toBe('wrap-2');
  });
});

describe('a token', () => {
  test.skipIf(!withToken)('gives its wrapping keys to nobody', async () => {
    const { default: pkcs11 } = (await import('pkcs11js')) as unknown as {
      default: typeof import('pkcs11js');
    };
    const provider = await openKeyProvider(token.settingsPath, random);
    await provider.makeNext();
    const { module: library } = JSON.parse(await readFile(token.settingsPath, 'utf8')) as { module: string };
    const pin = (await readFile(token.pinPath, 'utf8')).trim();
    const module = new pkcs11.PKCS11();
    module.load(library);
    const slot = module
      .C_GetSlotList(true)
      .find((one) => module.C_GetTokenInfo(one).label.trim() === 'focalnet-test')!;
    const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION);
    try {
      module.C_Login(session, pkcs11.CKU_USER, pin);
    } catch (error) {
      expect(String(error)).toContain('ALREADY_LOGGED_IN');
    }
    module.C_FindObjectsInit(session, [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY }]);
    const key = module.C_FindObjects(session)!;
    module.C_FindObjectsFinal(session);
    expect(() => module.C_GetAttributeValue(session, key, [{ type: pkcs11.CKA_VALUE }])).toThrow(/SENSITIVE/);
    module.C_CloseSession(session);
    await provider.close();
  });

  test.skipIf(!withToken)('that is pulled out says so, and works again once it is back', async () => {
    const provider = await openKeyProvider(token.settingsPath, random);
    await provider.makeNext();
    const key = random(32);
    const wrapped = await provider.wrap(key, 'case:1');
    await token.pullOut();
    expect(await codeOf(provider.unwrap(wrapped, 'case:1'))).toMatch(
      /^(TOKEN_FAILED|TOKEN_MISSING|KEY_MISSING)$/,
    );
    expect(await codeOf(provider.wrap(key, 'case:1'))).toMatch(/^(TOKEN_FAILED|TOKEN_MISSING|KEY_MISSING)$/);
    await token.putIn();
    expect(Buffer.from(await provider.unwrap(wrapped, 'case:1'))).toEqual(Buffer.from(key));
    await provider.close();
  });

  test.skipIf(!withToken)('each setting that does not fit has an error of its own', async () => {
    const openWith = async (change: Record<string, unknown>) =>
      codeOf(openKeyProvider(await token.write('other.json', change), random));
    expect(await openWith({ module: '/nowhere/lib.so' })).toBe('MODULE_MISSING');
    expect(await openWith({ token: 'another' })).toBe('TOKEN_MISSING');
    expect(await openWith({ pinFile: '/nowhere' })).toBe('PIN_REFUSED');
    expect(await openWith({ surplus: 1 })).toBe('FILE_INVALID');
    await chmod(token.pinPath, 0o644);
    expect(await openWith({})).toBe('FILE_MODE');
    await chmod(token.pinPath, 0o600);
  });

  test('a node without the native addon is told how to get it', () => {
    const path = join(folder, 'settings.json');
    const settings = { v: 1, kind: 'pkcs11', module: '/nowhere', token: 'x', pinFile: path };
    // In a process where the package cannot be found, as after an installation without a compiler.
    const script = `
      import { register } from 'node:module';
      import { writeFileSync } from 'node:fs';
      writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(JSON.stringify(settings))}, { mode: 0o600 });
      const loader = 'export const resolve = (name, context, next) => { if (name === "pkcs11js") throw new Error("not built"); return next(name, context); }';
      register('data:text/javascript,' + encodeURIComponent(loader));
      const { openTokenKeys } = await import('#node/vault/pkcs11-keys.ts');
      await openTokenKeys(${JSON.stringify(path)}, () => new Uint8Array()).catch((error) => console.log(error.message));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { encoding: 'utf8', cwd: new URL('../../..', import.meta.url).pathname },
    );
    expect(`${stdout}${stderr}`).toMatch(/^PACKAGE_MISSING: .*npm rebuild pkcs11js --ignore-scripts=false/);
  });
});
