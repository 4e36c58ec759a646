/**
 * When a person is told: the limits, and the office's day. Pure; the clock is handed in.
 */
import type { NoticeKind } from './tables.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Between two urgent mails to a person who has not signed in since the first, in milliseconds. */
export const URGENT_GAP_MS = 10 * MINUTE_MS;

/**
 * Mails to one person on one day of the office: a flood of what is urgent, or of lies, fills nobody's mailbox. Alerts count for
 * themselves, and one in five minutes, day and night, still goes: a child may be in danger, and whoever does not sign in gets
 * the next one after ten minutes at the earliest anyway.
 */
export const mailsPerDay: Readonly<Record<NoticeKind, number>> = { alert: 288, urgent: 24, digest: 1 };

export interface OfficeTime {
  /** IANA name, e.g. `Europe/Vienna`. A local matter: nothing that two States must agree on hangs on it. */
  readonly timeZone: string;
  /** Local time of day of the digest, `HH:MM`. */
  readonly digestAt: string;
}

/** What waits for one person in one way, and what they have been told; times in epoch milliseconds. */
export interface Waiting {
  readonly kind: NoticeKind;
  /** Since when the oldest of what waits does. */
  readonly oldestAt: number;
  /** When the person was last seen signed in. */
  readonly seenAt: number | null;
  readonly sentAt: number | null;
  readonly sentDay: string | null;
  readonly sentCount: number;
  readonly nextAttemptAt: number;
  readonly claimedUntil: number;
}

/** Whether a mail about it leaves now. */
export function isDue(waiting: Waiting, office: OfficeTime, nowMs: number): boolean {
  const { kind, oldestAt, sentDay, sentCount, nextAttemptAt, claimedUntil } = waiting;
  if (nextAttemptAt > nowMs || claimedUntil > nowMs) return false;
  const today = dayOf(kind, nowMs, office);
  if (sentDay === today && sentCount >= mailsPerDay[kind]) return false;
  return kind === 'digest' ? dayOf(kind, oldestAt, office) < today : !isToldAlready(waiting, nowMs);
}

/** A mail went a short while ago, and the person has not signed in since: they know. */
function isToldAlready({ sentAt, seenAt }: Waiting, nowMs: number): boolean {
  const isUnseen = sentAt !== null && (seenAt === null || seenAt <= sentAt);
  return isUnseen && nowMs < sentAt + URGENT_GAP_MS;
}

/**
 * The office's day by which mails of a kind are counted, `YYYY-MM-DD`. For digests it begins at the digest's time of day, so
 * that what came since then waits for the next, and a digest the node was too late for still goes.
 */
export function dayOf(kind: NoticeKind, atMs: number, { timeZone, digestAt }: OfficeTime): string {
  const { day, time } = localTime(atMs, timeZone);
  return kind === 'digest' && time < digestAt ? dayBefore(day) : day;
}

function localTime(atMs: number, timeZone: string): { day: string; time: string } {
  const twoDigits = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', year: 'numeric', ...twoDigits });
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return { day: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
}

const dayBefore = (day: string): string => new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
