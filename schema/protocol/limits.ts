/**
 * Every limit of the wire, in one place. A second implementation must use the same numbers (PROTOCOL.md, L rules).
 */

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** Compact JWS of an envelope, receipt, recall or tombstone. */
  jwsBytes: 8 * KiB,
  /** Canonical JSON of a sealed document; also the largest padding class. */
  documentBytes: 256 * KiB,
  /** OpenPGP blob that carries a document: the largest padding class plus packet and armour-free overhead. */
  sealedBytes: 264 * KiB,
  /** Plaintext of one attachment part. */
  partBytes: 4 * MiB,
  /** OpenPGP blob that carries one part. */
  sealedPartBytes: 4 * MiB + 8 * KiB,
  partsPerDocument: 4096,
  attachmentsPerDocument: 32,
  /** Highest number of an act in its thread. */
  actNumber: 100_000,
  /** How many acts before it may be missing when an act arrives: what an urgent one can overtake, many times over. */
  actsMissing: 1_000,
  /** Milliseconds within which the largest part must arrive: a line that is slower counts as none. */
  partTimeoutMs: 10 * 60_000,
  /** General JWS of a trust list. */
  listBytes: 4 * MiB,
  envelopesPerRequest: 64,
  /** Clock difference between two nodes that is still accepted, in seconds. */
  skewS: 300,
  /** Longest life of an envelope, in seconds (30 days). */
  ttlS: 30 * 24 * 3600,
  /** JSON nesting. */
  depth: 32,
} as const;

/** Documents are padded up to one of these sizes, in bytes of canonical JSON, so that length says little. */
export const paddingClasses = [4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB] as const;
