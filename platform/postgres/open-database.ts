// Opens a PostgreSQL database for Kysely, with the two promises a unit of work lives on: a value read is exact
// or an error, and a commit that PostgreSQL turned into a rollback is an error. Knows no table.
import type { Socket } from 'node:net';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { parseValue } from '#platform/postgres/parse-value.ts';
import { PostgresError } from '#platform/postgres/postgres-error.ts';

const DEFAULTS = {
  application_name: 'focalnet',
  max: 10,
  connectionTimeoutMillis: 10_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
  // Statements that wait for nothing are sent one behind the other; see HELD.
  pipeline: true,
} satisfies pg.PoolConfig;

/**
 * Begins the text of a statement of a transaction whose result nobody waits for. It travels with the next statement, as every
 * `begin` does: one way to the server instead of two. Whoever sends that one gets its error, if it has one.
 */
export const HELD = '/* held */ ';

/** A session's dates must be readable by parseValue, whatever the server's own settings say. */
const SESSION_OPTIONS = '-c TimeZone=UTC -c DateStyle=ISO';

/**
 * A pool of connections as a Kysely database; `destroy()` closes it. Connects on the first query. Any field of
 * `config` overrides the defaults: at most 10 connections, statements 30 s, idle transactions 60 s.
 *
 * What queries return: int8 as number (throws VALUE_NOT_SAFE beyond ±2⁵³−1), timestamptz as milliseconds since
 * 1970 (finer digits cut off, `infinity` throws), date as 'YYYY-MM-DD', bytea as Buffer, numeric as string,
 * timestamp without time zone throws. Arrays of these likewise. To write a timestamptz give an ISO 8601 string.
 *
 * Queries throw PostgresError TRANSACTION_ROLLED_BACK from a commit after an error that the caller swallowed.
 */
export function openDatabase<T>(config: pg.PoolConfig): Kysely<T> {
  const pool = new pg.Pool({ ...DEFAULTS, ...withSession(config) });
  // A connection lost while idle: the pool drops it, and whoever queries next gets a new one or the error.
  pool.on('error', () => {});
  // Lost between two queries of a transaction: the next query tells; without a listener Node would end here.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<T>({ dialect: new PostgresDialect({ pool: guardPool(pool, nameOften()) }) });
  pools.set(db, pool);
  return db;
}

const pools = new WeakMap<object, pg.Pool>();

/** How many connections are open, idle among them, and how many callers wait for one. Only for `openDatabase`'s own. */
export function readPool<T>(db: Kysely<T>): { open: number; idle: number; waiting: number } {
  const pool = pools.get(db);
  return { open: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 };
}

/** `config` with the session settings and value parsers of this project, for a client of one's own. */
export function withSession<C extends pg.ClientConfig>(config: C): C {
  const options = [SESSION_OPTIONS, config.options].filter(Boolean).join(' ');
  return { ...config, options, types: { getTypeParser: parseValue as typeof pg.types.getTypeParser } };
}

function guardPool(pool: pg.Pool, nameOf: NameOf): PostgresPool {
  return {
    connect: async () => guardClient(await pool.connect(), nameOf),
    end: () => pool.end(),
  } as PostgresPool;
}

/** The name under which a connection keeps a statement prepared; undefined: it is parsed and planned anew. */
type NameOf = (text: string) => string | undefined;

/** A statement is kept from its so-manieth time on, and of a pool so many; what is met once keeps nothing. */
const OFTEN = 16;
const MOST_NAMES = 100;
const MOST_COUNTED = 2_000;

/**
 * Names what is asked often: under row-level security planning takes longer than most statements do. Texts differ by their filters
 * and lengths of lists, so both tables have an end.
 */
export function nameOften(): NameOf {
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MOST_NAMES) return known;
    const count = (counts.get(text) ?? 0) + 1;
    if (counts.size >= MOST_COUNTED) counts.clear();
    counts.set(text, count);
    if (count < OFTEN) return undefined;
    counts.delete(text);
    names.set(text, `often-${names.size + 1}`);
    return names.get(text);
  };
}

type Statement = { readonly text: string; readonly values: readonly unknown[] };
type Result = Pick<pg.QueryResult, 'command' | 'rowCount' | 'rows'>;

function guardClient(client: pg.PoolClient, nameOf: NameOf): PostgresPoolClient {
  let broken = false;
  let held: Statement[] = [];
  const send = (statements: readonly Statement[]) =>
    sendTogether(client, statements, nameOf).catch((error) => {
      broken ||= endsConnection(error);
      throw error;
    });
  const query = async (text: string, values: readonly unknown[]): Promise<Result> => {
    const statement = { text, values };
    if (text.startsWith(HELD) || isBegin(text)) {
      held.push(statement);
      return { command: '', rowCount: 0, rows: [] };
    }
    const isUnsent = held[0] !== undefined && isBegin(held[0].text);
    const statements = [...held, statement];
    held = [];
    // Of a transaction that was never sent there is nothing to end.
    if (isUnsent && (/^rollback$/i.test(text) || (/^commit$/i.test(text) && statements.length === 2)))
      return { command: text.toUpperCase(), rowCount: 0, rows: [] };
    const result = await send(statements);
    // PostgreSQL answers the commit of a failed transaction with a rollback and no error.
    if (/^commit$/i.test(text) && result.command === 'ROLLBACK') throw rolledBack();
    return result;
  };
  // A connection that is not between transactions (rollback failed, or nobody tried) must not serve the next
  // caller, who would write into a stranger's transaction; nor one that broke.
  const release = () => client.release(broken || client.getTransactionStatus() !== 'I');
  return { query, release } as unknown as PostgresPoolClient;
}

const isBegin = (text: string): boolean => /^(begin|start transaction)\b/i.test(text);

/** The result of the last one. @throws the first error of any */
async function sendTogether(
  client: pg.PoolClient,
  statements: readonly Statement[],
  nameOf: NameOf,
): Promise<Result> {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  // In one piece: each piece costs both sides a call of the system.
  stream.cork();
  const answers = statements.map(({ text, values }) => {
    const name = CAN_BE_KEPT.test(text) ? nameOf(text) : undefined;
    return client.query({ text, values: [...values], ...(name && { name }) });
  });
  stream.uncork();
  const settled = await Promise.allSettled(answers);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return (settled.at(-1) as PromiseFulfilledResult<pg.QueryResult>).value;
}

/** What PostgreSQL plans. */
const CAN_BE_KEPT = /^(\/\* held \*\/ )?(select|insert|update|delete|with)\b/i;

/** True unless the server reported an error that ends the statement only, or a value was refused by a parser. */
function endsConnection(error: unknown): boolean {
  if (error instanceof PostgresError) return false;
  // A kept statement no longer fits its table, which a migration has changed.
  const isOutdated = error instanceof pg.DatabaseError && error.code === '0A000';
  return isOutdated || !(error instanceof pg.DatabaseError) || error.severity !== 'ERROR';
}

function rolledBack(): PostgresError {
  return new PostgresError(
    'TRANSACTION_ROLLED_BACK',
    'A statement of this transaction had failed, so nothing was committed: let the error end the transaction, or use a savepoint.',
  );
}
