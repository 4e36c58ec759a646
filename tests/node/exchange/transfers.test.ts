/** Who waits for files sees how far they have come: at the sender, at the recipient and in the officers' endpoint. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openOfficerClient } from '#deploy/officer-client.ts';
import { tellTransfers } from '#node/enquiries/tell-transfers.ts';
import { makeTransfers, type Transfer } from '#node/exchange/transfers.ts';
import { limits } from '#schema/protocol/limits.ts';
import { act } from '#tests/fixtures/act.ts';
import { enquiryBody } from '#tests/fixtures/act-bodies.ts';
import {
  sendMessage,
  stagesOf,
  startNetwork,
  storeFile,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';
import { type OfficerServer, serveOfficers } from '#tests/fixtures/officer-client.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('what is told of files on their way', () => {
  const out = (doneBytes: number): Transfer => ({ peer: 'xb', direction: 'out', doneBytes, totalBytes: 100 });

  test('each message at most once a second, and at its end', () => {
    const clock = { ms: 0 };
    const transfers = makeTransfers(() => clock.ms);
    const told: number[] = [];
    const stop = transfers.listen((_id, { doneBytes }) => told.push(doneBytes));
    for (const doneBytes of [0, 10, 20, 30]) {
      transfers.note('one', out(doneBytes));
      clock.ms += 400;
    }
    expect(told).toEqual([0, 30]);
    transfers.note('one', out(40));
    transfers.note('one', out(100));
    expect(told).toEqual([0, 30, 100]);
    expect(transfers.of('one')).toEqual(out(100));
    transfers.end('one');
    expect(told).toEqual([0, 30, 100, 100]);
    expect(transfers.of('one')).toBeUndefined();
    stop();
    transfers.note('two', out(1));
    expect(told).toHaveLength(4);
  });

  test('of messages without end only so many are remembered', () => {
    const transfers = makeTransfers(() => 0);
    const coming = (doneBytes: number): Transfer => ({
      ...out(doneBytes),
      direction: 'in',
      totalBytes: null,
    });
    for (let i = 0; i < 3000; i++) transfers.note(`message ${i}`, coming(i));
    expect(transfers.arriving()).toHaveLength(1000);
    expect(transfers.of('message 0')).toBeUndefined();
    expect(transfers.of('message 2999')).toEqual(coming(2999));
  });
});

describe('between nodes', () => {
  let network: TestNetwork;
  let officers: OfficerServer;
  beforeAll(async () => {
    network = await startNetwork(true, { slices: true });
    officers = await serveOfficers(asLoop(network.a));
  }, 120_000);
  afterAll(async () => {
    await officers.close();
    await network.close();
  });
  const asLoop = (node: TestNode) => ({ ...node, ctx: node.enquiries }) as never;
  const FILE_BYTES = 2.5 * limits.partBytes;

  /** Everything that happens to be noted of a message, the rate left aside. */
  function record(node: TestNode): Transfer[] {
    const noted: Transfer[] = [];
    const { note } = node.enquiries.transfers;
    vi.spyOn(node.enquiries.transfers, 'note').mockImplementation((id, transfer) => {
      noted.push(transfer);
      note(id, transfer);
    });
    return noted;
  }

  test.each(['xb', 'xc'] as const)(
    'the parts of a file to %s are counted where they leave and where they come',
    async (to) => {
      const { a, b, c } = network;
      const there = to === 'xb' ? b : c;
      const [left, came] = [record(a), record(there)];
      const id = `file-${to}`;
      await storeFile(a, id, Buffer.alloc(FILE_BYTES, 'INVENTED '));
      // No slice knows such a message: that it is refused in the end is another matter.
      const message = await sendMessage(a, to, { files: [id] });
      await a.until(() => stagesOf(a, message).includes('rejected'));
      for (const [noted, peer, direction] of [
        [left, to, 'out'],
        [came, 'xa', 'in'],
      ] as const) {
        expect(noted.every((one) => one.peer === peer && one.direction === direction)).toBe(true);
        const done = noted.map(({ doneBytes }) => doneBytes);
        expect(done).toEqual([...done].sort((x, y) => x - y));
        // Three parts of a file of ten mebibytes, sealed.
        expect(new Set(done).size).toBeGreaterThanOrEqual(3);
        expect(done.at(-1)).toBeGreaterThan(FILE_BYTES);
        expect(noted.at(-1)!.totalBytes).toBe(done.at(-1));
      }
      // What is pushed comes before the message that says how much there is.
      expect(came[0]!.totalBytes === null).toBe(to === 'xb');
      expect(a.enquiries.transfers.of(message)).toBeUndefined();
      expect(there.enquiries.transfers.of(message)).toBeUndefined();
      vi.restoreAllMocks();
    },
  );

  test('officers see them with the act, and hear of each step; of what comes in, only from whom and how much', async () => {
    const { a } = network;
    const { thread, messageId } = await act(asLoop(a), { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    await a.until(() => stagesOf(a, messageId).includes('delivered'));
    const ana = a.person('ana');
    const session = (await officers.headers(ana)).cookie!.split('=')[1]!;
    const client = openOfficerClient(officers.url, session);
    const ACT = 'thread acts { id transfer { peerState doneBytes totalBytes } }';
    const ending = new AbortController();
    type Shown = { conversationChanged: { acts: { transfer: object | null }[] } };
    const events = client.watch<Shown>(
      `subscription ($thread: ID!) { conversationChanged(thread: $thread) { ${ACT} } }`,
      { thread },
      ending.signal,
    );
    const transferIn = async () =>
      ((await events.next()).value as Shown).conversationChanged.acts[0]!.transfer;
    expect(await transferIn()).toBeNull();
    const stop = tellTransfers(a.enquiries);
    a.enquiries.transfers.note(messageId, { peer: 'xb', direction: 'out', doneBytes: 1, totalBytes: 2 });
    expect(await transferIn()).toEqual({ peerState: 'xb', doneBytes: 1, totalBytes: 2 });
    a.enquiries.transfers.end(messageId);
    expect(await transferIn()).toBeNull();
    stop();
    const coming = client.watch<{ arrivingChanged: object[] }>(
      'subscription { arrivingChanged { peerState doneBytes totalBytes } }',
      {},
      ending.signal,
    );
    expect((await coming.next()).value).toEqual({ arrivingChanged: [] });
    a.enquiries.transfers.note('theirs', { peer: 'xb', direction: 'in', doneBytes: 9, totalBytes: null });
    const arriving = [{ peerState: 'xb', doneBytes: 9, totalBytes: null }];
    expect((await coming.next()).value).toEqual({ arrivingChanged: arriving });
    expect(await client.ask('{ arriving { peerState doneBytes totalBytes } }')).toEqual({ arriving });
    a.enquiries.transfers.end('theirs');
    expect((await coming.next()).value).toEqual({ arrivingChanged: [] });
    ending.abort();
  });
});
