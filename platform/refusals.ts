/**
 * Counts what was refused without leaving a trace of its own, mostly because no listed key has signed it. Such input may not
 * fill a disk, nor vanish: once an hour the audit log gets one entry with the counts by code, and the log lines one for each.
 */
import type { QueryExecutorProvider } from 'kysely';
import { codeOf, HttpError } from '#platform/http/http-error.ts';
import type { Log } from '#platform/http/log.ts';
import type { CheckRequest } from '#platform/http/signed-request.ts';
import { appendEntry } from '#platform/log/append-entry.ts';

const HOUR_MS = 3_600_000;

export type Refusals = {
  /** Counts one refusal by its code. */
  count(code: string): void;
  /** Writes what was counted since the last entry. Where that fails it stays for the next. */
  summarise(): Promise<void>;
  /** Writes it a last time, and stops. */
  close(): Promise<void>;
};

/**
 * Starts counting.
 * @param party.nowMs clock, milliseconds since 1970
 * @param party.onCount hears of each at once, for metrics
 */
export function startRefusals(party: {
  db: QueryExecutorProvider;
  nowMs: () => number;
  random: (bytes: number) => Uint8Array;
  log: Log;
  onCount?: (code: string) => void;
}): Refusals {
  const { db, nowMs, random, log, onCount } = party;
  const counts = new Map<string, number>();
  const count = (code: string, by = 1) => counts.set(code, (counts.get(code) ?? 0) + by);
  const summarise = async () => {
    if (counts.size === 0) return;
    const detail = Object.fromEntries(counts);
    counts.clear();
    try {
      await appendEntry(db, { type: 'refused.hourly', atMs: nowMs(), detail, salt: random(32) });
      for (const [code, times] of Object.entries(detail)) log.warn('refused-hourly', { code, count: times });
    } catch (error) {
      for (const [code, by] of Object.entries(detail)) count(code, by);
      log.warn('refusals-failed', { code: codeOf(error) });
    }
  };
  const timer = setInterval(() => void summarise(), HOUR_MS);
  timer.unref();
  return {
    count: (code) => {
      count(code);
      onCount?.(code);
    },
    summarise,
    close: async () => {
      clearInterval(timer);
      await summarise();
    },
  };
}

/** The same check, which also counts the calls that no listed key has signed. */
export function countUnsigned(refusals: Refusals, check: CheckRequest): CheckRequest {
  return (request, maxBodyBytes) =>
    check(request, maxBodyBytes).catch((error: unknown) => {
      if (error instanceof HttpError && error.status === 401) refusals.count(error.code);
      throw error;
    });
}
