/**
 * The folder of one demo, which no other demo may use meanwhile, and the temporary folder of its databases. A demo that was
 * killed could remove nothing: the next one in the same folder does.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = join(tmpdir(), 'focalnet-demo-');
const CLAIM = 'running.json';
/** What only a demo's folder has; nothing else is ever emptied. */
const MARKS = [CLAIM, 'anchor.json'];

export interface DemoFolder {
  readonly path: string;
  /** For databases only. */
  readonly databases: string;
  /** Removes the databases; everything else stays for whoever wants to look. */
  readonly release: () => Promise<void>;
}

type Claim = { pid: number; databases: string };

/** Empties and claims the folder. @throws Error when a demo runs there, or when it holds something else */
export async function claimDemoFolder(path: string): Promise<DemoFolder> {
  const previous = await readClaim(path);
  if (previous && isRunning(previous.pid)) {
    throw new Error(
      `a demo runs in ${path} already, as process ${previous.pid}: end it first, or name another folder in FOCALNET_DEMO_FOLDER`,
    );
  }
  const names = await readdir(path).catch((): string[] => []);
  if (names.length > 0 && !MARKS.some((mark) => names.includes(mark)))
    throw new Error(`${path} is not a demo's folder: name one that is empty or not there yet`);
  if (previous?.databases.startsWith(PREFIX)) await remove(previous.databases);
  await remove(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const databases = await mkdtemp(PREFIX);
  // Run by root, PostgreSQL is another account and must be able to pass through.
  await chmod(databases, 0o711);
  const claim: Claim = { pid: process.pid, databases };
  await writeFile(join(path, CLAIM), JSON.stringify(claim));
  return {
    path,
    databases,
    release: async () => {
      await remove(databases);
      await rm(join(path, CLAIM), { force: true });
    },
  };
}

async function readClaim(path: string): Promise<Claim | null> {
  const text = await readFile(join(path, CLAIM), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Claim);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** With patience: a database that was just told to stop may still write its last files. */
const remove = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
