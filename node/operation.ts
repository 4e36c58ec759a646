/**
 * The unit of work: one transaction that holds a change, its audit entry and what is to be sent, or nothing.
 * Whoever changes the database does it here; side effects wait until after the commit.
 */
import type { Kysely, Transaction } from 'kysely';
import { appendEntry } from '#platform/log/append-entry.ts';
import type { Database } from './storage/database.ts';

/** Clock and randomness, given from outside so that a whole network can run on one seed. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Cryptographically secure random bytes. */
  readonly random: (bytes: number) => Uint8Array;
}

export interface Operation {
  readonly trx: Transaction<Database>;
  readonly nowMs: number;
  readonly random: (bytes: number) => Uint8Array;
  /**
   * Adds an entry to the audit log in this transaction. `detail` is kept beside it under a salted commitment and may
   * hold ids and hashes, never names, dates or text about a person (EVENTS.md).
   * @returns the entry's id in the queue and its leaf hash
   */
  readonly audit: (
    type: string,
    detail: Record<string, unknown>,
  ) => Promise<{ id: number; leaf: Uint8Array }>;
  /** Runs once the transaction is committed; never if it is not. */
  readonly afterCommit: (effect: () => void) => void;
}

/** Runs `work` in one transaction. Effects registered with afterCommit run in order once it is committed. */
export async function runOperation<T>(
  db: Kysely<Database>,
  surroundings: Surroundings,
  work: (op: Operation) => Promise<T>,
): Promise<T> {
  const effects: (() => void)[] = [];
  const nowMs = surroundings.nowMs();
  const result = await db.transaction().execute((trx) =>
    work({
      trx,
      nowMs,
      random: surroundings.random,
      audit: (type, detail) => appendEntry(trx, { type, atMs: nowMs, detail, salt: surroundings.random(32) }),
      afterCommit: (effect) => effects.push(effect),
    }),
  );
  for (const effect of effects) effect();
  return result;
}
