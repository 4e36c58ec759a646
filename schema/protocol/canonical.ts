/**
 * One byte form for every signed or hashed JSON value: RFC 8785 (JCS) restricted to what Focalnet sends —
 * null, booleans, safe integers, well-formed strings, arrays and plain objects. A text is accepted only when
 * it equals its own canonical re-encoding, so duplicate members, spaces, other escapes, `1.0`, `-0` or a
 * byte-order mark cannot make two texts of one value. Pure; says nothing of what the value means.
 */

export type CanonicalCode =
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'NOT_CANONICAL'
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'UNSUPPORTED_VALUE';

const ADVICE: Record<CanonicalCode, string> = {
  NOT_UTF8: 'the bytes are not UTF-8',
  NOT_JSON: 'the text is not one JSON value',
  NOT_CANONICAL: 'the text differs from its canonical form (RFC 8785); encode the value again',
  TOO_LARGE: 'more bytes than this kind of document may have',
  TOO_DEEP: 'nested deeper than this kind of document may be',
  UNSUPPORTED_VALUE:
    'only null, booleans, safe integers, well-formed strings, arrays and plain objects are allowed',
};

/** Why a value or a text has no canonical form here. The message never repeats any of the content. */
export class CanonicalError extends Error {
  readonly code: CanonicalCode;

  constructor(code: CanonicalCode) {
    super(`${code}: ${ADVICE[code]}`);
    this.name = 'CanonicalError';
    this.code = code;
  }
}

/** Values that have a canonical form. */
export type CanonicalValue =
  | null
  | boolean
  | number
  | string
  | readonly CanonicalValue[]
  | { readonly [member: string]: CanonicalValue };

const DEFAULT_MAX_DEPTH = 32;

/** In a `u` pattern a paired surrogate is one code point of another category, so only lone ones match. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The canonical bytes of a value (RFC 8785: members sorted by UTF-16 code units, no spaces, shortest escapes).
 * Objects must be plain: own enumerable string-named data only. `undefined` is refused, not dropped.
 * @throws CanonicalError `UNSUPPORTED_VALUE`, `TOO_DEEP` (more than `maxDepth` containers, also for cycles).
 */
export function encodeCanonical(value: unknown, limits: { maxDepth?: number } = {}): Uint8Array<ArrayBuffer> {
  return encoder.encode(writeValue(value, limits.maxDepth ?? DEFAULT_MAX_DEPTH));
}

/**
 * The value whose canonical bytes are exactly `bytes`. Objects come back without a prototype, so a member
 * named `__proto__`, `constructor` or `toString` is an ordinary member and no absent member seems present.
 * @throws CanonicalError `TOO_LARGE`, `TOO_DEEP`, `NOT_UTF8`, `NOT_JSON`, `NOT_CANONICAL`, `UNSUPPORTED_VALUE`.
 */
export function parseCanonical(bytes: Uint8Array, limits: { maxBytes: number; maxDepth?: number }): unknown {
  if (bytes.length > limits.maxBytes) throw new CanonicalError('TOO_LARGE');
  const maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH;
  refuseDeepText(bytes, maxDepth);
  const text = decodeUtf8(bytes);
  const value = stripPrototypes(parseJson(text));
  if (writeValue(value, maxDepth) !== text) throw new CanonicalError('NOT_CANONICAL');
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new CanonicalError('NOT_UTF8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CanonicalError('NOT_JSON');
  }
}

/** Counts brackets outside strings before anything recursive sees the text: depth must not cost stack. */
function refuseDeepText(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) throw new CanonicalError('TOO_DEEP');
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
}

/** JSON.parse makes own members only, `__proto__` included; the inherited ones are taken away here. */
function stripPrototypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const item of value) stripPrototypes(item);
    return value;
  }
  for (const name of Object.keys(value)) stripPrototypes((value as Record<string, unknown>)[name]);
  return Object.setPrototypeOf(value, null);
}

function writeValue(value: unknown, depthLeft: number): string {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') return writeInteger(value);
  if (typeof value !== 'object') throw new CanonicalError('UNSUPPORTED_VALUE');
  if (depthLeft === 0) throw new CanonicalError('TOO_DEEP');
  return Array.isArray(value) ? writeArray(value, depthLeft - 1) : writeObject(value, depthLeft - 1);
}

/** JSON.stringify escapes exactly as RFC 8785 section 3.2.2.2 once lone surrogates are excluded. */
function writeString(value: string): string {
  if (LONE_SURROGATE.test(value)) throw new CanonicalError('UNSUPPORTED_VALUE');
  return JSON.stringify(value);
}

function writeInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new CanonicalError('UNSUPPORTED_VALUE');
  return String(value);
}

function writeArray(items: readonly unknown[], depthLeft: number): string {
  // By index, not map(): a hole must be refused like any undefined, not skipped.
  const parts: string[] = [];
  for (let i = 0; i < items.length; i++) parts.push(writeValue(items[i], depthLeft));
  return `[${parts.join(',')}]`;
}

function writeObject(value: object, depthLeft: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new CanonicalError('UNSUPPORTED_VALUE');
  // Default sort compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const parts: string[] = [];
  for (const name of Object.keys(value).sort()) {
    parts.push(`${writeString(name)}:${writeValue((value as Record<string, unknown>)[name], depthLeft)}`);
  }
  return `{${parts.join(',')}}`;
}
