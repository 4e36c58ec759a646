/**
 * Who is told that a task waits, and how pressingly. The notice itself says nothing of the task (node/notices).
 */
import { type Recipients, requestNotice } from '../notices/request-notice.ts';
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
  readonly assignedTo?: string;
}

/** Groups to tell, in order: the next one only if nobody of those before can be told. */
export type WhoToTell = (op: Operation, task: ToldTask) => Promise<readonly Recipients[]>;

/** Officers and supervisors, else heads; of all units, since a conversation belongs to none yet. */
export const tellByRole: WhoToTell = async () => [{ roles: ['officer', 'supervisor'] }, { roles: ['head'] }];

/** Asks for the notices that a new task causes: to the person it is assigned to, else to whom `whoToTell` names. */
export async function tellOfTask(op: Operation, task: ToldTask, whoToTell: WhoToTell): Promise<void> {
  const kind: NoticeKind = urgentTasks.includes(task.kind) ? 'urgent' : 'digest';
  const assigned = task.assignedTo === undefined ? [] : [{ persons: [task.assignedTo] }];
  for (const group of [...assigned, ...(await whoToTell(op, task))])
    if ((await requestNotice(op, group, kind)) > 0) return;
}
