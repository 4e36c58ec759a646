/**
 * Reads of the log that several parts need: nodes, the latest checkpoint, the root at any size.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { LogError } from '#schema/log/log-error.ts';
import { addSignatureLines } from '#schema/log/note.ts';
import {
  emptyFrontier,
  frontierCoordinates,
  makeFrontier,
  type NodeCoordinate,
  type NodeReader,
  rootOf,
} from '#schema/log/tree.ts';

/** A checkpoint that this log signed; `note` is the signed note without cosignatures. */
export type SignedCheckpoint = { size: number; root: Uint8Array; note: string };

/**
 * Reads nodes with one query, in the order asked.
 * @throws LogError `NODE_MISSING`
 */
export function nodeReader(db: QueryExecutorProvider): NodeReader {
  return async (coordinates) => {
    const { rows } = await sql<{ hash: Uint8Array }>`
      select node.hash from unnest(${levelsOf(coordinates)}::int[], ${indicesOf(coordinates)}::bigint[])
        with ordinality as wanted (level, idx, place)
      join log_node node on node.level = wanted.level and node.idx = wanted.idx
      order by wanted.place`.execute(db);
    if (rows.length !== coordinates.length) throw new LogError('NODE_MISSING');
    return rows.map((row) => row.hash);
  };
}

/** Levels of coordinates, as a query parameter. */
export function levelsOf(coordinates: readonly NodeCoordinate[]): number[] {
  return coordinates.map((at) => at.level);
}

/** Indices of coordinates, as a query parameter. */
export function indicesOf(coordinates: readonly NodeCoordinate[]): number[] {
  return coordinates.map((at) => at.index);
}

/** The checkpoint signed last; null while the log is empty. */
export async function readLatestCheckpoint(db: QueryExecutorProvider): Promise<SignedCheckpoint | null> {
  const { rows } = await sql<{ size: string; root: Uint8Array; note: string }>`
    select size, root, note from log_checkpoint order by size desc limit 1`.execute(db);
  const row = rows[0];
  return row === undefined ? null : { size: Number(row.size), root: row.root, note: row.note };
}

/** The checkpoint note of that size with all cosignatures stored for it; null where none was signed. */
export async function readCosignedNote(
  db: QueryExecutorProvider,
  origin: string,
  size: number,
): Promise<string | null> {
  const { rows } = await sql<{ note: string; lines: string[] }>`
    select note, array(select line from cosignature
                       where origin = ${origin} and cosignature.size = ${size} order by witness) as lines
    from log_checkpoint where size = ${size}`.execute(db);
  const row = rows[0];
  return row === undefined ? null : addSignatureLines(row.note, row.lines);
}

/**
 * Root of the tree when it had that size, from stored nodes.
 * @throws LogError `NODE_MISSING` when the log never was that large
 */
export async function readRoot(db: QueryExecutorProvider, size: number): Promise<Uint8Array> {
  if (size === 0) return rootOf(emptyFrontier());
  return rootOf(makeFrontier(size, await nodeReader(db)(frontierCoordinates(size))));
}
