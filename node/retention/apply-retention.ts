/**
 * What time brings about for content that is no longer used: it is blocked, its people are told, it is erased; and that a legal hold
 * is over is put before somebody. Any number of processes may run it at once, and one that dies is gone on from by the next round:
 * each step is one transaction, and the row it is about is locked.
 */
import { sql } from 'kysely';
import { limitMs } from '#schema/conversation/calendar.ts';
import { wireName } from '#schema/conversation/message-types.ts';
import type { MessageId, State, ThreadId } from '#schema/protocol/ids.ts';
import { approvalTimes } from '../enquiries/release-act.ts';
import { readActHeads } from '../enquiries/store.ts';
import { sealedAct, type TaskKind } from '../enquiries/tables.ts';
import { openTask } from '../enquiries/task.ts';
import { requestSealing } from '../exchange/request-sealing.ts';
import { type Operation, runOperation } from '../operation.ts';
import { dayOf } from '../representation/milestones.ts';
import { insertDay } from '../representation/shown.ts';
import { openRow } from '../vault/sealed-columns.ts';
import { openDemand } from './answer-erasure.ts';
import type { RetentionContext } from './context.ts';
import { giveTime } from './decide.ts';
import { type Erased, eraseCase, eraseConversation, eraseMessage } from './erase-content.ts';
import { ruleFor, WARN_DAYS } from './policy.ts';
import type { RetentionKind } from './tables.ts';
import { recountClocks, trackClosed } from './track-closed.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 60_000;
const ROUND = 200;

type Subject = { readonly kind: RetentionKind; readonly id: string };

/**
 * One round. One that fails holds up no other.
 * @returns milliseconds until the next
 * @throws the first error there was, at the end
 */
export async function applyRetention(ctx: RetentionContext): Promise<number> {
  const failures: unknown[] = [];
  const all = async (found: readonly Subject[], work: (subject: Subject) => Promise<unknown>) => {
    for (const one of found) await work(one).catch((error) => failures.push(error));
  };
  await trackClosed(ctx).catch((error) => failures.push(error));
  await endHolds(ctx).catch((error) => failures.push(error));
  await all(await findDue(ctx, 'warn'), (subject) => warn(ctx, subject));
  await all(await findDue(ctx, 'block'), (subject) => block(ctx, subject));
  await all(await findDue(ctx, 'erase'), (subject) => eraseDue(ctx, subject));
  await sweepArrived(ctx).catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return EVERY_MS;
}

const DUE = {
  warn: sql`warn_at <= now.ms and warned_at is null`,
  block: sql`block_at <= now.ms and blocked_at is null`,
  erase: sql`erase_at <= now.ms`,
} as const;

/** A hold stops erasing, and never blocking. */
const HELD = sql`exists (select 1 from app_hold_over(r.id))`;

async function findDue(ctx: RetentionContext, what: keyof typeof DUE): Promise<Subject[]> {
  const nowMs = ctx.surroundings.nowMs();
  const { rows } = await sql<Subject>`select kind, id from retention r, (select ${nowMs}::bigint as ms) now
    where erased_at is null and ${DUE[what]} and ${what === 'block' ? sql`true` : sql`not ${HELD}`}
    order by erase_at limit ${ROUND}`.execute(ctx.doors.jobs);
  return rows;
}

/** Locks what is due, unless another process has it or was faster. */
async function claim(op: Operation, { kind, id }: Subject, what: keyof typeof DUE) {
  const { rows } = await sql<{
    rule: string | null;
    ground: string | null;
    answer: string | null;
    erase_at: number;
  }>`select rule, ground, answer, erase_at
    from retention r, (select ${op.nowMs}::bigint as ms) now where kind = ${kind} and id = ${id} and erased_at is null
    and ${DUE[what]} for update of r skip locked`.execute(op.trx);
  return rows[0];
}

const mark = (op: Operation, { kind, id }: Subject, values: Record<string, number>) =>
  op.trx.updateTable('retention').set(values).where('kind', '=', kind).where('id', '=', id).execute();

async function block(ctx: RetentionContext, subject: Subject): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    if (!(await claim(op, subject, 'block'))) return;
    await mark(op, subject, { blocked_at: op.nowMs });
    await op.audit('content.blocked', { ...subject });
    op.afterCommit(() => ctx.changes.publish(subject.id));
  });
}

async function warn(ctx: RetentionContext, subject: Subject): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const row = await claim(op, subject, 'warn');
    if (!row) return;
    await mark(op, subject, { warned_at: op.nowMs });
    const dueAtMs = op.nowMs + WARN_DAYS * DAY_MS;
    const isTold = await tellChildsSide(op, subject, row.erase_at);
    await tell(op, 'erasure-due', subject, dueAtMs, isTold ? 'child-side-told' : 'child-side-to-tell');
  });
}

