/** What a listed State with good keys can send to harm a node: each is refused by a signed receipt, and nobody else waits. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { limits } from '#schema/protocol/limits.ts';
import { startNetwork, type TestNetwork } from '#tests/fixtures/exchange-network.ts';
import { type Answer, type HostilePeer, hostilePeer } from '#tests/fixtures/hostile-peer.ts';

vi.setConfig({ testTimeout: 60_000 });

let network: TestNetwork;
let hostile: HostilePeer;
beforeAll(async () => {
  network = await startNetwork(true, { slices: true });
  hostile = hostilePeer(network.a);
}, 60_000);
afterAll(() => network.close());

/** What the signed receipts of a call say. */
const stagesIn = (answers: readonly Answer[]) =>
  answers.map(({ receipt, code }) => {
    if (receipt === null) return code;
    const { stage, code: why } = parseReceipt(receipt).value;
    return why ?? stage;
  });

/** Pushes one enquiry with such members to xb. @returns what its receipt says */
async function push(change: Record<string, unknown>): Promise<string | null> {
  const forged = await hostile.forge('xb', change);
  return stagesIn(await hostile.send(network.wire.url, [forged]))[0]!;
}

describe('numbers of acts', () => {
  const alert = { type: 'URG@1', lane: 'urgent', body: {} };
  test.each([
    ['no column holds it', { n: 2 ** 31 }],
    ['it would be two thousand million missing acts', { n: 2_000_000_000 }],
    ['above the limit', { n: limits.actNumber + 1 }],
    ['an alert, which no state of a conversation refuses', { n: 2_000_000_000, ...alert }],
    ['more seen than any conversation has', { seen: 2 ** 31 }],
  ])('%s: no document', async (_, change) => {
    expect(await push(change)).toBe('DOCUMENT_INVALID');
  });

  test('a number far beyond all that is missing is not allowed, and one behind a small gap is', async () => {
    expect(await push({ n: limits.actNumber })).toBe('ACT_NOT_ALLOWED');
    expect(await push({ n: limits.actsMissing + 2 })).toBe('ACT_NOT_ALLOWED');
    expect(await push({ n: limits.actsMissing + 1 })).toBe('delivered');
  });
});
