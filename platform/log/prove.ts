/**
 * Proofs from the stored tree, one query each. They prove nothing until checked against a signed checkpoint.
 */
import type { QueryExecutorProvider } from 'kysely';
import { nodeReader } from '#platform/log/read-log.ts';
import { buildConsistencyProof, buildInclusionProof } from '#schema/log/tree.ts';

/**
 * Inclusion proof of the entry at `index` in the tree of `size` leaves (the size of a checkpoint).
 * @throws LogError `SIZE_UNSAFE`, `INDEX_OUT_OF_TREE`, `NODE_MISSING` when the log is smaller
 */
export function proveInclusion(
  db: QueryExecutorProvider,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  return buildInclusionProof(index, size, nodeReader(db));
}

/**
 * Consistency proof between two sizes of this log (the sizes of two checkpoints).
 * @throws LogError `SIZE_UNSAFE`, `SIZES_REVERSED`, `NODE_MISSING` when the log is smaller
 */
export function proveConsistency(
  db: QueryExecutorProvider,
  oldSize: number,
  newSize: number,
): Promise<Uint8Array[]> {
  return buildConsistencyProof(oldSize, newSize, nodeReader(db));
}
