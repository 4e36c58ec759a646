/**
 * Brings the conversation row up to its acts: folds them and keeps what an inbox filters and sorts by. Called at the end of
 * every operation that changed an act.
 */
import type { Side } from '#schema/conversation/acts.ts';
import { dueDates } from '#schema/conversation/clocks.ts';
import { type Conversation, foldConversation } from '#schema/conversation/conversation.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import type { WorkCalendar } from '#schema/protocol/trust-list.ts';
import type { Operation } from '../operation.ts';
import { noteMilestone } from '../representation/note-milestone.ts';
import { noteShown } from '../representation/note-shown.ts';
import { openRow, openRows } from '../vault/sealed-columns.ts';
import type { EnquiryContext } from './context.ts';
import { calendarFor, isAwaited, nextAlarm, ownDueDates, runningLimits } from './next-due.ts';
import { findOverdue, settleEscalations } from './overdue-limits.ts';
import type { Body } from './parse-body.ts';
import { type ActHead, counts, readActHeads, toActs } from './store.ts';
import { sealedAct } from './tables.ts';

/** The fold of a thread as this node holds it. */
export async function foldThread(
  op: Operation,
  thread: string,
): Promise<{ rows: ActHead[]; conversation: Conversation }> {
  const rows = await readActHeads(op.trx, [thread]);
  return { rows, conversation: foldConversation(toActs(rows)) };
}

/** Rewrites the cached columns of a conversation that exists and is locked. */
export async function refreshConversation(
  op: Operation,
  ctx: EnquiryContext,
  thread: string,
): Promise<Conversation> {
  const { rows, conversation } = await foldThread(op, thread);
  const whose = await op.trx
    .selectFrom('conversation')
    .select(['side', 'peer', 'purpose'])
    .where('thread', '=', thread)
    .executeTakeFirstOrThrow();
  const calendar = calendarFor(ctx, whose);
  const [next] = ownDueDates(conversation, whose.side, op.nowMs, calendar);
  const limits = runningLimits(conversation, whose.side, op.nowMs, calendar);
  const enquiry = rows.find((row) => row.type === 'ENQ');
  const unread = rows.filter((row) => row.stage === null && row.read_at === null);
  await op.trx
    .updateTable('conversation')
    .set({
      state: conversation.state,
      purpose: whose.purpose ?? (enquiry ? await readPurpose(op, enquiry.message_id) : null),
      urgency: conversation.urgency,
      // An enquiry says it until the conversation is closed; an alert until it is ended.
      danger:
        conversation.danger ||
        (enquiry !== undefined &&
          conversation.urgency === 'immediate-danger' &&
          conversation.stage !== 'CLOSED'),
      awaiting_us: isAwaited(conversation, whose.side, op.nowMs, calendar),
      unread: unread.length,
      urgent_unread: unread.some((row) => row.lane === 'urgent'),
      due_at: next?.dueMs ?? null,
      alarm_at: nextAlarm(limits, op.nowMs, false),
      updated_at: op.nowMs,
    })
    .where('thread', '=', thread)
    .execute();
  await settleEscalations(op, thread, await findOverdue(op, thread, limits), ctx.state);
  await markCrossed(op, rows, conversation);
  await noteMilestone(op, thread, conversation, rows);
  await noteForGuardians(op, thread, { rows, conversation, side: whose.side, calendar });
  op.afterCommit(() => ctx.changes.publish(thread));
  return conversation;
}

interface Known {
  readonly rows: readonly ActHead[];
  readonly conversation: Conversation;
  readonly side: Side;
  readonly calendar: WorkCalendar;
}

/** What the acts of effect make showable, and by when the law asks for the answer: no other limit is a guardian's to know. */
async function noteForGuardians(
  op: Operation,
  thread: string,
  { rows, conversation, side, calendar }: Known,
): Promise<void> {
  const without = new Set([...conversation.crossed, ...conversation.ineffective.map((one) => one.id)]);
  const acts = rows
    .filter((row) => counts(row) && !without.has(row.message_id))
    .map(({ message_id, side, type, at }) => ({
      ...{ messageId: message_id, side, atMs: at },
      type: type as MessageCode,
    }));
  const due = dueDates(conversation, op.nowMs, calendar).find(
    ({ event, clock, doneAtMs }) => event === 'answer-routine' && clock === 'legal' && doneAtMs === undefined,
  );
  const readBodies = (messageIds: readonly string[]) => readBodiesOf(op, messageIds);
  await noteShown(op, { thread, side, acts, dueMs: due?.dueMs ?? null, readBodies });
}

async function readBodiesOf(op: Operation, messageIds: readonly string[]): Promise<Map<string, Body>> {
  const query = op.trx.selectFrom('act').select(['message_id', 'thread', 'notice', 'body']);
  const sealed = await query.where('message_id', 'in', [...messageIds]).execute();
  const rows = await openRows(op, sealedAct, sealed);
  // Of what has been erased nothing is shown anew.
  const kept = rows.filter((row) => row.body);
  return new Map(kept.map(({ message_id, body }) => [message_id, JSON.parse(body!) as Body]));
}

/** What the enquiry is for: once known it stays, so that what only moves an act on needs no key. */
async function readPurpose(op: Operation, messageId: string): Promise<string | null> {
  const query = op.trx.selectFrom('act').select(['message_id', 'thread', 'notice', 'body']);
  const sealed = await query.where('message_id', '=', messageId).executeTakeFirst();
  const enquiry = await openRow(op, sealedAct, sealed);
  return enquiry?.body ? String((JSON.parse(enquiry.body) as Body).purpose) : null;
}

async function markCrossed(
  op: Operation,
  rows: readonly ActHead[],
  conversation: Conversation,
): Promise<void> {
  const without = new Set([...conversation.crossed, ...conversation.ineffective.map((one) => one.id)]);
  const changed = rows.filter((row) => row.crossed !== without.has(row.message_id));
  for (const row of changed) {
    await op.trx
      .updateTable('act')
      .set({ crossed: !row.crossed })
      .where('message_id', '=', row.message_id)
      .execute();
  }
}
