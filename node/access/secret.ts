/**
 * Values that let their holder in: made here, kept only as hashes. 256 bits, so a plain hash is enough.
 */
import { createHash } from 'node:crypto';

/** 43 characters of base64url. @param random cryptographically secure */
export const makeSecret = (random: (bytes: number) => Uint8Array): string =>
  Buffer.from(random(32)).toString('base64url');

export const isSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** SHA-256, hex: what the tables hold. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** What is shown in place of a secret that only its maker can name later (as in PKCE, RFC 7636): base64url of its SHA-256. */
export const challengeOf = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url');
