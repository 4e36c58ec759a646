/**
 * Nothing waits in one person's inbox: what is assigned only to somebody who has been disabled, who is away without a stand-in, or
 * to a role that nobody has in the unit. Reads only what the person who asks may see.
 */
import { sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';

export interface Unattended {
  readonly kind: 'assignment' | 'task' | 'proposal';
  /** Id of the assignment, task or proposal. */
  readonly id: string;
  readonly thread: string | null;
  /** A person's id, or a pool (standing.ts, poolOf). */
  readonly person: string;
  readonly why: 'disabled' | 'away' | 'nobody-of-that-role';
  readonly since: number;
}

/** The oldest first, at most 500. @param only what is assigned to this person */
export async function findUnattended(
  trx: Transaction<Database>,
  nowMs: number,
  only: string | null = null,
): Promise<Unattended[]> {
  const { rows } = await sql<Unattended>`
    with away as (select from_person, to_person from hand_over where ended_at is null and until > ${nowMs}),
    gone as (
      select p.id, case when p.disabled_at is not null then 'disabled' else 'away' end as why from person p
      where (p.disabled_at is not null or exists (select 1 from away a where a.from_person = p.id))
        and not exists (select 1 from away a join person s on s.id = a.to_person
          where a.from_person = p.id and s.disabled_at is null and not exists (select 1 from away b where b.from_person = s.id))
      union all
      select distinct assignee, 'nobody-of-that-role' from assignment s
      where s.assignee like 'role:%' and not exists (
        select 1 from person p where p.disabled_at is null and s.assignee = 'role:' || p.role || '@' || p.unit)),
    given as (select * from assignment where ended_at is null and (until is null or until > ${nowMs}))
    select * from (select 'assignment' as kind, g.id, g.thread, g.assignee as person, gone.why, g.given_at as since
      from given g join gone on gone.id = g.assignee
      where not exists (select 1 from given o where o.thread = g.thread and o.assignee not in (select id from gone))
    union all select 'task', t.id, t.thread, t.assigned_to, gone.why, t.opened_at
      from task t join gone on gone.id = t.assigned_to where t.closed_at is null
    union all select 'proposal', p.id, p.thread, p.proposer, gone.why, p.proposed_at
      from proposal p join gone on gone.id = p.proposer where p.status in ('stopped', 'waiting', 'stale')) as found
    where ${only}::text is null or person = ${only}
    order by since, id limit 500`.execute(trx);
  return rows;
}
