/**
 * Whether the clock is right, as far as one process can tell: by what other parties' answers say, and by whether it was set while
 * the process ran.
 */
import { limits } from '#schema/protocol/limits.ts';

/** What one other party's clock says, less ours. */
export interface ClockOffset {
  readonly offsetMs: number;
  /** When it was learned, epoch milliseconds. */
  readonly atMs: number;
}

/** Older news of a clock says nothing about now. */
const FRESH_MS = 3_600_000;
/** One party alone may be wrong itself. */
const VOICES_LEAST = 2;

/**
 * From the `Date` of an HTTP answer (whole seconds): the middle of that second against the middle of the call. Null where the
 * header is none.
 */
export function readOffset(date: string | undefined, sentMs: number, receivedMs: number): ClockOffset | null {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return null;
  return { offsetMs: Math.round(theirs + 500 - (sentMs + receivedMs) / 2), atMs: receivedMs };
}

/** The median of what others say, in milliseconds; null where fewer than two have said anything within the hour. */
export function commonOffsetMs(offsets: readonly ClockOffset[], nowMs: number): number | null {
  const fresh = offsets
    .filter(({ atMs }) => Math.abs(nowMs - atMs) < FRESH_MS)
    .map(({ offsetMs }) => offsetMs)
    .sort((a, b) => a - b);
  if (fresh.length < VOICES_LEAST) return null;
  const [low, high] = [fresh[(fresh.length - 1) >> 1]!, fresh[fresh.length >> 1]!];
  return (low + high) / 2;
}

/** Beyond this others refuse what is sent (PROTOCOL.md, L10). */
export const isClockRight = (offsetMs: number | null): boolean =>
  offsetMs === null || Math.abs(offsetMs) <= limits.skewS * 1000;

/** By how much the clock was set since this was called, in milliseconds. @param monotonicMs a clock that nobody sets */
export function watchJumps(
  nowMs: () => number,
  monotonicMs: () => number = () => performance.now(),
): () => number {
  const startedMs = nowMs() - monotonicMs();
  return () => nowMs() - monotonicMs() - startedMs;
}
