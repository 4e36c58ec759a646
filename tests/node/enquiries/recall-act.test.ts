/** Who may take an act back, and what the conversation, the proposal and the log say afterwards. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { recallAct } from '#node/enquiries/recall-act.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { alertBody, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { carry, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

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
const actOf = (id: string) =>
  xa.db.selectFrom('act').selectAll().where('message_id', '=', id).executeTakeFirstOrThrow();
const openTasks = (thread: string) =>
  xa.db
    .selectFrom('task')
    .select('kind')
    .where('thread', '=', thread)
    .where('closed_at', 'is', null)
    .execute();

async function ask() {
  const enquiry = { type: 'ENQ' as const, peer: 'xb', body: enquiryBody(), safety: calm };
  const { id, thread } = await proposeAct(xa.ctx, xa.person('ana'), enquiry);
  const { messageId } = await approveRelease(xa.ctx, boss(), id, (await proposalOf(id)).digest);
  return { id, thread, messageId };
}

it('what has not left is taken back unread, by who proposed it or may decide on it', async () => {
  const { id, thread, messageId } = await ask();
  const recall = (actor: ReturnType<typeof boss>) => recallAct(xa.ctx, actor, messageId, 'wrong-child');
  await expect(recall(xa.person('bo'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
  // Who is not assigned to the conversation learns nothing of it.
  await expect(recall(xa.person('lea', 'legal-adviser'))).rejects.toMatchObject({ code: 'ACT_UNKNOWN' });
  expect(await recall(xa.person('ana'))).toBe('taken-back');
  expect(await recall(boss())).toBe('taken-back');
  expect(await carry(xa, xb)).toEqual([]);
  expect(await actOf(messageId)).toMatchObject({
    stage: 'undelivered',
    stage_code: 'recalled',
    void: true,
    in_doubt: false,
    recalled_by: 'ana.xa',
  });
  expect(await proposalOf(id)).toMatchObject({ status: 'stale' });
  expect(await lastAudit(xa, 'act.recall-asked')).toMatchObject({
    messageId,
    reason: 'wrong-child',
    actor: 'sam.xa',
  });
  expect(await openTasks(thread)).toEqual([{ kind: 'undelivered' }]);
  await withdrawProposal(xa.ctx, xa.person('ana'), id);
  expect(await openTasks(thread)).toEqual([]);
});

it('an alert taken back unread need not be rung about', async () => {
  const body = alertBody('XB');
  const safety = { ...calm, childIsHere: 'not-known' as const };
  const alert = await proposeAct(xa.ctx, xa.person('ana'), { type: 'URG', peer: 'xb', body, safety });
  const kinds = async () => (await openTasks(alert.thread)).map(({ kind }) => kind).sort();
  expect(await kinds()).toEqual(['call-duty-phone', 'second-approval-due']);
  expect(await recallAct(xa.ctx, xa.person('ana'), alert.messageId!, 'safety')).toBe('taken-back');
  expect(await kinds()).toEqual(['second-approval-due', 'undelivered']);
});

it('what the recipient has, it is too late for, and acts of the peer are nobody’s to take back', async () => {
  const { thread, messageId } = await ask();
  await carry(xa, xb);
  expect(await recallAct(xa.ctx, boss(), messageId, 'safety')).toBe('too-late');
  expect(await actOf(messageId)).toMatchObject({ stage: 'delivered', recalled_by: null });
  expect(await openTasks(thread)).toEqual([]);
  const theirs = recallAct(xb.ctx, xb.person('bo', 'supervisor'), messageId, 'safety');
  await expect(theirs).rejects.toMatchObject({ code: 'ACT_UNKNOWN' });
});
