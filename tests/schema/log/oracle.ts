/** RFC 6962 as its text defines it, recursively and over whole lists, with node:crypto: the oracle of the tests. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const splitOf = (size: number): number => {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
};

/** Section 2.1, MTH(D[n]). */
export const naiveRoot = (entries: Uint8Array[]): Buffer => {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0]!);
  const k = splitOf(entries.length);
  return sha256(Buffer.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
};

/** Section 2.1.1, PATH(m, D[n]). */
export const naiveInclusion = (m: number, entries: Uint8Array[]): Buffer[] => {
  if (entries.length === 1) return [];
  const k = splitOf(entries.length);
  const [left, right] = [entries.slice(0, k), entries.slice(k)];
  return m < k
    ? [...naiveInclusion(m, left), naiveRoot(right)]
    : [...naiveInclusion(m - k, right), naiveRoot(left)];
};

/** Section 2.1.2, SUBPROOF(m, D[n], b); the proof is that with b = true. */
export const naiveConsistency = (m: number, entries: Uint8Array[], complete = true): Buffer[] => {
  if (m === entries.length) return complete ? [] : [naiveRoot(entries)];
  const k = splitOf(entries.length);
  const [left, right] = [entries.slice(0, k), entries.slice(k)];
  return m <= k
    ? [...naiveConsistency(m, left, complete), naiveRoot(right)]
    : [...naiveConsistency(m - k, right, false), naiveRoot(left)];
};
