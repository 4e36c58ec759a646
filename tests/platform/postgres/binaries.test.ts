// The programs run where they are if they can, else from a copy that nobody else could have prepared.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPackage, type Package, prepareBinaries } from '#platform/postgres/binaries.ts';
import { findUnprivilegedUser, isRoot } from '#platform/postgres/run-user.ts';

let folder: string;
let pack: Package;
let cacheDir: string;

/** A package of the same shape, with small files. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'focalnet-binaries-'));
  chmodSync(folder, 0o755);
  cacheDir = join(folder, 'cache', 'focalnet');
  const nativeDir = join(folder, 'package', 'native');
  for (const name of ['bin', 'lib', 'share/deep']) mkdirSync(join(nativeDir, name), { recursive: true });
  for (const name of ['postgres', 'initdb'])
    writeFileSync(join(nativeDir, 'bin', name), '#!/bin/sh\necho it runs\n', { mode: 0o700 });
  writeFileSync(join(nativeDir, 'lib', 'libone.so.1.2'), 'library', { mode: 0o600 });
  writeFileSync(join(nativeDir, 'share', 'deep', 'file'), 'text', { mode: 0o600 });
  const links = ['libone.so', 'libone.so.1'].map((name) => ({
    source: 'native/lib/libone.so.1.2',
    target: `native/lib/${name}`,
  }));
  writeFileSync(join(nativeDir, 'pg-symlinks.json'), JSON.stringify(links));
  pack = { nativeDir, version: '18.4.0' };
});

afterEach(() => {
  chmodSync(join(pack.nativeDir, 'lib'), 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const copies = () => readdirSync(cacheDir);
const prepareCopy = async () => prepareBinaries(pack, await useless(), [cacheDir]);

/** Makes the package itself unusable: out of reach for root's helper, read-only for an ordinary user. */
async function useless() {
  if (isRoot()) {
    chmodSync(join(folder, 'package'), 0o700);
    return findUnprivilegedUser();
  }
  chmodSync(join(pack.nativeDir, 'lib'), 0o500);
  return null;
}

describe('in place', () => {
  it('makes every link, also when four do it at once, and again', async () => {
    chmodSync(join(pack.nativeDir, 'bin', 'postgres'), 0o755);
    const user = isRoot() ? await findUnprivilegedUser() : null;
    for (let round = 0; round < 2; round++) {
      const all = await Promise.all([1, 2, 3, 4].map(() => prepareBinaries(pack, user, [cacheDir])));
      for (const one of all) expect(one.postgres).toBe(join(pack.nativeDir, 'bin', 'postgres'));
    }
    expect(readlinkSync(join(pack.nativeDir, 'lib', 'libone.so'))).toBe('libone.so.1.2');
    expect(readFileSync(join(pack.nativeDir, 'lib', 'libone.so.1'), 'utf8')).toBe('library');
    expect(() => copies()).toThrow();
  });

  it('makes no link that leads out of the package', async () => {
    chmodSync(join(pack.nativeDir, 'bin', 'postgres'), 0o755);
    const evil = [{ source: 'native/lib/libone.so.1.2', target: 'native/../outside.so' }];
    writeFileSync(join(pack.nativeDir, 'pg-symlinks.json'), JSON.stringify(evil));
    await prepareBinaries(pack, null, [cacheDir]);
    expect(readdirSync(join(folder, 'package'))).toEqual(['native']);
  });

  it('finds the real package, whose programs then run', async () => {
    const user = isRoot() ? await findUnprivilegedUser() : null;
    const { postgres, initdb, majorVersion } = await prepareBinaries(await findPackage(), user);
    for (const file of [postgres, initdb]) {
      expect(execFileSync(file, ['--version'], { cwd: '/', encoding: 'utf8', ...user })).toContain(
        ` ${majorVersion}.`,
      );
    }
  });
});

