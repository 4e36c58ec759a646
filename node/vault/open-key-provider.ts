/**
 * Which key provider a node has: the file that FOCALNET_VAULT names says it.
 */
import { readFile } from 'node:fs/promises';
import { openFileKeys } from './file-keys.ts';
import type { KeyProvider } from './key-provider.ts';
import { openTokenKeys } from './pkcs11-keys.ts';
import { KeyProviderError } from './vault-error.ts';

/**
 * Opens the provider that a file describes: the wrapping keys themselves, or the settings of a token (`"kind":"pkcs11"`).
 * @throws KeyProviderError says what to do
 */
export async function openKeyProvider(
  path: string,
  random: (bytes: number) => Uint8Array,
): Promise<KeyProvider> {
  return (await readKind(path)) === 'pkcs11' ? openTokenKeys(path, random) : openFileKeys(path, random);
}

async function readKind(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new KeyProviderError('FILE_UNREADABLE', { cause });
  });
  try {
    return (JSON.parse(text) as { kind?: unknown } | null)?.kind;
  } catch {
    // Not with its cause: the parser's message repeats what stands in the file.
    throw new KeyProviderError('FILE_INVALID');
  }
}
