/**
 * Where a text stops being canonical JSON, for people who must find a damaged byte. Only called for bytes that
 * schema/protocol/canonical.ts has refused; decides nothing itself. Depth must have been limited before.
 */
import { encodeCanonical } from '#schema/protocol/canonical.ts';

const encoder = new TextEncoder();
const TOKEN = /(?:null|true|false|-?(?:0|[1-9][0-9]*))/y;
const ESCAPE = /\\(?:["\\bfnrt]|u00[01][0-9a-f])/y;

/** Offset in bytes of the first byte that cannot stand there in canonical JSON; the end where something lacks. */
export function findFaultOffset(bytes: Uint8Array): number {
  const invalid = findInvalidUtf8(bytes);
  if (invalid !== null) return invalid;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const fault = findSyntaxFault(text);
  if (fault !== null) return encoder.encode(text.slice(0, fault)).length;
  return findFirstDifference(bytes, text);
}

/** Searches by halves for the shortest beginning that no UTF-8 text has. */
function findInvalidUtf8(bytes: Uint8Array): number | null {
  if (isUtf8(bytes, false)) return null;
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (middle <= bytes.length && isUtf8(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  return bad - 1;
}

function isUtf8(bytes: Uint8Array, more: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: more });
    return true;
  } catch {
    return false;
  }
}

/** Index of the first character outside the grammar of canonical JSON, or null. */
function findSyntaxFault(text: string): number | null {
  let at = 0;
  const take = (character: string): boolean => {
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const string = (): boolean => {
    if (!take('"')) return false;
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\\') {
        if (!match(ESCAPE)) return false;
      } else if (text.charCodeAt(at) < 0x20) return false;
      else at++;
    }
    return take('"');
  };
  const member = (): boolean => string() && take(':') && value();
  const container = (close: string, item: () => boolean): boolean => {
    if (take(close)) return true;
    do if (!item()) return false;
    while (take(','));
    return take(close);
  };
  const value = (): boolean => {
    if (text[at] === '"') return string();
    if (take('{')) return container('}', member);
    return take('[') ? container(']', value) : match(TOKEN);
  };
  return value() && at === text.length ? null : at;
}

/** Members out of order or twice, or a number too large: where the canonical form of the value differs. */
function findFirstDifference(bytes: Uint8Array, text: string): number {
  try {
    const canonical = encodeCanonical(JSON.parse(text));
    const at = bytes.findIndex((byte, i) => byte !== canonical[i]);
    return at === -1 ? bytes.length : at;
  } catch {
    return 0;
  }
}
