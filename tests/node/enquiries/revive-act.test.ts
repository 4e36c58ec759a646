/** An act in doubt and the same act released anew: whatever order the peer's receipts come in, the one it took counts, once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { runOperation } from '#node/operation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { alertBody, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type LoopNode, START_MS, startLoopNode, takeReleased } from '../../fixtures/loopback.ts';

const clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

const boss = () => xa.person('sam', 'supervisor');
const proposalOf = (id: string) =>
  xa.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const giveUp = (messageId: string) =>
  runOperation(xa.db, xa.ctx.surroundings, (op) =>
    xa.handler.noteUndelivered(op, messageId as MessageId, 'stale', true),
  );

/** An enquiry that left, was given up without an answer, and was released anew. */
async function releaseTwice() {
  const enquiry = { type: 'ENQ' as const, peer: 'xb', body: enquiryBody(), safety: calm };
  const { id, thread } = await proposeAct(xa.ctx, xa.person('ana'), enquiry);
  const { digest } = await proposalOf(id);
  const old = (await approveRelease(xa.ctx, boss(), id, digest)).messageId;
  await takeReleased(xa, xb);
  await giveUp(old);
  const anew = (await confirmRelease(xa.ctx, boss(), id, digest)).messageId;
  return { id, thread, old, anew };
}

type Word = readonly [which: 'old' | 'anew', stage: 'delivered' | 'rejected' | 'relayed', code?: string];
const oldArrived: Word = ['old', 'delivered'];
const anewArrived: Word = ['anew', 'delivered'];
const anewRefused: Word = ['anew', 'rejected', 'ACT_NOT_ALLOWED'];
const oldRefused: Word = ['old', 'rejected', 'ACT_NOT_ALLOWED'];
const oldNeverTaken: Word = ['old', 'rejected', 'GIVEN_UP'];

it.each<[string, 'old' | 'anew', Word[]]>([
  ['the old one, told first', 'old', [oldArrived, anewRefused]],
  ['the old one, told last', 'old', [anewRefused, oldArrived]],
  ['the old one, after it had kept the new one for a gap', 'old', [anewArrived, anewRefused, oldArrived]],
  ['the old one, told amid that', 'old', [anewArrived, oldArrived, anewRefused]],
  ['the old one, told before that', 'old', [oldArrived, anewArrived, anewRefused]],
  ['the old one, relayed late', 'old', [['old', 'relayed'], anewRefused, oldArrived]],
  ['the new one, and the old one came later', 'anew', [anewArrived, oldRefused]],
  ['the new one, told last', 'anew', [oldRefused, anewArrived]],
  ['the new one, and knew that the old one was given up', 'anew', [oldNeverTaken, anewArrived]],
])('the peer took %s', async (_, taken, words) => {
  const { id, thread, ...ids } = await releaseTwice();
  const receiptAtMs = clock.ms + 5000;
  for (const [which, stage, code] of words)
    await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      xa.handler.noteReceipt(op, ids[which] as MessageId, { stage, code, atMs: receiptAtMs }),
    );
  const acts = await xa.db.selectFrom('act').selectAll().where('thread', '=', thread).execute();
  const [counting, other] = [taken, taken === 'old' ? 'anew' : 'old'] as const;
  const byId = (which: 'old' | 'anew') => acts.find((act) => act.message_id === ids[which]);
  expect(byId(counting)).toMatchObject({
    stage: 'delivered',
    void: false,
    in_doubt: false,
    n: 1,
    delivered_at: receiptAtMs,
  });
  expect(byId(other)).toMatchObject({ void: true, in_doubt: false });
  expect(await proposalOf(id)).toMatchObject({ status: 'released', message_id: ids[counting] });
  const open = await xa.db
    .selectFrom('task')
    .select('kind')
    .where('thread', '=', thread)
    .where('closed_at', 'is', null)
    .execute();
  expect(open).toEqual([]);
});

it('its number stays taken although the act released anew under it was refused', async () => {
  const { id, thread, old, anew } = await releaseTwice();
  const say = (messageId: string, stage: 'delivered' | 'rejected', code?: string) =>
    runOperation(xa.db, xa.ctx.surroundings, (op) =>
      xa.handler.noteReceipt(op, messageId as MessageId, { stage, code, atMs: clock.ms }),
    );
  await say(anew, 'rejected', 'ACT_NOT_ALLOWED');
  const safety = { ...calm, childIsHere: 'not-known' as const };
  const alert = { type: 'URG' as const, thread, body: alertBody('XB'), safety };
  const { messageId } = await proposeAct(xa.ctx, xa.person('ana'), alert);
  await say(old, 'delivered');
  const acts = await xa.db.selectFrom('act').selectAll().where('thread', '=', thread).execute();
  const counting = acts.filter((act) => !act.void).map(({ message_id, n }) => ({ message_id, n }));
  expect(counting.sort((x, y) => x.n - y.n)).toEqual([
    { message_id: old, n: 1 },
    { message_id: messageId, n: 2 },
  ]);
  expect(await proposalOf(id)).toMatchObject({ status: 'released', message_id: old });
});

it('given up twice, it is confirmed a third time under the same number', async () => {
  const { id, thread, anew } = await releaseTwice();
  await giveUp(anew);
  const third = await confirmRelease(xa.ctx, boss(), id, (await proposalOf(id)).digest);
  const acts = await xa.db.selectFrom('act').selectAll().where('thread', '=', thread).execute();
  expect(acts.map(({ n }) => n)).toEqual([1, 1, 1]);
  expect(acts.filter((act) => !act.void).map((act) => act.message_id)).toEqual([third.messageId]);
});
