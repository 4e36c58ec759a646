/**
 * Tasks: what a person must do because the software may not do it by itself, or must not let it be forgotten.
 */
import type { Kysely, Transaction } from 'kysely';
import { limitMs } from '#schema/conversation/calendar.ts';
import type { Permission } from '../access/permit.ts';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { sealedTask, type TaskKind } from './tables.ts';
import { tellOfTask } from './tell-of-task.ts';

const DAY_MS = limitMs('task-routine');

/** How long a task may wait, in milliseconds, by the table of limits; reviews of people have times of their own (node/access/limits.ts). */
export const taskTimes: Readonly<Record<TaskKind, number>> = {
  'call-duty-phone': limitMs('alert-unread'),
  'safety-review': DAY_MS,
  // A stand-still is answered at once, by a person.
  'account-owed': limitMs('stand-still-account'),
  'second-approval-due': limitMs('second-approval'),
  'missing-notice': limitMs('missing-notice'),
  incident: DAY_MS,
  undelivered: DAY_MS,
  'expired-release': DAY_MS,
  'clearance-asked': DAY_MS,
  // What its people had taken back is with the recipient: a withdrawal or a stand-still must follow at once.
  'arrived-after-all': limitMs('task-urgent'),
  escalation: DAY_MS,
  'local-answer': DAY_MS,
  // Comes with the time after which the proposal lapses.
  'approval-waits': limitMs('approval-routine'),
  'proposal-lapsed': DAY_MS,
  // These always come with a time of their own (node/access/limits.ts).
  'need-review': 3 * DAY_MS,
  'reading-review': 7 * DAY_MS,
  breach: 3 * DAY_MS,
  'breach-due': DAY_MS,
  'breach-overdue': DAY_MS,
  'disclosure-waits': DAY_MS,
  'need-overdue': DAY_MS,
  'many-readings': DAY_MS,
  'many-searches': DAY_MS,
  'work-left': DAY_MS,
  'deferral-review': DAY_MS,
  'conversation-moved': DAY_MS,
  // OSCE recommendation 8: the child is held or accused for what it was made to do
  'measure-against-child': DAY_MS,
  'possible-match': DAY_MS,
  'guardian-said': DAY_MS,
  // Whoever represents the child may be close to somebody who harmed it.
  'guardian-conflict': limitMs('task-urgent'),
  'representative-ended': limitMs('task-urgent'),
  // Steps of residence, care and support take months (PRACTICE.md A8).
  'reaching-18': 30 * DAY_MS,
  'adult-consents': 7 * DAY_MS,
  'notice-draft': DAY_MS,
  'child-complaint': limitMs('task-urgent'),
};

/** Kinds that end when what they ask for is recorded, and not by a word. */
export const settledByAct: readonly TaskKind[] = [
  'approval-waits',
  'need-review',
  'need-overdue',
  'reading-review',
  'deferral-review',
  'breach',
  'breach-due',
  'breach-overdue',
  'disclosure-waits',
  'possible-match',
  'guardian-conflict',
  'child-complaint',
];

/** Kinds that only a decider may close: forgetting one can hurt a child. */
export const safetyTasks: readonly TaskKind[] = [
  'safety-review',
  'incident',
  'account-owed',
  'escalation',
  'measure-against-child',
  'representative-ended',
];

/** In the place of a unit: for the head alone. No unit has such a name. */
export const OF_THE_HEAD = '@head';

export interface NewTask {
  readonly kind: TaskKind;
  readonly thread?: string;
  readonly messageId?: string;
  readonly proposalId?: string;
  readonly detail?: string;
  readonly assignedTo?: string;
  /** Opened only if no task of this name ever was. */
  readonly once?: string;
  /** Only for who decides in this unit. */
  readonly unit?: string;
  readonly about?: string;
  readonly openedBy?: string;
  /** Instead of the kind's own time. */
  readonly dueAtMs?: number;
  /** See ToldTask. */
  readonly may?: Permission;
  readonly except?: readonly string[];
  readonly auditors?: true;
}

/**
 * Opens a task in the caller's transaction, once for each kind and message; repeating it changes nothing. Those it waits for are
 * told.
 */
