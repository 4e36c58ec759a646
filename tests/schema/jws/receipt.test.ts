import { beforeAll, describe, expect, test } from 'vitest';
import { parseEnvelope, signEnvelope } from '#schema/jws/envelope.ts';
import { makeKeyring } from '#schema/jws/keyring.ts';
import { parseRecall, signRecall, verifyRecall } from '#schema/jws/recall.ts';
import {
  parseReceipt,
  receiptMatches,
  signReceipt,
  verifyReceipt,
  verifyReceiptAsEvidence,
} from '#schema/jws/receipt.ts';
import type { VerifiedList } from '#schema/jws/trust-list.ts';
import { Envelope, FIRST_PREV, type MessageEnvelope, Recall, Receipt } from '#schema/protocol/envelope.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import { FOUNDED_S, makeTestNetwork, type TestNetwork } from '#tests/fixtures/network.ts';

const NOW_S = FOUNDED_S + 1000;
const idOf = (n: number) => makeMessageId(NOW_S * 1000, new Uint8Array(10).fill(n));
const sealedHash = 'ab'.repeat(32);

let network: TestNetwork;
let envelope: { value: MessageEnvelope; hash: string };
let delivered: Receipt;

beforeAll(async () => {
  network = await makeTestNetwork();
  const sent = Envelope.parse({
    v: 1,
    id: idOf(1),
    from: 'xa',
    to: 'xb',
    class: 'msg',
    lane: 'urgent',
    seq: 1,
    prev: FIRST_PREV,
    iat: NOW_S,
    exp: NOW_S + 3600,
    list: 1,
    sealed: { fmt: 'openpgp', profile: 'p4', bytes: 5000, sha256: sealedHash },
  });
  const { value, hash } = parseEnvelope(await signEnvelope(sent, network.parties.xa!.sig));
  envelope = { value: value as MessageEnvelope, hash };
  delivered = Receipt.parse({
    v: 1,
    id: idOf(2),
    re: idOf(1),
    from: 'xb',
    to: 'xa',
    lane: 'urgent',
    seq: 1,
    stage: 'delivered',
    env: hash,
    sealed: sealedHash,
    doc: 'cd'.repeat(32),
    at: NOW_S + 5,
    log: { origin: 'focalnet.example/xb', leaf: 'ef'.repeat(32) },
  });
});

const sign = (change: object, party = 'xb') =>
  signReceipt(Receipt.parse({ ...delivered, ...change }), network.parties[party]!.sig);
const accept = async (jws: string | Promise<string>, nowS = NOW_S + 5) =>
  verifyReceipt(parseReceipt(await jws), network.keyring, nowS);
const relayed = { from: 'gateway', stage: 'relayed', doc: undefined };

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
const signRelayed = (change: object = {}) =>
  signReceipt(
    Receipt.parse(withoutUndefined({ ...delivered, ...relayed, ...change })),
    network.parties.gateway!.sig,
  );

