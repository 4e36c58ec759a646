/**
 * Signed notes (c2sp.org/signed-note): text, a blank line, one line per signature; and the keys that sign them.
 * Only Ed25519 is spoken: type 0x01 signs the text itself (logs), type 0x04 is a witness's (cosignature.ts).
 * Knows nothing of what the text says. Keys come as parameters; nothing is generated or stored here.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { LogError } from '#schema/log/log-error.ts';
import {
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  encodeBase64,
  encodeHex,
} from '#schema/protocol/base64.ts';

/** 0x01: Ed25519 over the note text. 0x04: cosignature/v1. */
export type NoteKeyType = 1 | 4;

/** A public key that may sign notes. `keyId` is four bytes, derived from all the rest. */
export type NoteVerifierKey = {
  readonly name: string;
  readonly type: NoteKeyType;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly keyId: Uint8Array;
};

/** A public key with its private half. */
export type NoteSigningKey = NoteVerifierKey & { readonly privateKey: CryptoKey };

/** The same, as those call it who only sign. */
export type NoteSigner = NoteSigningKey;

/** One signature line: `signature` is what follows the four bytes of the key id. */
export type NoteSignature = {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array<ArrayBuffer>;
};

/** A note that was read; nothing in it is verified. `text` ends with a newline. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

/** A note as text, or as the UTF-8 bytes of it. */
export type NoteSource = string | Uint8Array;

/** More than the 16 signatures of 5 kB that verifiers must accept. */
const MAX_NOTE_BYTES = 131_072;
const MAX_SIGNATURES = 100;
const ED25519_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([^ ]+)$/u;
/** Non-empty, no Unicode space, no plus, no control character (U+0085 is a space but not in \s). */
const KEY_NAME = /^[^\s\u0085+\u0000-\u001f]+$/u;
const CONTROL_BUT_NEWLINE = /[\u0000-\u0009\u000b-\u001f]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** PKCS #8 header of an Ed25519 private key (RFC 8410 section 7); the 32-byte seed follows. */
const PKCS8_PREFIX = decodeHex('302e020100300506032b657004220420');

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A verifier key from its parts; the key id is SHA-256(name || 0x0A || type || public key)[:4].
 * @throws LogError `KEY_MALFORMED`
 */
export function makeVerifierKey(name: string, type: NoteKeyType, publicKey: Uint8Array): NoteVerifierKey {
  if (!isKeyName(name) || publicKey.length !== ED25519_KEY_BYTES) throw new LogError('KEY_MALFORMED');
  const prefix = encoder.encode(`${name}\n`);
  const hash = sha256.create().update(prefix).update(Uint8Array.of(type)).update(publicKey).digest();
  return { name, type, publicKey: publicKey.slice(), keyId: hash.slice(0, KEY_ID_BYTES) };
}

/**
 * A signing key from a 32-byte Ed25519 seed (RFC 8032). The private key cannot be exported again.
 * @throws LogError `KEY_MALFORMED`
 */
export async function makeSigningKey(
  name: string,
  type: NoteKeyType,
  seed: Uint8Array,
): Promise<NoteSigningKey> {
  if (seed.length !== ED25519_KEY_BYTES) throw new LogError('KEY_MALFORMED');
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  const exportable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', exportable);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  pkcs8.fill(0);
  return { ...makeVerifierKey(name, type, decodeBase64Url(x ?? '')), privateKey };
}

/** The text form of a verifier key: `name+keyId+base64(type || public key)`. */
export function formatVkey(key: NoteVerifierKey): string {
  const material = new Uint8Array([key.type, ...key.publicKey]);
  return `${key.name}+${encodeHex(key.keyId)}+${encodeBase64(material)}`;
}

/**
 * Reads a verifier key of type 0x01 or 0x04. The key id must be the derived one.
 * @throws LogError `KEY_MALFORMED`
 */
export function parseVkey(text: string): NoteVerifierKey {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text);
  const material = parts === null ? null : orNull(() => decodeBase64(parts[3]!));
  const type = material?.[0];
  if (parts === null || material === null || (type !== 1 && type !== 4)) throw new LogError('KEY_MALFORMED');
  const key = makeVerifierKey(parts[1]!, type, material.subarray(1));
  if (encodeHex(key.keyId) !== parts[2]) throw new LogError('KEY_MALFORMED');
  return key;
}

/** The text form of a private key: `PRIVATE+KEY+name+keyId+base64(type || seed)`, as Go's note package writes it. */
export async function formatNoteSigner(name: string, type: NoteKeyType, seed: Uint8Array): Promise<string> {
  const { keyId } = await makeSigningKey(name, type, seed);
  return `PRIVATE+KEY+${name}+${encodeHex(keyId)}+${encodeBase64(new Uint8Array([type, ...seed]))}`;
}

/**
 * Reads the text form of a private key of type 0x01 or 0x04. The message of a failure shows none of it.
 * @throws LogError `KEY_MALFORMED`
 */
export async function readNoteSigner(text: string): Promise<NoteSigningKey> {
  const parts = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text);
  const material = parts === null ? null : orNull(() => decodeBase64(parts[3]!));
  const type = material?.[0];
  if (parts === null || material === null || (type !== 1 && type !== 4)) throw new LogError('KEY_MALFORMED');
  const key = await makeSigningKey(parts[1]!, type, material.subarray(1));
  if (encodeHex(key.keyId) !== parts[2]) throw new LogError('KEY_MALFORMED');
  return key;
}

/** Whether a text can name a key. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name) && !LONE_SURROGATE.test(name);
}

/**
 * Reads a note: UTF-8, no control characters, at most 128 KiB and 100 signatures, canonical base64.
 * @throws LogError `NOTE_MALFORMED`
 */
