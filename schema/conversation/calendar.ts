/**
 * Adding a time limit to an instant: hours and days pass everywhere, working days by the calendar of one State.
 * Knows no time of now, no State's holidays and no time zone; calendars come from the trust list.
 */
import type { ListedNode, WorkCalendar } from '#schema/protocol/trust-list.ts';
import { type TimeLimit, type TimeLimitId, timeLimit } from '#schema/vocabulary/time-limits.ts';

/** Saturday and Sunday off, in UTC. Errs to the earlier side of a holiday. */
const plainCalendar: WorkCalendar = { weekend: [0, 6], holidays: [], offsets: [] };

/** A State's working days as its entry in the trust list gives them (T14); the plain calendar where it gives none. */
export const calendarOf = (node: Pick<ListedNode, 'profile'> | undefined): WorkCalendar =>
  node?.profile.calendar ?? plainCalendar;

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

/** The length, in milliseconds, of a limit that is the same everywhere: counted in minutes, hours or days. */
export const limitMs = (id: TimeLimitId): number => addLimit(0, timeLimit(id).value, plainCalendar);

/** When a day (ISO 8601) begins in that State, in milliseconds since 1970. */
export const startOfDay = (date: string, calendar: WorkCalendar): number =>
  fromLocal(Date.parse(`${date}T00:00:00Z`), calendar);

/** Holidays from the State's date at `nowMs` (milliseconds since 1970) on, as the calendar names them. */
export function holidaysFrom(nowMs: number, calendar: WorkCalendar): readonly string[] {
  const today = dateOf(toLocal(nowMs, calendar));
  return calendar.holidays.filter((date) => date >= today);
}

/** The same local hour on the n-th working day after. */
function addWorkingDays(fromMs: number, days: number, calendar: WorkCalendar): number {
  let localMs = toLocal(fromMs, calendar);
  for (let left = days; left > 0; ) {
    localMs += DAY_MS;
    if (isWorkingDay(localMs, calendar)) left -= 1;
  }
  return fromLocal(localMs, calendar);
}

function isWorkingDay(localMs: number, calendar: WorkCalendar): boolean {
  return (
    !calendar.weekend.includes(new Date(localMs).getUTCDay()) && !calendar.holidays.includes(dateOf(localMs))
  );
}

const dateOf = (localMs: number) => new Date(localMs).toISOString().slice(0, 10);

function offsetAt(atMs: number, { offsets }: WorkCalendar): number {
  const inForce = offsets.findLast(({ from }) => from * 1000 <= atMs) ?? offsets[0];
  return (inForce?.minutes ?? 0) * MINUTE_MS;
}

const toLocal = (atMs: number, calendar: WorkCalendar) => atMs + offsetAt(atMs, calendar);

/** An hour that comes twice counts the first time; an hour that is left out is read by the offset before. */
function fromLocal(localMs: number, calendar: WorkCalendar): number {
  const byOffsetBefore = localMs - offsetAt(localMs - DAY_MS, calendar);
  const byOffsetAfter = localMs - offsetAt(localMs + DAY_MS, calendar);
  const isAfterChange =
    toLocal(byOffsetBefore, calendar) !== localMs && toLocal(byOffsetAfter, calendar) === localMs;
  return isAfterChange ? byOffsetAfter : byOffsetBefore;
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
