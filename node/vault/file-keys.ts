/**
 * Wrapping keys in a file (mode 0600), for demo, tests and offices without a token. The file is read whenever a key is needed and
 * kept nowhere: a rotation by another process is seen at once, and so is that the file is gone.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, unlink, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { type KeyProvider, nextKeyId, numberOf } from './key-provider.ts';
import { KEY_BYTES, openBytes, sealBytes } from './seal-field.ts';
import { KeyProviderError, type KeyProviderErrorCode } from './vault-error.ts';

const KeyId = z.string().refine((id) => numberOf(id) > 0);
const Key = z.string().refine((text) => Buffer.from(text, 'base64url').length === KEY_BYTES);
const File = z
  .strictObject({
    v: z.literal(1),
    kind: z.literal('file'),
    current: KeyId,
    wrapping: z.array(z.strictObject({ id: KeyId, key: Key })).min(1),
  })
  .refine(({ current, wrapping }) => wrapping.some(({ id }) => id === current));
type File = z.infer<typeof File>;

type Random = (bytes: number) => Uint8Array;

/** Writes a new file with `wrap-1`; never overwrites. @throws Error EEXIST */
export async function createKeyFile(path: string, random: Random): Promise<void> {
  const file: File = { v: 1, kind: 'file', current: 'wrap-1', wrapping: [makeKey('wrap-1', random)] };
  await writeFile(path, `${JSON.stringify(file)}\n`, { mode: 0o600, flag: 'wx' });
}

const makeKey = (id: string, random: Random) => ({
  id,
  key: Buffer.from(random(KEY_BYTES)).toString('base64url'),
});

/** @throws KeyProviderError FILE_UNREADABLE, FILE_MODE, FILE_INVALID */
export async function openFileKeys(path: string, random: Random): Promise<KeyProvider> {
  let reading: Promise<File> | null = null;
  // Keys of a page are asked for together, and the file is read once for them.
  const read = () => {
    reading ??= readFile(path).finally(() => {
      reading = null;
    });
    return reading;
  };
  await read();
  return {
    wrap: async (dataKey, subject) => {
      const file = await read();
      const wrapped = sealBytes(keyOf(file, file.current), nameOf(file.current, subject), dataKey, random);
      return { keyId: file.current, wrapped };
    },
    unwrap: async ({ keyId, wrapped }, subject) => {
      const key = keyOf(await read(), keyId);
      try {
        return openBytes(key, nameOf(keyId, subject), wrapped);
      } catch (cause) {
        throw new KeyProviderError('KEY_WRONG', { cause });
      }
    },
    currentId: async () => (await read()).current,
    keyIds: async () => (await read()).wrapping.map(({ id }) => id),
    makeNext: async () => {
      const file = await readFile(path);
      const id = nextKeyId(file.wrapping.map((one) => one.id));
      await replaceFile(path, { ...file, current: id, wrapping: [...file.wrapping, makeKey(id, random)] });
      return id;
    },
    remove: async (keyId) => {
      const file = await readFile(path);
      if (file.current === keyId) throw new KeyProviderError('KEY_IN_USE');
      await replaceFile(path, { ...file, wrapping: file.wrapping.filter(({ id }) => id !== keyId) });
    },
    close: async () => {},
  };
}

/** What a wrapped key is bound to. */
export const nameOf = (keyId: string, subject: string): string =>
  JSON.stringify(['focalnet-wrap', 1, keyId, subject]);

function keyOf(file: File, id: string): Buffer {
  const found = file.wrapping.find((one) => one.id === id);
  if (!found) throw new KeyProviderError('KEY_MISSING');
  return Buffer.from(found.key, 'base64url');
}

async function readFile(path: string): Promise<File> {
  const text = await readPrivately(path, 'FILE_UNREADABLE');
  try {
    return File.parse(JSON.parse(text));
  } catch {
    // Not with its cause: it could repeat a key.
    throw new KeyProviderError('FILE_INVALID');
  }
}

/** The text of a file that nobody else may read. @throws KeyProviderError FILE_MODE, or `code` where it cannot be read */
export async function readPrivately(path: string, code: KeyProviderErrorCode): Promise<string> {
  const { text, mode } = await readWithMode(path).catch((cause) => {
    throw new KeyProviderError(code, { cause });
  });
  if ((mode & 0o077) !== 0) throw new KeyProviderError('FILE_MODE');
  return text;
}

/** Text and mode of one and the same file, whatever is renamed over it meanwhile. */
async function readWithMode(path: string): Promise<{ text: string; mode: number }> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    return { text: await handle.readFile('utf8'), mode: (await handle.stat()).mode };
  } finally {
    await handle.close();
  }
}

/** Whoever reads sees the former file or the new one; a crash leaves one of them, whole and on the disk. */
async function replaceFile(path: string, file: File): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file)}\n`);
    await handle.sync();
    await handle.close();
    await rename(beside, path);
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(beside).catch(() => {});
    throw error;
  }
}
