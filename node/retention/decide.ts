/**
 * What two people decide about content: that it is kept by law until a day (DOMAIN.md P9), that what is blocked may be read for a
 * day, that it is erased now. One proposes with a reason, another who decides in the unit approves; the database refuses that it is
 * the same person. A hold stops erasing, never blocking.
 */
import { type Selectable, sql } from 'kysely';
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { erasureGround, holdAuthority, holdGround } from '#schema/vocabulary/erasure.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { decidesIn } from '../access/decide.ts';
import { readFuture, readReason } from '../access/read-input.ts';
import { settleAbout } from '../access/settle-about.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { makeRowId, openTask } from '../enquiries/task.ts';
import { type Operation, type PersonalOperation, runAs } from '../operation.ts';
import { type Opened, openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import {
  type DecisionKind,
  type RetentionDecisionTable,
  type RetentionKind,
  sealedDecision,
} from './tables.ts';
import { untellChildsSide } from './track-closed.ts';

export type DecisionRow = Opened<Selectable<RetentionDecisionTable>, 'reason'>;

const DAY_MS = 24 * 3_600_000;
/** A lift is for one working day; a hold is looked at again within so long. */
const LIFT_MS = DAY_MS;
const HOLD_MOST_MS = 5 * 366 * DAY_MS;
const WAITS_MS = 3 * DAY_MS;

export type Proposed =
  | {
      readonly kind: 'hold';
      readonly ground: CodeOf<typeof holdGround>;
      readonly authority: CodeOf<typeof holdAuthority>;
      /** ISO 8601. */
      readonly until: string;
    }
  | { readonly kind: 'lift' }
  | { readonly kind: 'erase'; readonly ground: CodeOf<typeof erasureGround> };

/**
 * @param about id of a conversation or of a case file
 * @returns its id
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, REASON_MISSING, TIME_INVALID, NOT_ENDED, ALREADY_DECIDED
 */
export async function proposeDecision(
  ctx: EnquiryContext,
  actor: Actor,
  about: string,
  { reason, ...proposed }: Proposed & { readonly reason: string },
): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    await op.require('retention.propose', about);
    const subject = await readSubject(op, about);
    if (proposed.kind === 'erase') requireErasable(subject);
    if (proposed.kind === 'lift' && !subject.isBlocked) throw new AccessError('NOT_BLOCKED');
    const id = makeRowId(proposed.kind, op.random);
    const until = proposed.kind === 'hold' ? readFuture(proposed.until, op.nowMs, HOLD_MOST_MS) : null;
    const sealed = await sealColumns(op, sealedDecision, { id }, { reason: readReason(reason) });
    await op.trx
      .insertInto('retention_decision')
      .values({
        id,
        kind: proposed.kind,
        about_kind: subject.kind,
        about,
        unit: subject.unit,
        ground: proposed.kind === 'lift' ? null : proposed.ground,
        authority: proposed.kind === 'hold' ? proposed.authority : null,
        until,
        ...sealed,
        proposer: actor.id,
        proposed_at: op.nowMs,
        approver: null,
        approved_at: null,
      })
      .execute();
    const task = { kind: 'retention-waits', unit: subject.unit, about: id, openedBy: actor.id } as const;
    await openTask(op, { ...task, dueAtMs: op.nowMs + WAITS_MS, except: [actor.id] });
    await op.audit(ENTRIES[proposed.kind].proposed, { id, about, actor: actor.id });
    return id;
  });
}

const ENTRIES: Readonly<Record<DecisionKind, { proposed: string; approved: string; ended: string }>> = {
  hold: { proposed: 'hold.proposed', approved: 'hold.approved', ended: 'hold.ended' },
  lift: { proposed: 'lift.proposed', approved: 'lift.approved', ended: 'lift.ended' },
  erase: { proposed: 'erasure.proposed', approved: 'erasure.approved', ended: 'erasure.refused' },
};

interface SubjectRow {
  readonly kind: RetentionKind;
  readonly unit: string;
  readonly isEnded: boolean;
  readonly isBlocked: boolean;
  readonly isErased: boolean;
}

async function readSubject({ trx }: PersonalOperation, id: string): Promise<SubjectRow> {
  const { rows } =
    await sql<SubjectRow>`select s.kind, s.unit, s."isEnded", r.blocked_at is not null as "isBlocked", r.erased_at is not null as "isErased"
    from (select 'conversation' as kind, thread as id, case when eyes_only then '' else unit end as unit, state in ('CLOSED', 'WITHDRAWN', 'REFUSED') as "isEnded" from conversation
      union all select 'case', id, case when eyes_only then '' else unit end, closed_at is not null from case_file) s
    left join retention r on r.kind = s.kind and r.id = s.id where s.id = ${id}`.execute(trx);
  if (!rows[0]) throw new AccessError('NOT_FOUND');
  if (rows[0].isErased) throw new AccessError('ALREADY_DECIDED');
  return rows[0];
}

