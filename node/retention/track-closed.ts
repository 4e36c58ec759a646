/**
 * Begins the clocks of what was closed, and ends them where it was taken up again.
 */
import { sql } from 'kysely';
import { foldConversation } from '#schema/conversation/conversation.ts';
import type { RetentionRuleId } from '#schema/vocabulary/retention.ts';
import { lockConversation, readActHeads, toActs } from '../enquiries/store.ts';
import { type Operation, runOperation } from '../operation.ts';
import { insertDay } from '../representation/shown.ts';
import type { RetentionContext } from './context.ts';
import { ruleFor, timesOf } from './policy.ts';

/** At most this many a round: the next comes soon. */
const ROUND = 500;

/** Looks for conversations and files that were closed, or opened again, since the last look. @returns how many it found */
export async function trackClosed(ctx: RetentionContext): Promise<number> {
  const { jobs } = ctx.doors;
  const { rows: closed } = await sql<{
    thread: string;
  }>`select thread from conversation c where state = 'CLOSED'
    and not exists (select 1 from retention r where r.kind = 'conversation' and r.id = c.thread) limit ${ROUND}`.execute(
    jobs,
  );
  for (const { thread } of closed)
    await runOperation(jobs, ctx.surroundings, (op) => trackConversation(ctx, op, thread));
  const { rows: cases } = await sql<{ id: string; closed_at: number }>`select id, closed_at from case_file f
    where closed_at is not null and joined_into is null
    and not exists (select 1 from retention r where r.kind = 'case' and r.id = f.id) limit ${ROUND}`.execute(
    jobs,
  );
  for (const file of cases) await runOperation(jobs, ctx.surroundings, (op) => trackCase(ctx, op, file));
  const { rows: open } = await sql<{
    kind: string;
    id: string;
  }>`select kind, id from retention r where erased_at is null and rule is not null
    and (exists (select 1 from conversation c where r.kind = 'conversation' and c.thread = r.id and c.state <> 'CLOSED')
      or exists (select 1 from case_file f where r.kind = 'case' and f.id = r.id and f.closed_at is null)) limit ${ROUND}`.execute(
    jobs,
  );
  for (const { id } of open) await runOperation(jobs, ctx.surroundings, (op) => endClock(op, id));
  return closed.length + cases.length + open.length;
}

/** What was closed is open again: nobody may wait to read it. */
export async function endClock(op: Operation, id: string): Promise<void> {
  const gone = await op.trx
    .deleteFrom('retention')
    .where('id', '=', id)
    .where((eb) => eb.or([eb('rule', 'is not', null), eb('erased_at', 'is not', null)]))
    .returning('blocked_at')
    .executeTakeFirst();
  if (!gone) return;
  await untellChildsSide(op, id);
  await op.audit('retention.ended', { id, wasBlocked: gone.blocked_at !== null });
}

/** What the child's side was told will be erased is kept for now. */
export async function untellChildsSide(op: Operation, id: string): Promise<void> {
  const { rows } = await sql<{ thread: string }>`select distinct thread from shown where kind = 'erasing'
    and thread in (select app_held_with(${id}))`.execute(op.trx);
  for (const { thread } of rows) await insertDay(op, 'erasing', thread, null);
}

async function trackConversation(ctx: RetentionContext, op: Operation, thread: string): Promise<void> {
  const row = await lockConversation(op.trx, thread);
  if (row?.state !== 'CLOSED') return;
  const { acts, outcome, crossed, ineffective } = foldConversation(
    toActs(await readActHeads(op.trx, [thread])),
  );
  const without = new Set([...crossed, ...ineffective.map(({ id }) => id)]);
  const closing = acts.findLast(({ id, type }) => type === 'CLS' && !without.has(id));
  const isUnfounded = closing?.facts.status === 'alert-unfounded';
  const isUnknownHere = row.side === 'requested' && outcome?.type === 'NEG';
  const rule: RetentionRuleId = isUnfounded
    ? 'false-alarm'
    : isUnknownHere
      ? 'nothing-found'
      : row.side === 'requested'
        ? 'peer-copy'
        : 'own-conversation';
  const closedAtMs = closing?.deliveredAtMs ?? closing?.atMs ?? row.updated_at;
  await beginClock(ctx, op, { kind: 'conversation', id: thread, rule, closedAtMs, peer: row.peer });
}

async function trackCase(
  ctx: RetentionContext,
  op: Operation,
  { id, closed_at }: { id: string; closed_at: number },
): Promise<void> {
  await beginClock(ctx, op, { kind: 'case', id, rule: 'case-file', closedAtMs: Number(closed_at) });
}

async function beginClock(
  ctx: RetentionContext,
  op: Operation,
  of: { kind: 'conversation' | 'case'; id: string; rule: RetentionRuleId; closedAtMs: number; peer?: string },
): Promise<void> {
  const { kind, id, rule, closedAtMs, peer } = of;
  const times = timesOf(ruleFor(ctx.policy, rule, peer), closedAtMs);
  const fresh = { ground: null, warned_at: null, blocked_at: null, erased_at: null, answer: null };
  const made = await op.trx
    .insertInto('retention')
    .values({ kind, id, rule, closed_at: closedAtMs, ...times, ...fresh })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made) await op.audit('retention.begun', { kind, id, rule, eraseAtMs: times.erase_at });
}

/** The office has set other periods: clocks that run are counted anew. Once at the start. */
export async function recountClocks(ctx: RetentionContext): Promise<void> {
  const rows = await ctx.doors.jobs
    .selectFrom('retention')
    .leftJoin('conversation', 'conversation.thread', 'retention.id')
    .select(['kind', 'id', 'rule', 'closed_at', 'block_at', 'warn_at', 'erase_at', 'conversation.peer'])
    .where('erased_at', 'is', null)
    .where('rule', 'is not', null)
    .execute();
  for (const { kind, id, rule, closed_at, peer, ...was } of rows) {
    const times = timesOf(ruleFor(ctx.policy, rule!, peer ?? undefined), closed_at);
    if (times.block_at === was.block_at && times.warn_at === was.warn_at && times.erase_at === was.erase_at)
      continue;
    await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
      await op.trx
        .updateTable('retention')
        .set({ ...times, warned_at: null })
        .where('kind', '=', kind)
        .where('id', '=', id)
        .where('erased_at', 'is', null)
        .execute();
      await op.audit('retention.recounted', { kind, id, rule, eraseAtMs: times.erase_at });
    });
  }
}
