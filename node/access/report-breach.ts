/**
 * The breach register: what went wrong with what this office holds or sent, when it was noticed, whom it concerns, and what was
 * done about it. From noticing on 72 hours run in which the supervisory authority is told, or somebody says why it need not be
 * (GDPR Art. 33); the clock tells again before they are over and when they are (watch-people.ts). That the other State has deleted what it should not have is asked and confirmed by signed
 * messages (node/retention/note-erasure.ts enters them here), or by telephone or letter where its node does not know them.
 */
import { type Selectable, sql } from 'kysely';
import { openTask } from '../enquiries/task.ts';
import { type Operation, type PersonalOperation, runAs } from '../operation.ts';
import { type Opened, sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { decidesIn } from './decide.ts';
import { accessLimits } from './limits.ts';
import {
  type BreachKind,
  type BreachNoteTable,
  type BreachStep,
  type BreachTable,
  type ContactWay,
  sealedBreach,
  sealedBreachNote,
} from './people-tables.ts';
import { requirePermission } from './permit.ts';
import { readPast, readReason } from './read-input.ts';
import { settleAbout } from './settle-about.ts';

export type BreachRow = Opened<Selectable<BreachTable>, 'account'>;
export type BreachNoteRow = Opened<Selectable<BreachNoteTable>, 'text'>;

export interface ReportedBreach {
  readonly kind: BreachKind;
  /** ISO 8601. */
  readonly noticed: string;
  readonly happened?: string | undefined;
  readonly peer?: string | undefined;
  readonly messages: readonly string[];
  readonly account: string;
}

/** When the supervisory authority must have been told, milliseconds since 1970. */
export const tellAuthorityByMs = ({ noticed_at }: Pick<BreachRow, 'noticed_at'>): number =>
  noticed_at + accessLimits.breachMs;

/** Steps after which nobody waits for the authority any more. */
export const SETTLES: readonly BreachStep[] = ['authority-told', 'need-not-be-told'];

/** The step that settled telling the authority; undefined while the clock runs. */
export const settledBy = <N extends Pick<BreachNoteRow, 'step' | 'done_at'>>(
  notes: readonly N[],
): N | undefined => notes.find(({ step }) => SETTLES.includes(step));

/**
 * @returns its id
 * @throws AccessError NOT_PERMITTED, REASON_MISSING, TIME_INVALID, NOT_FOUND for a message this person does not see
 */
export async function reportBreach(
  ctx: AccessContext,
  actor: Actor,
  reported: ReportedBreach,
): Promise<string> {
  requirePermission(actor, 'breach.report');
  return runAs(ctx, actor, (op) => openBreach(op, reported));
}

async function openBreach(op: PersonalOperation, reported: ReportedBreach): Promise<string> {
  const { actor } = op;
  const { kind } = reported;
  const noticedAtMs = readPast(reported.noticed, op.nowMs);
  const messages = [...new Set(reported.messages)];
  await requireMessages(op, messages);
  const id = `breach-${Buffer.from(op.random(12)).toString('hex')}`;
  const sealed = await sealColumns(op, sealedBreach, { id }, { account: readReason(reported.account) });
  await op.trx
    .insertInto('breach')
    .values({
      id,
      unit: actor.unit,
      kind,
      noticed_at: noticedAtMs,
      happened_at: reported.happened === undefined ? null : readPast(reported.happened, noticedAtMs),
      peer: readState(reported.peer),
      message_ids: messages,
      ...sealed,
      reported_by: actor.id,
      reported_at: op.nowMs,
      closed_at: null,
      opened_for: null,
    })
    .execute();
  const dueAtMs = tellAuthorityByMs({ noticed_at: noticedAtMs });
  await openTask(op, { kind: 'breach', unit: actor.unit, about: id, openedBy: actor.id, dueAtMs });
  await op.audit('breach.reported', { id, kind, messages, noticedAtMs, actor: actor.id });
  return id;
}

/** How the node itself learns that a State has what it should not have. */
const causes = {
  'recall-too-late': 'Taken back as meant for another State, and too late: the recipient has it.',
  'sent-in-error': 'Withdrawn as sent in error: the recipient has it, or may have it.',
} as const;

/** For nobody but the head: whoever decides in a unit need not know of what is for named readers. No unit is called so. */
const HEAD_ONLY = '';

/**
 * Opens the entry of messages that went where they should not have gone, once, in the transaction in which that is known: by a
 * person's recall or withdrawal, or by the receipt that says that a recall came too late.
 * @param sent the first is what the entry is opened for
 * @param by who asked for the recall or the withdrawal
 */
export async function openBreachOf(
  op: Operation,
  sent: {
    messageIds: readonly [string, ...string[]];
    thread: string;
    by: string;
    cause: keyof typeof causes;
  },
): Promise<void> {
  const { messageIds, thread, by, cause } = sent;
  const [openedFor] = messageIds;
  const row = await op.trx
    .selectFrom('conversation')
    .innerJoin('act', 'act.thread', 'conversation.thread')
    .select(['conversation.unit', 'conversation.eyes_only', 'conversation.peer', 'act.at'])
    .where('conversation.thread', '=', thread)
    .where('act.message_id', '=', openedFor)
    .executeTakeFirstOrThrow();
  const unit = row.eyes_only ? HEAD_ONLY : row.unit;
  const own = `breach-${Buffer.from(op.random(12)).toString('hex')}`;
  const sealed = await sealColumns(op, sealedBreach, { id: own }, { account: causes[cause] });
  const made = await op.trx
    .insertInto('breach')
    .values({
      id: own,
      unit,
      kind: 'wrong-recipient',
      noticed_at: op.nowMs,
      happened_at: row.at,
      peer: row.peer,
      message_ids: [...messageIds],
      ...sealed,
      // Who acts now, if anybody does: nobody reports in another's name.
      reported_by: sql<string>`coalesce(app_person(), ${by})`,
      reported_at: op.nowMs,
      closed_at: null,
      opened_for: openedFor,
    })
    .onConflict((conflict) => conflict.column('opened_for').doNothing())
    .returning(['id', 'reported_by', 'message_ids as messages'])
    .executeTakeFirst();
  if (!made) return;
  const { id, reported_by: actor, messages } = made;
  const dueAtMs = tellAuthorityByMs({ noticed_at: op.nowMs });
  await openTask(op, { kind: 'breach', unit, about: id, openedBy: actor, dueAtMs });
  const noticed = { kind: 'wrong-recipient', noticedAtMs: op.nowMs };
  await op.audit('breach.reported', { id, ...noticed, messages, cause, actor });
}

/** A State as lists name it: nothing else may stand there. */
function readState(peer: string | undefined): string | null {
  if (peer === undefined) return null;
  if (!/^[a-z]{2}$/.test(peer)) throw new AccessError('INPUT_INVALID');
  return peer;
}

async function requireMessages(op: PersonalOperation, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await op.trx
    .selectFrom('act')
    .select(['message_id', 'thread'])
    .where('message_id', 'in', [...ids])
    .execute();
  for (const thread of new Set(rows.map((row) => row.thread))) await op.require('conversation.read', thread);
  if (rows.length !== ids.length) throw new AccessError('NOT_FOUND');
}

export interface TakenStep {
  readonly step: BreachStep;
  readonly how?: ContactWay | undefined;
  readonly text: string;
  /** When it was done: ISO 8601; without it, now. */
  readonly done?: string | undefined;
}

/**
 * Adds what was done. Closing is the last step, and only after the authority was told or somebody said why it need not be.
 * @throws AccessError NOT_PERMITTED, NOT_FOUND, REASON_MISSING, TIME_INVALID, ALREADY_DECIDED, INPUT_INVALID
 */
export async function updateBreach(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  taken: TakenStep,
): Promise<void> {
  requirePermission(actor, 'breach.update');
  const { step, how = null } = taken;
  await runAs(ctx, actor, async (op) => {
    const breach = await op.trx
      .selectFrom('breach')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!breach || !decidesIn(actor, breach.unit)) throw new AccessError('NOT_FOUND');
    if (breach.closed_at !== null) throw new AccessError('ALREADY_DECIDED');
    // Who asked, and by which way, is the proof that it was asked.
    if (step.startsWith('deletion-') && how === null) throw new AccessError('INPUT_INVALID');
    if (step === 'closed') await requireSettled(op, id);
    const doneAtMs = taken.done === undefined ? op.nowMs : readPast(taken.done, op.nowMs);
    const text = readReason(taken.text);
    const noteId = `breach-note-${Buffer.from(op.random(12)).toString('hex')}`;
    const times = { done_at: doneAtMs, at: op.nowMs };
    const sealed = await sealColumns(op, sealedBreachNote, { id: noteId }, { text });
    await op.trx
      .insertInto('breach_note')
      .values({ id: noteId, breach: id, step, how, ...sealed, by: actor.id, ...times })
      .execute();
    if (step === 'closed')
      await op.trx.updateTable('breach').set({ closed_at: op.nowMs }).where('id', '=', id).execute();
    if (SETTLES.includes(step)) await settleAbout(op, ['breach', 'breach-due', 'breach-overdue'], id, step);
    await op.audit('breach.step', { id, step, how, doneAtMs, actor: actor.id });
  });
}

async function requireSettled(op: PersonalOperation, breach: string): Promise<void> {
  const query = op.trx.selectFrom('breach_note').select(['step', 'done_at']);
  const notes = await query.where('breach', '=', breach).execute();
  if (!settledBy(notes)) throw new AccessError('NEEDS_A_FINDING');
}
