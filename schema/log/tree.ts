/**
 * The Merkle tree of RFC 6962 section 2.1: hashes, the frontier that grows, proofs and their checks.
 * Pure and synchronous (one WebCrypto digest per leaf would cost thirty times as much); keeps nothing,
 * and reads stored nodes only through the function it is given. Sizes and indices are JS safe integers,
 * so all arithmetic on them is division, never 32-bit operators.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { LogError } from '#schema/log/log-error.ts';

/** Place of a complete subtree: it covers the leaves from index·2^level, 2^level of them. */
export type NodeCoordinate = { level: number; index: number };

/** A complete subtree and its RFC 6962 hash (32 bytes). */
export type TreeNode = NodeCoordinate & { hash: Uint8Array };

/** All that is needed to grow a tree: its size and the roots of its complete subtrees, largest first. */
export type Frontier = { size: number; hashes: readonly Uint8Array[] };

/** Reads the hashes of many nodes at once, in the order asked, so that a store needs one query. */
export type NodeReader = (coordinates: readonly NodeCoordinate[]) => Promise<readonly Uint8Array[]>;

const HASH_BYTES = 32;
const LEAF_PREFIX = Uint8Array.of(0);

/** RFC 6962 leaf hash: SHA-256(0x00 || entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256.create().update(LEAF_PREFIX).update(entry).digest();
}

/** RFC 6962 node hash: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** The frontier of the tree without leaves. */
export function emptyFrontier(): Frontier {
  return { size: 0, hashes: [] };
}

/** Whether a number can be a size or index here (0 to 2^53-1). */
export function isTreeSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function requireSize(value: number): void {
  if (!isTreeSize(value)) throw new LogError('SIZE_UNSAFE');
}

/**
 * The complete subtrees that make up the leaves `start` to `end` (exclusive), largest first.
 * `start` must be a multiple of a power of two that is at least `end - start`.
 */
function coverRange(start: number, end: number): NodeCoordinate[] {
  const cover: NodeCoordinate[] = [];
  for (let from = start; from < end; ) {
    const level = floorLog2(end - from);
    cover.push({ level, index: from / 2 ** level });
    from += 2 ** level;
  }
  return cover;
}

/** Exact for safe integers: Math.log2 rounds up just below large powers of two. */
function floorLog2(value: number): number {
  const guess = Math.floor(Math.log2(value));
  return 2 ** guess > value ? guess - 1 : guess;
}

/** Size of the left subtree where a tree of `size` > 1 leaves splits: the largest power of two below it. */
function splitSize(size: number): number {
  return 2 ** floorLog2(size - 1);
}

/** Where the hashes of the frontier of a tree of that size are stored. @throws LogError `SIZE_UNSAFE` */
export function frontierCoordinates(size: number): NodeCoordinate[] {
  requireSize(size);
  return coverRange(0, size);
}

/**
 * A frontier from stored hashes.
 * @throws LogError `SIZE_UNSAFE`, or `FRONTIER_SHAPE` when number or length of the hashes is impossible.
 */
export function makeFrontier(size: number, hashes: readonly Uint8Array[]): Frontier {
  const wanted = frontierCoordinates(size).length;
  if (hashes.length !== wanted || hashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new LogError('FRONTIER_SHAPE');
  }
  return { size, hashes };
}

/**
 * Appends leaves (their hashes, see `leafHash`) and returns the grown frontier with every node that became
 * complete, leaves included, children before parents.
 * @throws LogError `SIZE_UNSAFE` past 2^53-1 leaves, `FRONTIER_SHAPE` for a hash that is not 32 bytes.
 */
export function appendLeaves(
  frontier: Frontier,
  leafHashes: readonly Uint8Array[],
): { frontier: Frontier; nodes: TreeNode[] } {
  requireSize(frontier.size + leafHashes.length);
  const hashes = [...frontier.hashes];
  const nodes: TreeNode[] = [];
  let size = frontier.size;
  for (const leaf of leafHashes) {
    if (leaf.length !== HASH_BYTES) throw new LogError('FRONTIER_SHAPE');
    appendLeaf(hashes, nodes, size, leaf);
    size += 1;
  }
  return { frontier: { size, hashes }, nodes };
}

function appendLeaf(hashes: Uint8Array[], nodes: TreeNode[], leafIndex: number, leaf: Uint8Array): void {
  let hash = leaf;
  let index = leafIndex;
  nodes.push({ level: 0, index, hash });
  // Each odd place is a right child: its left sibling is the last hash of the frontier.
  for (let level = 1; index % 2 === 1; level++) {
    const left = hashes.pop();
    if (left === undefined) throw new LogError('FRONTIER_SHAPE');
    hash = nodeHash(left, hash);
    index = (index - 1) / 2;
    nodes.push({ level, index, hash });
  }
  hashes.push(hash);
}

/** RFC 6962 root of the tree with this frontier; SHA-256 of nothing for the empty tree. */
export function rootOf(frontier: Frontier): Uint8Array {
  return frontier.size === 0 ? sha256(new Uint8Array()) : foldRight(frontier.hashes);
}

/** Root over neighbouring subtrees, largest first. */
function foldRight(hashes: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (let i = hashes.length - 1; i >= 0; i--) {
    root = root === undefined ? hashes[i]! : nodeHash(hashes[i]!, root);
  }
  if (root === undefined) throw new LogError('FRONTIER_SHAPE');
  return root;
}

