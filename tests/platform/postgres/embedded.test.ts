// The embedded PostgreSQL keeps what was committed and leaves no process behind, whoever is killed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { isProcessAlive } from '#platform/postgres/process-facts.ts';
import { findUnprivilegedUser, isRoot } from '#platform/postgres/run-user.ts';

const STARTER = fileURLToPath(new URL('./starter.ts', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const NOBODY = 65534;

type Told = { pid: number; watchdogPid: number; config: pg.PoolConfig & { host: string } };
type Running = Told & { starter: ChildProcess; next(): Promise<Record<string, unknown>> };

let folder: string;
let dataDir: string;
let clusterDir: string;
let cleanUp: (() => unknown)[];

/** Data as after a first boot: most tests are not about that, and copying is faster. */
let template: string;

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'focalnet-template-'));
  chmodSync(template, 0o711);
  await (await startEmbeddedPostgres({ dataDir: join(template, 'data'), durable: false })).stop();
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

const useTemplate = () => void execFileSync('cp', ['-a', join(template, 'data'), dataDir]);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'focalnet-embedded-'));
  chmodSync(folder, 0o711);
  dataDir = join(folder, 'data');
  clusterDir = join(dataDir, 'postgresql');
  cleanUp = [];
});

afterEach(async () => {
  for (const undo of cleanUp.reverse()) await undo();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: { log?: (line: string) => void } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, ...options });
  cleanUp.push(() => server.stop());
  return server;
}

