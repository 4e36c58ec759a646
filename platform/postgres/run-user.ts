// Which account PostgreSQL runs under: it refuses root, so root lends it an unprivileged one.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunUser } from '#platform/postgres/guarded-process.ts';
import { PostgresError } from '#platform/postgres/postgres-error.ts';

const run = promisify(execFile);

/** True when this process is root (never on platforms without user ids). */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The account `postgres` if there is one, else `nobody`. Throws NO_UNPRIVILEGED_USER. Call as root only. */
export async function findUnprivilegedUser(): Promise<NonNullable<RunUser>> {
  for (const name of ['postgres', 'nobody']) {
    const user = await lookUpUser(name);
    if (user !== null && user.uid !== 0) return user;
  }
  throw new PostgresError(
    'NO_UNPRIVILEGED_USER',
    'PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody": start as an ordinary user.',
  );
}

async function lookUpUser(name: string): Promise<RunUser> {
  try {
    // id asks every source of accounts the system has, which /etc/passwd alone does not show.
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => (await run('id', [flag, name])).stdout),
    );
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return null;
  }
}

/** True if that account can enter the folder or execute the file: asked of the kernel, not computed from modes. */
export async function canExecute(path: string, user: RunUser): Promise<boolean> {
  try {
    await run('test', ['-x', path], { cwd: '/', ...(user ?? {}) });
    return true;
  } catch {
    return false;
  }
}