export async function openTask(op: Operation, task: NewTask): Promise<void> {
  const { kind, thread = null, messageId = null, proposalId = null } = task;
  const open = await op.trx
    .selectFrom('task')
    .select('id')
    .where('kind', '=', kind)
    .where('message_id', 'is not distinct from', messageId)
    .where('proposal_id', 'is not distinct from', proposalId)
    .where('thread', 'is not distinct from', thread)
    .where('about', 'is not distinct from', task.about ?? null)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (!open) await insertTask(op, task);
}

/** Opens a task, whatever others are open; only one of a name in `once`. @returns whether it was opened now */
export async function insertTask(op: Operation, task: NewTask): Promise<boolean> {
  const { kind, thread = null, messageId = null, proposalId = null } = task;
  const dueAtMs = task.dueAtMs ?? op.nowMs + taskTimes[kind];
  const id = makeRowId('task', op.random);
  const inserted = await op.trx
    .insertInto('task')
    .values({
      id,
      kind,
      thread,
      message_id: messageId,
      proposal_id: proposalId,
      detail: task.detail ?? null,
      once: task.once ?? null,
      opened_at: op.nowMs,
      due_at: dueAtMs,
      assigned_to: task.assignedTo ?? null,
      unit: task.unit ?? null,
      about: task.about ?? null,
      opened_by: task.openedBy ?? null,
      closed_at: null,
      closed_by: null,
      reason: null,
    })
    .onConflict((conflict) => conflict.column('once').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!inserted) return false;
  await op.audit('task.opened', { id, kind, thread, messageId, proposalId });
  await tellOfTask(op, { ...task, dueAtMs });
  return true;
}

/** Closes the open tasks of a kind about these messages: what they waited for has been done by this person. */
export async function settleTasks(
  op: Operation,
  settled: { kind: TaskKind; messageIds: readonly string[]; by: string; reason: string },
): Promise<void> {
  if (settled.messageIds.length === 0) return;
  const open = await op.trx
    .selectFrom('task')
    .select('id')
    .where('kind', '=', settled.kind)
    .where('message_id', 'in', [...settled.messageIds])
    .where('closed_at', 'is', null)
    .execute();
  await closeTasks(op, open, settled);
}

/** Closes the open tasks of a kind about a proposal: somebody has decided on it, or its time is over. */
export async function settleProposalTasks(
  op: Operation,
  settled: { kind: TaskKind; proposalId: string; by: string; reason: string },
): Promise<void> {
  const open = await op.trx
    .selectFrom('task')
    .select('id')
    .where('kind', '=', settled.kind)
    .where('proposal_id', '=', settled.proposalId)
    .where('closed_at', 'is', null)
    .execute();
  await closeTasks(op, open, settled);
}

/** Closes those of these tasks that are open. @param by the person who did what they waited for, or a State */
export async function closeTasks(
  op: Operation,
  tasks: readonly { readonly id: string }[],
  { by, reason }: { by: string; reason: string },
): Promise<void> {
  const ids = tasks.map((task) => task.id);
  if (ids.length === 0) return;
  const open = await op.trx
    .selectFrom('task')
    .select(['id', 'kind', 'thread'])
    .where('id', 'in', ids)
    .where('closed_at', 'is', null)
    .forUpdate()
    .execute();
  for (const task of open) {
    const sealed = await sealColumns(op, sealedTask, task, { reason });
    await op.trx
      .updateTable('task')
      .set({ closed_at: op.nowMs, closed_by: by, ...sealed })
      .where('id', '=', task.id)
      .execute();
    await op.audit('task.closed', { ...task, actor: by });
  }
}

/** Gives what is still to be done about these messages to another: the same act in another message. */
export async function moveTasks(op: Operation, from: readonly string[], to: string): Promise<void> {
  await op.trx
    .updateTable('task')
    .set({ message_id: to })
    .where('message_id', 'in', [...from])
    .where('closed_at', 'is', null)
    .execute();
}

/** A random row id that says what it names. */
export const makeRowId = (noun: string, random: (bytes: number) => Uint8Array): string =>
  `${noun}-${Buffer.from(random(12)).toString('hex')}`;

/** Open tasks, the most pressing first. */
export function listOpenTasks(db: Kysely<Database> | Transaction<Database>, limit = 200) {
  return db
    .selectFrom('task')
    .selectAll()
    .where('closed_at', 'is', null)
    .orderBy('due_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}