/** Holds whose day has come. */
async function endHolds(ctx: RetentionContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const { rows } = await sql<{
    id: string;
  }>`select id from retention_decision where kind = 'hold' and approved_at is not null
    and ended_at is null and until <= ${nowMs}::bigint limit ${ROUND}`.execute(ctx.doors.jobs);
  for (const { id } of rows)
    await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
      const hold = await op.trx
        .updateTable('retention_decision')
        .set({ ended_by: 'retention', ended_at: op.nowMs })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .returning(['about_kind', 'about', 'until'])
        .executeTakeFirst();
      if (!hold) return;
      const subject = { kind: hold.about_kind, id: hold.about };
      await giveTime(op, subject.id);
      await op.audit('hold.ended', { id, kind: subject.kind, about: subject.id, by: 'retention' });
      await tell(op, 'hold-ended', subject, op.nowMs + WARN_DAYS * DAY_MS);
      // What the other State was told is kept until then is asked for still.
      const thread = await threadOf(op, subject);
      if (openDemand(await readActHeads(op.trx, [thread])))
        await tell(
          op,
          'erasure-asked',
          { kind: 'conversation', id: thread },
          op.nowMs + limitMs('erasure-answer'),
        );
    });
}

/** Puts something before who decides in the unit whose it is; what is for named readers, before the head. */
export async function tell(
  op: Operation,
  kind: TaskKind,
  subject: Subject,
  dueAtMs: number,
  detail?: string,
): Promise<void> {
  const { rows } = await sql<{ unit: string }>`select case when eyes_only then '' else unit end as unit
    from ${subject.kind === 'case' ? sql`case_file where id` : sql`conversation where thread`} = ${await threadOf(op, subject)}`.execute(
    op.trx,
  );
  await openTask(op, {
    kind,
    unit: rows[0]?.unit ?? '',
    about: subject.id,
    dueAtMs,
    ...(detail && { detail }),
  });
}

/**
 * Identity and origins, compensation, the limits of prosecution: the child's side may need what will be gone (PRACTICE.md B16; CRC
 * Art. 8). Whoever represents the child now reads until which day they may ask for it.
 * @returns whether anybody does; else a person has to tell the child, who may be an adult
 */
async function tellChildsSide(op: Operation, { id }: Subject, eraseAtMs: number): Promise<boolean> {
  const { rows } = await sql<{ thread: string }>`select distinct f.thread from followed f
    join guardian_link l on l.id in (select app_links_over(f.thread))
    where f.thread in (select app_held_with(${id})) and l.approved_at is not null and l.revoked_at is null and l.frozen_at is null
      and coalesce(app_link_end(l.case_id, l.threads, l.ends_at), ${op.nowMs + 1}::bigint) > ${op.nowMs}`.execute(
    op.trx,
  );
  for (const { thread } of rows) await insertDay(op, 'erasing', thread, dayOf(eraseAtMs));
  return rows.length > 0;
}

/** Of a message, its conversation. */
async function threadOf({ trx }: Operation, { kind, id }: Subject): Promise<string> {
  if (kind !== 'message') return id;
  const act = await trx.selectFrom('act').select('thread').where('message_id', '=', id).executeTakeFirst();
  return act?.thread ?? '';
}

async function eraseDue(ctx: RetentionContext, subject: Subject): Promise<void> {
  await runOperation(ctx.doors.retention, ctx.surroundings, async (op) => {
    const row = await claim(op, subject, 'erase');
    if (!row || (await mustWait(op, subject, row.rule))) return;
    const erased = await eraseSubject(op, subject);
    await mark(op, subject, { erased_at: op.nowMs });
    if (!erased) return;
    const joined = await markJoined(op, erased, row.ground);
    const { messages, files, digest } = erased;
    const why = row.rule === null ? { ground: row.ground } : { rule: row.rule };
    await op.audit('content.erased', { ...subject, ...why, messages: messages.length, files, digest });
    if (row.answer !== null) await sendAnswer(ctx, op, row.answer);
    op.afterCommit(() => ctx.changes.publish(subject.id));
    // Last of all: whatever fails before leaves nothing in the list.
    for (const one of [...joined, subject]) await ctx.erased.add(one);
  });
}

/** Files that went with the one they were read with: each by itself, since a backup may be older than their joining. */
async function markJoined(op: Operation, { joined = [] }: Erased, ground: string | null): Promise<Subject[]> {
  const subjects = joined.map((id) => ({ kind: 'case' as const, id }));
  for (const one of subjects) await markErased(op, one, ground);
  return subjects;
}

const markErased = (op: Operation, { kind, id }: Subject, ground: string | null) =>
  sql`insert into retention (kind, id, ground, closed_at, erase_at, erased_at)
    values (${kind}, ${id}, ${ground ?? 'period-over'}, ${op.nowMs}, ${op.nowMs}, ${op.nowMs})
    on conflict (kind, id) do update set erased_at = ${op.nowMs}`.execute(op.trx);

