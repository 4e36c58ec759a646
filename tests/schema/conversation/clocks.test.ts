import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Act } from '#schema/conversation/acts.ts';
import { dueDates } from '#schema/conversation/clocks.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import type { WorkCalendar } from '#schema/protocol/trust-list.ts';
import { act, enquiry } from './play.ts';

const calendar: WorkCalendar = {
  weekend: [0, 6],
  holidays: ['2026-12-25'],
  offsets: [{ from: 1_600_000_000, minutes: 60 }],
};
const ms = (instant: string) => Date.parse(`${instant}Z`);
const at = (instant: string, one: Act): Act => ({ ...one, atMs: ms(instant) });
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

const received = { ...at('2026-11-24T09:00:00', enquiry()), deliveredAtMs: ms('2026-11-24T09:10:00') };
const duesOf = (acts: Act[], now: string) => dueDates(foldConversation(acts), ms(now), calendar);
const find = (acts: Act[], now: string, event: string, clock = 'legal') =>
  duesOf(acts, now).find((date) => date.event === event && date.clock === clock);

describe('the legal clock', () => {
  test('runs from receipt, as the receipt says', () => {
    expect(iso(find([received], '2026-11-24T10:00:00', 'answer-routine')!.dueMs)).toBe('2027-02-24T09:10');
  });

  test('late is computed: not yet, then overdue, then done late', () => {
    expect(find([received], '2026-11-26T09:00:00', 'acknowledgement-routine')?.overdue).toBe(false);
    expect(find([received], '2026-11-28T09:00:00', 'acknowledgement-routine')?.overdue).toBe(true);
    const late = [received, at('2026-12-01T09:00:00', act('a1/1', 'ACK', { re: 1 }))];
    expect(find(late, '2026-12-02T09:00:00', 'acknowledgement-routine')).toMatchObject({
      overdue: true,
      doneAtMs: ms('2026-12-01T09:00:00'),
    });
  });

  test('never stops, whatever is clarified and when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 0, max: 80 }),
        fc.boolean(),
        (from, length, isAnswered) => {
          const day = 86_400_000;
          const asked = { ...act('a1/1', 'CLR', { questions: ['q1'] }), atMs: received.atMs + from * day };
          const given = { ...act('r2/1', 'CLA', { re: 1 }), atMs: asked.atMs + length * day };
          const acts = isAnswered ? [received, asked, given] : [received, asked];
          const dues = dueDates(foldConversation(acts), received.atMs + 200 * day, calendar);
          const legal = dues.find((date) => date.event === 'answer-routine' && date.clock === 'legal');
          expect(legal).toMatchObject({
            dueMs: find([received], '2026-11-24T10:00:00', 'answer-routine')?.dueMs,
            overdue: true,
          });
        },
      ),
    );
  });
});

describe('a deferral', () => {
  const deferred = [
    received,
    at('2026-12-01T09:00:00', act('a1/1', 'REF', { deferral: true, until: '2027-01-15' })),
  ];

  test('stops no clock of the law, and is no answer', () => {
    expect(find(deferred, '2027-02-25T09:00:00', 'answer-routine')).toMatchObject({
      dueMs: find([received], '2026-11-24T10:00:00', 'answer-routine')!.dueMs,
      overdue: true,
    });
    const preliminary = find(deferred, '2026-12-30T09:00:00', 'preliminary-answer');
    expect(preliminary).toMatchObject({ overdue: true });
    expect(preliminary?.doneAtMs).toBeUndefined();
    expect(find(deferred, '2027-01-10T09:00:00', 'progress-note')?.overdue).toBe(true);
  });

  test('its day is a limit: when it has passed in the State that put off, a person is called', () => {
    const until = find(deferred, '2027-01-15T22:00:00', 'deferral-over')!;
    expect([iso(until.dueMs), until.overdue, until.rule.effect]).toEqual([
      '2027-01-15T23:00',
      false,
      'escalate',
    ]);
    expect(find(deferred, '2027-01-15T23:01:00', 'deferral-over')?.overdue).toBe(true);
  });

  test('a word or an answer keeps it, and another deferral moves it', () => {
    const then = (next: Act) =>
      find([...deferred, at('2027-01-10T09:00:00', next)], '2027-02-20T09:00:00', 'deferral-over');
    expect(then(act('a2/1', 'PRG', { status: 'working' }))).toBeUndefined();
    expect(then(act('a2/1', 'RPT'))).toBeUndefined();
    expect(then(act('a2/1', 'PRG', { status: 'awaiting-court' }))?.overdue).toBe(true);
    expect(iso(then(act('a2/1', 'REF', { deferral: true, until: '2027-02-28' }))!.dueMs)).toBe(
      '2027-02-28T23:00',
    );
  });
});

