/** What a lost answer leaves behind: both sides must come to hold the same, whatever was lost and in whatever order it comes. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { readActHeads, requireConversation, toActs } from '#node/enquiries/store.ts';
import { closeGaps } from '#node/exchange/close-gaps.ts';
import { calm, enquiryBody } from '#tests/fixtures/act-bodies.ts';
import {
  countRows,
  sendMessage,
  stagesOf,
  startNetwork,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 60_000 });

let network: TestNetwork;
afterEach(() => network.close());

const sentBy = (node: TestNode, id: string) =>
  node.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** The releases of everything that still waits in the outbox have grown old. */
async function growOld(node: TestNode): Promise<void> {
  await node.db.updateTable('outbox').set({ approved_until: 1 }).where('class', '=', 'msg').execute();
  node.ctx.wake.deliver();
}

/** Everything that waits is due now. */
async function retryNow(node: TestNode): Promise<void> {
  await node.db.updateTable('outbox').set({ next_attempt_at: 0, claimed_until: 0 }).execute();
  node.ctx.wake.deliver();
}

const givenUp = (node: TestNode, id: string) =>
  node.until(() => node.undelivered.some(({ messageId }) => messageId === id));

test('delivered, answer lost, then stale: the tombstone brings the receipt', async () => {
  network = await startNetwork(false);
  const { a, b, wire } = network;
  await wire.set('loses-answers');
  const id = await sendMessage(a, 'xb');
  await wire.loses();
  await wire.set('cut');
  await growOld(a);
  await givenUp(a, id);
  expect(a.undelivered).toEqual([{ messageId: id, reason: 'stale', mayHaveArrived: true }]);
  expect((await sentBy(a, id)).state).toBe('stale');
  expect(b.applied.map((document) => document.id)).toEqual([id]);
  await wire.set('whole');
  await retryNow(a);
  await a.until(() => stagesOf(a, id).includes('delivered'));
  const received = await b.db.selectFrom('inbound').selectAll().execute();
  expect(received).toMatchObject([{ id, state: 'applied' }]);
  expect(await sentBy(a, id)).toMatchObject({ state: 'delivered', receipt: received[0]!.receipt });
});

test('sent but never arrived: the peer signs that it will never take it, and does not when it comes after all', async () => {
  network = await startNetwork(false);
  const { a, b, wire } = network;
  await wire.set('loses-questions');
  const id = await sendMessage(a, 'xb');
  await wire.loses();
  await growOld(a);
  await givenUp(a, id);
  expect(a.undelivered).toMatchObject([{ mayHaveArrived: true }]);
  await wire.set('whole');
  await retryNow(a);
  await a.until(() => stagesOf(a, id).includes('rejected'));
  expect(a.receipts.at(-1)).toMatchObject({ messageId: id, code: 'GIVEN_UP' });
  const { envelope, sealed, receipt } = await sentBy(a, id);
  const { deliver } = await a.ctx.client.graphql<{ deliver: { receipt: string }[] }>(
    `${wire.url}/graphql`,
    'mutation ($m: [DeliveryInput!]!) { deliver(messages: $m) { receipt } }',
    { m: [{ envelope, sealed: sealed.toString('base64') }] },
  );
  expect(deliver).toEqual([{ receipt }]);
  const next = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, next).includes('delivered'));
  expect(b.applied.map((document) => document.id)).toEqual([next]);
  expect(await b.db.selectFrom('quarantine').select('id').execute()).toEqual([]);
});

test('what certainly never left is not in doubt', async () => {
  network = await startNetwork(false);
  const { a, wire } = network;
  await wire.set('cut');
  const id = await sendMessage(a, 'xb');
  await expect
    .poll(async () => (await sentBy(a, id).catch(() => null))?.attempts, { timeout: 20_000 })
    .toBe(1);
  await growOld(a);
  await givenUp(a, id);
  expect(a.undelivered).toEqual([{ messageId: id, reason: 'stale', mayHaveArrived: false }]);
});

