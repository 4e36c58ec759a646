/**
 * Checkpoints (c2sp.org/tlog-checkpoint): a log's promise, in a signed note, of its size and root.
 * Only the canonical text is accepted. A log's key is named as its origin.
 */
import { LogError } from '#schema/log/log-error.ts';
import {
  type NoteSigningKey,
  type NoteSource,
  type NoteVerifierKey,
  signNote,
  verifyNote,
} from '#schema/log/note.ts';
import { isTreeSize } from '#schema/log/tree.ts';
import { decodeBase64, encodeBase64 } from '#schema/protocol/base64.ts';

/** What a checkpoint says. `rootHash` is 32 bytes; `extensions` are opaque lines, none in our own logs. */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly rootHash: Uint8Array;
  readonly extensions: readonly string[];
};

const ROOT_BYTES = 32;

/**
 * The note text of a checkpoint.
 * @throws LogError `CHECKPOINT_MALFORMED` when reading it back would not give the same checkpoint
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, rootHash, extensions } = checkpoint;
  const lines = [origin, String(size), encodeBase64(rootHash), ...extensions];
  const good =
    lines.every((line) => line !== '' && !line.includes('\n')) &&
    isTreeSize(size) &&
    rootHash.length === ROOT_BYTES;
  if (!good) throw new LogError('CHECKPOINT_MALFORMED');
  return `${lines.join('\n')}\n`;
}

/**
 * Reads the note text of a checkpoint.
 * @throws LogError `CHECKPOINT_MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, sizeLine, rootLine, ...rest] = text.split('\n');
  const size = parseDecimal(sizeLine ?? '');
  const rootHash = parseHashLine(rootLine ?? '');
  const wellFormed = origin !== undefined && origin !== '' && rest.pop() === '' && !rest.includes('');
  if (!wellFormed || size === null || rootHash === null) throw new LogError('CHECKPOINT_MALFORMED');
  return { origin, size, rootHash, extensions: rest };
}

/** A size or index in decimal without leading zeroes; null for anything else or above 2^53-1. */
export function parseDecimal(text: string): number | null {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return isTreeSize(value) ? value : null;
}

/** A line that is the canonical base64 of a 32-byte hash; null for anything else. */
export function parseHashLine(line: string): Uint8Array<ArrayBuffer> | null {
  if (line.length !== 44) return null;
  try {
    const hash = decodeBase64(line);
    return hash.length === ROOT_BYTES ? hash : null;
  } catch {
    return null;
  }
}

/**
 * Signs a checkpoint as the log named by the key. Our logs write no extension lines.
 * @throws LogError `ORIGIN_MISMATCH`, `CHECKPOINT_MALFORMED`, `KEY_TYPE`
 */
export function signCheckpoint(checkpoint: Checkpoint, logKey: NoteSigningKey): Promise<string> {
  if (checkpoint.origin !== logKey.name) throw new LogError('ORIGIN_MISMATCH');
  return signNote(formatCheckpoint(checkpoint), logKey);
}

/**
 * Verifies the log's signature on a checkpoint note and reads it. Cosignatures are counted elsewhere.
 * @throws LogError `NOTE_MALFORMED`, `SIGNATURE_INVALID`, `SIGNATURE_MISSING`, `KEY_TYPE`,
 *   `CHECKPOINT_MALFORMED`, `ORIGIN_MISMATCH`
 */
export async function openCheckpoint(note: NoteSource, logVkey: NoteVerifierKey): Promise<Checkpoint> {
  const { text } = await verifyNote(note, [logVkey]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== logVkey.name) throw new LogError('ORIGIN_MISMATCH');
  return checkpoint;
}
