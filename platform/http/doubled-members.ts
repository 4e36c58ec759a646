/**
 * Finds JSON in which an object names a member twice: whoever looks at a request before us may read the first, we the last.
 * Pure; for texts that JSON.parse has taken already.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** @param value what JSON.parse made of `json`: each doubled member is missing in it */
export const hasDoubledMember = (json: Uint8Array, value: unknown): boolean =>
  countColons(json) !== countMembers(value);

/** Outside of strings a colon stands behind every member's name and nowhere else. */
function countColons(json: Uint8Array): number {
  let colons = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (inString && byte === BACKSLASH) i++;
    else if (byte === QUOTE) inString = !inString;
    else if (!inString && byte === COLON) colons++;
  }
  return colons;
}

/** Without recursion: depth must not cost stack. */
function countMembers(value: unknown): number {
  let members = 0;
  const waiting = [value];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one !== 'object' || one === null) continue;
    const parts = Object.values(one);
    if (!Array.isArray(one)) members += parts.length;
    for (const part of parts) waiting.push(part);
  }
  return members;
}
