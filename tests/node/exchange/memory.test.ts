/** Memory holds some parts of a file and never the file, on both sides: a file four times as large takes no more of it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { postgresForChild } from '#tests/fixtures/database.ts';

const CHILD = fileURLToPath(new URL('memory-process.ts', import.meta.url));
const MiB = 1024 * 1024;

/** How much more memory the process came to hold while a file of this size went from one node to the other. */
async function growth(bytes: number): Promise<number> {
  const env = { ...process.env, ...(await postgresForChild()) };
  const args = ['--import', 'tsx', CHILD, String(bytes)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const { before, after, sha256 } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  const expected = createHash('sha256');
  const part = Buffer.alloc(4 * MiB, 'INVENTED ');
  for (let sent = 0; sent < bytes; sent += part.length) expected.update(part);
  expect(sha256).toBe(expected.digest('hex'));
  return after - before;
}

test('a file of 256 MiB takes no more memory than one of 64 MiB, but for what the collector leaves', {
  timeout: 900_000,
}, async () => {
  const small = await growth(64 * MiB);
  const large = await growth(256 * MiB);
  // Held whole anywhere, once, it would be 192 MiB more.
  expect(large - small).toBeLessThan(96 * MiB);
  expect(large).toBeLessThan(256 * MiB);
});
