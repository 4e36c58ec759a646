/** Who ends an alarm: whoever confirms the alert in their own name. Reading it never does, and what the sender is told of it is true. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assignConversation } from '#node/access/assign-conversation.ts';
import { openInNeed } from '#node/access/open-in-need.ts';
import { callOut } from '#node/duty/call-out.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { confirmAlert } from '#node/enquiries/confirm-alert.ts';
import type { EnquiryContext } from '#node/enquiries/context.ts';
import { findUnreadUrgent } from '#node/enquiries/find-unread-urgent.ts';
import { markRead } from '#node/enquiries/mark-read.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { alertBody, calm } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';

const MINUTE_MS = 60_000;
let clock: Clock;
let xa: LoopNode;
let xb: LoopNode;
beforeEach(async () => {
  clock = { ms: START_MS };
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  for (const person of [officer(), supervisor(), head(), caseWorker(), lawyer(), stranger()])
    await enterPerson(xb, person);
  await xb.db.updateTable('person').set({ email: 'someone@office.example' }).execute();
});
afterEach(() => Promise.all([xa.close(), xb.close()]));

const officer = () => xb.person('ofelia');
const supervisor = () => xb.person('sam', 'supervisor');
const head = () => xb.person('hana', 'head');
const caseWorker = () => ({ ...xb.person('cara', 'case-worker'), unit: 'town' });
const lawyer = () => ({ ...xb.person('lex', 'legal-adviser'), unit: 'law' });
const stranger = () => ({ ...xb.person('nora'), unit: 'north' });

/** An alert of xa that has arrived at xb, as the exchange keeps it. */
async function alert(thread?: string) {
  clock.ms += 1000;
  const conversation = thread === undefined ? { peer: 'xb' } : { thread };
  const body = { ...alertBody('XB'), episode: seq + 1 };
  const sent = await proposeAct(xa.ctx, xa.person('ana'), {
    type: 'URG',
    ...conversation,
    body,
    safety: calm,
  });
  await carry(xa, xb);
  await xb.db
    .insertInto('inbound')
    .values({ peer: 'xa', id: sent.messageId!, lane: 'urgent', seq: ++seq, ...KEPT })
    .execute();
  return { thread: sent.thread, id: sent.messageId! };
}
let seq = 0;
const KEPT = { env: '', envelope: '', state: 'applied', received_at: 0 } as const;

const receipts = async () =>
  (await xb.db.selectFrom('inbound').select('later_receipt').orderBy('seq').execute()).map(
    (row) => row.later_receipt,
  );
const alarms = async () =>
  (
    await xb.db
      .selectFrom('task')
      .select('message_id')
      .where('kind', '=', 'call-duty-phone')
      .where('closed_at', 'is', null)
      .execute()
  ).map((task) => task.message_id);
const acks = () =>
  xb.db.selectFrom('act').select(['author_name', 'facts']).where('type', '=', 'ACK').execute();

