import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run } from './run-command.ts';

// Each run starts a process that reads the sources: slow on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('help names every command, and an unknown one is a fault of usage', async () => {
  const help = await run([]);
  expect(help.code).toBe(0);
  for (const name of ['demo', 'keys backup', 'evidence verify', 'log fsck']) expect(help.out).toContain(name);
  expect(await run(['frobnicate'])).toMatchObject({
    code: 2,
    err: 'focalnet: there is no such command: these are all\n',
  });
  expect((await run(['keys', 'new'])).code).toBe(2);
});

test('keys survive a sealed backup, are for their owner alone, and are never overwritten', async () => {
  const [keys, backup, restored] = ['a.json', 'a.backup', 'b.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const make = ['keys', 'new', '--net', 'focalnet.example', '--party', 'xa', '--out', keys];
  expect((await run(make)).code).toBe(0);
  expect((await stat(keys)).mode & 0o777).toBe(0o600);
  expect((await run(make)).code).toBe(1);
  const passphrase = { FOCALNET_PASSPHRASE: 'invented passphrase' };
  expect(
    (await run(['keys', 'backup', '--keys', keys, '--out', backup], { FOCALNET_PASSPHRASE: 'short' })).code,
  ).toBe(2);
  expect((await run(['keys', 'backup', '--keys', keys, '--out', backup], passphrase)).code).toBe(0);
  expect(await readFile(backup, 'utf8')).not.toContain('PRIVATE');
  const restore = ['keys', 'restore', '--backup', backup, '--out', restored];
  expect((await run(restore, { FOCALNET_PASSPHRASE: 'another passphrase' })).code).toBe(1);
  expect((await run(restore, passphrase)).code).toBe(0);
  expect(await readFile(restored, 'utf8')).toBe(await readFile(keys, 'utf8'));
});

test('a file that is no evidence fails, and an enquiry with faults is answered field by field', async () => {
  const path = join(folder, 'bad.json');
  await writeFile(path, '{"v":1}');
  const verified = await run(['evidence', 'verify', path]);
  expect(verified.code).toBe(1);
  expect(verified.out).toContain('FAILED');
  const sent = await run(['enquiry', 'send', '--node', 'http://127.0.0.1:9', '--file', path]);
  expect(sent.code).toBe(2);
  expect(sent.err).toContain('title');
  expect(sent.out).toBe('');
  const anchored = await run(['evidence', 'verify', '--anchor', path, path]);
  expect([anchored.code, anchored.out]).toEqual([1, '']);
  expect(anchored.err).toMatch(/^focalnet: the file is not what this command takes:\n {2}[a-z]/);
});

test('where nobody answers, or a file is not there, that is said, and the other way for what cannot wait', async () => {
  const alone = { FOCALNET_SESSION: 'invented' };
  const nobody = await run(['case', 'list', '--node', 'http://127.0.0.1:9'], alone);
  expect(nobody).toMatchObject({ code: 1, out: '' });
  expect(nobody.err).toMatch(/nobody answers at this address.*focalnet list telephones/);
  const path = join(folder, 'nowhere.csv');
  const from = ['--source', 'register', '--confidence', 'claimed'];
  const missing = await run(
    ['case', 'import', '--node', 'http://127.0.0.1:9', '--file', path, ...from],
    alone,
  );
  expect(missing).toMatchObject({ code: 1, err: `focalnet: there is no file ${path}\n` });
  const spoken = await run(['case', 'list', '--node', 'http://127.0.0.1:9', '--language', 'de'], alone);
  expect(spoken).toMatchObject({ code: 2, err: 'focalnet: --language is one of en, fr, ru, ar\n' });
});

test('a node that cannot start names the variable that is wrong', async () => {
  const env = {
    NODE_ENV: 'production',
    FOCALNET_KEYS: join(folder, 'a.json'),
    FOCALNET_ANCHOR: join(folder, 'none.json'),
  };
  const started = await run(['node', 'run'], env);
  expect(started.code).toBe(1);
  expect(started.err).toContain('FOCALNET_ANCHOR');
});

test('each command says what it takes', async () => {
  const { out } = await run([]);
  const names = [...out.matchAll(/^ {2}focalnet ([a-z-]+(?: [a-z-]+)?) {2,}/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const help = await run([...name.split(' '), '--help']);
    expect([name, help.code]).toEqual([name, 0]);
    expect(help.out.length, name).toBeGreaterThan(60);
  }
});

test('the process of the gateway loads nothing that could open a message', async () => {
  const coverage = join(folder, 'coverage');
  // It ends for want of keys, after it has loaded everything.
  expect((await run(['gateway', 'run'], { NODE_V8_COVERAGE: coverage, FOCALNET_KEYS: '' })).code).toBe(1);
  const reports = await Promise.all(
    (await readdir(coverage)).map((name) => readFile(join(coverage, name), 'utf8')),
  );
  const loaded = reports.flatMap((text) =>
    (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
  );
  expect(loaded.some((url) => url.endsWith('/gateway/main.ts'))).toBe(true);
  expect(
    loaded.filter((url) => /\/openpgp\/|\/schema\/seal\/|\/node\/(?:exchange|enquiries)\//.test(url)),
  ).toEqual([]);
});
