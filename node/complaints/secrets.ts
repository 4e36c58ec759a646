/**
 * The secrets of a card: what stands in the address, short enough to be typed from paper, and two codes of digits, one on the card and
 * one for coming back. None is stored; a code is checked with the secret of the address as key, so the table alone lets nobody try.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Letters and digits that are not mistaken for each other, small ones only. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
/** 79 bits. */
const TOKEN_LETTERS = 16;

export function makeToken(random: (bytes: number) => Uint8Array): string {
  let token = '';
  while (token.length < TOKEN_LETTERS) {
    const [byte] = random(1);
    // What is left over of 256 would make some letters likelier.
    if (byte! < 256 - (256 % LETTERS.length)) token += LETTERS[byte! % LETTERS.length];
  }
  return token;
}

/** Eight digits; with five tries a day, a year of guessing finds one in 50,000 cards. */
export const makeCode = (random: (bytes: number) => Uint8Array): string =>
  (Buffer.from(random(6)).readUIntBE(0, 6) % 100_000_000).toString().padStart(8, '0');

export const hashCode = (token: string, code: string): string =>
  createHmac('sha256', token).update(code).digest('hex');
export const isCode = (token: string, code: string, stored: string): boolean =>
  timingSafeEqual(Buffer.from(hashCode(token, code), 'hex'), Buffer.from(stored, 'hex'));
