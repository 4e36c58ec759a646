/**
 * Who is told that a task waits, and how pressingly: the one place that decides it, for every kind. The notice itself says nothing of
 * the task (node/notices). Whom a task is about is never told of it; where nobody of these can be told, the head is,
 * and where not even a head can be told, as where it is about the head, auditors are.
 */
import type { Role } from '../access/actor.ts';
import { type Permission, rolesThat } from '../access/permit.ts';
import { type RolesAt, requestNotice } from '../notices/request-notice.ts';
import type { NoticeKind } from '../notices/tables.ts';
import type { Operation } from '../operation.ts';
import type { TaskKind } from './tables.ts';

/** Tasks that cannot wait for the next morning; each can cost a child something. */
const urgentTasks: readonly TaskKind[] = [
  'call-duty-phone',
  'account-owed',
  // A visit to the family that night may be fatal (PRACTICE.md A16).
  'missing-notice',
  'second-approval-due',
  'incident',
  'safety-review',
  // Somebody reads at this moment what is not their unit's.
  'need-review',
  'need-overdue',
  // Hours count: GDPR Art. 33(1).
  'breach',
  'breach-due',
  'breach-overdue',
  'measure-against-child',
  'guardian-conflict',
  'representative-ended',
  'child-complaint',
];

export interface ToldTask {
  readonly kind: TaskKind;
  readonly thread?: string;
  readonly detail?: string;
  readonly assignedTo?: string;
  readonly unit?: string;
  readonly dueAtMs?: number;
  /** What it takes to do what it asks for, where that depends on more than its kind. */
  readonly may?: Permission;
  /** Whom it is about, or who asked for what it is to decide: never told. */
  readonly except?: readonly string[];
  /** Auditors are told too, whatever its kind. */
  readonly auditors?: true;
}

interface Audience {
  /** In the unit whose it is; the head in every one. */
  readonly roles: readonly Role[];
  /** The unit's deputies as well. */
  readonly deputies?: true;
  /** Also where the task is assigned to a person who can be told. */
  readonly always?: true;
  /** Auditors are told beside them. */
  readonly auditors?: true;
}

const team: Audience = { roles: ['officer', 'supervisor'] };
const deciders: Audience = { roles: rolesThat('task.close-safety') };
const supervisors: Audience = { roles: ['supervisor'] };
const heads: Audience = { roles: ['head'] };

const audiences: Readonly<Record<TaskKind, Audience>> = {
  'call-duty-phone': team,
  'account-owed': team,
  'missing-notice': team,
  undelivered: team,
  'expired-release': team,
  'arrived-after-all': team,
  'local-answer': team,
  'second-approval-due': { ...deciders, deputies: true },
  'approval-waits': { ...deciders, deputies: true },
  'clearance-asked': { ...deciders, deputies: true },
  'proposal-lapsed': { ...deciders, always: true },
  'safety-review': deciders,
  // A lone head's own incident is its deputies' to close, and nobody's above them but the auditors'.
  incident: { ...deciders, deputies: true, auditors: true },
  // First theirs, then the head's (overdue-limits.ts).
  escalation: supervisors,
  'need-review': { ...deciders, auditors: true },
  'need-overdue': heads,
  'reading-review': deciders,
  'many-readings': { ...deciders, auditors: true },
  'many-searches': { ...deciders, auditors: true },
  'work-left': deciders,
  'deferral-review': deciders,
  'conversation-moved': deciders,
  breach: deciders,
  'breach-due': deciders,
  'breach-overdue': { ...deciders, auditors: true },
  'disclosure-waits': { ...deciders, deputies: true },
  // PRACTICE.md A18: the file's own team and supervisor.
  'possible-match': team,
  'guardian-said': team,
  'guardian-conflict': deciders,
  'representative-ended': deciders,
  'reaching-18': team,
  'adult-consents': team,
  'notice-draft': team,
  'child-complaint': deciders,
  // PRACTICE.md A22: the child is held or accused.
  'measure-against-child': { roles: ['legal-adviser', ...deciders.roles] },
};

/** What is due within this, in milliseconds, does not wait for the next morning, whatever it is. */
const SOON_MS = 4 * 3_600_000;

const isForHead = ({ kind, detail }: ToldTask): boolean =>
  kind === 'escalation' && detail !== undefined && detail.includes(':head');

/** Asks for the notices that a task causes. An alert of the other State is told step by step instead (node/duty/call-out.ts). */
export async function tellOfTask(op: Operation, task: ToldTask): Promise<void> {
  if (task.kind === 'call-duty-phone' && task.detail === 'theirs') return;
  const { assignedTo, except = [], thread = null, unit } = task;
  const audience = isForHead(task) ? heads : audiences[task.kind];
  const kind = urgencyOf(op, task);
  const tellAuditors = () => requestNotice(op, { roles: ['auditor'] }, kind);
  const auditors = audience.auditors || task.auditors ? await tellAuditors() : undefined;
  const named = assignedTo === undefined ? [] : [assignedTo];
  const isTold = (await requestNotice(op, { persons: named, thread: task.thread, except }, kind)) > 0;
  if (isTold && !audience.always) return;
  const told = await requestNotice(op, { at: { thread, unit }, ...whoOf(task, audience), except }, kind);
  if (told > 0 || isTold || (auditors ?? (await tellAuditors())) > 0) return;
  op.warn('task-told-nobody', { code: task.kind });
}

/** What is a unit's to decide about people, no deputy sees. */
const whoOf = (
  { may, unit }: ToldTask,
  { roles, deputies }: Audience,
): Pick<RolesAt, 'roles' | 'deputies'> => ({
  roles: may === undefined ? roles : rolesThat(may),
  deputies: deputies === true && unit === undefined,
});

function urgencyOf(op: Operation, task: ToldTask): NoticeKind {
  const isSoon = task.dueAtMs !== undefined && task.dueAtMs - op.nowMs <= SOON_MS;
  return isSoon || isForHead(task) || urgentTasks.includes(task.kind) ? 'urgent' : 'digest';
}
