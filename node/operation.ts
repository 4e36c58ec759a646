/**
 * The unit of work: one transaction that holds a change, its audit entry and what is to be sent, or nothing.
 * Whoever changes the database does it here; side effects wait until after the commit.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Log } from '#platform/http/log.ts';
import { appendEntry } from '#platform/log/append-entry.ts';
import { HELD } from '#platform/postgres/open-database.ts';
import { AccessError } from './access/access-error.ts';
import type { Actor } from './access/actor.ts';
import { requireAllowed } from './access/decide.ts';
import type { Permission } from './access/permit.ts';
import { readStandings } from './access/standing.ts';
import type { Database } from './storage/database.ts';
import type { Doors } from './storage/doors.ts';
import type { Vault } from './vault/vault.ts';

/** Clock, randomness and keys, given from outside so that a whole network can run on one seed. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Cryptographically secure random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Seals and opens content at rest; `closedVault` for work that touches none. */
  readonly vault: Vault;
  /** Where an operator reads what a person should know of and cannot be told. */
  readonly log?: Pick<Log, 'warn'> | undefined;
}

export interface Operation {
  readonly trx: Transaction<Database>;
  readonly nowMs: number;
  readonly random: (bytes: number) => Uint8Array;
  readonly vault: Vault;
  /**
   * Adds an entry to the audit log in this transaction. `detail` is kept beside it under a salted commitment and may
   * hold ids and hashes, never names, dates or text about a person (EVENTS.md).
   * @returns the entry's id in the queue and its leaf hash
   */
  readonly audit: (
    type: string,
    detail: Record<string, unknown>,
  ) => Promise<{ id: number; leaf: Uint8Array }>;
  /** A line for the operator, once the transaction is committed: codes alone (platform/http/log.ts). */
  readonly warn: Log['warn'];
  /** Runs once the transaction is committed; never if it is not. */
  readonly afterCommit: (effect: () => void) => void;
}

/** An operation of a person: the transaction is theirs, and so is what it may see. */
export interface PersonalOperation extends Operation {
  readonly actor: Actor;
  /**
   * Asks the policy about something of a conversation, or of the draft that would open one.
   * @param proposer who asked for what is decided now
   * @throws AccessError with the code of the denial; NOT_FOUND also where there is no such conversation
   */
  readonly require: (action: Permission, thread: string, proposer?: string) => Promise<void>;
}

/** What an operation of a person needs. */
export interface Personal {
  readonly doors: Pick<Doors, 'withActor'>;
  readonly surroundings: Surroundings;
}

/** Runs `work` in one transaction of a person (node/storage/doors.ts). Effects as in runOperation. */
export async function runAs<T>(
  { doors, surroundings }: Personal,
  actor: Actor,
  work: (op: PersonalOperation) => Promise<T>,
): Promise<T> {
  const effects: (() => void)[] = [];
  const result = await doors.withActor(actor, (trx) =>
    work(personal(makeOperation(trx, surroundings, effects), actor)),
  );
  for (const effect of effects) effect();
  return result;
}

function personal(op: Operation, actor: Actor): PersonalOperation {
  return {
    ...op,
    actor,
    require: async (action, thread, proposer) => {
      const standing = (await readStandings(op.trx, [thread])).get(thread);
      if (!standing) throw new AccessError('NOT_FOUND');
      requireAllowed(actor, action, { standing, proposer }, op.nowMs);
    },
  };
}

/** Runs `work` in one transaction of the node itself. Effects registered with afterCommit run in order once it is committed. */
export async function runOperation<T>(
  db: Kysely<Database>,
  surroundings: Surroundings,
  work: (op: Operation) => Promise<T>,
): Promise<T> {
  const effects: (() => void)[] = [];
  const result = await db.transaction().execute((trx) => work(makeOperation(trx, surroundings, effects)));
  for (const effect of effects) effect();
  return result;
}

/** What became of a part of an operation. */
export type Part<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/**
 * Runs a part of an operation that may fail without ending it: what a failed part wrote is taken back, its effects never run, and
 * the operation goes on.
 * @throws where not the part is at fault but the database: the connection is gone, or it is full, busy or about to stop
 */
export async function runPart<T>(op: Operation, work: (op: Operation) => Promise<T>): Promise<Part<T>> {
  const effects: (() => void)[] = [];
  await sql.raw(`${HELD}savepoint part`).execute(op.trx);
  try {
    const value = await work({
      ...op,
      warn: (event, fields) => effects.push(() => op.warn(event, fields)),
      afterCommit: (effect) => effects.push(effect),
    });
    await sql.raw(`${HELD}release savepoint part`).execute(op.trx);
    for (const effect of effects) op.afterCommit(effect);
    return { ok: true, value };
  } catch (error) {
    await sql.raw('rollback to savepoint part').execute(op.trx);
    if (isOfDatabase(error)) throw error;
    return { ok: false, error };
  }
}

/** SQLSTATE classes in which the server speaks of itself and not of what it was given (PostgreSQL, appendix A). */
const isOfDatabase = (error: unknown): boolean =>
  /^(08|40|53|55|57P|58)/.test(String((error as { code?: unknown } | null)?.code ?? ''));

function makeOperation(
  trx: Transaction<Database>,
  surroundings: Surroundings,
  effects: (() => void)[],
): Operation {
  const nowMs = surroundings.nowMs();
  return {
    trx,
    nowMs,
    random: surroundings.random,
    vault: surroundings.vault,
    audit: (type, detail) => appendEntry(trx, { type, atMs: nowMs, detail, salt: surroundings.random(32) }),
    warn: (event, fields) => effects.push(() => surroundings.log?.warn(event, fields)),
    afterCommit: (effect) => effects.push(effect),
  };
}
