/**
 * Reads how a person stands to conversations and case files, in the person's own transaction: one query for any number of them.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { Actor } from './actor.ts';
import type { Standing } from './decide.ts';

type Db = Kysely<Database> | Transaction<Database>;

/**
 * Standing by thread or id of a case file; one that is missing is nothing to this person, or does not exist. What is assigned,
 * named for or opened by the person, the database says itself: asked of the tables, the walls around those were planned anew
 * with every query, for longer than the whole answer takes.
 */
export async function readStandings(db: Db, threads: readonly string[]): Promise<Map<string, Standing>> {
  if (threads.length === 0) return new Map();
  const { rows } = await sql<Standing & { thread: string }>`
    select t.thread, coalesce(c.unit, f.unit, p.unit) as unit, coalesce(c.eyes_only, f.eyes_only, p.eyes_only) as "eyesOnly",
      p.proposer as "draftedBy",
      coalesce(p.proposer = app_person() or p.proposer in (select app_my_absent()), false) as "isStandIn",
      t.thread in (select app_my_readings()) as "isReader", t.thread in (select app_my_assigned()) as "isAssigned",
      t.thread in (select app_my_needs()) as "isOpenedInNeed"
    from unnest(${[...threads]}::text[]) as t (thread)
      left join conversation c on c.thread = t.thread
      left join case_file f on f.id = t.thread
      left join lateral (select unit, eyes_only, proposer from proposal p where p.thread = t.thread and p.opens limit 1) p
        on c.thread is null and f.id is null
    where c.thread is not null or f.id is not null or p.proposer is not null`.execute(db);
  return new Map(rows.map(({ thread, ...standing }) => [thread, standing]));
}

/** Of somebody who is nothing to a conversation but a colleague: whoever may see it so may see it in any case. */
export const asColleague = (unit: string, eyesOnly: boolean): Standing => ({
  unit,
  eyesOnly,
  isReader: false,
  isAssigned: false,
  isOpenedInNeed: false,
  isStandIn: false,
  draftedBy: null,
});

/** The assignee that stands for everybody of one role in one unit. */
export const poolOf = (role: Actor['role'], unit: string): string => `role:${role}@${unit}`;