describe('an alert that somebody has read', () => {
  it('goes on being called about, up to the head and the telephone page, until somebody who may answer confirms it', async () => {
    const { thread, id } = await alert();
    for (const person of [caseWorker(), lawyer()])
      await assignConversation(xb.ctx, supervisor(), { thread, person: person.id });
    await openInNeed(xb.ctx, stranger(), {
      thread,
      category: 'danger-to-child',
      reason: 'INVENTED: the police rang',
    });
    expect(await markRead(xb.ctx, caseWorker(), thread)).toBe(1);
    for (const person of [lawyer(), stranger()]) expect(await markRead(xb.ctx, person, thread)).toBe(0);
    // It is read, and by whom is recorded; that nobody who may answer has opened it the sender is not told otherwise.
    const { read_by } = await xb.db
      .selectFrom('act')
      .select('read_by')
      .where('message_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(read_by).toBe(caseWorker().id);
    expect(await lastAudit(xb, 'act.read')).toMatchObject({ messageIds: [id], told: [] });
    expect(await receipts()).toEqual([null]);
    const told: string[] = [];
    const tell = async (_op: unknown, persons: readonly string[]) => void told.push(...persons);
    const look = () => callOut({ db: xb.ctx.doors.jobs, surroundings: xb.ctx.surroundings, tell });
    await look();
    clock.ms += 31 * MINUTE_MS;
    await look();
    expect(new Set(told)).toEqual(new Set([officer().id, supervisor().id, head().id]));
    expect(await findUnreadUrgent(xb.ctx, xb.ctx.doors.jobs)).toMatchObject([{ author: 'theirs' }]);

    // An officer opens it: the sender may stop ringing, and here the alarm goes on.
    expect(await markRead(xb.ctx, officer(), thread)).toBe(0);
    expect(await receipts()).toEqual(['due']);
    expect(await lastAudit(xb, 'act.read')).toMatchObject({ messageIds: [], told: [id] });
    expect(await alarms()).toEqual([id]);
    clock.ms += 60 * MINUTE_MS;
    await raiseOverdue(xb.ctx);
    const limits = () =>
      xb.db
        .selectFrom('task')
        .select(['detail', 'closed_at'])
        .where('kind', '=', 'escalation')
        .where('detail', 'like', 'ours:alert-unread%')
        .execute();
    expect(await limits()).toMatchObject([{ closed_at: null }]);

    for (const [person, code] of [
      [caseWorker(), 'NOT_PERMITTED'],
      [lawyer(), 'NOT_PERMITTED'],
      [stranger(), 'CONVERSATION_UNKNOWN'],
    ] as const)
      await expect(confirmAlert(xb.ctx, person, thread)).rejects.toMatchObject({ code });
    await confirmAlert(xb.ctx, officer(), thread);
    expect(await alarms()).toEqual([]);
    expect(await limits()).toMatchObject([{ closed_at: clock.ms }]);
    expect(await findUnreadUrgent(xb.ctx, xb.ctx.doors.jobs)).toEqual([]);
  });

  it('is not confirmed by whoever opened it in need', async () => {
    const { thread } = await alert();
    await openInNeed(xb.ctx, stranger(), {
      thread,
      category: 'danger-to-child',
      reason: 'INVENTED: the police rang',
    });
    await expect(confirmAlert(xb.ctx, stranger(), thread)).rejects.toMatchObject({
      code: 'READ_ONLY_IN_NEED',
    });
  });

  it('is settled by no word here, unless no acknowledgement can leave', async () => {
    const { thread } = await alert();
    await assignConversation(xb.ctx, supervisor(), { thread, person: caseWorker().id });
    const { id } = await xb.db
      .selectFrom('task')
      .select('id')
      .where('kind', '=', 'call-duty-phone')
      .executeTakeFirstOrThrow();
    const reason = 'INVENTED: rang their duty officer';
    for (const person of [officer(), supervisor(), head()])
      await expect(closeTask(xb.ctx, person, id, reason)).rejects.toMatchObject({
        code: 'ALERT_UNCONFIRMED',
      });
    const cut = suspended();
    await expect(closeTask(cut, caseWorker(), id, reason)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await closeTask(cut, officer(), id, reason);
    expect(await alarms()).toEqual([]);
  });
});

/** The same office while the network has suspended xa. */
const suspended = (): EnquiryContext => ({
  ...xb.ctx,
  peerProfile: (state) => {
    const node = xb.ctx.peerProfile(state);
    return node && state === 'xa' ? { ...node, status: 'suspended' } : node;
  },
});

describe('confirming', () => {
  it('leaves everything as it was where the acknowledgement cannot leave', async () => {
    const { thread, id } = await alert();
    await expect(confirmAlert(suspended(), officer(), thread)).rejects.toMatchObject({
      code: 'PEER_SUSPENDED',
    });
    expect(await alarms()).toEqual([id]);
    expect(await receipts()).toEqual([null]);
    const { read_at } = await xb.db.selectFrom('act').select('read_at').executeTakeFirstOrThrow();
    expect(read_at).toBeNull();
    expect(await acks()).toEqual([]);
  });

  it('acknowledges every alert of the conversation that nobody has confirmed, or the one that is named', async () => {
    const first = await alert();
    const [second, third] = [await alert(first.thread), await alert(first.thread)];
    await confirmAlert(xb.ctx, officer(), first.thread, second.id);
    expect((await alarms()).sort()).toEqual([first.id, third.id].sort());
    expect(await receipts()).toEqual([null, 'due', null]);
    await expect(confirmAlert(xb.ctx, officer(), first.thread, second.id)).rejects.toMatchObject({
      code: 'NO_ALERT',
    });
    expect(await confirmAlert(xb.ctx, supervisor(), first.thread)).toHaveLength(2);
    expect(await alarms()).toEqual([]);
    expect(await receipts()).toEqual(['due', 'due', 'due']);
    expect((await acks()).map(({ facts }) => JSON.parse(facts).re).sort()).toEqual([1, 2, 3]);
    await carry(xb, xa);
    const open = xa.db.selectFrom('task').select('id').where('kind', '=', 'call-duty-phone');
    expect(await open.where('closed_at', 'is', null).execute()).toEqual([]);
  });
});
