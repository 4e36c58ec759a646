/**
 * What people write into the fields of these operations: reasons, times, days. Refused by kind, never repeated.
 */
import { AccessError } from './access-error.ts';

/** What somebody gives as a reason, without space around it. @throws AccessError REASON_MISSING under ten characters */
export function readReason(text: string): string {
  const reason = text.trim();
  if (reason.length < 10) throw new AccessError('REASON_MISSING');
  return reason;
}

/** A time to come, at most `longestMs` away. @throws AccessError TIME_INVALID */
export function readFuture(text: string, nowMs: number, longestMs: number): number {
  const atMs = readInstant(text);
  if (atMs <= nowMs || atMs > nowMs + longestMs) throw new AccessError('TIME_INVALID');
  return atMs;
}

/** A time that has been. @throws AccessError TIME_INVALID */
export function readPast(text: string, nowMs: number): number {
  const atMs = readInstant(text);
  if (atMs > nowMs || atMs < 0) throw new AccessError('TIME_INVALID');
  return atMs;
}

/** ISO 8601 with an offset: a time without one is another time in another office. */
function readInstant(text: string): number {
  const isIso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const atMs = isIso ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new AccessError('TIME_INVALID');
  return atMs;
}