export function parseNote(source: NoteSource): Note {
  const whole = readSource(source);
  const split = whole.lastIndexOf('\n\n');
  const lines = whole.slice(split + 2).split('\n');
  if (split < 0 || lines.pop() !== '' || lines.length === 0 || lines.length > MAX_SIGNATURES) {
    throw new LogError('NOTE_MALFORMED');
  }
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

function readSource(source: NoteSource): string {
  const text =
    typeof source === 'string' ? source : source.length > MAX_NOTE_BYTES ? null : decodeText(source);
  if (text === null || text.length > MAX_NOTE_BYTES || !isNoteText(text))
    throw new LogError('NOTE_MALFORMED');
  return text;
}

function decodeText(bytes: Uint8Array): string | null {
  return orNull(() => decoder.decode(bytes));
}

function isNoteText(text: string): boolean {
  return !CONTROL_BUT_NEWLINE.test(text) && !LONE_SURROGATE.test(text);
}

/**
 * Reads one signature line, without its newline.
 * @throws LogError `NOTE_MALFORMED`
 */
export function parseSignatureLine(line: string): NoteSignature {
  const parts = SIGNATURE_LINE.exec(line);
  const bytes = parts === null ? null : orNull(() => decodeBase64(parts[2]!));
  if (parts === null || bytes === null || !isKeyName(parts[1]!) || bytes.length <= KEY_ID_BYTES) {
    throw new LogError('NOTE_MALFORMED');
  }
  return { name: parts[1]!, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) };
}

/** Writes one signature line, with its newline. */
export function formatSignatureLine(signature: NoteSignature): string {
  return `\u2014 ${signature.name} ${encodeBase64(new Uint8Array([...signature.keyId, ...signature.signature]))}\n`;
}

/**
 * Writes a note.
 * @throws LogError `NOTE_MALFORMED` when the text cannot be one (no final newline, control characters).
 */
export function formatNote(note: Note): string {
  const whole = `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
  if (parseNote(whole).text !== note.text) throw new LogError('NOTE_MALFORMED');
  return whole;
}

/** A note followed by further signature lines (each with its newline), e.g. cosignatures that arrived later. */
export function addSignatureLines(note: string, lines: readonly string[]): string {
  return note + lines.join('');
}

/**
 * Signs a text with a key of type 0x01 and returns the note.
 * @param text ends with a newline
 * @throws LogError `NOTE_MALFORMED`, `KEY_TYPE`
 */
export async function signNote(text: string, key: NoteSigningKey): Promise<string> {
  if (key.type !== 1) throw new LogError('KEY_TYPE');
  const signature = await signBytes(key, encoder.encode(text));
  return formatNote({ text, signatures: [{ name: key.name, keyId: key.keyId, signature }] });
}

/** Ed25519 signature (64 bytes) by the private half of a key. */
export async function signBytes(
  key: NoteSigningKey,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key.privateKey, message));
}

const importedKeys = new WeakMap<NoteVerifierKey, Promise<CryptoKey>>();

/** Whether the 64 bytes are this key's Ed25519 signature of the message. */
export async function verifyBytes(
  key: NoteVerifierKey,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  let imported = importedKeys.get(key);
  if (imported === undefined) {
    imported = crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
    importedKeys.set(key, imported);
  }
  return crypto.subtle.verify('Ed25519', await imported, signature, message);
}

/**
 * The signature lines of a note that claim one of these keys (same name and same key id), each with its key.
 * Of several lines by one key only the first counts, as in Go's implementation; other lines are ignored.
 * @throws LogError `KEY_AMBIGUOUS` when two of the keys cannot be told apart
 */
export function matchSignatures(
  note: Note,
  keys: readonly NoteVerifierKey[],
): { key: NoteVerifierKey; signature: NoteSignature }[] {
  const known = new Map<string, NoteVerifierKey>();
  for (const key of keys) {
    if (known.has(keyLabel(key))) throw new LogError('KEY_AMBIGUOUS');
    known.set(keyLabel(key), key);
  }
  const matches: { key: NoteVerifierKey; signature: NoteSignature }[] = [];
  for (const signature of note.signatures) {
    const key = known.get(keyLabel(signature));
    if (key === undefined) continue;
    known.delete(keyLabel(signature));
    matches.push({ key, signature });
  }
  return matches;
}

function keyLabel(key: { name: string; keyId: Uint8Array }): string {
  return `${key.name}+${encodeHex(key.keyId)}`;
}

/**
 * Verifies a note against keys of type 0x01 and returns its text, the keys that signed it, and how many lines
 * were not checked (unknown keys, repetitions). One bad signature of a known key spoils the note.
 * @throws LogError `NOTE_MALFORMED`, `KEY_TYPE`, `KEY_AMBIGUOUS`, `SIGNATURE_INVALID`, `SIGNATURE_MISSING`
 */
export async function verifyNote(
  source: NoteSource,
  keys: readonly NoteVerifierKey[],
): Promise<{ text: string; signers: NoteVerifierKey[]; unchecked: number }> {
  if (keys.some((key) => key.type !== 1)) throw new LogError('KEY_TYPE');
  const note = parseNote(source);
  const matches = matchSignatures(note, keys);
  if (matches.length === 0) throw new LogError('SIGNATURE_MISSING');
  const message = encoder.encode(note.text);
  for (const { key, signature } of matches) {
    if (!(await verifyBytes(key, message, signature.signature))) throw new LogError('SIGNATURE_INVALID');
  }
  const signers = matches.map((match) => match.key);
  return { text: note.text, signers, unchecked: note.signatures.length - signers.length };
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
