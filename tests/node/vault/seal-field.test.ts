// Values at rest: the format against another implementation of AES-GCM, and that nothing opens where it was not written.
import { gcm } from '@noble/ciphers/aes.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namePlace, openField, type Place, SEAL_BYTES, sealField } from '#node/vault/seal-field.ts';
import { VaultError } from '#node/vault/vault-error.ts';
import { random } from '#tests/fixtures/vault.ts';

const key = Buffer.from(random(32));
const place: Place = {
  table: 'act',
  column: 'body',
  row: 'msg-1',
  subject: 'conversation:thread-1',
  version: 1,
};
const text = 'INVENTED Mila, eleven years old';
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof VaultError ? error.code : String(error);
  }
  return 'opened';
};

describe('the format', () => {
  test('another implementation opens what is sealed here, and the reverse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.string({ unit: 'binary' }), (plain, row) => {
        const here = { ...place, row };
        const sealed = sealField(key, 'xa', here, plain, random);
        const aad = Buffer.from(namePlace('xa', here));
        const other = gcm(key, sealed.subarray(1, 13), aad);
        expect(Buffer.from(other.decrypt(sealed.subarray(13)))).toEqual(Buffer.from(plain));
        const theirs = Buffer.concat([Uint8Array.of(1), sealed.subarray(1, 13), other.encrypt(plain)]);
        expect(openField(key, 'xa', here, theirs)).toEqual(Buffer.from(plain));
      }),
      { numRuns: 100 },
    );
  });

  test('one value sealed twice is two different ciphertexts', () => {
    const [one, two] = [1, 2].map(() => sealField(key, 'xa', place, Buffer.from(text), random));
    expect(one).not.toEqual(two);
    expect(one!.length).toBe(Buffer.byteLength(text) + SEAL_BYTES);
  });
});

describe('a value opens only where it was written (case 63)', () => {
  const sealed = sealField(key, 'xa', place, Buffer.from(text), random);
  const elsewhere: [string, () => unknown][] = [
    ['another node', () => openField(key, 'xb', place, sealed)],
    ['another table', () => openField(key, 'xa', { ...place, table: 'proposal' }, sealed)],
    ['another column', () => openField(key, 'xa', { ...place, column: 'facts' }, sealed)],
    ['another row', () => openField(key, 'xa', { ...place, row: 'msg-2' }, sealed)],
    ['another subject', () => openField(key, 'xa', { ...place, subject: 'case:1' }, sealed)],
    ['another version', () => openField(key, 'xa', { ...place, version: 2 }, sealed)],
    ['another key', () => openField(Buffer.from(random(32)), 'xa', place, sealed)],
  ];
  test.each(elsewhere)('%s', (_, work) => {
    expect(codeOf(work)).toBe('MOVED_OR_ALTERED');
  });

  test('no two places have one name, whatever stands in them', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '"', ',', '|', '\\', '[', '\u0000', '1') });
    const anyPlace = fc.record({
      table: part,
      column: part,
      row: part,
      subject: part,
      version: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(part, anyPlace, part, anyPlace, (nodeA, a, nodeB, b) => {
        const isSame =
          nodeA === nodeB && JSON.stringify(Object.values(a)) === JSON.stringify(Object.values(b));
        expect(namePlace(nodeA, a) === namePlace(nodeB, b)).toBe(isSame);
      }),
      { numRuns: 2000 },
    );
    expect(namePlace('x', { ...place, table: 'a","b', column: 'c' })).not.toBe(
      namePlace('x', { ...place, table: 'a', column: 'b","c' }),
    );
  });

  test('every bit flipped, every length cut: refused, with an error that says nothing of it', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(() => openField(key, 'xa', place, changed))).toBe('MOVED_OR_ALTERED');
    }
    for (let length = 0; length < sealed.length; length++)
      expect(codeOf(() => openField(key, 'xa', place, sealed.subarray(0, length)))).toBe('MOVED_OR_ALTERED');
    const { message, stack, cause } = new VaultError('MOVED_OR_ALTERED');
    expect(`${message} ${stack} ${cause}`).not.toMatch(/Mila|thread-1|msg-1/);
  });
});
