/**
 * Which TCP ports a process and all that it started listen on, as the system itself says (Linux: /proc).
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

const LISTEN = '0A';

/** Ports of the process and its descendants, in ascending order; null where the system does not tell. */
export async function findListeningPorts(pid: number): Promise<number[] | null> {
  const processes = await findDescendants(pid);
  if (processes === null) return null;
  const inodes = new Set((await Promise.all(processes.map(readSockets))).flat());
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
  );
  const ports = tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === LISTEN && inodes.has(inode ?? '') ? [Number.parseInt(local!.split(':')[1]!, 16)] : [];
    }),
  );
  return ports.sort((a, b) => a - b);
}

/** The process and everything it started, by chain of parents; null where there is no /proc. */
async function findDescendants(pid: number): Promise<number[] | null> {
  const names = await readdir('/proc').catch(() => []);
  const parents = new Map<number, number>();
  for (const name of names.filter((one) => /^[0-9]+$/.test(one))) {
    // Its name, in parentheses, may hold anything; the parent is the second field after it.
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  if (!parents.has(pid)) return null;
  const found = [pid];
  for (const parent of found)
    found.push(...[...parents].filter(([, its]) => its === parent).map(([child]) => child));
  return found;
}

/** Inodes of the sockets a process holds; none that we may not look at. */
async function readSockets(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}
