/**
 * Cosignatures (c2sp.org/tlog-cosignature, Ed25519, type 0x04): a witness says that at a time this was the
 * largest tree it had seen of a log, consistent with all before. Makes and checks them; when a witness may
 * make one is decided elsewhere. The clock is a parameter.
 */
import { parseCheckpoint } from '#schema/log/checkpoint.ts';
import { LogError } from '#schema/log/log-error.ts';
import {
  formatSignatureLine,
  matchSignatures,
  type Note,
  type NoteSignature,
  type NoteSigningKey,
  type NoteSource,
  type NoteVerifierKey,
  parseNote,
  signBytes,
  verifyBytes,
} from '#schema/log/note.ts';
import { isTreeSize } from '#schema/log/tree.ts';
import { encodeHex } from '#schema/protocol/base64.ts';

/** A witness that cosigned, and when, in seconds since 1970. */
export type Cosigner = { readonly name: string; readonly timeS: number };

const TIME_BYTES = 8;
const SIGNATURE_BYTES = TIME_BYTES + 64;

function cosignedMessage(timeS: number, noteText: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`cosignature/v1\ntime ${timeS}\n${noteText}`);
}

/**
 * Cosigns a checkpoint note and returns the signature line, newline included.
 * @param timeS seconds since 1970
 * @throws LogError `KEY_TYPE`, `TIME_INVALID`, `NOTE_MALFORMED`, `CHECKPOINT_MALFORMED`
 */
export async function cosignCheckpoint(
  source: NoteSource,
  witnessKey: NoteSigningKey,
  timeS: number,
): Promise<string> {
  if (witnessKey.type !== 4) throw new LogError('KEY_TYPE');
  if (!isTreeSize(timeS)) throw new LogError('TIME_INVALID');
  const { text } = parseNote(source);
  parseCheckpoint(text);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  new DataView(signature.buffer).setBigUint64(0, BigInt(timeS));
  signature.set(await signBytes(witnessKey, cosignedMessage(timeS, text)), TIME_BYTES);
  return formatSignatureLine({ name: witnessKey.name, keyId: witnessKey.keyId, signature });
}

/**
 * The time in a cosignature, in seconds since 1970. Says nothing of its validity.
 * @throws LogError `COSIGNATURE_INVALID`
 */
export function readCosignatureTime(signature: NoteSignature): number {
  if (signature.signature.length !== SIGNATURE_BYTES) throw new LogError('COSIGNATURE_INVALID');
  const timeS = Number(new DataView(signature.signature.buffer).getBigUint64(0));
  if (!isTreeSize(timeS)) throw new LogError('COSIGNATURE_INVALID');
  return timeS;
}

/**
 * Which of these witnesses cosigned the checkpoint, each name once. A witness that carries the log's own name
 * is left out: a log does not witness itself. One bad cosignature of a known witness spoils the note.
 * The log's own signature is not looked at; see `openCheckpoint`.
 * @throws LogError `NOTE_MALFORMED`, `CHECKPOINT_MALFORMED`, `KEY_TYPE`, `KEY_AMBIGUOUS` (one key under two
 *   names would count twice), `COSIGNATURE_INVALID`, `SIGNATURE_INVALID`
 */
export async function countCosigners(
  source: NoteSource,
  witnesses: readonly NoteVerifierKey[],
): Promise<Cosigner[]> {
  requireWitnessKeys(witnesses);
  const note = parseNote(source);
  const { origin } = parseCheckpoint(note.text);
  const cosigners = new Map<string, Cosigner>();
  for (const { key, signature } of matchSignatures(note, witnesses)) {
    const timeS = await verifyCosignature(note, key, signature);
    if (key.name !== origin && !cosigners.has(key.name)) cosigners.set(key.name, { name: key.name, timeS });
  }
  return [...cosigners.values()];
}

function requireWitnessKeys(witnesses: readonly NoteVerifierKey[]): void {
  if (witnesses.some((key) => key.type !== 4)) throw new LogError('KEY_TYPE');
  const distinct = new Set(witnesses.map((key) => encodeHex(key.publicKey)));
  if (distinct.size !== witnesses.length) throw new LogError('KEY_AMBIGUOUS');
}

async function verifyCosignature(
  note: Note,
  key: NoteVerifierKey,
  signature: NoteSignature,
): Promise<number> {
  const timeS = readCosignatureTime(signature);
  const valid = await verifyBytes(
    key,
    cosignedMessage(timeS, note.text),
    signature.signature.slice(TIME_BYTES),
  );
  if (!valid) throw new LogError('SIGNATURE_INVALID');
  return timeS;
}

/**
 * Whether at least `k` of the witnesses cosigned the checkpoint.
 * @throws LogError as `countCosigners`
 */
export async function meetsQuorum(
  source: NoteSource,
  witnesses: readonly NoteVerifierKey[],
  k: number,
): Promise<boolean> {
  return (await countCosigners(source, witnesses)).length >= k;
}