/** Starts starter.ts without waiting for it to be ready. */
function launch(user?: number) {
  const starter = spawn(process.execPath, ['--import', 'tsx', STARTER, dataDir], {
    cwd: REPOSITORY,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(user === undefined
      ? {}
      : { uid: user, gid: user, env: { PATH: process.env.PATH, HOME: join(folder, 'home') } }),
  });
  cleanUp.push(() => starter.kill('SIGKILL'));
  const lines = createInterface({ input: starter.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? '{}') as Record<string, unknown>;
  return { starter, next };
}

async function startElsewhere(user?: number): Promise<Running> {
  const { starter, next } = launch(user);
  const told = (await next()) as Told & { code?: string; message?: string };
  expect(told.message).toBeUndefined();
  return { starter, next, ...told };
}

async function query(config: pg.PoolConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(config);
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

const write = (config: pg.PoolConfig) => query(config, 'create table kept as select 42 as answer');
const expectKept = async ({ config }: { config: pg.PoolConfig }) =>
  expect(await query(config, 'select answer from kept')).toEqual([{ answer: 42 }]);

/** Every process of the server, with its watchdog. */
async function listPids({ config, pid, watchdogPid }: Told): Promise<number[]> {
  const rows = await query(config, 'select pid from pg_stat_activity where pid <> pg_backend_pid()');
  expect(rows.length).toBeGreaterThan(3);
  return [pid, watchdogPid, ...rows.map((row) => row.pid as number)];
}

async function expectGone(pids: number[], timeout = 15_000): Promise<void> {
  const alive = async () =>
    (await Promise.all(pids.map(async (pid) => ((await isProcessAlive(pid)) ? pid : 0)))).filter(Boolean);
  await expect.poll(alive, { timeout, interval: 10 }).toEqual([]);
}

describe('start and stop', () => {
  it('keeps data, settles the settings that matter, and leaves nothing behind', async () => {
    const first = await start();
    const [settings] = await query(
      first.config,
      `select current_setting('fsync') fsync, current_setting('full_page_writes') pages, current_setting('synchronous_commit') sync,
        current_setting('data_checksums') checksums, current_setting('listen_addresses') addresses,
        current_setting('server_encoding') encoding, current_setting('TimeZone') zone, current_setting('max_connections') max,
        lower('ÉÅ') as lower, 'a' > 'B' as bytewise`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      pages: 'on',
      sync: 'on',
      checksums: 'on',
      addresses: '',
      encoding: 'UTF8',
      zone: 'UTC',
      max: '100',
      lower: 'éå',
      bytewise: true,
    });
    expect(statSync(first.config.host).mode & 0o777).toBe(0o700);
    expect(statSync(clusterDir).mode & 0o777).toBe(0o700);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    await write(first.config);
    const pids = await listPids(first);
    await Promise.all([first.stop(), first.stop()]);
    await first.ended;
    await expectGone(pids, 0);
    expect(existsSync(first.config.host)).toBe(false);
    expect(readdirSync(dataDir)).toEqual(['postgresql']);
    await expectKept(await start());
  });

  it('cuts open connections when it stops', async () => {
    useTemplate();
    const server = await start();
    const client = new pg.Client(server.config);
    client.on('error', () => {});
    await client.connect();
    const sleeping = client.query('select pg_sleep(600)');
    await Promise.all([expect(sleeping).rejects.toThrow(), server.stop()]);
  });

  it('does not keep an otherwise finished program alive, and stops after it', async () => {
    useTemplate();
    const running = await startElsewhere();
    const pids = await listPids(running);
    running.starter.stdin!.end();
    await once(running.starter, 'exit');
    await expectGone(pids);
  });

  it('logs nothing of the rows', async () => {
    useTemplate();
    const lines: string[] = [];
    const server = await start({ log: (line) => lines.push(line) });
    await query(server.config, 'create table t (name text primary key)');
    await query(server.config, `insert into t values ('Amina')`);
    await expect(query(server.config, `insert into t values ('Amina')`)).rejects.toMatchObject({
      code: '23505',
    });
    await expect(query(server.config, `select 'Amina'::int`)).rejects.toMatchObject({ code: '22P02' });
    await server.stop();
    expect(lines.join('\n')).toMatch(/ready to accept connections/);
    expect(lines.join('\n')).not.toMatch(/Amina/);
  });
});

describe('one server at a time', () => {
  it('refuses a second start here and elsewhere, and the first goes on', async () => {
    useTemplate();
    const first = await start();
    await write(first.config);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    expect(await launch().next()).toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    await expectKept(first);
  });

  it('lets exactly one of three win that start at once on a new folder', async () => {
    const told = await Promise.all([launch(), launch(), launch()].map(({ next }) => next()));
    const refused = told.filter((one) => one.code === 'DATA_DIRECTORY_IN_USE');
    const [winner] = told.filter((one) => one.pid !== undefined) as unknown as Told[];
    expect(refused).toHaveLength(2);
    await write(winner!.config);
    await expectKept(winner!);
    expect(readdirSync(dataDir)).toEqual(['postgresql']);
  });
});

describe('whoever is killed', () => {
  beforeEach(useTemplate);

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'starter by %s: all is gone and kept',
    async (signal) => {
      const running = await startElsewhere();
      await write(running.config);
      const pids = await listPids(running);
      running.starter.kill(signal);
      await expectGone(pids);
      await expect.poll(() => existsSync(running.config.host)).toBe(false);
      await expectKept(await start());
    },
  );

  it('starter by SIGKILL, and the next start does not wait to be told', async () => {
    const running = await startElsewhere();
    await write(running.config);
    const pids = await listPids(running);
    running.starter.kill('SIGKILL');
    await once(running.starter, 'exit');
    await expectKept(await start());
    await expectGone(pids);
  });

  it('told to stop, the starter ends and so does everything', async () => {
    const running = await startElsewhere();
    const pids = await listPids(running);
    running.starter.stdin!.write('stop\n');
    expect(await running.next()).toEqual({ ended: true });
    await once(running.starter, 'exit');
    await expectGone(pids, 0);
  });

  it('watchdog by SIGKILL: the starter stops the server and hears of it', async () => {
    const running = await startElsewhere();
    await write(running.config);
    const pids = await listPids(running);
    process.kill(running.watchdogPid, 'SIGKILL');
    expect(await running.next()).toEqual({ ended: true });
    await expectGone(pids);
    expect(existsSync(running.config.host)).toBe(false);
    expect(await isProcessAlive(running.starter.pid!)).toBe(true);
    await expectKept(await start());
  });

  it('watchdog by SIGTERM: it stops the server first', async () => {
    const running = await startElsewhere();
    const pids = await listPids(running);
    process.kill(running.watchdogPid, 'SIGTERM');
    expect(await running.next()).toEqual({ ended: true });
    await expectGone(pids);
  });

  it('starter and watchdog by SIGKILL in one instant: the next start stops the orphan', async () => {
    const running = await startElsewhere();
    await write(running.config);
    const pids = await listPids(running);
    // Stopped first, neither can act on the death of the other.
    process.kill(running.watchdogPid, 'SIGSTOP');
    running.starter.kill('SIGKILL');
    process.kill(running.watchdogPid, 'SIGKILL');
    await expectGone([running.starter.pid!, running.watchdogPid]);
    expect(await isProcessAlive(running.pid)).toBe(true);
    const next = await start();
    await expectGone(pids, 0);
    await expectKept(next);
    expect(existsSync(running.config.host)).toBe(false);
  });

  it('server by SIGKILL: watchdog ends, the starter hears of it, the next start recovers', async () => {
    const running = await startElsewhere();
    await write(running.config);
    const pids = await listPids(running);
    process.kill(running.pid, 'SIGKILL');
    expect(await running.next()).toEqual({ ended: true });
    await expectKept(await start());
    await expectGone(pids);
  });

  it('starter by SIGKILL in the first boot: the next start begins again', async () => {
    rmSync(dataDir, { recursive: true });
    const { starter } = launch();
    const entries = () => (existsSync(dataDir) ? readdirSync(dataDir) : []);
    await expect
      .poll(entries, { interval: 5, timeout: 20_000 })
      .toEqual([expect.stringMatching(/^postgresql\.new-/)]);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    const server = await start();
    await write(server.config);
    await expectKept(server);
    expect(entries()).toEqual(['postgresql']);
  });
});