test('a peer that asks for a number that was given up is told again that it will never come', async () => {
  network = await startNetwork(false);
  const { a, b, wire } = network;
  await wire.set('loses-questions');
  const id = await sendMessage(a, 'xb');
  await wire.loses();
  await growOld(a);
  await givenUp(a, id);
  await expect.poll(async () => (await sentBy(a, id)).tombstone_due, { timeout: 20_000 }).toBe(false);
  // The tombstone's own time is over too.
  await a.stop();
  await a.db.deleteFrom('outbox').where('class', '=', 'ctl').execute();
  await wire.set('whole');
  await a.restart();
  const after = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, after).includes('delivered'));
  expect(b.applied).toEqual([]);
  await b.db
    .updateTable('in_lane')
    .set({ gap_since: Date.now() - 2 * 3_600_000 })
    .execute();
  const receivedAtMs = Date.now() - 90_000;
  await b.db.updateTable('inbound').set({ received_at: receivedAtMs }).execute();
  await closeGaps(b.ctx);
  // Nobody waits for it any longer, but it is still asked for.
  expect(b.applied.map((document) => document.id)).toEqual([after]);
  // It is dated by its receipt, not by when it was applied.
  expect(b.arrivedAtMs.get(after)).toBe(Math.floor(receivedAtMs / 1000) * 1000);
  await a.until(() => stagesOf(a, id).includes('rejected'));
  await expect.poll(() => countRows(b, 'missing_number'), { timeout: 20_000 }).toBe(0);
});