describe('a receipt', () => {
  test('of the recipient is accepted and matches its envelope', async () => {
    const verified = await accept(sign({}));
    expect(verified.value).toEqual(delivered);
    expect(receiptMatches(verified, envelope)).toBe(true);
  });

  test('of the gateway is a promise to relay, and matches too', async () => {
    expect(receiptMatches(await accept(signRelayed()), envelope)).toBe(true);
  });

  test.each([
    ['re', { re: idOf(9) }],
    ['lane', { lane: 'routine' }],
    ['seq', { seq: 2 }],
    ['env', { env: '00'.repeat(32) }],
    ['sealed', { sealed: '00'.repeat(32) }],
    ['to', { to: 'xc' }],
  ])('about another %s does not match', async (_name, change) => {
    expect(receiptMatches(await accept(sign(change)), envelope)).toBe(false);
  });

  test('of a third State does not match, however well signed', async () => {
    expect(receiptMatches(await accept(sign({ from: 'xc' }, 'xc')), envelope)).toBe(false);
  });

  test('in the name of another is refused', async () => {
    await expect(accept(sign({}, 'xc'))).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  });

  test.each([
    ['a node that relays', () => sign({ stage: 'relayed' })],
    [
      'a gateway that delivers',
      () => signReceipt({ ...delivered, from: 'gateway' as never }, network.parties.gateway!.sig),
    ],
    ['a rejection without code', () => sign({ stage: 'rejected' })],
    ['a rejection with a transient code', () => sign({ stage: 'rejected', code: 'CLOCK' })],
    ['a rejection with an unknown code', () => sign({ stage: 'rejected', code: 'BECAUSE' })],
    ['a delivery with a code', () => sign({ code: 'EXPIRED' })],
    ['to oneself', () => sign({ to: 'xb' })],
    ['a relay that read', () => signRelayed({ doc: 'cd'.repeat(32) })],
  ])('that contradicts itself is refused: %s', async (_name, make) => {
    await expect(Promise.resolve().then(make)).rejects.toMatchObject({ code: 'MALFORMED' });
  });

  test('of delivery must name the document', async () => {
    const { doc: _doc, ...rest } = delivered;
    await expect(signReceipt(rest, network.parties.xb!.sig)).rejects.toMatchObject({ code: 'MALFORMED' });
    await expect(
      accept(signReceipt({ ...rest, stage: 'rejected', code: 'EXPIRED' }, network.parties.xb!.sig)),
    ).resolves.toBeDefined();
  });

  test('from the future waits', async () => {
    await expect(accept(sign({}), NOW_S - 300)).rejects.toMatchObject({ code: 'CLOCK' });
  });

  test('of a revoked key is refused on arrival and judged by its date as evidence', async () => {
    const copy = structuredClone({ ...network.verified });
    copy.value.nodes[1]!.sig[0]!.revoked = { since: NOW_S + 6, reason: 'lost' };
    const keyring = makeKeyring(copy as VerifiedList);
    const receipt = parseReceipt(await sign({}));
    await expect(verifyReceipt(receipt, keyring, NOW_S + 5)).rejects.toMatchObject({ code: 'KEY_NOT_VALID' });
    await expect(verifyReceiptAsEvidence(receipt, keyring)).resolves.toMatchObject({ kid: 'xb#sig-1' });
    const later = parseReceipt(await sign({ at: NOW_S + 6 }));
    await expect(verifyReceiptAsEvidence(later, keyring)).rejects.toMatchObject({ code: 'KEY_NOT_VALID' });
  });

  test('is no envelope and no recall', async () => {
    const jws = await sign({});
    expect(() => parseEnvelope(jws)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    expect(() => parseRecall(jws)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });

  test('every changed character is refused', async () => {
    const jws = await sign({});
    for (let at = 0; at < jws.length; at++) {
      const other = jws[at] === 'A' ? 'B' : 'A';
      const changed = jws.slice(0, at) + other + jws.slice(at + 1);
      await expect(Promise.resolve().then(() => accept(changed))).rejects.toMatchObject({
        name: 'ProtocolError',
      });
    }
  });
});

describe('a recall', () => {
  const make = (change: object = {}, party = 'xa') =>
    signRecall(
      Recall.parse({ v: 1, id: idOf(1), from: 'xa', to: 'xb', at: NOW_S, ...change }),
      network.parties[party]!.sig,
    );

  test('of the sender is accepted', async () => {
    const verified = await verifyRecall(parseRecall(await make()), network.keyring, NOW_S);
    expect(verified.value).toMatchObject({ id: idOf(1), from: 'xa' });
  });

  test('of anybody else, or from the future, is refused', async () => {
    const byOther = parseRecall(await make({}, 'xb'));
    await expect(verifyRecall(byOther, network.keyring, NOW_S)).rejects.toMatchObject({
      code: 'KEY_UNKNOWN',
    });
    const early = parseRecall(await make());
    await expect(verifyRecall(early, network.keyring, NOW_S - 301)).rejects.toMatchObject({ code: 'CLOCK' });
  });
});
