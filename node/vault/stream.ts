/**
 * Files, sealed piece by piece so that memory holds one piece whatever the size: the STREAM construction (Hoang, Reyhanitabar,
 * Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015) over AES-256-GCM, with
 * a key of its own for each stream, derived by HKDF-SHA-256 from the data key, a random salt and the place of the file. The
 * nonce of a piece is its number and whether it is the last: what is cut off, put in another order, left out or repeated does
 * not open.
 *
 *   1 byte format (2) | 32 bytes salt | pieces: ciphertext of 64 KiB, the last of 0 to 64 KiB, each with 16 bytes tag
 */
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject } from 'node:crypto';
import { namePlace, type Place } from './seal-field.ts';
import { VaultError } from './vault-error.ts';

/** Plaintext of a piece, in bytes; only the last is shorter. */
export const PIECE_BYTES = 64 * 1024;
const TAG_BYTES = 16;
export const SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES;
const FORMAT = 2;
const SALT_BYTES = 32;
/** Format and salt, before the first piece. */
export const HEADER_BYTES = 1 + SALT_BYTES;
/** 256 TiB, long before a counter of 32 bits ends. */
const MAX_PIECES = 0xffff_ffff;

export interface StreamKey {
  /** Stands before the pieces. */
  readonly header: Buffer;
  /** @param n of the piece, from 0 */
  readonly seal: (n: number, isLast: boolean, plain: Uint8Array) => Buffer;
  /** @throws VaultError MOVED_OR_ALTERED */
  readonly open: (n: number, isLast: boolean, sealed: Uint8Array) => Buffer;
}

/** A salt for a new stream. No two streams may have one and the same salt under one place. */
export const makeSalt = (random: (bytes: number) => Uint8Array): Uint8Array => random(SALT_BYTES);

/** The salt of a stored stream. @throws VaultError MOVED_OR_ALTERED */
export function readSalt(sealed: Uint8Array): Uint8Array {
  if (sealed.length < HEADER_BYTES || sealed[0] !== FORMAT) throw new VaultError('MOVED_OR_ALTERED');
  return sealed.subarray(1, HEADER_BYTES);
}

export function openStreamKey(dataKey: KeyObject, node: string, place: Place, salt: Uint8Array): StreamKey {
  const info = JSON.stringify(['focalnet-stream', FORMAT, namePlace(node, place)]);
  const key = Buffer.from(hkdfSync('sha256', dataKey, salt, info, 32));
  return {
    header: Buffer.concat([Uint8Array.of(FORMAT), salt]),
    seal: (n, isLast, plain) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(n, isLast));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (n, isLast, sealed) => {
      if (sealed.length < TAG_BYTES) throw new VaultError('MOVED_OR_ALTERED');
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(n, isLast), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      const opened = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
      try {
        decipher.final();
      } catch {
        throw new VaultError('MOVED_OR_ALTERED');
      }
      return opened;
    },
  };
}

/** Eleven bytes of number, one of whether it is the last. */
function nonceOf(n: number, isLast: boolean): Buffer {
  if (!Number.isSafeInteger(n) || n < 0 || n > MAX_PIECES) throw new RangeError('a stream ends before that');
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(n, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Header, then sealed pieces. @param plain of any lengths */
export async function* sealStream(key: StreamKey, plain: Pieces): AsyncGenerator<Buffer> {
  yield key.header;
  for await (const { n, isLast, bytes } of cut(plain, PIECE_BYTES)) yield key.seal(n, isLast, bytes);
}

/**
 * What was sealed, piece by piece. A reader that must not act on half a file waits for the end: only then it is known to be whole.
 * @param sealed header and pieces, of any lengths
 * @param keyFor the stream's key, by the salt in its header
 * @throws VaultError MOVED_OR_ALTERED
 */
export async function* openStream(
  keyFor: (salt: Uint8Array) => StreamKey,
  sealed: Pieces,
): AsyncGenerator<Buffer> {
  const reader = readFrom(sealed);
  const key = keyFor(readSalt(await reader.take(HEADER_BYTES)));
  for await (const { n, isLast, bytes } of cut(reader.rest(), SEALED_PIECE_BYTES)) {
    // One form for one file: an empty last piece stands only where the file is empty.
    if (isLast && n > 0 && bytes.length === TAG_BYTES) throw new VaultError('MOVED_OR_ALTERED');
    yield key.open(n, isLast, bytes);
  }
}

/** Cuts into pieces of `size`; the last may be shorter, and is empty where there is nothing. */
async function* cut(
  source: Pieces,
  size: number,
): AsyncGenerator<{ n: number; isLast: boolean; bytes: Uint8Array }> {
  let piece = Buffer.allocUnsafe(size);
  let filled = 0;
  let n = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      // Only now it is known that a full piece is not the last.
      if (filled === size) {
        yield { n: n++, isLast: false, bytes: piece };
        piece = Buffer.allocUnsafe(size);
        filled = 0;
      }
      const taken = chunk.subarray(at, at + size - filled);
      piece.set(taken, filled);
      filled += taken.length;
      at += taken.length;
    }
  }
  yield { n, isLast: true, bytes: piece.subarray(0, filled) };
}

/** The first bytes, then all that follow. */
function readFrom(source: Pieces) {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let left: Uint8Array = new Uint8Array();
  return {
    take: async (bytes: number): Promise<Uint8Array> => {
      while (left.length < bytes) {
        const next = await iterator.next();
        if (next.done) break;
        left = Buffer.concat([left, next.value]);
      }
      const taken = left.subarray(0, bytes);
      left = left.subarray(taken.length);
      return taken;
    },
    rest: async function* (): AsyncGenerator<Uint8Array> {
      yield left;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    },
  };
}