describe('copy', () => {
  it('is made once, complete and readable, when several ask at once', async () => {
    const user = await useless();
    const all = await Promise.all([1, 2, 3, 4].map(() => prepareBinaries(pack, user, [cacheDir])));
    expect(new Set(all.map((one) => one.postgres)).size).toBe(1);
    expect(copies()).toHaveLength(1);
    expect(execFileSync(all[0]!.postgres, { cwd: '/', encoding: 'utf8', ...user })).toBe('it runs\n');
    const home = join(cacheDir, copies()[0]!);
    expect(readFileSync(join(home, 'lib', 'libone.so.1'), 'utf8')).toBe('library');
    expect(statSync(join(home, 'share', 'deep', 'file')).mode & 0o777).toBe(0o644);
    const before = statSync(home).ino;
    await prepareBinaries(pack, user, [cacheDir]);
    expect(statSync(home).ino).toBe(before);
  });

  it('is made anew when it is damaged, and per version', async () => {
    const { postgres } = await prepareCopy();
    truncateSync(postgres, 3);
    await prepareCopy();
    expect(readFileSync(postgres, 'utf8')).toContain('it runs');
    pack.version = '18.5.0';
    expect((await prepareCopy()).postgres).not.toBe(postgres);
    expect(copies()).toHaveLength(2);
  });

  it('sweeps away old halves of itself but not the fresh ones of others', async () => {
    for (const name of ['.copy-old', '.copy-new'])
      mkdirSync(join(cacheDir, name), { recursive: true, mode: 0o700 });
    chmodSync(cacheDir, 0o700);
    utimesSync(join(cacheDir, '.copy-old'), 1, 1);
    await prepareCopy().catch((error) => expect(error).toMatchObject({ code: 'EACCES' }));
    expect(copies()).toContain('.copy-new');
    expect(copies()).not.toContain('.copy-old');
  });

  it('goes to the next folder where the first cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { postgres } = await prepareBinaries(pack, await useless(), [join(folder, 'file', 'x'), cacheDir]);
    expect(postgres.startsWith(cacheDir)).toBe(true);
  });
});

describe('a folder that others prepared or may write to is refused', () => {
  const unsafe = { code: 'FOLDER_UNSAFE' };

  it('open to writing by the group or by all', async () => {
    mkdirSync(cacheDir, { recursive: true });
    for (const mode of [0o770, 0o777]) {
      chmodSync(cacheDir, mode);
      await expect(prepareCopy()).rejects.toMatchObject(unsafe);
    }
  });

  it('a symbolic link', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    mkdirSync(join(folder, 'cache'));
    symlinkSync(join(folder, 'elsewhere'), cacheDir);
    await expect(prepareCopy()).rejects.toMatchObject(unsafe);
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it.skipIf(!isRoot())('of another owner, be it the copy itself', async () => {
    const { postgres } = await prepareCopy();
    const home = join(postgres, '..', '..');
    chownSync(home, 65534, 65534);
    await expect(prepareCopy()).rejects.toMatchObject(unsafe);
    chownSync(home, 0, 0);
    chownSync(cacheDir, 65534, 65534);
    await expect(prepareCopy()).rejects.toMatchObject(unsafe);
  });

  it('none can be made at all', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(prepareBinaries(pack, await useless(), [join(folder, 'file', 'x')])).rejects.toMatchObject(
      unsafe,
    );
  });
});

describe.skipIf(!isRoot())('the real package out of reach, as under the home of root', () => {
  it('runs from its copy', async () => {
    const user = await findUnprivilegedUser();
    const real = await findPackage();
    mkdirSync(join(folder, 'home'), { mode: 0o700 });
    cpSync(real.nativeDir, join(folder, 'home', 'native'), { recursive: true, verbatimSymlinks: true });
    const hidden = { nativeDir: join(folder, 'home', 'native'), version: real.version };
    const { postgres, initdb } = await prepareBinaries(hidden, user, [cacheDir]);
    for (const file of [postgres, initdb]) {
      expect(file.startsWith(cacheDir)).toBe(true);
      expect(execFileSync(file, ['--version'], { cwd: '/', encoding: 'utf8', ...user })).toContain(
        'PostgreSQL',
      );
    }
  });
});
