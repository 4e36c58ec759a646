/**
 * The body of a request to a witness (c2sp.org/tlog-witness, add-checkpoint): the size the log believes was
 * cosigned last, the consistency proof from there, and the checkpoint. Only the canonical text is accepted.
 */
import { parseDecimal, parseHashLine } from '#schema/log/checkpoint.ts';
import { LogError } from '#schema/log/log-error.ts';
import { parseNote } from '#schema/log/note.ts';
import { encodeBase64 } from '#schema/protocol/base64.ts';

/** A request that was read; nothing in it is verified. `note` is the signed checkpoint, verbatim. */
export type AddCheckpoint = {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
};

const MAX_HASHES = 63;
const MAX_TEXT_LENGTH = 262_144;

/**
 * Writes the request body.
 * @throws LogError `WITNESS_REQUEST_MALFORMED`, `NOTE_MALFORMED` when reading it back would not give the same
 */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  const text = `old ${oldSize}\n${proof.map((hash) => `${encodeBase64(hash)}\n`).join('')}\n${note}`;
  parseAddCheckpoint(text);
  return text;
}

/**
 * Reads the request body.
 * @throws LogError `WITNESS_REQUEST_MALFORMED`, `NOTE_MALFORMED`
 */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  const split = text.length > MAX_TEXT_LENGTH ? -1 : text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(split, 0)).split('\n');
  const oldSize = first.startsWith('old ') ? parseDecimal(first.slice('old '.length)) : null;
  const proof = lines.map(parseHashLine).filter((hash) => hash !== null);
  if (split < 0 || oldSize === null || proof.length < lines.length || lines.length > MAX_HASHES) {
    throw new LogError('WITNESS_REQUEST_MALFORMED');
  }
  const note = text.slice(split + 2);
  parseNote(note);
  return { oldSize, proof, note };
}