/** Asked again under the lock: a hold may have come, or the conversation been taken up again; or something is about to be sealed. */
async function mustWait(op: Operation, { kind, id }: Subject, rule: string | null): Promise<boolean> {
  const { rows } = await sql`select 1 from retention r where kind = ${kind} and id = ${id} and (${HELD}
    or exists (select 1 from seal_request s where not s.notice and (s.thread = r.id or s.message_id = r.id))
    or (${rule}::text is not null and (exists (select 1 from conversation c where c.thread = r.id and c.state <> 'CLOSED')
      or exists (select 1 from case_file f where f.id = r.id and f.closed_at is null))))`.execute(op.trx);
  return rows.length > 0;
}

const erasers: Readonly<Record<RetentionKind, (op: Operation, id: string) => Promise<Erased | null>>> = {
  conversation: eraseConversation,
  case: eraseCase,
  message: eraseMessage,
};
export const eraseSubject = (op: Operation, { kind, id }: Subject): Promise<Erased | null> =>
  erasers[kind](op, id);

/** The other State hears of it in the transaction in which it is true, and never before. */
async function sendAnswer(ctx: RetentionContext, op: Operation, messageId: string): Promise<void> {
  const stored = await op.trx
    .selectFrom('act')
    .innerJoin('conversation', 'conversation.thread', 'act.thread')
    .selectAll('act')
    .select('conversation.peer')
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  const act = await openRow(op, sealedAct, stored);
  if (!act) return;
  await requestSealing(op, {
    messageId: messageId as MessageId,
    peer: act.peer as State,
    lane: act.lane,
    type: wireName('ERS'),
    thread: act.thread as ThreadId,
    n: act.n,
    seen: act.seen,
    author: { name: act.author_name, office: act.author_office },
    body: JSON.parse(act.body),
    attachmentIds: [],
    approvedUntilMs: op.nowMs + approvalTimes[act.lane],
    notice: true,
  });
  op.afterCommit(ctx.wakeSealer);
}

/** Sealed bytes that were still on their way when their conversation was erased; they open for nobody here. */
async function sweepArrived(ctx: RetentionContext): Promise<void> {
  await sql`update outbox o set sealed = '' from act a join retention r on r.id = a.thread or r.id = a.message_id
    where o.id = a.message_id and a.type <> 'ERS' and r.erased_at > ${ctx.surroundings.nowMs() - 60 * DAY_MS}::bigint
    and o.sealed <> '' and o.state not in ('ready', 'relayed', 'recalling')`.execute(ctx.doors.retention);
}

/** Details behind entries of the log older than any content: what remains is a hash that cannot be linked. */
export async function eraseLogDetails(ctx: RetentionContext): Promise<number> {
  const before = ctx.surroundings.nowMs() - ruleFor(ctx.policy, 'log-details').eraseDays * DAY_MS;
  for (;;) {
    const count = await runOperation(ctx.doors.retention, ctx.surroundings, async (op) => {
      const { numAffectedRows = 0n } =
        await sql`update audit_entry set salt = null, detail = null where id in (
        select id from audit_entry where detail is not null and idx is not null and at < to_timestamp(${before}::float8 / 1000)
        order by id limit 5000)`.execute(op.trx);
      if (numAffectedRows > 0n) await op.audit('log.details-erased', { count: Number(numAffectedRows) });
      return Number(numAffectedRows);
    });
    if (count === 0) return DAY_MS;
  }
}

/**
 * Before anything is served: what was erased stays so, also in a database that comes from an old backup; and clocks are counted by
 * the periods that are set now.
 * @returns how many subjects had come back
 */
export async function prepareRetention(ctx: RetentionContext): Promise<number> {
  const list = await ctx.erased.read();
  let back = 0;
  for (const subject of new Map(list.map((one) => [one.id, one])).values())
    back += await runOperation(ctx.doors.retention, ctx.surroundings, async (op) => {
      const erased = (await hasContent(op, subject)) && (await eraseSubject(op, subject));
      if (!erased) return 0;
      // Written into the list, and the process died before the commit: the other State has not been told either.
      const answer = await findUntold(op, subject);
      await markErased(op, subject, null);
      await markJoined(op, erased, null);
      await op.audit('content.erased-again', { ...subject });
      if (answer !== null) await sendAnswer(ctx, op, answer);
      return 1;
    });
  await recountClocks(ctx);
  return back;
}

/** The act that tells the other State of an erasure that is not done here. */
async function findUntold(op: Operation, { kind, id }: Subject): Promise<string | null> {
  const query = op.trx.selectFrom('retention').select('answer').where('kind', '=', kind).where('id', '=', id);
  return (await query.where('erased_at', 'is', null).executeTakeFirst())?.answer ?? null;
}

/** Whether something of it can be read, or stands here as if it could. */
async function hasContent(op: Operation, { kind, id }: Subject): Promise<boolean> {
  const { rows } =
    kind === 'message'
      ? await sql`select 1 from act where message_id = ${id} and not exists (
          select 1 from retention where kind = 'message' and id = ${id} and erased_at is not null)`.execute(
          op.trx,
        )
      : await sql`select 1 from data_key where subject = ${`${kind}:${id}`} and wrapped is not null
          union all select 1 from act where thread = ${id} and not notice and body <> ''
          union all select 1 from case_entry where case_id = ${id}`.execute(op.trx);
  return rows.length > 0;
}
