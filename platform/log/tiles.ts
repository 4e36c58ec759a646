/**
 * The log as static files (c2sp.org/tlog-tiles): checkpoint, tiles of hashes, bundles of entries. Entries are
 * the committed bytes only; salts and details are never read here.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { readCosignedNote, readLatestCheckpoint } from '#platform/log/read-log.ts';

/** Names a tile; `level` is null for a bundle of entries. `width` is 256 for a full one. */
export type TilePath = { level: number | null; index: number; width: number };

/** What a path of the log answers. */
export type LogResource = { status: 200 | 404; contentType: string; cacheControl: string; bytes: Uint8Array };

const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
/** Above this, one hash would cover more than 2^53 leaves. */
const LAST_LEVEL = 6;
const HASH_BYTES = 32;
const TEXT = 'text/plain; charset=utf-8';
const PREFIX = '/log/';
const TILE_PATH =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/**
 * Reads `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`; null for any other or non-canonical path.
 */
export function parseTilePath(path: string): TilePath | null {
  const parts = TILE_PATH.exec(path);
  if (parts === null) return null;
  const level = parts[1] === 'entries' ? null : Number(parts[1]);
  const index = Number(parts[2]!.replace(/[x/]/g, ''));
  const width = parts[3] === undefined ? TILE_WIDTH : Number(parts[3]);
  if (width > TILE_WIDTH || (parts[3] !== undefined && width === TILE_WIDTH)) return null;
  return formatTilePath({ level, index, width }) === path ? { level, index, width } : null;
}

/** The path of a tile, below the prefix of the log. */
export function formatTilePath({ level, index, width }: TilePath): string {
  const digits = String(index).padStart(3, '0');
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/[0-9]{3}/g)!;
  const last = groups.pop()!;
  const folders = groups.map((group) => `x${group}/`).join('');
  return `tile/${level ?? 'entries'}/${folders}${last}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/**
 * The hashes of a tile, 32 bytes each; null when the tree has not that many.
 * @param width 1 to 256
 */
export async function readTile(
  db: QueryExecutorProvider,
  level: number,
  index: number,
  width: number,
): Promise<Uint8Array | null> {
  if (level > LAST_LEVEL) return null;
  const first = index * TILE_WIDTH;
  const { rows } = await sql<{ hash: Uint8Array }>`
    select hash from log_node where level = ${level * TILE_HEIGHT}
      and idx >= ${first} and idx < ${first + width} order by idx`.execute(db);
  if (rows.length !== width) return null;
  const bytes = new Uint8Array(width * HASH_BYTES);
  rows.forEach((row, i) => {
    bytes.set(row.hash, i * HASH_BYTES);
  });
  return bytes;
}

/**
 * A bundle of entries, each behind its length as a big-endian uint16; null when the log has not that many.
 * @param width 1 to 256
 */
export async function readEntriesTile(
  db: QueryExecutorProvider,
  index: number,
  width: number,
): Promise<Uint8Array | null> {
  const first = index * TILE_WIDTH;
  const { rows } = await sql<{ bytes: Uint8Array }>`
    select bytes from audit_entry where idx >= ${first} and idx < ${first + width} order by idx`.execute(db);
  if (rows.length !== width) return null;
  return Buffer.concat(rows.flatMap((row) => [uint16(row.bytes.length), row.bytes]));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/**
 * Answers GET of `/log/checkpoint`, `/log/tile/…` and `/log/tile/entries/…`; null for paths outside `/log/`.
 * The checkpoint carries the cosignatures that there are.
 * @param origin of this log
 */
export function makeLogHandler(
  db: QueryExecutorProvider,
  origin: string,
): (path: string) => Promise<LogResource | null> {
  return async (path) => {
    if (!path.startsWith(PREFIX)) return null;
    const name = path.slice(PREFIX.length);
    if (name === 'checkpoint') return answer(await readCheckpointBytes(db, origin), TEXT, 'no-cache');
    const tile = parseTilePath(name);
    // Beyond this a tree has no leaves, and a number no exact value.
    const inReach = tile !== null && Number.isSafeInteger((tile.index + 1) * TILE_WIDTH);
    const bytes = inReach ? await readAnyTile(db, tile) : null;
    return answer(bytes, 'application/octet-stream', 'public, max-age=31536000, immutable');
  };
}

function readAnyTile(
  db: QueryExecutorProvider,
  { level, index, width }: TilePath,
): Promise<Uint8Array | null> {
  return level === null ? readEntriesTile(db, index, width) : readTile(db, level, index, width);
}

async function readCheckpointBytes(db: QueryExecutorProvider, origin: string): Promise<Uint8Array | null> {
  const latest = await readLatestCheckpoint(db);
  const note = latest === null ? null : await readCosignedNote(db, origin, latest.size);
  return note === null ? null : new TextEncoder().encode(note);
}

function answer(bytes: Uint8Array | null, contentType: string, cacheControl: string): LogResource {
  if (bytes !== null) return { status: 200, contentType, cacheControl, bytes };
  return {
    status: 404,
    contentType: TEXT,
    cacheControl: 'no-store',
    bytes: new TextEncoder().encode('not found\n'),
  };
}
