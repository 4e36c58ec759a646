/**
 * How much each person was shown, by hour and purpose: what makes browsing visible (SECURITY.md, T1).
 */
import { sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import { AuditError } from './audit-error.ts';

const DAY_MS = 86_400_000;
const LONGEST_MS = 31 * DAY_MS;

export interface ReadingCount {
  readonly actor: string;
  readonly purpose: string;
  /** Start of the hour, milliseconds since 1970. */
  readonly hour: number;
  /** Answers with something in them. */
  readonly readings: number;
  /** Different conversations whose content was shown. */
  readonly conversations: number;
}

/** @throws AuditError RANGE_INVALID, RANGE_TOO_LONG */
export async function countReadings(
  trx: Transaction<Database>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<ReadingCount[]> {
  if (fromMs >= toMs) throw new AuditError('RANGE_INVALID');
  if (toMs - fromMs > LONGEST_MS) throw new AuditError('RANGE_TOO_LONG');
  const { rows } = await sql<ReadingCount>`
    select actor, purpose, date_trunc('hour', at) as hour, count(distinct id) as readings, count(distinct thread) as conversations
    from (select id, at, detail::jsonb ->> 'actor' as actor, detail::jsonb ->> 'purpose' as purpose, detail::jsonb -> 'threads' as threads
          from audit_entry where type in ('reading.answered', 'attachment.read')
            and at >= ${new Date(fromMs).toISOString()}::timestamptz and at < ${new Date(toMs).toISOString()}::timestamptz) entry
      left join lateral jsonb_array_elements_text(coalesce(threads, '[]')) as t (thread) on true
    where actor is not null and purpose is not null
    group by actor, purpose, hour order by hour, actor, purpose`.execute(trx);
  return rows;
}
