// What the operating system says about a process, by pid. Reads only.
import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** True if a process with this pid runs. A zombie, which nobody has reaped yet, counts as gone. */
export async function isProcessAlive(pid: number): Promise<boolean> {
  if (!hasPid(pid)) return false;
  if (process.platform !== 'linux') return true;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return hasPid(pid);
  // "pid (name) state …": the name may hold anything, so the state is what follows the last parenthesis.
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state !== 'Z' && state !== 'X';
}

/** True if the pid is taken at all, be it by a zombie: this is what PostgreSQL itself asks. */
export function hasPid(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * True unless the process is certainly not a PostgreSQL server of this cluster folder: the pid in a lock file
 * left by a crash may meanwhile belong to any other program, above all in a container, where pids are small.
 */
export async function mayServeCluster(pid: number, clusterDir: string): Promise<boolean> {
  if (!(await isProcessAlive(pid))) return false;
  if (process.platform === 'linux') {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null);
    if (cwd !== null) return cwd === clusterDir;
  }
  return (await readProgramName(pid)).startsWith('postgres');
}

/** The program's base name; "postgres" when the system does not tell, which is the careful answer here. */
async function readProgramName(pid: number): Promise<string> {
  const name =
    process.platform === 'linux'
      ? (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')[0]!
      : (await run('ps', ['-p', String(pid), '-o', 'comm=']).catch(() => ({ stdout: '' }))).stdout.trim();
  return basename(name) || 'postgres';
}
