/**
 * Puts audit entries into the queue of the log, inside the caller's transaction: the entry exists exactly when
 * what it records does. Gives them no place in the tree; the sequencer does.
 *
 * Sends no NOTIFY: one in each transaction makes PostgreSQL commit them one after another (a third of the rate
 * with 16 writers). After the commit call `waitForCover` or `wake` of the sequencer in this process, or
 * `notifySequencer` where it runs in another; without either it looks by itself twice a second.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { HELD } from '#platform/postgres/open-database.ts';
import { makeEntry } from '#schema/log/entry.ts';

/** `atMs`: milliseconds since 1970. `detail`: what the entry commits to. `salt`: 32 fresh random bytes. */
export type NewEntry = { type: string; atMs: number; detail: unknown; salt: Uint8Array };

/** An entry in the queue: `id` names it within this database, `leaf` is its leaf hash. */
export type AppendedEntry = { id: number; leaf: Uint8Array };

/** Channel on which a sequencer listens. */
export const WAKE_CHANNEL = 'log_wake';

/**
 * Appends one entry in the caller's transaction.
 * @throws LogError `ENTRY_MALFORMED`; CanonicalError for an impossible detail
 */
export async function appendEntry(trx: QueryExecutorProvider, entry: NewEntry): Promise<AppendedEntry> {
  const made = makeEntry(entry);
  const { rows } = await sql<{ id: string }>`
    insert into audit_entry (type, at, bytes, leaf, salt, detail)
    values (${entry.type}, ${new Date(entry.atMs).toISOString()}, ${made.bytes}, ${made.leaf}, ${entry.salt},
            ${asText(made.detail)})
    returning id`.execute(trx);
  return { id: Number(rows[0]!.id), leaf: made.leaf };
}

/**
 * Appends one entry together with the next statement of the caller's transaction, its commit at the latest, which fails if
 * the entry does. Saves the way to the database, and nobody learns the entry's id.
 * @throws as appendEntry, but for the database's errors
 */
export async function appendWithNext(trx: QueryExecutorProvider, entry: NewEntry): Promise<void> {
  const { bytes, leaf, detail } = makeEntry(entry);
  await sql`${sql.raw(HELD)}insert into audit_entry (type, at, bytes, leaf, salt, detail)
    values (${entry.type}, ${new Date(entry.atMs).toISOString()}, ${bytes}, ${leaf}, ${entry.salt}, ${asText(detail)})`.execute(
    trx,
  );
}

/**
 * Appends many entries with one statement; the results stand in the order given.
 * @throws LogError `ENTRY_MALFORMED`; CanonicalError for an impossible detail
 */
export async function appendEntries(
  trx: QueryExecutorProvider,
  entries: readonly NewEntry[],
): Promise<AppendedEntry[]> {
  if (entries.length === 0) return [];
  const made = entries.map((entry) => makeEntry(entry));
  const { rows } = await sql<{ id: string; leaf: Uint8Array }>`
    insert into audit_entry (type, at, bytes, leaf, salt, detail)
    select type, at, bytes, leaf, salt, detail from unnest(
      ${entries.map((entry) => entry.type)}::text[],
      ${entries.map((entry) => new Date(entry.atMs).toISOString())}::timestamptz[],
      ${made.map((one) => one.bytes)}::bytea[], ${made.map((one) => one.leaf)}::bytea[],
      ${entries.map((entry) => entry.salt)}::bytea[], ${made.map((one) => asText(one.detail))}::text[]
    ) with ordinality as new (type, at, bytes, leaf, salt, detail, place)
    order by place
    returning id, leaf`.execute(trx);
  const ids = new Map(rows.map((row) => [hex(row.leaf), Number(row.id)]));
  return made.map(({ leaf }) => ({ id: ids.get(hex(leaf))!, leaf }));
}

/** Wakes a sequencer in another process. Call it after the commit, never inside the transaction. */
export async function notifySequencer(db: QueryExecutorProvider): Promise<void> {
  await sql`select pg_notify(${WAKE_CHANNEL}, '')`.execute(db);
}

function asText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
