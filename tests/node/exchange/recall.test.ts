/** Taking a message back on a real network: unread or too late, never both, and both States hold the same in the end. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { recallAct } from '#node/enquiries/recall-act.ts';
import { calm, enquiryBody } from '#tests/fixtures/act-bodies.ts';
import { stagesOf, startNetwork, type TestNetwork, type TestNode } from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 60_000 });

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork(true, { slices: true });
});
afterAll(() => network.close());

const boss = () => network.a.person('sam', 'supervisor');
const proposalOf = (id: string) =>
  network.a.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const actOf = (id: string) =>
  network.a.db.selectFrom('act').selectAll().where('message_id', '=', id).executeTakeFirstOrThrow();
const recall = (messageId: string) => recallAct(network.a.enquiries, boss(), messageId, 'safety');

async function ask(peer: string) {
  const { a } = network;
  const enquiry = { type: 'ENQ' as const, peer, body: enquiryBody(), safety: calm };
  const { id, thread } = await proposeAct(a.enquiries, a.person('ana'), enquiry);
  const { messageId } = await approveRelease(a.enquiries, boss(), id, (await proposalOf(id)).digest);
  return { id, thread, messageId };
}

const isApplied = (node: TestNode, messageId: string) => node.applied.some(({ id }) => id === messageId);
const isRelayed = (messageId: string) =>
  network.a.until(() => stagesOf(network.a, messageId).includes('relayed'));

test('what waits in the mailbox is deleted unread; the peer signs that it will not take it; it can be released anew', async () => {
  const { a, c } = network;
  await c.stop();
  const { id, messageId } = await ask('xc');
  await isRelayed(messageId);
  expect(await recall(messageId)).toBe('taken-back');
  expect(await actOf(messageId)).toMatchObject({ stage: 'undelivered', void: true, in_doubt: false });
  await c.restart();
  await a.until(() => stagesOf(a, messageId).includes('rejected'));
  expect(a.receipts.at(-1)).toMatchObject({ messageId, code: 'GIVEN_UP' });
  expect(c.applied).toEqual([]);
  const anew = await confirmRelease(a.enquiries, boss(), id, (await proposalOf(id)).digest);
  await a.until(() => stagesOf(a, anew.messageId).includes('delivered'));
  expect(c.applied).toMatchObject([{ id: anew.messageId, n: 1 }]);
});

test('what the peer had fetched is taken by it after all, and a person is told', async () => {
  const { a, c } = network;
  await c.stop();
  const { id, thread, messageId } = await ask('xc');
  await isRelayed(messageId);
  const cursor = await c.db.selectFrom('mailbox_cursor').selectAll().executeTakeFirst();
  await c.ctx.client.graphql(
    `${network.gatewayWire.url}/graphql`,
    'query ($u: Int!, $r: Int!) { mailbox(afterUrgent: $u, afterRoutine: $r, first: 64) { trimmed } }',
    { u: cursor?.urgent ?? 0, r: cursor?.routine ?? 0 },
  );
  // The tombstone stays here until the peer has taken the message.
  await a.stop();
  expect(await recall(messageId)).toBe('asked');
  expect(await actOf(messageId)).toMatchObject({ stage: 'undelivered', void: false, in_doubt: true });
  await c.restart();
  await c.until(() => isApplied(c, messageId));
  await a.restart();
  await a.until(() => stagesOf(a, messageId).includes('delivered'));
  expect(await actOf(messageId)).toMatchObject({ stage: 'delivered', in_doubt: false });
  expect(await proposalOf(id)).toMatchObject({ status: 'released' });
  const tasks = await a.db
    .selectFrom('task')
    .select(['kind', 'detail', 'assigned_to'])
    .where('thread', '=', thread)
    .where('closed_at', 'is', null)
    .execute();
  expect(tasks).toEqual([{ kind: 'arrived-after-all', detail: 'recalled', assigned_to: 'sam.xa' }]);
  expect(await recall(messageId)).toBe('too-late');
});

test('what may have gone straight to the peer stays in doubt until the peer has answered', async () => {
  const { a, b, wire } = network;
  await b.stop();
  await wire.set('loses-questions');
  const { messageId } = await ask('xb');
  await isRelayed(messageId);
  expect(await recall(messageId)).toBe('asked');
  expect(await actOf(messageId)).toMatchObject({ void: false, in_doubt: true });
  await wire.set('whole');
  await b.restart();
  await a.until(() => stagesOf(a, messageId).includes('rejected'));
  expect(await actOf(messageId)).toMatchObject({ stage: 'undelivered', void: true, in_doubt: false });
  expect(isApplied(b, messageId)).toBe(false);
});

test('while the gateway is away nothing more is sent, and it is asked again', async () => {
  const { a, c, gatewayWire } = network;
  await c.stop();
  const { messageId } = await ask('xc');
  await isRelayed(messageId);
  await gatewayWire.set('cut');
  expect(await recall(messageId)).toBe('asked');
  expect(await actOf(messageId)).toMatchObject({ stage: 'relayed', recalled_by: 'sam.xa' });
  await gatewayWire.set('whole');
  await a.db.updateTable('outbox').set({ next_attempt_at: 0 }).where('state', '=', 'recalling').execute();
  a.current().wake.recall();
  await vi.waitFor(async () => expect(await actOf(messageId)).toMatchObject({ void: true }), 20_000);
  await c.restart();
});

test('a recall and a delivery at the same moment: both States end with the same acts', async () => {
  const { b, c } = network;
  const rounds = await Promise.all(
    Array.from({ length: 16 }, async (_, i) => {
      const { messageId } = await ask(i % 2 === 0 ? 'xb' : 'xc');
      for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve));
      await recall(messageId);
      return { messageId, peer: i % 2 === 0 ? b : c };
    }),
  );
  for (const { messageId, peer } of rounds) {
    await vi.waitFor(
      async () => {
        const { stage, in_doubt, void: isFree } = await actOf(messageId);
        expect([in_doubt, isApplied(peer, messageId)]).toEqual([false, stage === 'delivered']);
        expect(isFree).toBe(stage === 'undelivered');
      },
      { timeout: 30_000, interval: 200 },
    );
  }
});
