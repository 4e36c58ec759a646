/**
 * What one request reads: in one transaction of the person who asks, with the record of it in that same transaction, committed
 * before a byte is answered. Where the record cannot be written nothing is answered (SECURITY.md, Access: fails closed).
 */
import type { ControlledTransaction, Transaction } from 'kysely';
import { appendWithNext } from '#platform/log/append-entry.ts';
import type { Actor } from './access/actor.ts';
import type { Personal, Surroundings } from './operation.ts';
import type { Database } from './storage/database.ts';
import type { Doors } from './storage/doors.ts';
import type { Vault } from './vault/vault.ts';

export interface Reading {
  /** The one transaction of this request, begun with its first query. @throws ReadingOverError after `finish` or `abandon` */
  readonly trx: () => Promise<Transaction<Database>>;
  /** The same, for what is kept sealed. */
  readonly reader: () => Promise<{ readonly trx: Transaction<Database>; readonly vault: Vault }>;
  /** Content of this conversation is shown: words, warnings, files, not only that it exists. */
  readonly noteContent: (thread: string) => void;
  /** So many rows of a kind are shown, without their content. */
  readonly noteList: (what: string, rows: number) => void;
  /** Records what was read and commits; nothing was read, nothing is recorded. @param fields root fields asked for */
  readonly finish: (fields: readonly string[]) => Promise<void>;
  /** Ends without a record: nothing of it may be answered. */
  readonly abandon: () => Promise<void>;
}

/** Whatever still looks for something when the answer is out: nobody hears of it. */
export class ReadingOverError extends Error {
  override readonly name = 'ReadingOverError';
  readonly code = 'READING_OVER';
  constructor() {
    super('What was read is recorded or given up: read in a request of its own.');
  }
}

export type Reads = Personal & { readonly doors: Pick<Doors, 'beginFor'> };

export function openReading({ doors, surroundings }: Reads, actor: Actor): Reading {
  let begun: Promise<ControlledTransaction<Database>> | undefined;
  // An answer is out with its first error, while other resolvers run on: what they began then, nobody would end.
  let isOver = false;
  const threads = new Set<string>();
  const rows = new Map<string, number>();
  const begin = async () => {
    if (isOver) throw new ReadingOverError();
    begun ??= doors.beginFor(actor);
    return begun;
  };
  return {
    trx: begin,
    reader: async () => ({ trx: await begin(), vault: surroundings.vault }),
    noteContent: (thread) => void threads.add(thread),
    noteList: (what, count) => void rows.set(what, (rows.get(what) ?? 0) + count),
    finish: async (fields) => {
      isOver = true;
      // What an operation answered was read in a transaction of its own: it is recorded all the same.
      const isShown = threads.size > 0 || rows.size > 0;
      begun ??= isShown ? doors.beginFor(actor) : undefined;
      const trx = await begun;
      if (!trx) return;
      begun = undefined;
      const what = {
        fields: [...new Set(fields)].sort(),
        threads: [...threads].sort(),
        rows: Object.fromEntries(rows),
      };
      threads.clear();
      rows.clear();
      try {
        await appendWithNext(trx, makeRecord(actor, what, surroundings));
        await trx.commit().execute();
      } catch (error) {
        await rollBack(trx);
        throw error;
      }
    },
    abandon: async () => {
      isOver = true;
      const trx = await begun?.catch(() => undefined);
      begun = undefined;
      if (trx) await rollBack(trx);
    },
  };
}

function makeRecord(actor: Actor, what: Record<string, unknown>, { nowMs, random }: Surroundings) {
  const { id, role, unit, purpose } = actor;
  return {
    type: 'reading.answered',
    atMs: nowMs(),
    detail: { actor: id, role, unit, purpose, ...what },
    salt: random(32),
  };
}

/** The connection may be gone: then PostgreSQL has rolled back by itself. */
async function rollBack(trx: ControlledTransaction<Database>): Promise<void> {
  if (!trx.isCommitted && !trx.isRolledBack)
    await trx
      .rollback()
      .execute()
      .catch(() => {});
}
