/** An alert at night reaches a person: who is told, when, and that both sides learn who confirmed it. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callOut } from '#node/duty/call-out.ts';
import { endDuty, setDuty } from '#node/duty/set-duty.ts';
import { type OnCall, steps, whoIsCalled } from '#node/duty/who-is-called.ts';
import { confirmAlert } from '#node/enquiries/confirm-alert.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
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
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

describe('who is called', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 });
  const someOffice = fc.record({
    first: names,
    second: names,
    officers: names,
    supervisors: names,
    heads: names,
  });

  it('only grows with time, and names somebody at once wherever there is anybody', () => {
    fc.assert(
      fc.property(someOffice, fc.nat({ max: 90 }), fc.nat({ max: 90 }), (on: OnCall, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)].map((minutes) =>
          whoIsCalled(on, 0, minutes * MINUTE_MS),
        );
        expect(late).toEqual(expect.arrayContaining([...early!]));
        const onDuty = [...on.first, ...on.second];
        const anybody = [
          ...onDuty,
          ...(onDuty.length === 0 ? on.officers : []),
          ...on.supervisors,
          ...on.heads,
        ];
        expect(early!.length > 0).toBe(anybody.length > 0);
        if (late!.length < new Set(anybody).size)
          expect(Math.max(one, other)).toBeLessThan(steps.at(-1)!.afterMinutes);
      }),
    );
  });
});

describe('the roster', () => {
  it('is set by the supervisor of the unit and by nobody else, and ends', async () => {
    await enterPerson(xb, xb.person('nia'));
    const shift = { person: 'nia.xb', rank: 1, fromMs: clock.ms, untilMs: clock.ms + 3_600_000 } as const;
    const other = { ...xb.person('tim', 'supervisor'), unit: 'elsewhere' };
    await expect(setDuty(xb.ctx, xb.person('bo'), shift)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await expect(setDuty(xb.ctx, other, { ...shift, unit: 'national' })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    const boss = xb.person('sam', 'supervisor');
    await expect(setDuty(xb.ctx, boss, { ...shift, untilMs: clock.ms })).rejects.toMatchObject({
      code: 'TIMES_INVALID',
    });
    await expect(setDuty(xb.ctx, boss, { ...shift, person: 'nobody' })).rejects.toMatchObject({
      code: 'PERSON_UNSUITABLE',
    });
    const id = await setDuty(xb.ctx, boss, shift);
    await endDuty(xb.ctx, boss, id);
    await expect(endDuty(xb.ctx, boss, id)).rejects.toMatchObject({ code: 'SHIFT_UNKNOWN' });
  });
});

describe('an alert', () => {
  it('is told to who is on duty, then to who stands in, the supervisor and the head, by one process at a time, until somebody confirms it', async () => {
    for (const person of [
      xb.person('dee'),
      xb.person('eve'),
      xb.person('sam', 'supervisor'),
      xb.person('hal', 'head'),
    ])
      await enterPerson(xb, person);
    await xb.db.updateTable('person').set({ email: 'someone@office.example' }).execute();
    const boss = xb.person('sam', 'supervisor');
    const hours = { fromMs: clock.ms, untilMs: clock.ms + 10 * 3_600_000 };
    await setDuty(xb.ctx, boss, { person: 'dee.xb', rank: 1, ...hours });
    await setDuty(xb.ctx, boss, { person: 'eve.xb', rank: 2, ...hours });
    const sent = await proposeAct(xa.ctx, xa.person('ana'), {
      type: 'URG',
      peer: 'xb',
      body: alertBody('XB'),
      safety: calm,
    });
    await carry(xa, xb);
    const told: string[][] = [];
    const look = async (minutes: number) => {
      clock.ms = START_MS + minutes * MINUTE_MS;
      const tell = async (_op: unknown, persons: readonly string[]) => void told.push([...persons]);
      await Promise.all(
        [1, 2].map(() => callOut({ db: xb.ctx.doors.jobs, surroundings: xb.ctx.surroundings, tell })),
      );
    };
    for (const minutes of [0, 1, 11, 12, 21]) await look(minutes);
    // Dee was told a quarter of an hour before, and is told again.
    expect(told).toEqual([['dee.xb'], ['eve.xb'], ['dee.xb', 'sam.xb']]);
    expect(await lastAudit(xb, 'alert.called')).toMatchObject({
      thread: sent.thread,
      persons: ['dee.xb', 'sam.xb'],
    });
    const eve = xb.person('eve');
    await confirmAlert(xb.ctx, eve, sent.thread);
    await look(31);
    expect(told).toHaveLength(3);
    await expect(confirmAlert(xb.ctx, eve, sent.thread)).rejects.toMatchObject({ code: 'NO_ALERT' });
    await carry(xb, xa);
    const there = await xa.db
      .selectFrom('act')
      .selectAll()
      .where('thread', '=', sent.thread)
      .where('type', '=', 'ACK')
      .execute();
    expect(there).toMatchObject([{ author_name: eve.name }]);
    const here = await xb.db
      .selectFrom('act')
      .select('read_by')
      .where('type', '=', 'URG')
      .executeTakeFirstOrThrow();
    expect(here.read_by).toBe('eve.xb');
  });
});
