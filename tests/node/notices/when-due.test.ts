/** Limits and the office's day. */
import { describe, expect, it } from 'vitest';
import { REPEAT_MINUTES } from '#node/duty/who-is-called.ts';
import { dayOf, isDue, mailsPerDay, URGENT_GAP_MS, type Waiting } from '#node/notices/when-due.ts';

const vienna = { timeZone: 'Europe/Vienna', digestAt: '08:00' };
const at = (iso: string) => Date.parse(iso);
const NOW = at('2027-01-15T12:00:00Z');
const waiting = (change: Partial<Waiting> = {}): Waiting => ({
  kind: 'urgent',
  oldestAt: NOW,
  seenAt: null,
  sentAt: null,
  sentDay: null,
  sentCount: 0,
  nextAttemptAt: 0,
  claimedUntil: 0,
  ...change,
});
const due = (change: Partial<Waiting>, nowMs = NOW) => isDue(waiting(change), vienna, nowMs);

describe('urgent', () => {
  it('leaves at once, then not within ten minutes, unless the person has signed in between', () => {
    expect(due({})).toBe(true);
    const sentAt = NOW - URGENT_GAP_MS + 1;
    expect(due({ sentAt })).toBe(false);
    expect(due({ sentAt, seenAt: sentAt - 1 })).toBe(false);
    expect(due({ sentAt, seenAt: sentAt + 1 })).toBe(true);
    expect(due({ sentAt }, NOW + 1)).toBe(true);
  });

  it('leaves so many times on one day of the office, and again on the next', () => {
    const full = { sentDay: '2027-01-15', sentCount: mailsPerDay.urgent };
    expect(due(full)).toBe(false);
    expect(due({ ...full, sentCount: mailsPerDay.urgent - 1 })).toBe(true);
    expect(due(full, at('2027-01-15T22:59:59Z'))).toBe(false);
    expect(due(full, at('2027-01-15T23:00:00Z'))).toBe(true);
  });

  it('an alert is not silenced by whatever else was urgent, and has a bound of its own', () => {
    const today = { sentDay: '2027-01-15' };
    expect(due({ ...today, kind: 'alert', sentCount: mailsPerDay.urgent })).toBe(true);
    expect(due({ ...today, kind: 'alert', sentCount: mailsPerDay.alert - 1 })).toBe(true);
    expect(due({ ...today, kind: 'alert', sentCount: mailsPerDay.alert })).toBe(false);
    // The gap to whoever does not sign in is the same, and repeating comes after it.
    expect(due({ kind: 'alert', sentAt: NOW - URGENT_GAP_MS + 1 })).toBe(false);
    expect(REPEAT_MINUTES * 60_000).toBeGreaterThan(URGENT_GAP_MS);
  });

  it('waits for the next try and for whoever has claimed it', () => {
    expect(due({ nextAttemptAt: NOW + 1 })).toBe(false);
    expect(due({ claimedUntil: NOW + 1 })).toBe(false);
    expect(due({ nextAttemptAt: NOW, claimedUntil: NOW })).toBe(true);
  });
});

describe('digest', () => {
  const digest = (oldestAt: string, now: string, change: Partial<Waiting> = {}) =>
    due({ kind: 'digest', oldestAt: at(oldestAt), ...change }, at(now));

  it('leaves at its time of day, by the clock of the office', () => {
    expect(digest('2027-01-14T12:00:00Z', '2027-01-15T06:59:59Z')).toBe(false);
    expect(digest('2027-01-14T12:00:00Z', '2027-01-15T07:00:00Z')).toBe(true);
    // Summer time.
    expect(digest('2027-07-14T12:00:00Z', '2027-07-15T05:59:59Z')).toBe(false);
    expect(digest('2027-07-14T12:00:00Z', '2027-07-15T06:00:00Z')).toBe(true);
  });

  it('tells in the afternoon of what came before eight if the node was down then, and of nothing newer', () => {
    expect(digest('2027-01-15T06:59:00Z', '2027-01-15T15:00:00Z')).toBe(true);
    expect(digest('2027-01-15T07:01:00Z', '2027-01-15T15:00:00Z')).toBe(false);
  });

  it('leaves once a day', () => {
    const sent = { sentDay: '2027-01-15', sentCount: 1 };
    expect(digest('2027-01-15T06:59:00Z', '2027-01-15T08:00:00Z', sent)).toBe(false);
    expect(digest('2027-01-15T06:59:00Z', '2027-01-16T06:59:59Z', sent)).toBe(false);
    expect(digest('2027-01-15T06:59:00Z', '2027-01-16T07:00:00Z', sent)).toBe(true);
  });

  it.each(['2027-03-27', '2027-10-30'])(
    'begins once on each day around the change of clocks of %s, also at a time that it leaves out or repeats',
    (eve) => {
      for (const digestAt of ['00:00', '02:30', '08:00', '23:59']) {
        const days: string[] = [];
        for (let ms = at(`${eve}T12:00:00Z`); ms < at(`${eve}T12:00:00Z`) + 72 * 3_600_000; ms += 600_000) {
          const day = dayOf('digest', ms, { ...vienna, digestAt });
          if (!days.includes(day)) days.push(day);
        }
        expect(days).toHaveLength(4);
        expect(days).toEqual([...days].sort());
      }
    },
  );
});
