/**
 * Reads how a person stands to conversations and case files, in the person's own transaction: one query for any number of them.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { Actor } from './actor.ts';
import type { Standing } from './decide.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** Standing by thread or id of a case file; one that is missing is nothing to this person, or does not exist. */
export async function readStandings(
  db: Db,
  actor: Actor,
  threads: readonly string[],
  nowMs: number,
): Promise<Map<string, Standing>> {
  if (threads.length === 0) return new Map();
  const pool = poolOf(actor.role, actor.unit);
  const { rows } = await sql<Standing & { thread: string }>`
    with mine as (
      select ${actor.id} as assignee union all select ${pool} union all
      select from_person from hand_over where to_person = ${actor.id} and ended_at is null and until > ${nowMs})
    select t.thread, coalesce(c.unit, f.unit, p.unit) as unit, coalesce(c.eyes_only, f.eyes_only, p.eyes_only) as "eyesOnly",
      p.proposer as "draftedBy", coalesce(p.proposer in (select assignee from mine), false) as "isStandIn",
      exists (select 1 from reader r where r.thread = t.thread and r.person = ${actor.id}) as "isReader",
      exists (select 1 from assignment a where a.thread = t.thread and a.assignee in (select assignee from mine)
        and a.ended_at is null and (a.until is null or a.until > ${nowMs})) as "isAssigned",
      exists (select 1 from break_glass g where g.thread = t.thread and g.person = ${actor.id} and g.expires_at > ${nowMs}) as "isOpenedInNeed"
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