/**
 * For each hash of the inclusion proof (RFC 6962 section 2.1.1, leaf side first): the complete subtrees it is
 * folded from, left to right. Only the one on the ragged right edge has more than one.
 * @throws LogError `SIZE_UNSAFE`, `INDEX_OUT_OF_TREE`
 */
export function inclusionProofCoordinates(index: number, size: number): NodeCoordinate[][] {
  requireSize(size);
  requireSize(index);
  if (index >= size) throw new LogError('INDEX_OUT_OF_TREE');
  const fromRoot: NodeCoordinate[][] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitSize(end - start);
    fromRoot.push(index < middle ? coverRange(middle, end) : coverRange(start, middle));
    [start, end] = index < middle ? [start, middle] : [middle, end];
  }
  return fromRoot.reverse();
}

/**
 * For each hash of the consistency proof (RFC 6962 section 2.1.2): the complete subtrees it is folded from,
 * left to right. Empty for an empty old tree and for equal sizes.
 * @throws LogError `SIZE_UNSAFE`, `SIZES_REVERSED`
 */
export function consistencyProofCoordinates(oldSize: number, newSize: number): NodeCoordinate[][] {
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize > newSize) throw new LogError('SIZES_REVERSED');
  if (oldSize === 0 || oldSize === newSize) return [];
  const fromRoot: NodeCoordinate[][] = [];
  let [start, end] = [0, newSize];
  while (end !== oldSize) {
    const middle = start + splitSize(end - start);
    fromRoot.push(oldSize <= middle ? coverRange(middle, end) : coverRange(start, middle));
    [start, end] = oldSize <= middle ? [start, middle] : [middle, end];
  }
  // An old tree that is itself one complete subtree is known to the verifier by its root.
  if (start > 0) fromRoot.push(coverRange(start, end));
  return fromRoot.reverse();
}

/**
 * The inclusion proof of leaf `index` in the tree of `size` leaves, leaf side first.
 * @throws LogError as `inclusionProofCoordinates`, and `NODE_MISSING` where the reader gives too few hashes.
 */
export function buildInclusionProof(
  index: number,
  size: number,
  readNodes: NodeReader,
): Promise<Uint8Array[]> {
  return foldProof(inclusionProofCoordinates(index, size), readNodes);
}

/**
 * The consistency proof between two sizes of one tree.
 * @throws LogError as `consistencyProofCoordinates`, and `NODE_MISSING` where the reader gives too few hashes.
 */
export function buildConsistencyProof(
  oldSize: number,
  newSize: number,
  readNodes: NodeReader,
): Promise<Uint8Array[]> {
  return foldProof(consistencyProofCoordinates(oldSize, newSize), readNodes);
}

async function foldProof(parts: readonly NodeCoordinate[][], readNodes: NodeReader): Promise<Uint8Array[]> {
  const wanted = parts.flat();
  const hashes = wanted.length === 0 ? [] : await readNodes(wanted);
  if (hashes.length !== wanted.length) throw new LogError('NODE_MISSING');
  let next = 0;
  return parts.map((part) => {
    const from = next;
    next += part.length;
    return foldRight(hashes.slice(from, next));
  });
}

/**
 * Checks that `leaf` (a leaf hash) stands at `index` of the tree with that size and root
 * (RFC 9162 section 2.1.3.2).
 * @throws LogError `SIZE_UNSAFE`, `INDEX_OUT_OF_TREE`, `PROOF_LENGTH`, `ROOT_MISMATCH`
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  const expected = inclusionProofCoordinates(index, size);
  requireHashes(proof, expected.length);
  let [node, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node > 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  requireEqual(hash, root);
}

/**
 * Checks that the newer tree begins with the whole older one (RFC 9162 section 2.1.4.2). For an empty older
 * tree the proof is empty and any newer tree is consistent; `oldRoot` must then be the root of nothing.
 * @throws LogError `SIZE_UNSAFE`, `SIZES_REVERSED`, `PROOF_LENGTH`, `ROOT_MISMATCH`
 */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  requireHashes(proof, consistencyProofCoordinates(oldSize, newSize).length);
  if (oldSize === 0) requireEqual(oldRoot, rootOf(emptyFrontier()));
  if (newSize === 0) requireEqual(newRoot, rootOf(emptyFrontier()));
  if (oldSize === newSize) requireEqual(oldRoot, newRoot);
  if (oldSize === 0 || oldSize === newSize) return;
  const roots = foldConsistency(oldSize, oldRoot, newSize, proof);
  requireEqual(roots.old, oldRoot);
  requireEqual(roots.new, newRoot);
}

function foldConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  proof: readonly Uint8Array[],
): { old: Uint8Array; new: Uint8Array } {
  let [node, last] = [oldSize - 1, newSize - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  const seed = node === 0 ? oldRoot : proof[0]!;
  const roots = { old: seed, new: seed };
  for (const sibling of node === 0 ? proof : proof.slice(1)) {
    if (node % 2 === 1 || node === last) {
      roots.old = nodeHash(sibling, roots.old);
      roots.new = nodeHash(sibling, roots.new);
      while (node % 2 === 0 && node > 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      roots.new = nodeHash(roots.new, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return roots;
}

function requireHashes(proof: readonly Uint8Array[], count: number): void {
  if (proof.length !== count || proof.some((hash) => hash.length !== HASH_BYTES)) {
    throw new LogError('PROOF_LENGTH');
  }
}

function requireEqual(found: Uint8Array, expected: Uint8Array): void {
  if (!equalHashes(found, expected)) throw new LogError('ROOT_MISMATCH');
}

/** Whether two hashes are the same bytes. They are public: constant time is not needed. */
export function equalHashes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
