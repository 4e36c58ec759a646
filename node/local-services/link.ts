/**
 * The secrets of a link: a token in the address and a number told by telephone. Neither is stored; the number is checked with the
 * token as key, so the table alone does not let anybody try numbers. Pure but for the random bytes it is handed.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface Link {
  readonly token: string;
  readonly pin: string;
}

export function makeLink(random: (bytes: number) => Uint8Array): Link {
  const token = Buffer.from(random(32)).toString('base64url');
  // 48 bits over a million: no digit is likelier by more than one in 2^28.
  const pin = (Buffer.from(random(6)).readUIntBE(0, 6) % 1_000_000).toString().padStart(6, '0');
  return { token, pin };
}

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export const hashPin = ({ token, pin }: Link): string =>
  createHmac('sha256', token).update(pin).digest('hex');

export function isPin(link: Link, stored: string): boolean {
  return timingSafeEqual(Buffer.from(hashPin(link), 'hex'), Buffer.from(stored, 'hex'));
}
