/** Working days against the time zone tables of this machine, which the kernel does not use. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addLimit, calendarOf, holidaysFrom } from '#schema/conversation/calendar.ts';
import { WorkCalendar } from '#schema/protocol/trust-list.ts';
import vectors from '#schema/vectors/calendar.json' with { type: 'json' };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ms = (instant: string) => Date.parse(`${instant}Z`);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

const calendar: WorkCalendar = {
  weekend: [0, 6],
  holidays: ['2026-12-25'],
  offsets: [{ from: 1_600_000_000, minutes: 60 }],
};

test.each(vectors.cases)('vector: $name', ({ calendar: name, from, workingDays: amount, due }) => {
  const named = name === null ? undefined : vectors.calendars[name as keyof typeof vectors.calendars];
  const calendar = calendarOf(named && ({ profile: { calendar: WorkCalendar.parse(named) } } as never));
  const dueMs = addLimit(Date.parse(from), { amount, unit: 'working-days' }, calendar);
  expect(new Date(dueMs).toISOString()).toBe(due.replace('Z', '.000Z'));
});

test.each([
  ['2026-11-27T09:00', 3, 'working-days', '2026-12-02T09:00'],
  ['2026-12-24T09:00', 1, 'working-days', '2026-12-28T09:00'],
  ['2026-12-24T23:30', 1, 'working-days', '2026-12-27T23:30'],
  ['2026-11-30T09:00', 3, 'months', '2027-02-28T09:00'],
  ['2026-11-24T09:00', 30, 'calendar-days', '2026-12-24T09:00'],
  ['2026-11-24T09:00', 30, 'minutes', '2026-11-24T09:30'],
] as const)('%s + %i %s', (from, amount, unit, due) => {
  expect(iso(addLimit(ms(`${from}:00`), { amount, unit }, calendar))).toBe(due);
});

test('a State without a calendar rests on Saturday and Sunday, in UTC', () => {
  const due = (calendar: WorkCalendar) =>
    iso(addLimit(ms('2026-12-24T23:30:00'), { amount: 1, unit: 'working-days' }, calendar));
  expect(due(calendarOf(undefined))).toBe('2026-12-25T23:30');
  expect(due(calendarOf({ profile: { calendar } as never }))).toBe('2026-12-27T23:30');
});

test('next holidays begin with the local date', () => {
  const holidays = ['2026-12-24', '2026-12-25', '2027-01-01'];
  expect(holidaysFrom(ms('2026-12-24T22:59:59'), { ...calendar, holidays })).toEqual(holidays);
  expect(holidaysFrom(ms('2026-12-24T23:00:00'), { ...calendar, holidays })).toEqual(holidays.slice(1));
});

test.each([
  ['a week without work', { weekend: [0, 1, 2, 3, 4, 5, 6] }],
  ['an eighth day', { weekend: [7] }],
  ['days twice', { weekend: [0, 0] }],
  ['holidays in disorder', { holidays: ['2027-01-01', '2026-12-25'] }],
  ['a day that is none', { holidays: ['2026-02-29'] }],
  ['a local time nobody has', { offsets: [{ from: 1_600_000_000, minutes: 841 }] }],
  ['changes of the clock in disorder', { offsets: [2, 1].map((n) => ({ from: n * 1e9, minutes: 0 })) }],
  ['a time zone', { zone: 'Europe/Sarajevo' }],
])('the list refuses %s', (_, change) => {
  expect(WorkCalendar.safeParse({ ...calendar, ...change }).success).toBe(false);
});

/** Wall clock of a time zone, by the machine's tables: another implementation than the one tested. */
function clockOf(timeZone: string) {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  /** `2026-12-25 09:00:00` */
  const read = (atMs: number) => format.format(atMs);
  const offset = (atMs: number) => (ms(read(atMs).replace(' ', 'T')) - atMs) / 60_000;
  return { read, offset };
}

const FROM_MS = ms('2026-01-01T00:00:00');
const DAYS = 900;

/** Changes of the clock, found half hour by half hour. */
function offsetsOf({ offset }: ReturnType<typeof clockOf>): WorkCalendar['offsets'] {
  const offsets: WorkCalendar['offsets'] = [];
  for (let atMs = FROM_MS; atMs < FROM_MS + (DAYS + 60) * DAY_MS; atMs += HOUR_MS / 2) {
    const minutes = offset(atMs);
    if (minutes !== offsets.at(-1)?.minutes) offsets.push({ from: atMs / 1000, minutes });
  }
  return offsets;
}

// Changes at night of a Sunday; at midnight, so that 00:00 to 01:00 is left out; on a Friday; by half an hour; never.
const zones = ['Europe/Sarajevo', 'Asia/Beirut', 'Africa/Cairo', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

describe.each(zones)('in %s', (zone) => {
  const clock = clockOf(zone);
  const offsets = offsetsOf(clock);
  const dateOf = (atMs: number) => clock.read(atMs).slice(0, 10);
  const noon = (date: string, days: number) =>
    new Date(ms(`${date}T12:00:00`) + days * DAY_MS).toISOString().slice(0, 10);

  test('falls due at the same local hour of the n-th working day, across every change of the clock', () => {
    const changes = offsets.slice(1).map(({ from }) => from * 1000);
    const anyTime = fc.integer({ min: 0, max: DAYS * DAY_MS }).map((n) => FROM_MS + n);
    const nearChange = fc
      .tuple(fc.constantFrom(...changes, FROM_MS), fc.integer({ min: -12 * 24 * 60, max: 120 }))
      .map(([changeMs, minutes]) => Math.max(FROM_MS, changeMs + minutes * 60_000));
    const weekends = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 6 });
    const free = fc.uniqueArray(fc.integer({ min: 0, max: DAYS }), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.oneof(anyTime, nearChange),
        fc.integer({ min: 1, max: 12 }),
        weekends,
        free,
        (fromMs, amount, days, holidays) => {
          const made = WorkCalendar.parse({
            weekend: days.sort((a, b) => a - b),
            holidays: holidays.map((day) => noon('2026-01-01', day)).sort(),
            offsets,
          });
          const works = (date: string) =>
            !made.weekend.includes(new Date(ms(`${date}T12:00:00`)).getUTCDay()) &&
            !made.holidays.includes(date);
          const dueMs = addLimit(fromMs, { amount, unit: 'working-days' }, made);
          let counted = 0;
          for (let date = dateOf(fromMs); date !== dateOf(dueMs); ) {
            date = noon(date, 1);
            if (works(date)) counted += 1;
          }
          expect(counted).toBe(amount);
          expect(works(dateOf(dueMs))).toBe(true);
          // Where the hour is left out that night, it is due by the clock as it stood, so at most an hour later.
          const wanted = ms(clock.read(fromMs).replace(/^.{10} /, `${dateOf(dueMs)}T`));
          const late = ms(clock.read(dueMs).replace(' ', 'T')) - wanted;
          if (late !== 0) {
            expect(late).toBeGreaterThan(0);
            expect(late).toBeLessThanOrEqual(HOUR_MS);
            expect(clock.offset(dueMs)).not.toBe(clock.offset(dueMs - late));
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});
