/**
 * Who represents a child has begun or ended: the States that are asked about the child should be told (PRACTICE.md 1.3, REP), by a
 * person. For each conversation a task comes up with a draft that is ready; nothing leaves by itself.
 */
import { sql } from 'kysely';
import { insertTask } from '../enquiries/task.ts';
import { runOperation, type Surroundings } from '../operation.ts';
import type { Doors } from '../storage/doors.ts';

/** What has happened to a link, as a draft says it (notice-draft.ts). */
export type LinkChange = 'appointed' | 'ended';

/** States of a conversation in which nobody there deals with anybody any more. */
export const overStates = ['DRAFT', 'CLOSED', 'REFUSED', 'WITHDRAWN', 'TRANSFERRED_OUTSIDE'] as const;

interface Untold {
  readonly link: string;
  readonly thread: string;
  readonly change: LinkChange;
}

/** One round. Repeating it, or running it at once in several processes, tells nobody twice. */
export async function watchLinks(ctx: {
  readonly doors: Pick<Doors, 'jobs'>;
  readonly surroundings: Surroundings;
}): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const { rows } = await sql<Untold>`
      with links as (select id, case_id, threads, approved_at, least(revoked_at, app_link_end(case_id, threads, ends_at)) as over_at
          from guardian_link where approved_at is not null),
        covered as (
          select l.*, t.thread from links l, unnest(l.threads) as t (thread)
          union select l.*, c.thread from links l join case_file own on own.id = l.case_id
            join case_file f on coalesce(f.joined_into, f.id) = coalesce(own.joined_into, own.id) join case_conversation c on c.case_id = f.id),
        changes as (
          select id, thread, 'appointed' as change, approved_at as at from covered where over_at is null or over_at > ${op.nowMs}
          union all select id, thread, 'ended', over_at from covered where over_at <= ${op.nowMs})
      select h.id as link, h.thread, h.change from changes h join conversation c on c.thread = h.thread
      where c.state <> all (${[...overStates]}::text[]) and c.opened_at <= h.at
        and not exists (select 1 from task t where t.once = 'notice ' || h.id || ' ' || h.change || ' ' || h.thread)
      order by h.id, h.thread limit 200`.execute(op.trx);
    for (const { link, thread, change } of rows)
      await insertTask(op, {
        kind: 'notice-draft',
        thread,
        about: link,
        detail: `REP:${change}`,
        once: `notice ${link} ${change} ${thread}`,
      });
  });
}
