/** What the gateway holds when its release is over: it is not pushed any more until a person confirms it or takes it back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { recallAct } from '#node/enquiries/recall-act.ts';
import { calm, enquiryBody } from '#tests/fixtures/act-bodies.ts';
import { sendMessage, stagesOf, startNetwork, type TestNetwork } from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 60_000 });

let network: TestNetwork;
beforeEach(async () => {
  network = await startNetwork(true, { slices: true });
});
afterEach(() => network.close());

const boss = () => network.a.person('sam', 'supervisor');
const proposalOf = (id: string) =>
  network.a.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const stateOf = async (id: string) =>
  (await network.a.db.selectFrom('outbox').select('state').where('id', '=', id).executeTakeFirstOrThrow())
    .state;
const openTasks = () =>
  network.a.db
    .selectFrom('task')
    .select(['kind', 'detail', 'assigned_to'])
    .where('closed_at', 'is', null)
    .execute();

/** An enquiry that lies in the mailbox of a node that is down, past its release. */
async function growOldInMailbox(peer: 'xb' | 'xc') {
  const { a } = network;
  const enquiry = { type: 'ENQ' as const, peer, body: enquiryBody(), safety: calm };
  const { id } = await proposeAct(a.enquiries, a.person('ana'), enquiry);
  const { digest } = await proposalOf(id);
  const { messageId } = await approveRelease(a.enquiries, boss(), id, digest);
  await a.until(() => stagesOf(a, messageId).includes('relayed'));
  await expect(confirmRelease(a.enquiries, boss(), id, digest)).rejects.toMatchObject({ code: 'NOT_STALE' });
  await a.db.updateTable('outbox').set({ approved_until: 1 }).where('id', '=', messageId).execute();
  a.ctx.wake.deliver();
  await a.until(() => a.unconfirmed.includes(messageId));
  expect(await stateOf(messageId)).toBe('unconfirmed');
  expect(await openTasks()).toEqual([{ kind: 'expired-release', detail: 'relayed', assigned_to: 'ana.xa' }]);
  return { id, messageId, digest };
}

test('it is not pushed until a second person confirms it, and then leaves as the message it is', async () => {
  const { a, b, wire, gatewayWire } = network;
  await wire.set('cut');
  await b.stop();
  const { id, messageId, digest } = await growOldInMailbox('xb');
  // xb is back and can be reached; its mailbox cannot.
  await gatewayWire.set('cut');
  await b.restart();
  await wire.set('whole');
  await a.db.updateTable('outbox').set({ next_attempt_at: 0, claimed_until: 0 }).execute();
  const next = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, next).includes('delivered'));
  expect(await b.db.selectFrom('inbound').select('id').execute()).toEqual([{ id: next }]);
  await expect(confirmRelease(a.enquiries, a.person('ana', 'supervisor'), id, digest)).rejects.toMatchObject({
    code: 'SAME_PERSON',
  });
  expect(await confirmRelease(a.enquiries, boss(), id, digest)).toEqual({ messageId });
  expect(await openTasks()).toEqual([]);
  await a.until(() => stagesOf(a, messageId).includes('delivered'));
  expect(b.applied.map((one) => one.id)).toContain(messageId);
});

test('it may be taken back unread, and then not confirmed', async () => {
  const { a, c } = network;
  await c.stop();
  const { id, messageId, digest } = await growOldInMailbox('xc');
  expect(await recallAct(a.enquiries, boss(), messageId, 'safety')).toBe('taken-back');
  expect(await openTasks()).toMatchObject([{ kind: 'undelivered', detail: 'recalled' }]);
  const anew = await confirmRelease(a.enquiries, boss(), id, digest);
  expect(anew.messageId).not.toBe(messageId);
});

test('what its recipient fetches meanwhile needs nobody any more', async () => {
  const { a, c } = network;
  await c.stop();
  const { messageId } = await growOldInMailbox('xc');
  await c.restart();
  await a.until(() => stagesOf(a, messageId).includes('delivered'));
  expect(await openTasks()).toEqual([]);
});
