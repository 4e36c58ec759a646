/** A limit that has run out reaches a person, on both sides, once; unanswered it goes to the head of office. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { confirmAlert } from '#node/enquiries/confirm-alert.ts';
import { markRead } from '#node/enquiries/mark-read.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { sealedTask } from '#node/enquiries/tables.ts';
import { runOperation } from '#node/operation.ts';
import { openRow } from '#node/vault/sealed-columns.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { alertBody, calm, enquiryBody, reportBody, withdrawalBody } from '../../fixtures/act-bodies.ts';
import {
  auditTypes,
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { serveOfficers } from '../../fixtures/officer-client.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let clock: Clock;
let xa: LoopNode;
let xb: LoopNode;
beforeEach(async () => {
  clock = { ms: START_MS };
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterEach(() => Promise.all([xa.close(), xb.close()]));

async function act(node: LoopNode, proposed: ProposedAct) {
  clock.ms += 1000;
  const made = await proposeAct(node.ctx, node.person('ana'), { safety: calm, ...proposed });
  if (made.messageId !== null) return made;
  const query = node.db.selectFrom('proposal').select('digest').where('id', '=', made.id);
  const { digest } = await query.executeTakeFirstOrThrow();
  await approveRelease(node.ctx, node.person('sam', 'supervisor'), made.id, digest);
  return made;
}
/** An enquiry of xa that has arrived at xb. */
async function ask(change = {}): Promise<string> {
  const { thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody(change) });
  await carry(xa, xb);
  return thread;
}
const raise = async () => {
  for (const node of [xa, xb]) await raiseOverdue(node.ctx);
};
const escalations = (node: LoopNode) =>
  node.db.selectFrom('task').selectAll().where('kind', '=', 'escalation').orderBy('detail').execute();
const open = async (node: LoopNode) =>
  (await escalations(node)).filter((task) => task.closed_at === null).map((task) => task.detail);