describe('with conversations above', () => {
  beforeEach(async () => {
    network = await startNetwork(false, { slices: true });
  });

  /** Proposes, has it approved where it needs that, and says what became of it. */
  async function act(node: TestNode, proposed: ProposedAct) {
    const made = await proposeAct(node.enquiries, node.person('ana'), { safety: calm, ...proposed });
    if (made.messageId) return { ...made, messageId: made.messageId };
    const { digest } = await proposalOf(node, made.id);
    return { ...made, ...(await approveRelease(node.enquiries, boss(node), made.id, digest)) };
  }
  const boss = (node: TestNode) => node.person('sam', 'supervisor');
  const proposalOf = (node: TestNode, id: string) =>
    node.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const ask = () => act(network.a, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
  const askAndArrive = async () => {
    const enquiry = await ask();
    await network.a.until(() => stagesOf(network.a, enquiry.messageId).includes('delivered'));
    return enquiry;
  };
  const note = (node: TestNode, thread: string) =>
    act(node, { type: 'PRG', thread, body: { status: 'working' } });
  const openTasks = async (node: TestNode) => {
    const query = node.db.selectFrom('task').select(['kind', 'message_id']).where('closed_at', 'is', null);
    return query.execute();
  };
  const actOf = (node: TestNode, id: string) =>
    node.db.selectFrom('act').selectAll().where('message_id', '=', id).executeTakeFirstOrThrow();

  /** What both States must hold alike: the acts that count, when each arrived, and what follows from them. */
  async function heldBy(node: TestNode, thread: string) {
    const rows = toActs(await readActHeads(node.db, [thread]));
    const acts = rows.map(({ atMs: _, ...act }) => act).sort((x, y) => (x.id < y.id ? -1 : 1));
    const { state } = await requireConversation(node.db, thread);
    return { state, acts };
  }
  const isAgreed = (thread: string) =>
    vi.waitFor(
      async () => expect(await heldBy(network.a, thread)).toEqual(await heldBy(network.b, thread)),
      20_000,
    );

  /** An act of xa that xb has applied, and that xa had to give up without knowing. */
  async function loseAnswer(release: () => Promise<{ id: string; messageId: string; thread: string }>) {
    const { a, b, wire } = network;
    await wire.set('loses-answers');
    const lost = await release();
    await b.until(() => b.applied.some(({ id }) => id === lost.messageId));
    await wire.set('cut');
    await growOld(a);
    await givenUp(a, lost.messageId);
    return lost;
  }

  test('a later act of the peer that has seen it proves that it arrived, before that act is judged', async () => {
    const { a, b, wire } = network;
    const { thread } = await askAndArrive();
    const lost = await loseAnswer(() => note(a, thread));
    expect(await actOf(a, lost.messageId)).toMatchObject({
      stage: 'undelivered',
      in_doubt: true,
      void: false,
    });
    const tasks = [{ kind: 'expired-release', message_id: lost.messageId }];
    expect(await openTasks(a)).toEqual(tasks);
    const answer = await act(b, { type: 'ACK', thread, body: { re: 2 } });
    await b.until(() => stagesOf(b, answer.messageId).includes('delivered'));
    expect(await actOf(b, answer.messageId)).toMatchObject({ seen: 2 });
    expect(await actOf(a, lost.messageId)).toMatchObject({ stage: 'delivered', in_doubt: false, n: 2 });
    expect((await proposalOf(a, lost.id)).status).toBe('released');
    expect(await openTasks(a)).toEqual([]);
    const { digest } = await proposalOf(a, lost.id);
    const again = confirmRelease(a.enquiries, a.person('ana'), lost.id, digest);
    await expect(again).rejects.toMatchObject({ code: 'NOT_STALE' });
    // Its receipt follows, and with it the time.
    await wire.set('whole');
    await retryNow(a);
    await a.until(() => stagesOf(a, lost.messageId).includes('delivered'));
    await isAgreed(thread);
  });

  test('an enquiry whose answer was lost is revived by its late receipt', async () => {
    const { a, wire } = network;
    const lost = await loseAnswer(ask);
    expect(await requireConversation(a.db, lost.thread)).toMatchObject({ state: 'DRAFT' });
    await wire.set('whole');
    await retryNow(a);
    await isAgreed(lost.thread);
    expect(await openTasks(a)).toEqual([]);
    expect((await heldBy(a, lost.thread)).state).toBe('SENT');
  });

  test('released anew before that was known, the peer takes one of the two, and both States know which', async () => {
    const { a, b, wire } = network;
    const lost = await loseAnswer(ask);
    const { digest } = await proposalOf(a, lost.id);
    const anew = await confirmRelease(a.enquiries, boss(a), lost.id, digest);
    expect(await actOf(a, anew.messageId)).toMatchObject({ n: 1, void: false });
    await wire.set('whole');
    await retryNow(a);
    await a.until(() => stagesOf(a, anew.messageId).includes('rejected'));
    await a.until(() => stagesOf(a, lost.messageId).includes('delivered'));
    await isAgreed(lost.thread);
    expect(await actOf(a, lost.messageId)).toMatchObject({ stage: 'delivered', n: 1, void: false });
    expect(await actOf(a, anew.messageId)).toMatchObject({ void: true });
    expect(await proposalOf(a, lost.id)).toMatchObject({ status: 'released', message_id: lost.messageId });
    expect(await openTasks(a)).toEqual([]);
    expect(b.applied.map(({ id }) => id)).toEqual([lost.messageId]);
    const reply = await note(b, lost.thread);
    await b.until(() => stagesOf(b, reply.messageId).includes('delivered'));
  });

  test('what never arrived keeps its number until the peer has signed so, and then gives it to the next', async () => {
    const { a, b, wire } = network;
    const { thread } = await askAndArrive();
    await wire.set('loses-questions');
    const lost = await note(a, thread);
    await wire.loses();
    await growOld(a);
    await givenUp(a, lost.messageId);
    const third = await note(a, thread);
    expect((await actOf(a, third.messageId)).n).toBe(3);
    await wire.set('whole');
    await retryNow(a);
    await a.until(() => stagesOf(a, lost.messageId).includes('rejected'));
    expect(await openTasks(a)).toEqual([{ kind: 'expired-release', message_id: lost.messageId }]);
    const { digest } = await proposalOf(a, lost.id);
    const anew = await confirmRelease(a.enquiries, a.person('ana'), lost.id, digest);
    expect((await actOf(a, anew.messageId)).n).toBe(2);
    await a.until(() => stagesOf(a, anew.messageId).includes('delivered'));
    await isAgreed(thread);
    const reply = await note(b, thread);
    expect((await actOf(b, reply.messageId)).seen).toBe(3);
  });
});
