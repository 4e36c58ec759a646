/**
 * Looks by the clock that nothing waits for a second person whom nobody has called: a release that grew old must be confirmed anew,
 * a deputy was named after the proposal was made, an earlier call has run out. A small office would wait for ever.
 */
import { sql } from 'kysely';
import { leavesByTwo } from '#schema/conversation/message-types.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import { callDeputies } from '../access/name-deputy.ts';
import { rolesThat } from '../access/permit.ts';
import { poolOf } from '../access/standing.ts';
import { requestNotice } from '../notices/request-notice.ts';
import { runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { grantOf } from './grant-clearance.ts';
import { lockProposal } from './lock-proposal.ts';
import { approvalTimes, type ProposalRow } from './release-act.ts';
import { awaitsSecond, namedSupervisor } from './second-person.ts';
import { clearanceKinds } from './tables.ts';
import { askSecond, callSecond } from './waiting-proposal.ts';

const DAY_MS = 24 * 3_600_000;

/** A second person is asked for, and not in vain: what is for named readers is for no outsider. */
const WAITING = sql`(select p.id, p.thread, p.type, p.status, coalesce(c.unit, p.unit) as unit
  from proposal p left join conversation c on c.thread = p.thread
  where (p.status = 'waiting' or p.status = 'stale' or (p.status = 'released' and p.second_due_at is not null and p.approver is null))
    and not coalesce(c.eyes_only, p.eyes_only))`;

/** Who may be assigned and is not. Columns `thread`, `assignee` of the rows outside. */
const isUncalled = (
  nowMs: number,
) => sql`not exists (select 1 from assignment a where a.thread = needed.thread
  and a.assignee = needed.assignee and a.ended_at is null and (a.until is null or a.until > ${nowMs}))`;
const deputiesOf = (
  nowMs: number,
) => sql`join deputy d on d.unit = w.unit and d.ended_at is null and d.until > ${nowMs}
  join person q on q.id = d.person and q.disabled_at is null`;

/** Proposals that wait for somebody who does not know. At most 200, the others come with the next round. */
export async function findUncalled(ctx: EnquiryContext): Promise<{ id: string }[]> {
  const nowMs = ctx.surroundings.nowMs();
  const roles = (action: 'act.approve' | 'act.approve-refusal') => sql`${[...rolesThat(action)]}::text[]`;
  const { rows } = await sql<{ id: string }>`
    with waiting as ${WAITING}, needed as (
      select w.id, w.thread, d.person as assignee from waiting w ${deputiesOf(nowMs)}
        where q.role = any(case when w.type = 'REF' then ${roles('act.approve-refusal')} else ${roles('act.approve')} end)
      union select w.id, w.thread, ${poolOf('legal-adviser', '')} || w.unit from waiting w where w.type = 'REF')
    select id from needed where ${isUncalled(nowMs)}
    union select p.id from proposal p where p.status = 'stale' and p.type = any(${[...leavesByTwo, 'CLR']}) and not exists (
      select 1 from task t where t.proposal_id = p.id and t.kind = 'approval-waits' and t.closed_at is null)
    limit 200`.execute(ctx.doors.jobs);
  return rows;
}

/** Calls whoever may be its second person, and tells them. */
export async function callFor(ctx: EnquiryContext, id: string): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const row = await lockProposal(op, id);
    const untilMs = untilOf(row, op.nowMs);
    if (untilMs === null) return;
    const called = await callSecond(op, row, untilMs);
    if (row.status === 'stale') await askSecond(op, row, untilMs);
    await requestNotice(op, { persons: called }, row.lane === 'urgent' ? 'urgent' : 'digest');
    op.afterCommit(() => ctx.changes.publish(row.thread));
  });
}

/** Until when the second person is to see it; null where none is asked for any more. */
function untilOf(row: ProposalRow, nowMs: number): number | null {
  if (row.status === 'waiting') return row.expires_at > nowMs ? row.expires_at : null;
  if (row.status === 'stale') return needsSecond(row) ? nowMs + approvalTimes.routine : null;
  return row.status === 'released' && awaitsSecond(row) ? Math.max(row.second_due_at!, nowMs + DAY_MS) : null;
}

const needsSecond = (row: ProposalRow): boolean =>
  (leavesByTwo as readonly string[]).includes(row.type) || namedSupervisor(row) !== undefined;

/** Clearances asked for in a unit one of whose deputies may grant them and was not called. */
export async function findUncalledClearances(ctx: EnquiryContext) {
  const nowMs = ctx.surroundings.nowMs();
  const granting = clearanceKinds.map(
    (kind) => sql`(w.kind = ${kind} and q.role = any(${[...rolesThat(grantOf(kind))]}::text[]))`,
  );
  const { rows } = await sql<UncalledClearance>`
    with waiting as (select k.kind, k.thread, k.asked_by, k.expires_at, p.lane, coalesce(c.unit, p.unit) as unit
      from clearance k join proposal p on p.id = k.proposal_id left join conversation c on c.thread = k.thread
      where k.granted_at is null and k.revoked_at is null and k.expires_at > ${nowMs} and not coalesce(c.eyes_only, p.eyes_only)),
    needed as (select w.*, d.person as assignee from waiting w ${deputiesOf(nowMs)} where ${sql.join(granting, sql` or `)})
    select kind, thread, unit, lane, asked_by as by, expires_at as "untilMs" from needed where ${isUncalled(nowMs)} limit 200`.execute(
    ctx.doors.jobs,
  );
  return rows;
}

type UncalledClearance = {
  readonly kind: (typeof clearanceKinds)[number];
  readonly thread: string;
  readonly unit: string;
  readonly lane: Lane;
  readonly by: string;
  readonly untilMs: number;
};

/** Calls the deputies who may grant it, and tells them. */
export async function callForClearance(ctx: EnquiryContext, waits: UncalledClearance): Promise<void> {
  const { kind, thread, unit, lane, by, untilMs } = waits;
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const called = await callDeputies(op, { thread, draftUnit: unit, action: grantOf(kind), by, untilMs });
    await requestNotice(op, { persons: called }, lane === 'urgent' ? 'urgent' : 'digest');
  });
}
