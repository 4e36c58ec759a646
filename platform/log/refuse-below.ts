/**
 * The guard against signing after a restore from an old backup.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { readRoot } from '#platform/log/read-log.ts';
import { equalHashes } from '#schema/log/tree.ts';

/** The largest checkpoint of this log that a witness is known to have cosigned. */
export type LastCosigned = { size: number; root: Uint8Array };

/**
 * Refuses a log that is smaller than, or does not contain, what witnesses cosigned last.
 * @throws LogStoreError `LOG_ROLLED_BACK`; LogError `NODE_MISSING` when nodes of the tree are gone
 */
export async function refuseBelow(db: QueryExecutorProvider, lastCosigned: LastCosigned): Promise<void> {
  const { rows } = await sql<{ size: string }>`select size from log_head`.execute(db);
  if (Number(rows[0]?.size ?? 0) < lastCosigned.size) throw new LogStoreError('LOG_ROLLED_BACK');
  if (!equalHashes(await readRoot(db, lastCosigned.size), lastCosigned.root)) {
    throw new LogStoreError('LOG_ROLLED_BACK');
  }
}