describe('a limit that has run out', () => {
  it('is a task on both sides: here for whoever is late, there to ring the office that is silent', async () => {
    const thread = await ask();
    await raise();
    expect([await open(xa), await open(xb)]).toEqual([[], []]);
    // Three working days, with a weekend between.
    clock.ms += 5 * DAY_MS + 1;
    await Promise.all([raiseOverdue(xa.ctx), raiseOverdue(xa.ctx), raiseOverdue(xb.ctx)]);
    expect(await open(xa)).toEqual(['theirs:acknowledgement-routine:supervisor:call-peer']);
    expect(await open(xb)).toEqual(['ours:acknowledgement-routine:supervisor']);
    const officers = await serveOfficers(xa);
    const { data, errors } = await officers.ask(
      xa.person('sam', 'supervisor'),
      '{ tasks { kind detail overdue conversation { thread peer { dutyPhones { number } } } } }',
    );
    await officers.close();
    expect(errors).toEqual([]);
    expect(data!.tasks).toEqual([
      {
        kind: 'escalation',
        detail: 'theirs:acknowledgement-routine:supervisor:call-peer',
        overdue: false,
        conversation: { thread, peer: { dutyPhones: [{ number: '+44 1632 960002' }, expect.anything()] } },
      },
    ]);
  });

  it('is told once for each due date, although somebody closed the task', async () => {
    await ask();
    clock.ms += 5 * DAY_MS + 1;
    await raise();
    const [task] = await escalations(xb);
    const close = (role: 'officer' | 'supervisor') =>
      closeTask(xb.ctx, xb.person('bo', role), task!.id, 'They will be rung today.');
    await expect(close('officer')).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await close('supervisor');
    await raise();
    expect(await open(xb)).toEqual([]);
    // Told of, it is not looked at again before the next one runs out.
    const { alarm_at } = await xb.db.selectFrom('conversation').select('alarm_at').executeTakeFirstOrThrow();
    expect(alarm_at).toBeGreaterThan(clock.ms);
    // The next limit is another one.
    clock.ms += 2 * DAY_MS;
    await raise();
    expect(await open(xb)).toEqual(['ours:first-look:supervisor']);
  });

  it('goes to the head of office where no supervisor has answered in a day', async () => {
    await ask();
    clock.ms += 5 * DAY_MS + 1;
    await raise();
    clock.ms += DAY_MS;
    await raise();
    expect(await open(xa)).toEqual(['theirs:acknowledgement-routine:supervisor:call-peer']);
    clock.ms += 1;
    await Promise.all([raiseOverdue(xa.ctx), raiseOverdue(xa.ctx)]);
    expect(await open(xa)).toEqual(['theirs:acknowledgement-routine:head:call-peer']);
    const [task] = await escalations(xa);
    expect(task!.due_at).toBe(clock.ms + DAY_MS);
    clock.ms += 10 * DAY_MS;
    await raise();
    const told = (await auditTypes(xa)).filter((type) => type === 'task.escalated');
    expect(told).toHaveLength(1);
    expect((await open(xa)).sort()).toEqual([
      'theirs:acknowledgement-routine:head:call-peer',
      'theirs:first-look:supervisor:call-peer',
    ]);
  });

  it('is settled when it is kept, and nothing of a closed conversation is late', async () => {
    const thread = await ask();
    clock.ms += 8 * DAY_MS;
    await raise();
    expect(await open(xa)).toHaveLength(2);
    await act(xb, { type: 'ACK', thread, body: { re: 1 } });
    await carry(xb, xa);
    for (const node of [xa, xb]) expect(await open(node)).toHaveLength(1);
    const [kept] = (await escalations(xa)).filter((task) => task.closed_at !== null);
    expect(await openRow(readerOf(xa), sealedTask, kept)).toMatchObject({
      closed_by: 'xa',
      reason: 'kept, or no longer due',
    });
    await act(xb, { type: 'RPT', thread, body: reportBody() });
    await carry(xb, xa);
    const safetyCheck = { by: 'S. Invented', at: '2027-01-23T09:00:00Z' };
    await act(xa, { type: 'CLS', thread, body: { ground: 'answer-accepted', safetyCheck } });
    // An account that is still owed when the side it is owed to closes.
    const withdrawn = await ask();
    await act(xa, { type: 'WDR', thread: withdrawn, body: withdrawalBody() });
    await act(xa, { type: 'CLS', thread: withdrawn, body: { ground: 'withdrawn', safetyCheck } });
    await carry(xa, xb);
    clock.ms += 400 * DAY_MS;
    await raise();
    expect([await open(xa), await open(xb)]).toEqual([[], []]);
  });

  it('yardsticks make nobody late, and a paused clock does not stop the one of the law', async () => {
    const thread = await ask();
    await act(xb, { type: 'FLK', thread, body: { known: 'not-known', danger: 'no' } });
    await carry(xb, xa);
    clock.ms += 95 * DAY_MS;
    const asks = [{ question: 'q1', text: { text: 'INVENTED?', language: 'en' } }];
    await act(xb, { type: 'CLR', thread, body: { asks } });
    await carry(xb, xa);
    // The working clock, which the question pauses, falls due later with every minute.
    for (let i = 0; i < 3; i++) {
      clock.ms += 60_000;
      await raise();
      await xb.db.updateTable('conversation').set({ alarm_at: 0 }).execute();
    }
    expect(await open(xb)).toEqual(['ours:answer-routine:supervisor', 'ours:preliminary-answer:supervisor']);
    clock.ms += 15 * DAY_MS;
    await raise();
    expect(await open(xb)).toContain('theirs:clarification-unanswered-routine:supervisor:call-peer');
    expect(await open(xa)).toContain('ours:clarification-unanswered-routine:supervisor');
  });

  it('a deferral ends nothing: its day and the wall of the law are told on both sides, and the answer follows', async () => {
    const thread = await ask();
    await act(xb, { type: 'ACK', thread, body: { re: 1 } });
    await enterPerson(xb, xb.person('lea', 'legal-adviser'));
    const body = { form: 'deferral', code: 'translation-missing', until: '2027-01-29' };
    clock.ms += 1000;
    const { id } = await proposeAct(xb.ctx, xb.person('sam', 'supervisor'), {
      type: 'REF',
      thread,
      body,
      safety: calm,
    });
    const query = xb.db.selectFrom('proposal').select('digest').where('id', '=', id);
    const { digest } = await query.executeTakeFirstOrThrow();
    await approveRelease(xb.ctx, xb.person('lea', 'legal-adviser'), id, digest);
    await carry(xb, xa);
    const stateOf = (node: LoopNode) =>
      node.db.selectFrom('conversation').select('state').executeTakeFirstOrThrow();
    expect([await stateOf(xa), await stateOf(xb)]).toEqual([{ state: 'DEFERRED' }, { state: 'DEFERRED' }]);
    clock.ms = Date.parse('2027-01-30T00:00:01Z');
    await raise();
    expect(await open(xb)).toContain('ours:deferral-over:supervisor');
    expect(await open(xa)).toContain('theirs:deferral-over:supervisor:call-peer');
    clock.ms += 100 * DAY_MS;
    await raise();
    expect(await open(xb)).toContain('ours:answer-routine:supervisor');
    await act(xb, { type: 'RPT', thread, body: reportBody() });
    await carry(xb, xa);
    expect([await stateOf(xa), await stateOf(xb)]).toEqual([{ state: 'ANSWERED' }, { state: 'ANSWERED' }]);
    expect([await open(xa), await open(xb)]).toEqual([[], []]);
  });

  it('an alert goes to the head within hours, also one that was read, until somebody confirms it', async () => {
    const first = await act(xa, { type: 'URG', peer: 'xb', body: alertBody('XB') });
    await act(xa, { type: 'URG', peer: 'xb', body: alertBody('XB') });
    await carry(xa, xb);
    await markRead(xb.ctx, xb.person('bo'), first.thread);
    clock.ms += HOUR_MS;
    await raise();
    expect(await open(xb)).toEqual(Array(2).fill('ours:alert-unread:supervisor'));
    expect(await open(xa)).toEqual(Array(2).fill('theirs:alert-unread:supervisor:call-peer'));
    clock.ms += 2 * HOUR_MS + 1;
    await raise();
    expect(await open(xb)).toEqual(Array(2).fill('ours:alert-unread:head'));
    await confirmAlert(xb.ctx, xb.person('bo'), first.thread);
    expect(await open(xb)).toEqual(['ours:alert-unread:head']);
    await carry(xb, xa);
    expect((await open(xa)).filter((detail) => detail?.startsWith('theirs'))).toHaveLength(1);
  });
});