describe('what a crash leaves', () => {
  beforeEach(useTemplate);

  it('is no obstacle: a lock whose pid another program has now, and the folder of the socket', async () => {
    const running = await startElsewhere();
    await write(running.config);
    const pids = await listPids(running);
    const lock = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8');
    const { uid, gid } = statSync(join(clusterDir, 'postmaster.pid'));
    running.starter.kill('SIGKILL');
    await expectGone(pids);
    // As after a power cut and a reboot: the lock is still there, its pid is now the one of a stranger.
    const stranger = spawn('sleep', ['600'], uid === process.getuid?.() ? {} : { uid, gid });
    cleanUp.push(() => stranger.kill());
    writeFileSync(join(clusterDir, 'postmaster.pid'), lock.replace(/^\d+/, String(stranger.pid)), {
      mode: 0o600,
    });
    chownSync(join(clusterDir, 'postmaster.pid'), uid, gid);
    mkdirSync(running.config.host, { mode: 0o700 });
    writeFileSync(join(running.config.host, '.s.PGSQL.5432.lock'), '');
    await expectKept(await start());
    expect(await isProcessAlive(stranger.pid!)).toBe(true);
    expect(existsSync(running.config.host)).toBe(false);
    expect(readdirSync(clusterDir).filter((name) => name.startsWith('postmaster.pid.'))).toEqual([]);
  });
});

describe('folders it cannot use', () => {
  it('of another PostgreSQL version', async () => {
    useTemplate();
    writeFileSync(join(clusterDir, 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_OTHER_VERSION' });
  });

  it('with other things in place of the data', async () => {
    mkdirSync(clusterDir, { recursive: true });
    writeFileSync(join(clusterDir, 'letter.txt'), 'Dear');
    chmodSync(dataDir, 0o711);
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_INCOMPLETE' });
    expect(readdirSync(dataDir)).toEqual(['postgresql']);
    expect(readFileSync(join(clusterDir, 'letter.txt'), 'utf8')).toBe('Dear');
  });

  it('with damaged data: the error carries the reason PostgreSQL gives', async () => {
    useTemplate();
    rmSync(join(clusterDir, 'global', 'pg_control'));
    await expect(start()).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('pg_control'),
    });
  });
});

describe.skipIf(!isRoot())('as root', () => {
  it('runs PostgreSQL under an unprivileged account and lends it a new folder', async () => {
    const server = await start();
    const user = await findUnprivilegedUser();
    expect(statSync(`/proc/${server.pid}`).uid).toBe(user.uid);
    expect(statSync(`/proc/${server.watchdogPid}`).uid).toBe(user.uid);
    expect(statSync(server.config.host).uid).toBe(user.uid);
  });

  it('says so when that account cannot reach the folder', async () => {
    chmodSync(folder, 0o700);
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNREACHABLE' });
  });

  it('leaves existing data to its owner', async () => {
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, NOBODY, NOBODY);
    const server = await start();
    expect(statSync(`/proc/${server.pid}`).uid).toBe(NOBODY);
    await write(server.config);
    await server.stop();
    const running = await startElsewhere(NOBODY);
    await expectKept(running);
  });
});

describe.skipIf(!isRoot())('as an ordinary user (this test lends it its account: needs root)', () => {
  beforeEach(() => {
    for (const name of ['home', 'data']) {
      mkdirSync(join(folder, name), { mode: 0o700 });
      chownSync(join(folder, name), NOBODY, NOBODY);
    }
  });

  it('starts, keeps data over a kill, and leaves nothing behind', async () => {
    const first = await startElsewhere(NOBODY);
    expect(statSync(`/proc/${first.pid}`).uid).toBe(NOBODY);
    await write(first.config);
    const pids = await listPids(first);
    first.starter.kill('SIGKILL');
    await expectGone(pids);
    const second = await startElsewhere(NOBODY);
    await expectKept(second);
    expect(await launch(NOBODY).next()).toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    const morePids = await listPids(second);
    process.kill(second.watchdogPid, 'SIGKILL');
    expect(await second.next()).toEqual({ ended: true });
    await expectGone(morePids);
  });
});
