// Files at rest: the construction against another implementation, everything that may be done to a stream, and flat memory.
import { createHash, createSecretKey } from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namePlace } from '#node/vault/seal-field.ts';
import {
  HEADER_BYTES,
  makeSalt,
  openStream,
  openStreamKey,
  PIECE_BYTES,
  SEALED_PIECE_BYTES,
  sealStream,
} from '#node/vault/stream.ts';
import { VaultError } from '#node/vault/vault-error.ts';
import { random } from '#tests/fixtures/vault.ts';

const raw = Buffer.from(random(32));
const dataKey = createSecretKey(raw);
const place = {
  table: 'attachment_part',
  column: 'sealed',
  row: 'att-1',
  subject: 'attachment:att-1',
  version: 1,
};
const keyFor = (salt: Uint8Array) => openStreamKey(dataKey, 'xa', place, salt);
const gather = async (pieces: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
};
const sealAll = (plain: Uint8Array, salt = makeSalt(random)) => gather(sealStream(keyFor(salt), [plain]));
const openAll = (sealed: Uint8Array) => gather(openStream(keyFor, [sealed]));
const refusal = (sealed: Uint8Array) =>
  openAll(sealed).then(
    () => 'opened',
    (error: unknown) => (error instanceof VaultError ? error.code : String(error)),
  );

/** The same construction by other code: noble's HKDF and AES-GCM, and nonces put together by hand. */
function sealElsewhere(plain: Uint8Array, salt: Uint8Array): Buffer {
  const info = new TextEncoder().encode(JSON.stringify(['focalnet-stream', 2, namePlace('xa', place)]));
  const key = hkdf(sha256, raw, salt, info, 32);
  const count = Math.max(1, Math.ceil(plain.length / PIECE_BYTES));
  const pieces = Array.from({ length: count }, (_, n) => {
    const nonce = new Uint8Array(12);
    nonce.set([(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255], 7);
    nonce[11] = n === count - 1 ? 1 : 0;
    return gcm(key, nonce).encrypt(plain.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES));
  });
  return Buffer.concat([Uint8Array.of(2), salt, ...pieces]);
}

const sizes = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 3 * PIECE_BYTES + 7];

describe('the construction', () => {
  test.each(sizes)('%i bytes are the same bytes from another implementation, and come back', async (size) => {
    const plain = Buffer.from(random(size));
    const salt = makeSalt(random);
    const sealed = await sealAll(plain, salt);
    expect(sealed.equals(sealElsewhere(plain, salt))).toBe(true);
    expect((await openAll(sealed)).equals(plain)).toBe(true);
  });

  test('it does not matter in which pieces it comes', async () => {
    const plain = Buffer.from(random(2 * PIECE_BYTES + 100));
    const salt = makeSalt(random);
    const whole = await sealAll(plain, salt);
    const cuts = fc.array(fc.integer({ min: 0, max: plain.length }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const edges = [0, ...at.sort((a, b) => a - b), whole.length];
        const cutUp = (bytes: Buffer) => edges.slice(1).map((end, i) => bytes.subarray(edges[i]!, end));
        expect((await gather(sealStream(keyFor(salt), cutUp(plain)))).equals(whole)).toBe(true);
        expect((await gather(openStream(keyFor, cutUp(whole)))).equals(plain)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what is done to a stream is noticed', () => {
  const cutAt = (n: number) => HEADER_BYTES + n * SEALED_PIECE_BYTES;
  const pieceOf = (bytes: Buffer, n: number) => bytes.subarray(cutAt(n), cutAt(n + 1));

  test('cut off anywhere, also between pieces, also to nothing', async () => {
    const sealed = await sealAll(Buffer.from(random(3 * PIECE_BYTES)));
    const lengths = [0, 1, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 15, sealed.length - 1];
    for (const n of [1, 2]) lengths.push(cutAt(n) - 1, cutAt(n), cutAt(n) + 1);
    for (const length of lengths)
      expect(await refusal(sealed.subarray(0, length)), `${length}`).toBe('MOVED_OR_ALTERED');
  });

  test('put in another order, left out, repeated, added to, joined', async () => {
    const sealed = await sealAll(Buffer.from(random(3 * PIECE_BYTES)));
    const other = await sealAll(Buffer.from(random(3 * PIECE_BYTES)));
    const header = sealed.subarray(0, HEADER_BYTES);
    const [a, b, c] = [0, 1, 2].map((n) => pieceOf(sealed, n)) as [Buffer, Buffer, Buffer];
    const forged = {
      order: [header, b, a, c],
      leftOut: [header, a, c],
      repeated: [header, a, a, b, c],
      added: [header, a, b, c, Buffer.alloc(16)],
      twice: [sealed, sealed],
      anotherStream: [header, a, pieceOf(other, 1), c],
      anotherHeader: [other.subarray(0, HEADER_BYTES), a, b, c],
      lastFirst: [header, c],
    };
    for (const [what, pieces] of Object.entries(forged))
      expect(await refusal(Buffer.concat(pieces)), what).toBe('MOVED_OR_ALTERED');
  });

  test('an empty last piece after others is another form of the same file, and refused', async () => {
    const salt = makeSalt(random);
    const key = keyFor(salt);
    const forged = Buffer.concat([
      key.header,
      key.seal(0, false, random(PIECE_BYTES)),
      key.seal(1, true, Buffer.alloc(0)),
    ]);
    expect(await refusal(forged)).toBe('MOVED_OR_ALTERED');
  });

  test('of another attachment, or of another node', async () => {
    const sealed = await sealAll(Buffer.from('INVENTED'));
    for (const [node, row] of [
      ['xb', 'att-1'],
      ['xa', 'att-2'],
    ] as const) {
      const foreign = (salt: Uint8Array) => openStreamKey(dataKey, node, { ...place, row }, salt);
      await expect(gather(openStream(foreign, [sealed]))).rejects.toMatchObject({ code: 'MOVED_OR_ALTERED' });
    }
  });
});

test('memory does not grow with the file', async () => {
  const total = 192 * 1024 * 1024;
  const block = Buffer.alloc(1024 * 1024, 7);
  const blocks = function* () {
    for (let done = 0; done < total; done += block.length) yield block;
  };
  const hash = createHash('sha256');
  const salt = makeSalt(random);
  let most = 0;
  let opened = 0;
  for await (const piece of openStream(keyFor, sealStream(keyFor(salt), blocks()))) {
    hash.update(piece);
    opened += piece.length;
    if (opened % (8 * 1024 * 1024) === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  const expected = createHash('sha256');
  for (const one of blocks()) expected.update(one);
  expect(opened).toBe(total);
  expect(hash.digest('hex')).toBe(expected.digest('hex'));
  expect(most).toBeLessThan(total * 0.6);
});
