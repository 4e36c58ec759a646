/** Whoever sends an enquiry from the command line sees how much of its files has gone, and programs read the rest undisturbed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { START_MS, startLoopNode } from '#tests/fixtures/loopback.ts';
import { serveOfficers } from '#tests/fixtures/officer-client.ts';
import { run } from './run-command.ts';

vi.setConfig({ testTimeout: 180_000 });

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** The first enquiry with files that are here. @returns where it stands */
async function writeEnquiry(folder: string): Promise<string> {
  const enquiry = JSON.parse(await readFile(join(FIXTURES, 'enquiries/01-main-journey.json'), 'utf8'));
  const files = ['photo-c1.jpg', 'guardianship-paper.png'].map((name) => join(FIXTURES, 'attachments', name));
  for (const [at, one] of enquiry.attachments.entries()) one.file = files[at];
  const path = join(folder, 'enquiry.json');
  await writeFile(path, JSON.stringify(enquiry));
  return path;
}

test('enquiry send tells the bytes of each file on standard error, at each tenth at most', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-send-'));
  const node = await startLoopNode('xa', { ms: START_MS });
  const officers = await serveOfficers(node);
  const session = (await officers.headers(node.person('ana'))).cookie!.split('=')[1]!;
  const args = ['enquiry', 'send', '--node', officers.url, '--file', await writeEnquiry(folder), '--json'];
  const { code, out, err } = await run(args, { FOCALNET_SESSION: session });
  await officers.close();
  await node.close();
  await rm(folder, { recursive: true });
  const lines = err
    .trim()
    .split('\n')
    .map((line) => line.match(/^(\S+): (\d+) of (\d+) bytes sent$/)?.slice(1) ?? [line]);
  const names = [...new Set(lines.map(([name]) => name))];
  expect(names).toEqual(['photo-c1.jpg', 'guardianship-paper.png']);
  for (const name of names) {
    const steps = lines.filter(([of]) => of === name);
    expect(steps.length).toBeLessThanOrEqual(11);
    const done = steps.map(([, bytes]) => Number(bytes));
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(Number(steps[0]![2]));
  }
  // A gate keeps this enquiry until somebody decides; its files have gone to the node all the same.
  expect(code).toBe(1);
  expect(JSON.parse(out.trim().split('\n').at(-1)!)).toMatchObject({ status: 'stopped' });
});
