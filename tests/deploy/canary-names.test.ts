// SECURITY.md T6 in full: a thousand invented names go into a running node, are searched, read and put on the wire; then nothing that
// somebody could carry away holds one: tables, files of the database and its write-ahead log, what the node printed, its memory.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { approve, propose } from '#deploy/act.ts';
import { type DemoNetwork, openDemoNetwork, type RunningNode } from '#deploy/demo/network.ts';
import { openTeam, type Team } from '#deploy/demo/team.ts';
import { hasStage, waitFor } from '#deploy/demo/wait-for.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { findEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { aboutChild, calm, enquiryBody } from '#tests/fixtures/act-bodies.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const NAMES = 1000;
const letters = (n: number) =>
  [...randomBytes(n)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
/** Begins every name, and stands nowhere else on this machine. INVENTED. */
const MARK = `Qvz${letters(9)}`;
const numbered = (n: number): string =>
  (n < 26 ? '' : numbered(Math.floor(n / 26))) + String.fromCharCode(97 + (n % 26));
const names = Array.from({ length: NAMES }, (_, i) => `${MARK}${numbered(i)}`);

let folder: string;
let network: DemoNetwork;
let xa: Team;
let xb: Team;
let printed = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-names-'));
  await mkdir(join(folder, 'heap'));
  vi.stubEnv('FOCALNET_LOG', 'debug');
  vi.stubEnv(
    'NODE_OPTIONS',
    `${process.env.NODE_OPTIONS ?? ''} --heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${join(folder, 'heap')}`,
  );
  network = await openDemoNetwork(join(folder, 'network'), { onOutput: (text) => (printed += text) });
  await network.startGateway();
  const start = async (code: 'xa' | 'xb') => openTeam(await network.startNode(code));
  [xa, xb] = await Promise.all([start('xa'), start('xb')]);
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a thousand children get files, are found, read, and asked about', async () => {
  const table = [
    'prs_FirstName,prs_SecondName,prs_Birthdate',
    ...names.map((name) => `${name},Invented,2012-03`),
  ];
  const url = `${xa.node.officerUrl}/cases/import?source=register&confidence=claimed`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      cookie: `${SESSION_COOKIE}=${xa.sessions.officer}`,
      'x-focalnet': '1',
    },
    body: table.join('\r\n'),
  });
  const lines = (await response.text()).trim().split('\n');
  expect([response.status, JSON.parse(lines.at(-1)!)]).toEqual([200, { done: NAMES, of: NAMES }]);
  // Within the text of the query, as an office's own program might write it, and as a variable.
  for (const name of names.slice(0, 20)) {
    const inline = `{ searchCases(sought: { names: [{ written: "${name} Invented" }] }) { case { id items { heads { rendered { value } } } } } }`;
    const found = await xa.officer.ask<{ searchCases: unknown[] }>(inline);
    expect(JSON.stringify(found.searchCases)).toContain(name);
  }
  const body = enquiryBody(aboutChild(names[0]!));
  const proposal = await propose(xa.officer, 'ENQ', { peer: 'xb', body, safety: calm as never });
  await approve(xa.supervisor, proposal);
  await waitFor(xa.officer, proposal.thread, 'its receipt', hasStage('ENQ', 'delivered'));
  const { conversation } = await xb.officer.ask<{ conversation: unknown }>(
    'query ($t: ID!) { conversation(thread: $t) { acts { rendered { value } } } }',
    { t: proposal.thread },
  );
  expect(JSON.stringify(conversation)).toContain(names[0]);
});

/** The ways in which the mark stands in bytes, beginning anywhere in base64. */
const shapes = [
  ...['utf8', 'utf16le'].map((encoding) => Buffer.from(MARK, encoding as BufferEncoding)),
  Buffer.from(Buffer.from(MARK).toString('hex')),
  ...[0, 1, 2].map((shift) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(shift), Buffer.from(MARK)])
        .toString('base64')
        .slice(4, -4),
    ),
  ),
  ...[MARK.toLowerCase(), MARK.toUpperCase()].map((text) => Buffer.from(text)),
];
const isIn = (bytes: Buffer): boolean => shapes.some((shape) => bytes.includes(shape));

const folderOf = ({ env }: RunningNode) => env.FOCALNET_DATABASE!.replace('embedded:', '');
const nodes = () => [xa.node, xb.node];

test('no row of a table holds a name', async () => {
  for (const node of nodes()) {
    const client = new pg.Client((await findEmbeddedPostgres(folderOf(node)))!);
    await client.connect();
    try {
      await client.query('checkpoint');
      const { rows } = await client.query<{ name: string }>(
        `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
      );
      expect(rows.length).toBeGreaterThan(50);
      for (const { name } of rows) {
        const all = await client.query<{ row: string }>(`select t::text as row from "${name}" t`);
        expect([name, isIn(Buffer.from(all.rows.map(({ row }) => row).join('\n')))]).toEqual([name, false]);
      }
    } finally {
      await client.end();
    }
  }
});

test('no file of the database does, nor its write-ahead log: no copy of the disk, no backup', async () => {
  for (const node of nodes()) {
    const entries = await readdir(folderOf(node), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(500);
    for (const { parentPath, name } of files) {
      // The server removes files of its log while they are listed.
      const bytes = await readFile(join(parentPath, name)).catch(() => null);
      if (bytes) expect([name, isIn(bytes)]).toEqual([name, false]);
    }
  }
});

test('nothing that was printed does', () => {
  expect(printed.split('\n').length).toBeGreaterThan(5);
  expect(isIn(Buffer.from(printed))).toBe(false);
});

test('no string in the memory of a node that has answered does', async () => {
  for (const [i, { pid }] of nodes().entries()) {
    process.kill(pid, 'SIGUSR2');
    const heap = join(folder, 'heap');
    const snapshots = async () => (await readdir(heap)).filter((name) => name.includes(`.${pid}.`));
    await vi.waitFor(async () => expect(await snapshots()).toHaveLength(1), { timeout: 60_000 });
    const path = join(heap, (await snapshots())[0]!);
    // Written piece by piece: whole when it ends as JSON does.
    const read = async () => {
      const bytes = await readFile(path);
      expect(bytes.subarray(-3).toString().trim().endsWith('}')).toBe(true);
      return bytes;
    };
    const bytes = await vi.waitFor(read, { timeout: 120_000, interval: 500 });
    // The snapshot has strings, or it would show nothing.
    expect(bytes.includes('conversation')).toBe(true);
    expect([i, isIn(bytes)]).toEqual([i, false]);
  }
});
