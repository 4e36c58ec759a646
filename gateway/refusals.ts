/**
 * Counts what was refused because no listed key has signed it. Such input may not fill a disk, nor vanish: once an hour the
 * log gets one entry with the counts.
 */
import { appendEntry } from '#platform/log/append-entry.ts';
import type { GatewayContext } from './context.ts';

const HOUR_MS = 3_600_000;

export type Refusals = {
  /** Counts one refusal by its code. */
  count(code: string): void;
  /** Writes what was counted since the last entry, and stops. */
  close(): Promise<void>;
};

/** Starts counting. `onError` is told when an entry could not be written; its counts stay for the next. */
export function startRefusals(
  { db, nowMs, random, count: told }: Pick<GatewayContext, 'db' | 'nowMs' | 'random' | 'count'>,
  onError: (error: unknown) => void,
): Refusals {
  const counts = new Map<string, number>();
  const count = (code: string, by = 1) => counts.set(code, (counts.get(code) ?? 0) + by);
  const flush = async () => {
    if (counts.size === 0) return;
    const detail = Object.fromEntries(counts);
    counts.clear();
    const entry = { type: 'refused.hourly', atMs: nowMs(), detail, salt: random(32) };
    await appendEntry(db, entry).catch((error: unknown) => {
      for (const [code, by] of Object.entries(detail)) count(code, by);
      onError(error);
    });
  };
  const timer = setInterval(() => void flush(), HOUR_MS);
  timer.unref();
  return {
    count: (code) => {
      count(code);
      told.refused(code);
    },
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}
