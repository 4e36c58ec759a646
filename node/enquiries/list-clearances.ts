/**
 * Clearances as people read them: where each stands, and which come first.
 */
import { sql } from 'kysely';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import type { ClearanceRow } from './grant-clearance.ts';
import { sealedClearance } from './tables.ts';

export type ClearanceStatus = 'asked' | 'granted' | 'refused' | 'revoked' | 'expired';

/** Where a clearance stands at a time, in milliseconds since 1970. */
export function clearanceStatus(row: ClearanceRow, nowMs: number): ClearanceStatus {
  if (row.revoked_at !== null) return row.granted_at === null ? 'refused' : 'revoked';
  if (row.expires_at <= nowMs) return 'expired';
  return row.granted_at === null ? 'asked' : 'granted';
}

/** Those that wait for a decision, then the others, each the newest first. */
export async function listClearances(reader: Reader, nowMs: number, limit = 200): Promise<ClearanceRow[]> {
  const rows = await reader.trx
    .selectFrom('clearance')
    .selectAll()
    .orderBy(sql`granted_at is null and revoked_at is null and expires_at > ${nowMs}`, 'desc')
    .orderBy('asked_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return openRows(reader, sealedClearance, rows);
}

/** Whether it opens, or would open, a gate for this proposal: asked for just that, or for the whole conversation. */
export const isAbout = (
  row: ClearanceRow,
  proposal: { readonly peer: string; readonly digest: string },
): boolean => row.peer === proposal.peer && (row.digest === null || row.digest === proposal.digest);
