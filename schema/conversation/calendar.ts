/**
 * Adding a time limit to an instant: hours and days pass everywhere, working days by the calendar of the State
 * that must act. Knows no time of now and no State's holidays; both are handed in.
 */
import type { TimeLimit } from '#schema/vocabulary/time-limits.ts';

/** One State's working days. */
export type WorkCalendar = {
  /** Days without work, 0 for Sunday to 6 for Saturday. */
  readonly weekend: readonly number[];
  /** ISO dates, local. */
  readonly holidays: readonly string[];
  /** Local time minus UTC. */
  readonly utcOffsetMinutes: number;
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When a limit that starts at `fromMs` (milliseconds since 1970) falls due. */
export function addLimit(fromMs: number, value: TimeLimit['value'], calendar: WorkCalendar): number {
  switch (value.unit) {
    case 'minutes':
      return fromMs + value.amount * MINUTE_MS;
    case 'hours':
      return fromMs + value.amount * 60 * MINUTE_MS;
    case 'calendar-days':
      return fromMs + value.amount * DAY_MS;
    case 'working-days':
      return addWorkingDays(fromMs, value.amount, calendar);
    case 'months':
      return addMonths(fromMs, value.amount);
  }
}

/** The same hour on the n-th working day after; a calendar without working days counts every day. */
function addWorkingDays(fromMs: number, days: number, calendar: WorkCalendar): number {
  const hasWork = new Set(calendar.weekend).size < 7;
  let atMs = fromMs;
  for (let left = days; left > 0; ) {
    atMs += DAY_MS;
    if (!hasWork || isWorkingDay(atMs, calendar)) left -= 1;
  }
  return atMs;
}

function isWorkingDay(atMs: number, calendar: WorkCalendar): boolean {
  const local = new Date(atMs + calendar.utcOffsetMinutes * MINUTE_MS);
  return (
    !calendar.weekend.includes(local.getUTCDay()) &&
    !calendar.holidays.includes(local.toISOString().slice(0, 10))
  );
}

/** The same day of a later month, or its last day. */
function addMonths(fromMs: number, months: number): number {
  const from = new Date(fromMs);
  const due = new Date(fromMs);
  due.setUTCDate(1);
  due.setUTCMonth(from.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(due.getUTCFullYear(), due.getUTCMonth() + 1, 0)).getUTCDate();
  due.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return due.getTime();
}
