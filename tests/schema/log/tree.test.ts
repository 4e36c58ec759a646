import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogError } from '#schema/log/log-error.ts';
import {
  appendLeaves,
  buildConsistencyProof,
  buildInclusionProof,
  consistencyProofCoordinates,
  emptyFrontier,
  frontierCoordinates,
  inclusionProofCoordinates,
  leafHash,
  makeFrontier,
  type NodeCoordinate,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '#schema/log/tree.ts';
import vectors from '#schema/vectors/log.json' with { type: 'json' };
import { naiveConsistency, naiveInclusion, naiveRoot } from '#tests/schema/log/oracle.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const unhex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const entryOf = (i: number) => Buffer.from(`entry ${i}`);
const entries = (size: number) => Array.from({ length: size }, (_, i) => entryOf(i));
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return 'NO_ERROR';
};

const grow = (list: Uint8Array[]) => {
  const grown = appendLeaves(emptyFrontier(), list.map(leafHash));
  const stored = new Map(grown.nodes.map((node) => [`${node.level}/${node.index}`, node.hash]));
  const queries: NodeCoordinate[][] = [];
  const read = async (coordinates: readonly NodeCoordinate[]) => {
    queries.push([...coordinates]);
    return coordinates.map((at) => stored.get(`${at.level}/${at.index}`)!);
  };
  return { ...grown, root: rootOf(grown.frontier), stored, read, queries };
};

describe('published values', () => {
  const leaves = vectors.tree.leafInputs.map(unhex);

  it('every root, node and proof of the eight-leaf tree', async () => {
    const tree = grow(leaves);
    vectors.tree.nodes.forEach((row, level) => {
      row.forEach((hash, index) => {
        expect(hex(tree.stored.get(`${level}/${index}`)!)).toBe(hash);
      });
    });
    for (let size = 0; size <= 8; size++) {
      expect(hex(grow(leaves.slice(0, size)).root)).toBe(vectors.tree.roots[size]);
    }
    for (const { index, size, proof } of vectors.tree.inclusion) {
      expect((await buildInclusionProof(index, size, tree.read)).map(hex)).toEqual(proof);
      verifyInclusion(
        leafHash(leaves[index]!),
        index,
        size,
        proof.map(unhex),
        unhex(vectors.tree.roots[size]!),
      );
    }
    for (const { oldSize, newSize, proof } of vectors.tree.consistency) {
      expect((await buildConsistencyProof(oldSize, newSize, tree.read)).map(hex)).toEqual(proof);
      const [oldRoot, newRoot] = [vectors.tree.roots[oldSize]!, vectors.tree.roots[newSize]!].map(unhex);
      verifyConsistency(oldSize, oldRoot!, newSize, newRoot!, proof.map(unhex));
    }
  });
});

