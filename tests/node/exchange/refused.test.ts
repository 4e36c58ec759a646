/** What a node does not take: what is sealed too weakly, what comes while its list is out of date, what nobody signed. */
import { afterEach, expect, test, vi } from 'vitest';
import { parseReceipt } from '#schema/jws/receipt.ts';
import {
  countRows,
  sendMessage,
  stagesOf,
  startNetwork,
  storeFile,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 60_000 });

let network: TestNetwork;
afterEach(() => network.close());

const sentBy = (node: TestNode, id: string) =>
  node.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** A list whose time is over at once, for a node to have in force. */
async function letListRunOut(node: TestNode): Promise<void> {
  const json = await network.nextList((list) => {
    list.exp = list.iat + 1;
  });
  await node.ctx.trust.accept(json, null);
  await expect.poll(() => node.ctx.trust.freshness(), { timeout: 10_000 }).toBe('expired');
}

/** The next list, which is good again, and what follows from its coming. */
async function renewList(node: TestNode): Promise<void> {
  const json = await network.nextList((list) => {
    list.exp = list.iat + 3600;
  });
  await node.ctx.trust.accept(json, null);
  await node.db.updateTable('set_aside').set({ next_at: 0 }).execute();
  node.ctx.wake.pull();
}

const retryNow = async (node: TestNode) => {
  await node.db.updateTable('outbox').set({ next_attempt_at: 0 }).execute();
  node.ctx.wake.deliver();
};

test('what is sealed below the least profile of the network is refused by a signed receipt', async () => {
  network = await startNetwork(false);
  const { a, b } = network;
  const json = await network.nextList((list) => {
    list.policy.minProfile = 'p6';
  });
  const before = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, before).includes('delivered'));
  await b.ctx.trust.accept(json, null);
  await storeFile(a, 'file', Buffer.from('INVENTED'));
  const id = await sendMessage(a, 'xb', { files: ['file'] });
  await a.until(() => stagesOf(a, id).includes('rejected'));
  expect(a.receipts.at(-1)?.code).toBe('PROFILE_TOO_WEAK');
  expect(b.applied.map((document) => document.id)).toEqual([before]);
  // What had come before the list changed still has its receipt.
  const { envelope, sealed, receipt } = await sentBy(a, before);
  const { deliver } = await a.ctx.client.graphql<{ deliver: { receipt: string }[] }>(
    `${network.wire.url}/graphql`,
    'mutation ($m: [DeliveryInput!]!) { deliver(messages: $m) { receipt } }',
    { m: [{ envelope, sealed: sealed.toString('base64') }] },
  );
  expect(deliver).toEqual([{ receipt }]);
  expect(parseReceipt(receipt!).value.stage).toBe('delivered');
});

test('while the list is out of date a push is answered LIST_STALE, and taken when it comes again', async () => {
  network = await startNetwork(false);
  const { a, b } = network;
  await letListRunOut(b);
  const id = await sendMessage(a, 'xb');
  await expect.poll(async () => (await sentBy(a, id).catch(() => null))?.attempts ?? 0).toBeGreaterThan(0);
  expect((await sentBy(a, id)).state).toBe('ready');
  expect(await countRows(b, 'inbound')).toBe(0);
  await b.ctx.refusals.summarise();
  const summary = () =>
    b.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('type', '=', 'refused.hourly')
      .executeTakeFirstOrThrow();
  expect(JSON.parse((await summary()).detail!)).toEqual({ LIST_STALE: expect.any(Number) });
  expect(b.ctx.trust.maySendTo('xa')).toBe(false);
  await renewList(b);
  await retryNow(a);
  await a.until(() => stagesOf(a, id).includes('delivered'));
});

test('what the mailbox brings meanwhile is kept, and taken when the list is good again', async () => {
  network = await startNetwork(true);
  const { a, c } = network;
  await letListRunOut(c);
  const id = await sendMessage(a, 'xc', { lane: 'urgent', type: 'URG@1' });
  await a.until(() => stagesOf(a, id).includes('relayed'));
  await expect.poll(() => countRows(c, 'set_aside'), { timeout: 20_000 }).toBe(1);
  expect(c.applied).toEqual([]);
  await renewList(c);
  await a.until(() => stagesOf(a, id).includes('delivered'));
  expect(await countRows(c, 'set_aside')).toBe(0);
});

test('that a list was confirmed is remembered beyond a restart', async () => {
  network = await startNetwork(true);
  const { a } = network;
  const monthAgo = Date.now() - 31 * 24 * 3_600_000;
  await a.stop();
  await a.db.updateTable('trust_list').set({ accepted_at: monthAgo, confirmed_at: Date.now() }).execute();
  await network.gatewayWire.set('cut');
  await a.restart();
  expect(a.current().trust.freshness()).toBe('fresh');
  await a.stop();
  await a.db.updateTable('trust_list').set({ confirmed_at: monthAgo }).execute();
  await a.restart();
  expect(a.current().trust.freshness()).toBe('expired');
  await network.gatewayWire.set('whole');
  await expect.poll(() => a.current().trust.freshness(), { timeout: 20_000 }).toBe('fresh');
  const [row] = await a.db.selectFrom('trust_list').select('confirmed_at').execute();
  expect(row!.confirmed_at).toBeGreaterThan(monthAgo);
});

test('what no listed key has signed, and what is refused without a receipt, is counted by code', async () => {
  network = await startNetwork(false);
  const { a, b, wire } = network;
  const id = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, id).includes('delivered'));
  const { envelope } = await sentBy(a, id);
  const deliver = (messages: object[]) =>
    a.ctx.client.graphql<{ deliver: { code: string }[] }>(
      `${wire.url}/graphql`,
      'mutation ($m: [DeliveryInput!]!) { deliver(messages: $m) { code } }',
      { m: messages },
    );
  await deliver([
    { envelope: 'x', sealed: '' },
    { envelope: `${envelope.slice(0, -3)}AAA`, sealed: '' },
    { envelope: 'y', sealed: '' },
  ]);
  await fetch(`${wire.url}/graphql`, {
    method: 'POST',
    body: '{}',
    headers: { 'x-focalnet': '1', 'content-type': 'application/json', signature: 'x' },
  });
  await b.ctx.refusals.summarise();
  await b.ctx.refusals.summarise();
  const rows = await b.db
    .selectFrom('audit_entry')
    .select('detail')
    .where('type', '=', 'refused.hourly')
    .execute();
  expect(rows.map(({ detail }) => JSON.parse(detail!))).toEqual([
    { BAD_SIGNATURE: 1, MALFORMED: 2, SIGNATURE_MISSING: 1 },
  ]);
});
