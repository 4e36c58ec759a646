/**
 * Text forms of bytes: base64 (RFC 4648 section 4), base64url without padding (section 5) and lower-case hex.
 * Decoders are strict: only the one text that the encoder would write is accepted, so that text and bytes
 * can stand for each other in signed material. Pure; knows nothing of what the bytes mean.
 */

/** A text that is not the canonical form of any bytes. `code` is stable; the message never repeats the input. */
export class EncodingError extends Error {
  readonly code: 'BAD_BASE64' | 'BAD_BASE64URL' | 'BAD_HEX';

  constructor(code: 'BAD_BASE64' | 'BAD_BASE64URL' | 'BAD_HEX') {
    super(`${code}: the text is not in canonical form; encode the bytes again`);
    this.name = 'EncodingError';
    this.code = code;
  }
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX = '0123456789abcdef';
const INVALID = 0xff;

type Alphabet = { codes: Uint8Array; values: Uint8Array };

const standard = buildAlphabet(STANDARD);
const urlSafe = buildAlphabet(URL_SAFE);
const hexAlphabet = buildAlphabet(HEX);
const ascii = new TextDecoder();

function buildAlphabet(characters: string): Alphabet {
  const codes = new Uint8Array(characters.length);
  const values = new Uint8Array(128).fill(INVALID);
  for (let value = 0; value < characters.length; value++) {
    const code = characters.charCodeAt(value);
    codes[value] = code;
    values[code] = value;
  }
  return { codes, values };
}

function encodeSextets(bytes: Uint8Array, codes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0 && at < out.length; shift -= 6) out[at++] = codes[(group >> shift) & 63]!;
  }
  return out;
}

/** Reads `length` characters; null where one is foreign, the length impossible, or unused bits are not zero. */
function decodeSextets(text: string, length: number, values: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (length % 4 === 1) return null;
  const out = new Uint8Array(Math.floor((length * 3) / 4));
  let at = 0;
  let bits = 0;
  let accumulator = 0;
  for (let i = 0; i < length; i++) {
    const value = values[text.charCodeAt(i)] ?? INVALID;
    if (value === INVALID) return null;
    accumulator = ((accumulator << 6) | value) & 0x3fff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (accumulator >> bits) & 0xff;
    }
  }
  return (accumulator & ((1 << bits) - 1)) === 0 ? out : null;
}

/** Bytes as base64url without padding (RFC 4648 section 5, RFC 7515 appendix C). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return ascii.decode(encodeSextets(bytes, urlSafe.codes));
}

/**
 * Bytes of an unpadded base64url text.
 * @throws EncodingError `BAD_BASE64URL` for padding, other characters or non-zero unused bits.
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeSextets(text, text.length, urlSafe.values);
  if (bytes === null) throw new EncodingError('BAD_BASE64URL');
  return bytes;
}

/** Bytes as padded base64 (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  const text = ascii.decode(encodeSextets(bytes, standard.codes));
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/**
 * Bytes of a padded base64 text.
 * @throws EncodingError `BAD_BASE64` for wrong padding, line breaks, other characters or non-zero unused bits.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = text.length % 4 === 0 ? decodeSextets(text, text.length - padding, standard.values) : null;
  if (bytes === null) throw new EncodingError('BAD_BASE64');
  return bytes;
}

/** Bytes as lower-case hex. */
export function encodeHex(bytes: Uint8Array): string {
  const out = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < bytes.length; i++) {
    out[2 * i] = hexAlphabet.codes[bytes[i]! >> 4]!;
    out[2 * i + 1] = hexAlphabet.codes[bytes[i]! & 15]!;
  }
  return ascii.decode(out);
}

/**
 * Bytes of a lower-case hex text.
 * @throws EncodingError `BAD_HEX` for odd length, capitals or other characters.
 */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0) throw new EncodingError('BAD_HEX');
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = hexAlphabet.values[text.charCodeAt(2 * i)] ?? INVALID;
    const low = hexAlphabet.values[text.charCodeAt(2 * i + 1)] ?? INVALID;
    if (high === INVALID || low === INVALID) throw new EncodingError('BAD_HEX');
    out[i] = (high << 4) | low;
  }
  return out;
}