describe('against the definition', () => {
  it('grows to the same root however the leaves are batched, and stores each complete subtree once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 6 }), (batches) => {
        let frontier = emptyFrontier();
        const seen = new Set<string>();
        for (const batch of batches) {
          const leaves = Array.from({ length: batch }, (_, i) => leafHash(entryOf(frontier.size + i)));
          const grown = appendLeaves(frontier, leaves);
          frontier = grown.frontier;
          for (const node of grown.nodes) {
            expect(seen.has(`${node.level}/${node.index}`)).toBe(false);
            seen.add(`${node.level}/${node.index}`);
            const start = node.index * 2 ** node.level;
            expect(hex(node.hash)).toBe(hex(naiveRoot(entries(start + 2 ** node.level).slice(start))));
          }
        }
        expect(hex(rootOf(frontier))).toBe(hex(naiveRoot(entries(frontier.size))));
        let complete = 0;
        for (let width = 1; width <= frontier.size; width *= 2) complete += Math.floor(frontier.size / width);
        expect(seen.size).toBe(complete);
      }),
      { numRuns: 40 },
    );
  });

  it('builds and accepts every inclusion proof with one query', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (size, pick) => {
        const index = pick % size;
        const tree = grow(entries(size + (pick % 7)));
        const proof = await buildInclusionProof(index, size, tree.read);
        expect(proof.map(hex)).toEqual(naiveInclusion(index, entries(size)).map(hex));
        expect(tree.queries.length).toBeLessThanOrEqual(1);
        verifyInclusion(leafHash(entryOf(index)), index, size, proof, naiveRoot(entries(size)));
      }),
    );
  });

  it('builds and accepts every consistency proof with one query', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (newSize, pick) => {
        const oldSize = 1 + (pick % newSize);
        const tree = grow(entries(newSize));
        const proof = await buildConsistencyProof(oldSize, newSize, tree.read);
        expect(proof.map(hex)).toEqual(naiveConsistency(oldSize, entries(newSize)).map(hex));
        expect(tree.queries.length).toBeLessThanOrEqual(1);
        verifyConsistency(oldSize, naiveRoot(entries(oldSize)), newSize, naiveRoot(entries(newSize)), proof);
      }),
    );
  });

  it('refuses any changed hash, place, size or root', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 70 }),
        fc.nat(),
        fc.nat({ max: 255 }),
        async (size, pick, bit) => {
          const tree = grow(entries(size));
          const index = pick % size;
          const oldSize = 1 + (pick % (size - 1));
          const oldRoot = naiveRoot(entries(oldSize));
          const leaf = leafHash(entryOf(index));
          const flip = (hash: Uint8Array) =>
            hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
          const inclusion = await buildInclusionProof(index, size, tree.read);
          const consistency = await buildConsistencyProof(oldSize, size, tree.read);
          const refuse = (act: () => void) =>
            expect(codeOf(act)).toMatch(/PROOF_LENGTH|ROOT_MISMATCH|INDEX_OUT/);
          inclusion.forEach((_, i) => {
            const changed = inclusion.map((hash, j) => (i === j ? flip(hash) : hash));
            refuse(() => verifyInclusion(leaf, index, size, changed, tree.root));
          });
          consistency.forEach((_, i) => {
            const changed = consistency.map((hash, j) => (i === j ? flip(hash) : hash));
            refuse(() => verifyConsistency(oldSize, oldRoot, size, tree.root, changed));
          });
          refuse(() => verifyInclusion(flip(leaf), index, size, inclusion, tree.root));
          refuse(() => verifyInclusion(leaf, index, size, inclusion, flip(tree.root)));
          refuse(() => verifyInclusion(leaf, index, size, inclusion.slice(1), tree.root));
          refuse(() => verifyInclusion(leaf, index, size, [...inclusion, leaf], tree.root));
          refuse(() => verifyInclusion(leaf, (index + 1) % size, size, inclusion, tree.root));
          refuse(() => verifyConsistency(oldSize, flip(oldRoot), size, tree.root, consistency));
          refuse(() => verifyConsistency(oldSize, oldRoot, size, flip(tree.root), consistency));
          refuse(() => verifyConsistency(oldSize, oldRoot, size, tree.root, consistency.slice(1)));
          refuse(() => verifyConsistency(oldSize, oldRoot, size, tree.root, [...consistency, leaf]));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('edges', () => {
  const root = naiveRoot(entries(3));
  const empty = naiveRoot([]);

  it.each([
    ['SIZE_UNSAFE', () => inclusionProofCoordinates(0, 2 ** 53)],
    ['SIZE_UNSAFE', () => inclusionProofCoordinates(0.5, 4)],
    ['SIZE_UNSAFE', () => inclusionProofCoordinates(-1, 4)],
    ['SIZE_UNSAFE', () => consistencyProofCoordinates(1, Number.NaN)],
    ['SIZE_UNSAFE', () => frontierCoordinates(-1)],
    ['SIZE_UNSAFE', () => appendLeaves({ size: Number.MAX_SAFE_INTEGER, hashes: [] }, [root])],
    ['INDEX_OUT_OF_TREE', () => inclusionProofCoordinates(4, 4)],
    ['INDEX_OUT_OF_TREE', () => inclusionProofCoordinates(0, 0)],
    ['SIZES_REVERSED', () => consistencyProofCoordinates(5, 4)],
    ['FRONTIER_SHAPE', () => makeFrontier(3, [root])],
    ['FRONTIER_SHAPE', () => makeFrontier(1, [root.subarray(1)])],
    ['FRONTIER_SHAPE', () => appendLeaves({ size: 1, hashes: [] }, [root])],
    ['FRONTIER_SHAPE', () => appendLeaves(emptyFrontier(), [root.subarray(1)])],
    ['ROOT_MISMATCH', () => verifyConsistency(3, root, 3, empty, [])],
    ['ROOT_MISMATCH', () => verifyConsistency(0, root, 3, root, [])],
    ['ROOT_MISMATCH', () => verifyConsistency(0, empty, 0, root, [])],
    ['PROOF_LENGTH', () => verifyConsistency(0, empty, 3, root, [root])],
    ['PROOF_LENGTH', () => verifyInclusion(root, 0, 2, [root.subarray(1)], root)],
    ['NO_ERROR', () => verifyConsistency(0, empty, 3, root, [])],
    ['NO_ERROR', () => verifyConsistency(0, empty, 0, empty, [])],
    ['NO_ERROR', () => verifyConsistency(3, root, 3, root, [])],
  ])('%s: %s', (code, act) => {
    expect(codeOf(act)).toBe(code);
  });

  it('names places exactly at the largest sizes', () => {
    const size = Number.MAX_SAFE_INTEGER;
    expect(frontierCoordinates(size).length).toBe(53);
    expect(frontierCoordinates(size - 1).at(-1)).toEqual({ level: 1, index: (size - 3) / 2 });
    const proof = inclusionProofCoordinates(size - 1, size);
    expect(proof.flat()).toEqual(frontierCoordinates(size - 1).reverse());
    for (const [a, b] of [
      [2 ** 52, size],
      [2 ** 31, 2 ** 33 + 5],
    ] as const) {
      const leaves = consistencyProofCoordinates(a, b).flat();
      expect(leaves.reduce((sum, at) => sum + 2 ** at.level, a)).toBe(b);
    }
  });

  it('says when the store gives too few nodes', async () => {
    await expect(buildInclusionProof(0, 5, async () => [])).rejects.toMatchObject({ code: 'NODE_MISSING' });
  });

  it('keeps the frontier it was given', () => {
    const { frontier } = grow(entries(5));
    const before = [...frontier.hashes];
    appendLeaves(frontier, entries(3).map(leafHash));
    expect(frontier.hashes).toEqual(before);
    expect(makeFrontier(5, before)).toEqual(frontier);
  });
});
