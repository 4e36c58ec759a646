/**
 * The only doors to the database. Work of the node itself has a pool for each of its roles; for a person there is
 * {@link Doors.withActor}: one transaction, in the role of the person's endpoint, that says who acts and what for. Outside of it
 * the people's connections may do nothing at all (SECURITY.md, Access).
 */
import { type ControlledTransaction, type Kysely, sql, type Transaction } from 'kysely';
import type pg from 'pg';
import { HELD, openDatabase } from '#platform/postgres/open-database.ts';
import { AccessError } from '../access/access-error.ts';
import { type Actor, audienceOf } from '../access/actor.ts';
import type { Database } from './database.ts';
import { asRole, NOBODY, roleOfAudience, type WorkRole } from './roles.ts';

export interface Doors {
  /** For the exchange: messages, receipts, the log. */
  readonly exchange: Kysely<Database>;
  /** For what time alone brings about. */
  readonly jobs: Kysely<Database>;
  /** For finding out who somebody is. */
  readonly signin: Kysely<Database>;
  /** For links that local services without an account hold. */
  readonly local: Kysely<Database>;
  /** For looking whether records may be of one child: reads files and acts, and changes none. */
  readonly matching: Kysely<Database>;
  /** For what operators are told: counts and times. */
  readonly operations: Kysely<Database>;
  /** For making unreadable what is kept no longer. */
  readonly retention: Kysely<Database>;
  /** Runs `work` in one transaction of this person. @throws AccessError NOT_PERMITTED for a role without an endpoint */
  readonly withActor: <T>(actor: Actor, work: (trx: Transaction<Database>) => Promise<T>) => Promise<T>;
  /** Begins a transaction of this person that the caller must commit or roll back. @throws as withActor */
  readonly beginFor: (actor: Actor) => Promise<ControlledTransaction<Database>>;
  readonly close: () => Promise<void>;
}

/** People waiting for a page and people acting share these connections. */
const PEOPLE_CONNECTIONS = 10;
const EXCHANGE_CONNECTIONS = 12;
/** No page of a person takes so long unless somebody tries what a page may cost. */
export const PEOPLE_STATEMENT_MS = 10_000;

/** @param config of a login that may take on every role (prepareRoles) */
export function openDoors(config: pg.PoolConfig, nowMs: () => number): Doors {
  const open = (role: Parameters<typeof asRole>[1], max: number, more: pg.PoolConfig = {}) =>
    openDatabase<Database>({ ...asRole(config, role), ...more, max });
  const people = open(NOBODY, PEOPLE_CONNECTIONS, { statement_timeout: PEOPLE_STATEMENT_MS });
  const exchange = open('app_exchange', EXCHANGE_CONNECTIONS);
  const jobs = open('app_jobs', 2);
  const signin = open('app_signin', 4);
  const local = open('app_local', 2);
  const matching = open('app_matching', 1);
  const operations = open('app_operations', 2);
  const retention = open('app_retention', 2);
  return {
    exchange,
    jobs,
    signin,
    local,
    matching,
    operations,
    retention,
    withActor: (actor, work) =>
      people.transaction().execute(async (trx) => {
        await takeOn(trx, actor, nowMs());
        return work(trx);
      }),
    beginFor: async (actor) => {
      const trx = await people.startTransaction().execute();
      try {
        await takeOn(trx, actor, nowMs());
        return trx;
      } catch (error) {
        await trx.rollback().execute();
        throw error;
      }
    },
    close: async () => {
      await Promise.all(
        [people, exchange, jobs, signin, local, matching, operations, retention].map((db) => db.destroy()),
      );
    },
  };
}

/**
 * A door for a command that does work of the node beside it; whoever opens it closes it.
 * @param config of a login that may take on every role (prepareRoles)
 */
export const openWork = (config: pg.PoolConfig, role: WorkRole): Kysely<Database> =>
  openDatabase<Database>({ ...asRole(config, role), max: 2 });

/** Only for this transaction: a setting that outlives it would show one person's rows to the next. */
async function takeOn(trx: Transaction<Database>, actor: Actor, nowMs: number): Promise<void> {
  const audience = audienceOf[actor.role];
  if (audience === null) throw new AccessError('NOT_PERMITTED');
  await sql`${sql.raw(HELD)}select set_config('role', ${roleOfAudience[audience]}, true), set_config('app.person', ${actor.id}, true),
    set_config('app.role', ${actor.role}, true), set_config('app.unit', ${actor.unit}, true),
    set_config('app.name', ${actor.name}, true), set_config('app.office', ${actor.office}, true),
    set_config('app.purpose', ${actor.purpose}, true), set_config('app.now', ${String(nowMs)}, true)`.execute(
    trx,
  );
}