function requireErasable({ isEnded }: SubjectRow): void {
  if (!isEnded) throw new AccessError('NOT_ENDED');
}

/**
 * Another person approves it: a hold stops erasing from now on, a lift lets these two read for a day, an erasure is done within the
 * minute.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED, ALREADY_DECIDED, LEGAL_HOLD, NOT_ENDED
 */
export async function approveDecision(ctx: EnquiryContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await lockDecision(op, id);
    await op.require('retention.decide', row.about, row.proposer);
    if (row.approved_at !== null) throw new AccessError('ALREADY_DECIDED');
    const subject = await readSubject(op, row.about);
    const until = row.kind === 'lift' ? op.nowMs + LIFT_MS : row.until;
    await op.trx
      .updateTable('retention_decision')
      .set({ approver: actor.id, approved_at: op.nowMs, until })
      .where('id', '=', id)
      .execute();
    if (row.kind === 'erase') {
      requireErasable(subject);
      if (await findHold(op, row.about)) throw new AccessError('LEGAL_HOLD');
      await scheduleErasure(op, { kind: row.about_kind, id: row.about, ground: row.ground!, answer: null });
      op.afterCommit(() => ctx.wakeRetention?.());
    }
    await settleAbout(op, ['retention-waits'], id, 'approved');
    if (row.kind === 'hold') {
      await settleAbout(op, ['erasure-due', 'hold-ended'], row.about, 'held');
      await untellChildsSide(op, row.about);
    }
    await op.audit(ENTRIES[row.kind].approved, {
      id,
      about: row.about,
      proposer: row.proposer,
      approver: actor.id,
    });
    op.afterCommit(() => ctx.changes.publish(row.about));
  });
}

/**
 * What a hold has kept stays for as long as people are told before an erasure, and they are told (again): neither its end by the clock
 * nor one person who ends it is what destroys it.
 */
export async function giveTime(op: Operation, about: string): Promise<void> {
  await sql`select app_give_time(${about}, ${op.nowMs}::bigint)`.execute(op.trx);
}

/** Who decides ends a hold or a lift before its time, or refuses what waits. @throws AccessError NOT_FOUND, NOT_PERMITTED */
export async function endDecision(ctx: EnquiryContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await lockDecision(op, id);
    await op.require('retention.decide', row.about);
    if (row.kind === 'erase' && row.approved_at !== null) throw new AccessError('ALREADY_DECIDED');
    await op.trx
      .updateTable('retention_decision')
      .set({ ended_by: actor.id, ended_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    if (row.kind === 'hold' && row.approved_at !== null) await giveTime(op, row.about);
    await settleAbout(op, ['retention-waits'], id, 'ended');
    await op.audit(ENTRIES[row.kind].ended, { id, kind: row.about_kind, about: row.about, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(row.about));
  });
}

async function lockDecision(op: PersonalOperation, id: string) {
  const row = await op.trx
    .selectFrom('retention_decision')
    .selectAll()
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new AccessError('NOT_FOUND');
  return row;
}

/** The hold in force that ends last: of it, or of what it is kept with (`app_held_with`), seen by this person or not. */
export async function findHold(
  { trx }: Pick<Operation, 'trx'>,
  about: string,
): Promise<{ readonly until: number; readonly authority: CodeOf<typeof holdAuthority> } | undefined> {
  const { rows } = await sql<{ until: number; authority: CodeOf<typeof holdAuthority> }>`
    select until, authority from app_hold_over(${about})`.execute(trx);
  return rows[0];
}

/** It is erased in the next round, whatever clock ran. */
export async function scheduleErasure(
  op: Operation,
  of: {
    readonly kind: RetentionKind;
    readonly id: string;
    readonly ground: string;
    readonly answer: string | null;
  },
): Promise<void> {
  const { kind, id, ground, answer } = of;
  const now = { rule: null, ground, block_at: null, warn_at: null, erase_at: op.nowMs, answer };
  await op.trx
    .insertInto('retention')
    .values({ kind, id, closed_at: op.nowMs, warned_at: null, blocked_at: null, erased_at: null, ...now })
    .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet(now))
    .execute();
}

/** What was decided and is not over, of these conversations and files; of the units a person decides in, and their own. */
export async function listDecisions(
  reader: Reader,
  actor: Actor,
  abouts?: readonly string[],
): Promise<DecisionRow[]> {
  const rows = await reader.trx
    .selectFrom('retention_decision')
    .selectAll()
    .where('ended_at', 'is', null)
    .$if(abouts !== undefined, (query) => query.where('about', 'in', [...abouts!, '']))
    .orderBy('proposed_at', 'desc')
    .limit(200)
    .execute();
  const mine = rows.filter(({ unit, proposer }) => proposer === actor.id || decidesIn(actor, unit));
  return openRows(reader, sealedDecision, mine);
}
