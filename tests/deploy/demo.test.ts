/**
 * The demo as a person starts and ends it: it tells its story, its examples work, and however it ends no process of it stays.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBrowser } from '#deploy/demo/browser.ts';
import { claimDemoFolder } from '#deploy/demo/demo-folder.ts';
import { personId } from '#deploy/demo/invented-people.ts';
import { walkSignIn } from '#deploy/demo/sign-in-as.ts';
import { teamRoles } from '#deploy/demo/team.ts';
import { audienceOf, roles } from '#node/access/actor.ts';
import { needsTool } from '../fixtures/tools.ts';

const CLI = fileURLToPath(new URL('../../bin/focalnet.mjs', import.meta.url));
const GONE_WITHIN_MS = 60_000;
// It starts four processes and four databases, beside whatever other tests do.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

interface Demo {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly exited: Promise<unknown[]>;
  /** Fulfils with the first line that matches. */
  readonly until: (pattern: RegExp) => Promise<string>;
}

let folder: string;
let demo: Demo | undefined;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'focalnet-demo-test-')), 'demo');
});
afterEach(async () => {
  if (demo && demo.child.exitCode === null) demo.child.kill('SIGKILL');
  await awaitNobody();
  await (await claimDemoFolder(folder)).release();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

function startDemo(...args: string[]): Demo {
  const child = spawn(process.execPath, [CLI, 'demo', ...args], {
    env: { ...process.env, FOCALNET_DEMO_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface(child.stdout!);
  reader.on('line', (line) => lines.push(line));
  const exited = once(child, 'exit');
  const until = async (pattern: RegExp) => {
    for (;;) {
      const line = lines.find((one) => pattern.test(one));
      if (line !== undefined) return line;
      const ended = exited.then(() => Promise.reject(new Error(`it ended:\n${lines.join('\n')}`)));
      await Promise.race([once(reader, 'line'), ended]);
    }
  };
  demo = { child, lines, exited, until };
  return demo;
}

const readDatabases = async (): Promise<string> =>
  (JSON.parse(await readFile(join(folder, 'running.json'), 'utf8')) as { databases: string }).databases;

/** Processes that run for this demo: its folder stands in their environment, its databases in their command. */
async function findProcesses(): Promise<string[]> {
  const marks = [folder, await readDatabases().catch(() => folder)];
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const command = await read('cmdline');
    const text = `${command}\0${await read('environ')}`;
    if (marks.some((mark) => text.includes(mark))) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}

async function awaitNobody(): Promise<void> {
  const deadlineMs = Date.now() + GONE_WITHIN_MS;
  let left = await findProcesses();
  while (left.length > 0 && Date.now() < deadlineMs) {
    await delay(100);
    left = await findProcesses();
  }
  expect(left).toEqual([]);
}

/** Waits until at least so many of its processes run. */
async function awaitProcesses(count: number): Promise<void> {
  while ((await findProcesses()).length < count) await delay(20);
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Ports of the gateway and of the nodes, from the list and the endpoints of officers that were printed. */
async function findPorts(): Promise<number[]> {
  const text = `${await readFile(join(folder, 'list-1.json'), 'utf8')} ${demo!.lines.join(' ')}`;
  return [...new Set([...text.matchAll(/127\.0\.0\.1:([0-9]+)/g)].map(([, port]) => Number(port)))];
}

function runInShell(command: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile('sh', ['-c', command], (error, out) => (error ? reject(error) : resolve(out))),
  );
}

test('a step that does not hold makes it say so, and end with a failure', async () => {
  // Nothing was sent: the answer has nothing to answer.
  const { exited, lines } = startDemo('--once', '--only', 'answer');
  const [code] = (await exited) as [number | null];
  expect(code).toBe(1);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ ok: false, steps: [{ name: 'answer', ok: false }] });
  expect(lines.some((line) => line.includes('DID NOT HOLD'))).toBe(true);
});

test('told once, it holds, says so in its last line, and leaves nothing', async () => {
  const { exited, lines } = startDemo('--once');
  const ended = await exited;
  expect(ended, lines.slice(-60).join('\n')).toEqual([0, null]);
  const result = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
  expect(Object.keys(result)).toEqual([
    'ok',
    'steps',
    'endpoints',
    'evidence',
    'anchor',
    'seconds',
    'readySeconds',
  ]);
  expect(result).toMatchObject({ ok: true, anchor: join(folder, 'anchor.json') });
  const ready = lines.filter((line) => line === `Ready after ${Number(result.readySeconds).toFixed(1)} s.`);
  expect(ready).toHaveLength(1);
  expect(result.readySeconds).toBeLessThan(Number(result.seconds));
  const told = result.steps as { name: string; ok: boolean; ms: number }[];
  expect(told.map((step) => Object.keys(step).join())).toEqual(told.map(() => 'name,ok,ms'));
  const names =
    'send answer case-file represented followed offline refused withdrawn stopped locate urgent crossing evidence erased';
  expect(told.map(({ name }) => name).join(' ')).toBe(names);
  expect(lines.filter((line) => /: FAILED at \S+/.test(line))).toHaveLength(2);
  for (const path of result.evidence as string[]) expect((await stat(path)).size).toBeGreaterThan(1000);
  expect(await findProcesses()).toEqual([]);
});

describe('while it runs', () => {
  test('its commands work as printed, nobody else may use its folder, and Ctrl-C leaves nothing', async () => {
    const { child, exited, until } = startDemo('--only', 'offline,refused');
    await until(/Ctrl-C ends it/);
    const ports = await findPorts();
    const databases = await readDatabases();
    expect(ports.length).toBeGreaterThanOrEqual(6);
    expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => true));
    for (const code of ['xa', 'xb', 'xc']) {
      await requireSessions(code);
      await requirePeople(code);
    }
    await requireCommands();
    await expect(claimDemoFolder(folder)).rejects.toThrow(/runs in .* already/);
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(await findProcesses()).toEqual([]);
    expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false));
    expect(await readdir(join(databases, '..'))).not.toContain(basename(databases));
  });

  // Gateway, three inboxes, two logs.
  test.skipIf(!needsTool('curl'))(
    'its calls by curl work as printed, and it says whom else to ask',
    async () => {
      const { child, exited, lines, until } = startDemo('--only', 'offline');
      await until(/Ctrl-C ends it/);
      const calls = lines.filter((line) => line.trim().startsWith('curl '));
      expect(calls.length).toBe(6);
      for (const call of calls) requireAnswer(call, await runInShell(call));
      // Where no call is printed for a GraphQL address, nobody but a listed node has one.
      const addresses = readEndpoints().filter((url) => !calls.some((call) => call.includes(url)));
      expect(addresses).toHaveLength(2);
      for (const url of addresses) {
        expect(lines).toContain(`  other nodes     ${url}, for signed calls of listed nodes alone`);
        const headers = { 'content-type': 'application/json', 'x-focalnet': '1' };
        const response = await fetch(url, { method: 'POST', headers, body: '{"query":"{ list }"}' });
        expect(response.status).toBe(401);
      }
      child.kill('SIGINT');
      expect(await exited).toEqual([0, null]);
    },
  );

  /** GraphQL addresses as they are printed. */
  function readEndpoints(): string[] {
    return [...new Set(demo!.lines.flatMap((line) => line.match(/http:\/\/[\d.:]+\/graphql/g) ?? []))];
  }

  /** Whose sessions are printed are known there, each in the role that is printed. */
  async function requireSessions(code: string): Promise<void> {
    const upper = code.toUpperCase();
    const script = `. ${join(folder, 'access.sh')}; echo $${upper}`;
    const names = teamRoles.map((role) => `$${upper}_${role.toUpperCase().replaceAll('-', '_')}`);
    const [url, ...sessions] = (await runInShell(`${script} ${names.join(' ')}`)).trim().split(' ');
    for (const [i, session] of sessions.entries()) {
      expect(demo!.lines.some((line) => line.trim() === `${teamRoles[i]!.padEnd(15)} ${session}`)).toBe(true);
      const headers = {
        'content-type': 'application/json',
        'x-focalnet': '1',
        cookie: `__Host-focalnet=${session}`,
      };
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: '{"query":"{ me { role } }"}',
      });
      expect(await response.json()).toEqual({ data: { me: { role: teamRoles[i] } } });
    }
  }

  /** Everybody who is printed signs in at the address that is printed, each in the role of their name. */
  async function requirePeople(code: string): Promise<void> {
    const at = demo!.lines.indexOf(code);
    const [signIn, ...people] = demo!.lines.slice(at + 1, at + 4);
    const url = /http:\/\/[^/]+/.exec(signIn!)![0];
    const printed = people.join(' ').match(new RegExp(`[a-z-]+\\.${code}`, 'g'));
    expect(printed).toEqual(roles.map((role) => personId(role, code)));
    for (const role of roles) {
      const browser = openBrowser();
      const page = await walkSignIn(url, personId(role, code), { browser });
      if (role === 'panel-member') expect(page.text).toContain('NO_ENDPOINT');
      else {
        const { person, audience } = JSON.parse((await browser.open(`${url}/session`)).text);
        expect([person.id, person.role, audience]).toEqual([personId(role, code), role, audienceOf[role]]);
      }
    }
  }

  /** Signing in by command and then proposing an enquiry, which a gate stops: both lines as they are printed. */
  async function requireCommands(): Promise<void> {
    const at = demo!.lines.findIndex((line) => line.trim().startsWith('eval '));
    const [signIn, send] = demo!.lines.slice(at, at + 2);
    const told = await runInShell(`${signIn}\n${send}\n[ $? = 1 ] && echo "as $FOCALNET_SESSION"`);
    expect(told).toMatch(/stopped by G10/);
    expect(told).toMatch(/^as [\w-]{43}$/m);
  }

  function requireAnswer(call: string, answer: string): void {
    if (call.endsWith('/log/checkpoint')) expect(answer).toMatch(/^focalnet\.example\/x[ab]\n\d+\n/);
    else {
      const { data, errors } = JSON.parse(answer) as { data: object; errors?: unknown };
      expect([call, errors]).toEqual([call, undefined]);
      expect(Object.keys(data).length).toBeGreaterThan(0);
    }
  }
});

describe('killed', () => {
  test('in the middle of a step, it leaves no process and no port; the next one clears its databases', async () => {
    const { child, exited, until } = startDemo();
    await until(/^\[1\//);
    const ports = await findPorts();
    const databases = await readDatabases();
    // Itself, gateway, two nodes; for each of the three a watchdog and a PostgreSQL.
    expect((await findProcesses()).length).toBeGreaterThanOrEqual(7);
    child.kill('SIGKILL');
    await exited;
    await awaitNobody();
    expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false));
    await (await claimDemoFolder(folder)).release();
    await expect(stat(databases)).rejects.toThrow('ENOENT');
  });

  test('while it starts, it leaves none', async () => {
    const { child, exited } = startDemo();
    await awaitProcesses(2);
    child.kill('SIGKILL');
    await exited;
    await awaitNobody();
  });

  test('by Ctrl-C while it starts, it ends what it was starting', async () => {
    const { child, exited } = startDemo();
    await awaitProcesses(3);
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(await findProcesses()).toEqual([]);
  });
});

test('a folder that is not a demo’s is not emptied', async () => {
  await expect(claimDemoFolder(fileURLToPath(new URL('.', import.meta.url)))).rejects.toThrow(
    /not a demo's folder/,
  );
});
