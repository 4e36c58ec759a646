/** People of an office, entered, disabled and listed by command, while the node runs or not. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startSession } from '#node/access/sessions.ts';
import { runOperation } from '#node/operation.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { ask, type SignInNode, startSignInNode } from '../fixtures/sign-in-node.ts';

const CLI = fileURLToPath(new URL('../../bin/focalnet.mjs', import.meta.url));
// Each run starts a process that reads the sources: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

let node: SignInNode;
beforeAll(async () => {
  node = await startSignInNode();
});
afterAll(() => node?.close());

type Ended = { code: number; out: string; err: string };

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'person', ...args], (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
  });
}

const ANA = [
  ...['--id', 'ana', '--issuer', 'https://login.example', '--subject', 'sub-of-ana'],
  ...['--name', 'Ana (INVENTED)', '--role', 'officer', '--office', 'Office', '--email', 'ana@office.example'],
];

test('a person is entered once, disabled at once, and never shown with more than an id', async () => {
  const database = ['--database', JSON.stringify(node.databaseConfig)];
  expect(await run('add', ...database, ...ANA)).toMatchObject({ code: 0, err: '' });
  const twice = await run('add', ...database, ...ANA.with(1, 'other'));
  expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('has this id')]);
  const wrong = await run('add', ...database, ...ANA.with(9, 'boss'), '--language', '?');
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(/--role, --language;/);

  // One human with a second subject at the provider would be their own second person.
  const again = [...ANA.with(1, 'ana.second').with(5, 'second-sub').with(9, 'supervisor')];
  for (const other of [
    again,
    again.with(7, 'ANA  (invented)').with(13, 'ana2@office.example'),
    again.with(7, 'Another (INVENTED)').with(13, 'Ana@Office.example'),
  ]) {
    const refused = await run('add', ...database, ...other);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('--another-human')]);
    expect(refused.err).not.toMatch(/ana/i);
  }
  expect(await run('add', ...database, ...again, '--another-human')).toMatchObject({ code: 0 });
  const { detail } = await node.db
    .selectFrom('audit_entry')
    .select('detail')
    .where('detail', 'like', '%"ana.second"%')
    .executeTakeFirstOrThrow();
  expect(JSON.parse(detail!)).toEqual({ person: 'ana.second', role: 'supervisor', anotherHuman: true });

  const session = await runOperation(node.signin, node.surroundings, (op) =>
    startSession(op, { person: 'ana', audience: 'officer', sid: null, acr: 'a', authTimeMs: 0 }, 'browser'),
  );
  expect((await ask(node, '/who', session)).status).toBe(200);
  expect((await run('disable', ...database, 'ana')).out).toBe('ana may not come in any more.\n');
  expect((await ask(node, '/who', session)).answer.code).toBe('SESSION_OVER');
  const listed = await run('list', ...database, '--json');
  expect(JSON.parse(listed.out)).toContainEqual({
    id: 'ana',
    role: 'officer',
    unit: 'national',
    disabled: true,
  });
  expect((await run('list', ...database)).out).toMatch(/^ana +officer +national \(disabled\)$/m);
  expect(listed.out).not.toMatch(/sub-of|office\.example|INVENTED/);
  expect(JSON.parse((await run('enable', ...database, '--json', 'ana')).out)).toEqual({ id: 'ana' });
  expect((await run('disable', ...database, 'nobody')).err).toContain('Nobody has this id');
  expect(await run('role', ...database, '--role', 'supervisor', 'ana')).toMatchObject({ code: 0 });
  expect((await run('list', ...database)).out).toMatch(/^ana +supervisor +national$/m);
  expect((await run('role', ...database, '--role', 'boss', 'ana')).code).toBe(2);

  const entries = await node.db
    .selectFrom('audit_entry')
    .select(['type', 'detail'])
    .where('type', 'in', [
      'person.entered',
      'person.disabled',
      'person.enabled',
      'session.ended',
      'person.role-changed',
    ])
    .where('detail', 'like', '%"ana"%')
    .orderBy('id')
    .execute();
  expect(entries.map(({ type }) => type)).toEqual([
    'person.entered',
    'session.ended',
    'person.disabled',
    'person.enabled',
    'person.role-changed',
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/sub-of|office\.example|INVENTED/);
});

test('an embedded database is found by its folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-person-'));
  await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
  try {
    const database = ['--database', `embedded:${join(folder, 'data')}`];
    expect(await run('add', ...database, ...ANA)).toMatchObject({ code: 0 });
    // As beside a node that runs.
    const running = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
    expect((await run('list', ...database)).out).toMatch(/^ana /);
    await running.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
