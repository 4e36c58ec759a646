/**
 * Who is told that a task waits, and how pressingly. The notice itself says nothing of the task (node/notices).
 */
import { type RolesAt, requestNotice } from '../notices/request-notice.ts';
import type { NoticeKind } from '../notices/tables.ts';
import type { Operation } from '../operation.ts';
import type { TaskKind } from './tables.ts';

/** Tasks that cannot wait for the next morning; each can cost a child something. */
const urgentTasks: readonly TaskKind[] = [
  'call-duty-phone',
  'account-owed',
  'second-approval-due',
  'incident',
  'safety-review',
];

export interface ToldTask {
  readonly kind: TaskKind;
  readonly thread?: string;
  readonly detail?: string;
  readonly assignedTo?: string;
  readonly dueAtMs?: number;
  /** Who may do what it asks for, if not everybody who sees what it is about. */
  readonly tell?: Pick<RolesAt, 'roles' | 'deputies' | 'except'>;
}

/** What is due within this, in milliseconds, does not wait for the next morning, whatever it is. */
const SOON_MS = 4 * 3_600_000;

/**
 * Asks for the notices that a new task causes: to the person it is assigned to, else to those who see its conversation, else to
 * the heads. An alert of the other State is told step by step instead (node/duty/call-out.ts).
 */
export async function tellOfTask(op: Operation, task: ToldTask): Promise<void> {
  if (task.kind === 'call-duty-phone' && task.detail === 'theirs') return;
  const isSoon = task.dueAtMs !== undefined && task.dueAtMs - op.nowMs <= SOON_MS;
  const kind: NoticeKind = isSoon || urgentTasks.includes(task.kind) ? 'urgent' : 'digest';
  const { assignedTo, tell, thread = null } = task;
  if (tell) {
    await requestNotice(op, { at: { thread }, ...tell }, kind);
    if (assignedTo !== undefined) await requestNotice(op, { persons: [assignedTo] }, kind);
    return;
  }
  if (assignedTo !== undefined && (await requestNotice(op, { persons: [assignedTo] }, kind)) > 0) return;
  await requestNotice(op, { thread }, kind);
}