describe('after reopening', () => {
  const refused = [received, at('2026-12-01T09:00:00', act('a1/1', 'REF'))];
  const reopened = [...refused, at('2027-03-10T09:00:00', act('r2/1', 'RPN'))];

  test('a refused enquiry owes nothing more', () => {
    expect(find(refused, '2027-06-01T09:00:00', 'answer-routine')?.overdue).toBe(false);
    expect(find(refused, '2027-06-01T09:00:00', 'progress-note')).toBeUndefined();
  });

  test('every limit starts again, from the reopening', () => {
    expect(iso(find(reopened, '2027-03-11T09:00:00', 'answer-routine')!.dueMs)).toBe('2027-06-10T09:00');
    expect(find(reopened, '2027-03-11T09:00:00', 'acknowledgement-routine')?.doneAtMs).toBeUndefined();
    expect(find(reopened, '2027-06-11T09:00:00', 'answer-routine')?.overdue).toBe(true);
    expect(find(reopened, '2027-06-11T09:00:00', 'progress-note')?.overdue).toBe(true);
  });

  test('an answer after it ends them', () => {
    const answered = [...reopened, at('2027-04-01T09:00:00', act('a2/2', 'RPT'))];
    expect(find(answered, '2027-07-01T09:00:00', 'answer-routine')?.overdue).toBe(false);
  });
});

describe('the working clock', () => {
  const asked = at('2026-11-27T09:00:00', act('a1/1', 'CLR', { questions: ['q1'] }));
  const given = at('2026-11-30T09:00:00', act('r2/1', 'CLA', { re: 1 }));

  test('stops for the named questions only', () => {
    const working = duesOf([received, asked, given], '2026-12-01T09:00:00').filter(
      (date) => date.clock === 'working',
    );
    expect(working).toMatchObject([{ questions: ['q1'], dueMs: ms('2027-02-27T09:10:00') }]);
  });

  test('counts overlapping waits once', () => {
    const again = at('2026-11-28T09:00:00', act('a2/1', 'CLR', { questions: ['q1'], bySupervisor: true }));
    const both = at('2026-11-30T09:00:00', act('r3/1', 'CLA', { re: 2 }));
    expect(
      find([received, asked, again, given, both], '2026-12-01T09:00:00', 'answer-routine', 'working')?.dueMs,
    ).toBe(ms('2027-02-27T09:10:00'));
  });

  test('never stops while anything is urgent', () => {
    const alert = act('r3/1', 'URG', { phase: 'raised', episode: 'requester:1' });
    expect(
      find([received, asked, alert], '2026-12-01T09:00:00', 'answer-routine', 'working'),
    ).toBeUndefined();
  });
});

describe('other limits', () => {
  test('an unanswered clarification escalates and closes nothing', () => {
    const acts = [received, at('2026-11-25T09:00:00', act('a1/1', 'CLR', { questions: ['q1'] }))];
    expect(find(acts, '2027-12-01T09:00:00', 'clarification-unanswered-routine')).toMatchObject({
      overdue: true,
      rule: { effect: 'escalate' },
    });
    expect(foldConversation(acts).state).toBe('CLARIFYING');
  });

  test('a child who needs time makes nobody late', () => {
    const waiting = [received, at('2026-11-25T09:00:00', act('a1/1', 'PRG', { status: 'awaiting-child' }))];
    expect(find(waiting, '2027-01-20T09:00:00', 'progress-note')?.overdue).toBe(false);
    expect(find(waiting, '2027-03-20T09:00:00', 'answer-routine')?.overdue).toBe(true);
  });

  test('an alert nobody has read calls after thirty minutes; measures within twelve hours of finding', () => {
    const alert = at('2026-11-24T18:00:00', act('r1/0', 'URG', { phase: 'raised', episode: 'requester:1' }));
    expect(find([alert], '2026-11-24T18:31:00', 'alert-unread')).toMatchObject({ overdue: true });
    const found = at(
      '2026-11-25T06:00:00',
      act('a1/1', 'URG', {
        phase: 'updated',
        episode: 'requester:1',
        locatedAtMs: ms('2026-11-24T23:00:00'),
      }),
    );
    const ask = act('r2/1', 'MSR', { phase: 'ask' });
    const taken = at('2026-11-25T10:00:00', act('a2/2', 'MSR', { phase: 'answer', re: 2 }));
    expect(find([alert, found, ask, taken], '2026-11-26T00:00:00', 'decision-after-location')).toMatchObject({
      overdue: false,
    });
    expect(find([alert, found], '2026-11-25T11:30:00', 'decision-after-location')).toMatchObject({
      overdue: true,
    });
  });

  test('an account owed after a withdrawal is due within the hour', () => {
    const acts = [received, at('2026-11-25T09:00:00', act('r2/0', 'WDR', { whole: true }))];
    expect(find(acts, '2026-11-25T10:01:00', 'stand-still-account')).toMatchObject({ overdue: true });
  });
});
