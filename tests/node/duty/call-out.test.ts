/** Whoever is called about an alert can be reached, can see it and can confirm it; who cannot is passed over and named. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { accessLimits } from '#node/access/limits.ts';
import { callOut } from '#node/duty/call-out.ts';
import { setDuty } from '#node/duty/set-duty.ts';
import { REPEAT_MINUTES } from '#node/duty/who-is-called.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmAlert } from '#node/enquiries/confirm-alert.ts';
import { UNREAD_LIMIT_MS } from '#node/enquiries/find-unread-urgent.ts';
import { markRead } from '#node/enquiries/mark-read.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { requestNotice } from '#node/notices/request-notice.ts';
import type { Operation } from '#node/operation.ts';
import { alertBody, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  auditTypes,
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
let told: string[][];
beforeEach(async () => {
  clock = { ms: START_MS };
  told = [];
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  for (const person of [officer(), supervisor(), head(), north(), second()]) await enter(person);
});
afterEach(() => Promise.all([xa.close(), xb.close()]));

const officer = () => xb.person('ofelia');
const supervisor = () => xb.person('sam', 'supervisor');
const head = () => xb.person('hana', 'head');
const north = () => ({ ...xb.person('nora'), unit: 'north' });
const second = () => xb.person('eve');

async function enter(person: Actor, email: string | null = `${person.id}@office.example`): Promise<void> {
  await enterPerson(xb, person);
  await xb.db.updateTable('person').set({ email }).where('id', '=', person.id).execute();
}
const onDuty = (person: Actor, rank: 1 | 2) =>
  setDuty(xb.ctx, supervisor(), {
    person: person.id,
    rank,
    fromMs: clock.ms,
    untilMs: clock.ms + 20 * 24 * 60 * MINUTE_MS,
  });
async function alert(thread?: string): Promise<string> {
  const about = thread === undefined ? { peer: 'xb' } : { thread };
  const body = alertBody('XB');
  const sent = await proposeAct(xa.ctx, xa.person('ana'), { type: 'URG', ...about, body, safety: calm });
  await carry(xa, xb);
  return sent.thread;
}
const look = (more: { mailsOff?: boolean } = {}) =>
  callOut({
    db: xb.ctx.doors.jobs,
    surroundings: xb.ctx.surroundings,
    tell: async (op: Operation, persons) => {
      told.push([...persons]);
      await requestNotice(op, { persons }, 'urgent');
    },
    ...more,
  });
const incidents = () =>
  xb.db
    .selectFrom('task')
    .select(['about', 'detail', 'thread', 'unit', 'assigned_to'])
    .where('kind', '=', 'incident')
    .execute();

describe('somebody on duty from another unit', () => {
  it('sees and confirms the alert they are called about, and nothing before or long after it', async () => {
    await onDuty(north(), 1);
    const thread = await alert();
    const quiet = await alert();
    await xb.db
      .updateTable('task')
      .set({ closed_at: 1, closed_by: 'x', reason: Buffer.from('INVENTED') })
      .where('thread', '=', quiet)
      .execute();
    const unknown = { code: 'CONVERSATION_UNKNOWN' };
    await expect(confirmAlert(xb.ctx, north(), thread)).rejects.toMatchObject(unknown);
    await look();
    expect(told).toEqual([[north().id]]);
    expect(await lastAudit(xb, 'assignment.given')).toMatchObject({
      thread,
      assignee: north().id,
      by: 'call-out',
      untilMs: clock.ms + accessLimits.calledStaysMs,
    });
    await expect(markRead(xb.ctx, north(), quiet)).rejects.toMatchObject(unknown);
    await confirmAlert(xb.ctx, north(), thread);
    await carry(xb, xa);
    const there = xa.db.selectFrom('act').select('author_name').where('type', '=', 'ACK');
    expect(await there.execute()).toEqual([{ author_name: north().name }]);
    clock.ms += accessLimits.calledStaysMs + 1;
    await look();
    await expect(markRead(xb.ctx, north(), thread)).rejects.toMatchObject(unknown);
  });

  it('is not let in where only named persons read: these are called', async () => {
    await onDuty(north(), 1);
    await enter(xb.person('rita'));
    const { id, thread } = await proposeAct(xa.ctx, xa.person('ana'), {
      type: 'ENQ',
      peer: 'xb',
      body: enquiryBody({
        handling: { readers: 'eyes-only', named: ['rita (invented)'], onward: 'no', mayBeShownTo: [] },
      }),
      safety: calm,
    });
    const { digest } = await xa.db
      .selectFrom('proposal')
      .select('digest')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    for (const person of [xa.person('ana'), xa.person('sam', 'supervisor')]) await enterPerson(xa, person);
    await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), id, digest);
    await carry(xa, xb);
    await alert(thread);
    await look();
    expect(told).toEqual([[head().id, xb.person('rita').id].sort()]);
    expect(await auditTypes(xb)).not.toContain('assignment.given');
    await confirmAlert(xb.ctx, xb.person('rita'), thread);
  });
});

describe('somebody who was told', () => {
  it('is told again each quarter of an hour until somebody confirms, whatever else they got that day', async () => {
    await onDuty(second(), 1);
    const thread = await alert();
    await look();
    clock.ms += REPEAT_MINUTES * MINUTE_MS - 1;
    await look();
    const calls = () => told.flat().filter((person) => person === second().id).length;
    expect(calls()).toBe(1);
    clock.ms += 1;
    await Promise.all([look(), look()]);
    expect(calls()).toBe(2);
    clock.ms += REPEAT_MINUTES * MINUTE_MS;
    await look();
    expect(calls()).toBe(3);
    await markRead(xb.ctx, second(), thread);
    clock.ms += REPEAT_MINUTES * MINUTE_MS;
    await look();
    expect(calls()).toBe(4);
    await confirmAlert(xb.ctx, second(), thread);
    clock.ms += REPEAT_MINUTES * MINUTE_MS;
    await look();
    expect(calls()).toBe(4);
  });

  it('from another unit keeps seeing it as long as they are called', async () => {
    await onDuty(north(), 1);
    const thread = await alert();
    for (let days = 0; days < 3; days++) {
      await look();
      clock.ms += accessLimits.calledStaysMs;
    }
    await look();
    await confirmAlert(xb.ctx, north(), thread);
    const given = (await auditTypes(xb)).filter((type) => type === 'assignment.given');
    expect(given).toHaveLength(4);
  });
});

describe('somebody who cannot be told', () => {
  it('is passed over to the next at once, and the head hears of it once', async () => {
    await enter(xb.person('mute'), null);
    await enter(xb.person('gone'));
    await xb.db
      .insertInto('notice_state')
      .values({ person: xb.person('gone').id, kind: 'urgent', gave_up_at: 1, gave_up_code: '550' })
      .execute();
    await onDuty(xb.person('mute'), 1);
    await onDuty(xb.person('gone'), 1);
    await onDuty(second(), 2);
    const thread = await alert();
    expect(await look()).toEqual({ unreachable: 2, unheard: 0 });
    expect(await look()).toEqual({ unreachable: 0, unheard: 0 });
    const called = await xb.db.selectFrom('alert_call').select('person').execute();
    expect(called).toEqual([{ person: second().id }]);
    expect(await lastAudit(xb, 'alert.called')).toMatchObject({
      thread,
      persons: [second().id],
      how: 'mail',
    });
    // Whose address was refused is tried once more: it may have been mended.
    expect(told).toEqual([[second().id], [xb.person('gone').id]]);
    expect((await incidents()).map(({ about }) => about).sort()).toEqual(
      [xb.person('gone').id, xb.person('mute').id].sort(),
    );
    expect((await incidents())[0]).toMatchObject({
      detail: 'duty-unreachable',
      thread: null,
      unit: 'national',
      assigned_to: head().id,
    });
    const notices = await xb.db.selectFrom('notice').select('person').where('kind', '=', 'urgent').execute();
    expect(notices.map(({ person }) => person)).toContain(head().id);
  });

  it('where nobody can be told at all, says so to the operator; where no mails are sent, people look for themselves', async () => {
    await xb.db.updateTable('person').set({ email: null }).execute();
    await onDuty(north(), 1);
    const thread = await alert();
    expect(await look()).toMatchObject({ unheard: 1 });
    expect(told).toEqual([]);
    expect(await xb.db.selectFrom('alert_call').selectAll().execute()).toEqual([]);
    expect(await look({ mailsOff: true })).toEqual({ unreachable: 0, unheard: 0 });
    expect(told).toEqual([[north().id]]);
    expect(await lastAudit(xb, 'alert.called')).toMatchObject({ persons: [north().id], how: 'no-mail' });
    await confirmAlert(xb.ctx, north(), thread);
  });

  it.each([true, false])(
    'is not the only silence: what nobody confirms for half an hour is said to the operator, mails off: %s',
    async (mailsOff) => {
      const thread = await alert();
      clock.ms += UNREAD_LIMIT_MS - 1;
      expect(await look({ mailsOff })).toMatchObject({ unheard: 0 });
      clock.ms += 1;
      expect(await look({ mailsOff })).toMatchObject({ unheard: 1 });
      expect(await look({ mailsOff })).toMatchObject({ unheard: 1 });
      await confirmAlert(xb.ctx, officer(), thread);
      expect(await look({ mailsOff })).toMatchObject({ unheard: 0 });
    },
  );
});
