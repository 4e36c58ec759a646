import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeEntry, parseEntry, verifyEntry } from '#schema/log/entry.ts';
import { LogError } from '#schema/log/log-error.ts';
import { CanonicalError } from '#schema/protocol/canonical.ts';
import vectors from '#schema/vectors/log.json' with { type: 'json' };

const { entry: vector } = vectors;
const salt = new Uint8Array(Buffer.from(vector.salt, 'hex'));
const detail: unknown = JSON.parse(vector.detail);
const input = { type: vector.type, atMs: vector.atMs, detail, salt };
const utf8 = (text: string) => new TextEncoder().encode(text);
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof LogError || error instanceof CanonicalError) return error.code;
    throw error;
  }
  return 'NO_ERROR';
};

describe('audit entries', () => {
  it('are the bytes and leaf of the vector', () => {
    const made = makeEntry(input);
    expect(Buffer.from(made.bytes).toString()).toBe(vector.bytes);
    expect(Buffer.from(made.leaf).toString('hex')).toBe(vector.leaf);
    expect(Buffer.from(made.detail).toString()).toBe(vector.detail);
    expect(verifyEntry(made.bytes, { salt, detail })).toMatchObject({ type: vector.type, atMs: vector.atMs });
  });

  it('commit to salt and detail, and show neither', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.string({ unit: 'grapheme' }),
        (salt, secret) => {
          const { bytes } = makeEntry({ ...input, detail: { secret }, salt });
          expect(verifyEntry(bytes, { salt, detail: { secret } }).type).toBe(vector.type);
          expect(codeOf(() => verifyEntry(bytes, { salt, detail: { secret: `${secret}x` } }))).toBe(
            'COMMITMENT_MISMATCH',
          );
          expect(codeOf(() => verifyEntry(bytes, { salt: salt.map((b) => b ^ 1), detail: { secret } }))).toBe(
            'COMMITMENT_MISMATCH',
          );
        },
      ),
    );
    expect(codeOf(() => verifyEntry(makeEntry(input).bytes, { salt: salt.subarray(1), detail }))).toBe(
      'COMMITMENT_MISMATCH',
    );
  });

  it('hold any time up to the year 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (atMs) => {
        expect(parseEntry(makeEntry({ ...input, atMs }).bytes).atMs).toBe(atMs);
      }),
    );
  });

  it.each([
    ['a type of one word', { type: 'enquiry' }],
    ['a type with a capital', { type: 'enquiry.Sent' }],
    ['a type with a space', { type: 'enquiry.sent to' }],
    ['a type of many words', { type: 'a.b.c.d.e.f' }],
    ['a fractional time', { atMs: 1.5 }],
    ['a time before 1970', { atMs: -1 }],
    ['a time after 9999', { atMs: 253_402_300_800_000 }],
    ['a short salt', { salt: new Uint8Array(16) }],
  ])('refuse %s', (_, change) => {
    expect(codeOf(() => makeEntry({ ...input, ...change }))).toBe('ENTRY_MALFORMED');
  });

  it('refuse a detail that has no canonical form', () => {
    expect(codeOf(() => makeEntry({ ...input, detail: { n: 0.5 } }))).toBe('UNSUPPORTED_VALUE');
  });

  it.each([
    vector.bytes.replace('"v":1', '"v":2'),
    vector.bytes.replace('"v":1', '"v":1,"x":1'),
    vector.bytes.replace(',"v":1', ''),
    vector.bytes.replace('10:00', '10:60'),
    vector.bytes.replace('.000Z', 'Z'),
    vector.bytes.replace('2026-11-23', '2026-02-30'),
    vector.bytes.replace('enquiry.sent', 'A Child'),
    vector.bytes.replace('"commit":"', '"commit":"AAAA'),
    vector.bytes.replace(/"commit":"[^"]+"/, '"commit":1'),
    ` ${vector.bytes}`,
    '[]',
    'null',
    '{"at":{},"commit":{},"type":{},"v":1}',
    '',
  ])('refuse bytes %s', (bytes) => {
    expect(codeOf(() => parseEntry(utf8(bytes)))).toBe('ENTRY_MALFORMED');
  });
});