describe('an act for which the peer has signed nothing', () => {
  const noReceipt = async (node: LoopNode) => {
    const query = node.db
      .selectFrom('task')
      .selectAll()
      .where('detail', 'like', 'theirs:transport-receipt:%');
    return query.where('closed_at', 'is', null).execute();
  };
  const relayed = (messageId: string) =>
    runOperation(xa.ctx.doors.exchange, xa.ctx.surroundings, (op) =>
      xa.handler.noteReceipt(op, messageId as MessageId, {
        stage: 'relayed',
        code: undefined,
        atMs: clock.ms,
      }),
    );
  const sentBy = async (node: LoopNode) => {
    const query = node.db.selectFrom('act').select('message_id').where('stage', 'is not', null);
    return (await query.orderBy('at', 'desc').executeTakeFirstOrThrow()).message_id;
  };

  it('is told of after an hour, once, whoever else promised to hold it, and is settled by the receipt', async () => {
    const { thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    const messageId = await sentBy(xa);
    await relayed(messageId);
    clock.ms += HOUR_MS;
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toEqual([]);
    clock.ms += 1;
    await Promise.all([raiseOverdue(xa.ctx), raiseOverdue(xa.ctx)]);
    const [task, ...more] = await noReceipt(xa);
    expect(more).toEqual([]);
    expect(task).toMatchObject({
      kind: 'escalation',
      thread,
      message_id: messageId,
      detail: 'theirs:transport-receipt:supervisor:call-peer',
      due_at: clock.ms + DAY_MS,
    });
    // Another act of ours refreshes the conversation, and settles nothing.
    await act(xa, { type: 'PRG', thread, body: { status: 'working' } });
    expect(await noReceipt(xa)).toHaveLength(1);
    await carry(xa, xb);
    expect(await noReceipt(xa)).toEqual([]);
    const settled = await xa.db
      .selectFrom('task')
      .selectAll()
      .where('id', '=', task!.id)
      .executeTakeFirstOrThrow();
    expect(await openRow(readerOf(xa), sealedTask, settled)).toMatchObject({
      closed_by: 'peer',
      reason: 'delivered there',
    });
    clock.ms += HOUR_MS + 1;
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toEqual([]);
  });

  it('goes to the head of office where no supervisor has rung in a day', async () => {
    await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    clock.ms += HOUR_MS + 1;
    await raiseOverdue(xa.ctx);
    clock.ms += DAY_MS + 1;
    await raiseOverdue(xa.ctx);
    expect((await noReceipt(xa)).map(({ detail }) => detail)).toEqual([
      'theirs:transport-receipt:head:call-peer',
    ]);
  });

  it('in the urgent lane sooner: after the half hour in which somebody there must have read it', async () => {
    const thread = await ask();
    await act(xa, { type: 'WDR', thread, body: withdrawalBody() });
    clock.ms += HOUR_MS / 2;
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toEqual([]);
    clock.ms += 1;
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toMatchObject([{ due_at: clock.ms + 2 * HOUR_MS }]);
  });

  it('an alert has its telephone task already, and what was given up another', async () => {
    await act(xa, { type: 'URG', peer: 'xb', body: alertBody('XB') });
    clock.ms += HOUR_MS + 1;
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toEqual([]);
    await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    clock.ms += HOUR_MS + 1;
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toHaveLength(1);
    const messageId = (await sentBy(xa)) as MessageId;
    await runOperation(xa.ctx.doors.exchange, xa.ctx.surroundings, (op) =>
      xa.handler.noteUndelivered(op, messageId, 'expired', true),
    );
    expect(await noReceipt(xa)).toEqual([]);
    await raiseOverdue(xa.ctx);
    expect(await noReceipt(xa)).toEqual([]);
  });
});
