/** Proofs of receipts in control messages that can be sealed, however large the log has grown. */
import { expect, test } from 'vitest';
import { splitProofs } from '#node/exchange/prove-receipts.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { sealDocument } from '#schema/seal/seal.ts';
import { makeDocument, makePair } from '../../schema/seal/sealing.ts';

/** With this many proofs a round, of a log of 2^19 entries or more, one document had no room for them. */
const proofs = (hashes: number) =>
  Array.from({ length: 200 }, (_, i) => ({
    re: makeMessageId(i, new Uint8Array(10)),
    index: Number.MAX_SAFE_INTEGER - i,
    hashes: Array.from({ length: hashes }, () => 'ab'.repeat(32)),
  }));

test.each([1, 18, 19, 20, 40, 64])(
  '200 proofs of %i hashes each: all are sealed, in order, in as few documents as they fit',
  async (hashes) => {
    const [a, b] = [await makePair('xa', 'p4'), await makePair('xb', 'p4')];
    const note = `${'focalnet.example/xa\n'.repeat(1000)}`.slice(0, 20_000);
    const all = proofs(hashes);
    const batches = splitProofs(note, all);
    expect(batches.flat()).toEqual(all);
    const {
      type: _type,
      thread: _thread,
      n: _n,
      seen: _seen,
      lane: _lane,
      seq: _seq,
      author: _author,
      body: _body,
      attachments: _files,
      ...head
    } = makeDocument() as never as Record<string, unknown>;
    for (const receipts of batches) {
      const control = { kind: 'proofs', checkpoint: note, receipts };
      const document = { ...head, class: 'ctl', control } as never;
      const sealed = await sealDocument(document, {
        signWith: a.key,
        encryptTo: Array(4).fill(b.certificate),
        profile: 'p4',
      });
      expect(sealed.bytes.length).toBeLessThanOrEqual(limits.sealedBytes);
    }
    const bytes = 200 * (hashes * 67 + 90) + 22_000;
    expect(batches.length).toBeLessThanOrEqual(Math.ceil(bytes / (limits.documentBytes - 30_000)) + 1);
  },
);

test('nothing to prove is no message', () => {
  expect(splitProofs('note', [])).toEqual([]);
});
