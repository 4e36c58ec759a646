/**
 * Log proofs (c2sp.org/tlog-proof): one text that shows offline that an entry is in a log and that witnesses
 * saw the log. Only the canonical text is accepted.
 */
import { type Checkpoint, openCheckpoint, parseDecimal, parseHashLine } from '#schema/log/checkpoint.ts';
import { type Cosigner, countCosigners } from '#schema/log/cosignature.ts';
import { LogError } from '#schema/log/log-error.ts';
import { type NoteVerifierKey, parseNote } from '#schema/log/note.ts';
import { verifyInclusion } from '#schema/log/tree.ts';
import { decodeBase64, encodeBase64 } from '#schema/protocol/base64.ts';

/** A proof that was read; nothing in it is verified. `extra` is opaque and authenticated by nobody. */
export type LogProof = {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint's signed note, with such cosignatures as there are. */
  readonly checkpoint: string;
  readonly extra?: Uint8Array;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_HASHES = 63;
const MAX_TEXT_LENGTH = 262_144;

/**
 * Writes a proof.
 * @throws LogError `PROOF_MALFORMED`, `NOTE_MALFORMED` when reading it back would not give the same proof
 */
export function formatProof(proof: LogProof): string {
  const extra = proof.extra === undefined ? '' : `extra ${encodeBase64(proof.extra)}\n`;
  const hashes = proof.hashes.map((hash) => `${encodeBase64(hash)}\n`).join('');
  const text = `${HEADER}\n${extra}index ${proof.index}\n${hashes}\n${proof.checkpoint}`;
  parseProof(text);
  return text;
}

/**
 * Reads a proof.
 * @throws LogError `PROOF_MALFORMED`, `NOTE_MALFORMED`
 */
export function parseProof(text: string): LogProof {
  const split = text.indexOf('\n\n');
  if (split < 0 || text.length > MAX_TEXT_LENGTH) throw new LogError('PROOF_MALFORMED');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== HEADER) throw new LogError('PROOF_MALFORMED');
  const extra = lines[0]?.startsWith('extra ') === true ? parseExtra(lines.shift()!) : undefined;
  const index = parseIndex(lines.shift() ?? '');
  const hashes = lines.map(parseProofHash);
  if (hashes.length > MAX_HASHES) throw new LogError('PROOF_MALFORMED');
  const checkpoint = text.slice(split + 2);
  parseNote(checkpoint);
  return { index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

function parseExtra(line: string): Uint8Array {
  try {
    return decodeBase64(line.slice('extra '.length));
  } catch {
    throw new LogError('PROOF_MALFORMED');
  }
}

function parseIndex(line: string): number {
  const index = line.startsWith('index ') ? parseDecimal(line.slice('index '.length)) : null;
  if (index === null) throw new LogError('PROOF_MALFORMED');
  return index;
}

function parseProofHash(line: string): Uint8Array {
  const hash = parseHashLine(line);
  if (hash === null) throw new LogError('PROOF_MALFORMED');
  return hash;
}

/**
 * Verifies that the entry with this leaf hash is in the log and that at least `k` witnesses cosigned the
 * checkpoint; returns the checkpoint and who cosigned.
 * @throws LogError of `openCheckpoint`, `countCosigners`, `verifyInclusion`, and `QUORUM_MISSING`
 */
export async function verifyProof(
  proof: LogProof,
  leaf: Uint8Array,
  logVkey: NoteVerifierKey,
  witnesses: readonly NoteVerifierKey[],
  k: number,
): Promise<{ checkpoint: Checkpoint; cosigners: Cosigner[] }> {
  const checkpoint = await openCheckpoint(proof.checkpoint, logVkey);
  verifyInclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.rootHash);
  const cosigners = await countCosigners(proof.checkpoint, witnesses);
  if (cosigners.length < k) throw new LogError('QUORUM_MISSING');
  return { checkpoint, cosigners };
}
