/**
 * What guardians may read: the links of their own that are in force, and the milestones of the conversations these cover. No table
 * that holds content is granted to them. Times are epoch milliseconds.
 */
import { type Generated, type Kysely, sql } from 'kysely';
import { OWNER, roleOfAudience } from '../storage/roles.ts';
import { all, openTable, withThread } from '../storage/walls.ts';
import { type Milestone, milestones } from './milestones.ts';

export interface MilestoneTable {
  thread: string;
  /** From 1, in the order in which this node came to know them. */
  n: number;
  stage: Milestone;
  /** When it was decided, or known here. */
  at: number;
  /** When this node came to know it: what a freeze compares. */
  noted_at: number;
}

/** What is added to a guardian's link (node/access/people-tables.ts). */
export interface ShownLink {
  /** From then on nothing new is shown by it, and nothing shows that. */
  frozen_at: Generated<number | null>;
}

export interface RepresentationTables {
  milestone: MilestoneTable;
  guardian_link: ShownLink;
}

/** Made anew by node/access/link-tables.ts, which also covers case files. As the owner: a guardian cannot see that a link is frozen. Two links for one conversation show what the stricter one shows. */
const MY_REPRESENTED = sql`create function app_my_represented() returns table (thread text, until bigint)
  language sql stable security definer set search_path = public, pg_temp as ${sql.lit(`
    select t.thread, coalesce(min(frozen_at), 9223372036854775807) from guardian_link, unnest(threads) as t (thread)
    where person = app_person() and approved_at is not null and revoked_at is null and (ends_at is null or ends_at > app_now())
    group by t.thread`)}`;

export async function up(db: Kysely<unknown>): Promise<void> {
  const ofContent = (key: string) =>
    sql`text generated always as (content::jsonb ->> ${sql.lit(key)}) stored`;
  await sql`alter table guardian_link add column frozen_at bigint, add column authority ${ofContent('authority')},
    add column scope ${ofContent('scope')}, add column appointed_on ${ofContent('appointedOn')},
    add column ends_on ${ofContent('endsOn')}`.execute(db);
  await sql`grant select (authority, scope, appointed_on, ends_on) on guardian_link to ${sql.id(roleOfAudience.guardian)}`.execute(
    db,
  );
  await sql`create policy owner_reads on guardian_link for select to ${sql.id(OWNER)} using (true)`.execute(
    db,
  );
  await MY_REPRESENTED.execute(db);
  await makeMilestones(db);
}

async function makeMilestones(db: Kysely<unknown>): Promise<void> {
  const known = sql.join(milestones.codes.map((code) => sql.lit(code)));
  await sql`create table milestone (
    thread text not null, n int not null, stage text not null check (stage in (${known})), at bigint not null, noted_at bigint not null,
    primary key (thread, n))`.execute(db);
  const { select, insert } = all(withThread('milestone'));
  await openTable(db, 'milestone', {
    work: { app_exchange: 'select, insert' },
    officer: { privileges: 'select, insert', rows: { ...(select && { select }), ...(insert && { insert }) } },
    guardian: {
      privileges: 'select (thread, n, stage, at)',
      rows: {
        select: {
          using: sql`exists (select 1 from app_my_represented() w where w.thread = milestone.thread and milestone.noted_at <= w.until)`,
        },
      },
    },
  });
}
