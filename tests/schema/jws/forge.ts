/**
 * Compact JWS of any header and payload text under a real key: what an insider could send.
 */
import { type SigningKey, signBytes } from '#schema/jws/keys.ts';
import { encodeBase64Url } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';

export const canonicalText = (value: unknown): string => new TextDecoder().decode(encodeCanonical(value));

/** Signs two texts as they are, whatever they say. */
export async function forgeCompact(header: string, payload: string, { key }: SigningKey): Promise<string> {
  const encode = (text: string) => encodeBase64Url(new TextEncoder().encode(text));
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${encodeBase64Url(await signBytes(new TextEncoder().encode(input), key))}`;
}
