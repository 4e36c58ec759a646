import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendEntries } from '#platform/log/append-entry.ts';
import { formatTilePath, makeLogHandler, parseTilePath, readTile } from '#platform/log/tiles.ts';
import { openCheckpoint } from '#schema/log/checkpoint.ts';
import {
  createLogDatabase,
  logKey,
  newEntry,
  ORIGIN,
  startTestSequencer,
} from '#tests/platform/log/log-database.ts';
import { naiveRoot } from '#tests/schema/log/oracle.ts';

describe('tile paths', () => {
  it.each([
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
    ['tile/63/999.p/255', { level: 63, index: 999, width: 255 }],
    ['tile/entries/x001/000.p/1', { level: null, index: 1000, width: 1 }],
  ])('%s', (path, tile) => {
    expect(parseTilePath(path)).toEqual(tile);
    expect(formatTilePath(tile)).toBe(path);
  });

  it('come back for any tile', () => {
    const level = fc.option(fc.nat({ max: 63 }));
    fc.assert(
      fc.property(
        level,
        fc.nat({ max: 2 ** 45 }),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(parseTilePath(formatTilePath({ level, index, width }))).toEqual({ level, index, width });
        },
      ),
    );
  });

  it.each([
    '',
    'tile/64/000',
    'tile/00/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/1234',
    'tile/0/x000/001',
    'tile/0/001/x002',
    'tile/0/x001',
    'tile/0/001.p/0',
    'tile/0/001.p/256',
    'tile/0/001.p/01',
    'tile/0/001.p/',
    'tile/0/001/',
    'tile/data/001',
    'tile/entries/../000',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
  ])('%j is none', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });
});

describe('the log as files', async () => {
  const database = await createLogDatabase();
  const handle = makeLogHandler(database.db, ORIGIN);
  const empty = await handle('/log/checkpoint');
  const sequencer = startTestSequencer(database);
  const SIZE = 66_000;
  for (let done = 0; done < SIZE; done += 2_000) {
    const entries = Array.from({ length: 2_000 }, (_, i) => newEntry(done + i));
    const ids = (await appendEntries(database.db, entries)).map(({ id }) => id);
    await sequencer.waitForCover(ids, 60_000);
  }
  await sequencer.stop();
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const bytesOf = async (path: string) => {
    const answer = await handle(path);
    expect(answer).toMatchObject({ status: 200 });
    return Buffer.from(answer!.bytes);
  };
  /** Entries as a client reads them, from bundles alone. */
  const readBundles = async (size: number): Promise<Buffer[]> => {
    const entries: Buffer[] = [];
    for (let index = 0; index * 256 < size; index++) {
      const width = Math.min(256, size - index * 256);
      const bundle = await bytesOf(`/log/${formatTilePath({ level: null, index, width })}`);
      for (let at = 0; at < bundle.length; ) {
        const length = bundle.readUInt16BE(at);
        entries.push(bundle.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    }
    return entries;
  };

  it('lets a client that knows only the log key derive everything from the files', async () => {
    expect(empty).toMatchObject({ status: 404 });
    const answer = await handle('/log/checkpoint');
    expect(answer).toMatchObject({ contentType: 'text/plain; charset=utf-8', cacheControl: 'no-cache' });
    const { size, rootHash } = await openCheckpoint(answer!.bytes, logKey);
    expect(size).toBe(SIZE);
    const entries = await readBundles(size);
    expect(entries).toHaveLength(size);
    expect(naiveRoot(entries).equals(Buffer.from(rootHash))).toBe(true);
    const leaves = entries.map((entry) => sha256(Buffer.of(0), entry));
    // 66,000 = 257 full tiles and 208 leaves; 257 = one full tile of level 1 and 1; one hash of level 2.
    expect(await bytesOf('/log/tile/0/003')).toEqual(Buffer.concat(leaves.slice(768, 1024)));
    expect(await bytesOf('/log/tile/0/257.p/208')).toEqual(Buffer.concat(leaves.slice(257 * 256)));
    expect(await bytesOf('/log/tile/1/001.p/1')).toEqual(naiveRoot(entries.slice(65_536, 65_792)));
    expect((await bytesOf('/log/tile/1/000')).subarray(0, 32)).toEqual(naiveRoot(entries.slice(0, 256)));
    expect(await bytesOf('/log/tile/2/000.p/1')).toEqual(naiveRoot(entries.slice(0, 65_536)));
  });

  it('shows commitments only', async () => {
    const bundle = (await bytesOf('/log/tile/entries/000')).toString('latin1');
    const rows = await database.db
      .selectFrom('audit_entry')
      .select(['salt'])
      .where('idx', '<', 256)
      .execute();
    for (const { salt } of rows) {
      expect(bundle).not.toContain(Buffer.from(salt!).toString('latin1'));
    }
    // A number of the audit log would say which State acts how often; a commitment may hold those letters by chance.
    expect(bundle).not.toContain('"seq"');
  });

  it.each([
    '/log/tile/0/257.p/209',
    '/log/tile/0/258',
    '/log/tile/1/001.p/2',
    '/log/tile/3/000.p/1',
    '/log/tile/7/000',
  ])('%s is not there', async (path) => {
    expect(await handle(path)).toMatchObject({ status: 404, cacheControl: 'no-store' });
  });

  it('answers 404 for other names under it and nothing for other paths', async () => {
    expect(await handle('/log/')).toMatchObject({ status: 404 });
    expect(await handle('/log/detail')).toMatchObject({ status: 404 });
    for (const kind of ['0', 'entries'])
      expect(await handle(`/log/tile/${kind}/${'x999/'.repeat(5)}999`)).toMatchObject({ status: 404 });
    expect(await handle('/logs')).toBeNull();
    expect(await readTile(database.db, 63, 0, 1)).toBeNull();
  });
}, 120_000);
