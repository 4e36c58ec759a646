/**
 * Whose word lets an act leave: one person's, a second one's, or that of the supervisor it names; and what is still asked of a
 * second one when it has left.
 */
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { isPermitted, requirePermission } from '../access/permit.ts';
import type { Operation } from '../operation.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ProposalRow } from './release-act.ts';
import { settleTasks } from './task.ts';

type Row = Pick<ProposalRow, 'type' | 'body' | 'proposer'>;

/** The supervisor who is said to stand behind the act: a name in its body is only that person's to give. */
function namedSupervisor({ type, body }: Row): string | undefined {
  return type === 'CLR' ? (JSON.parse(body) as { supervisor?: string }).supervisor : undefined;
}

/** Whether the act needs nobody beside this person. */
export function sufficesAlone(actor: Actor, row: Row): boolean {
  const named = namedSupervisor(row);
  if (named === undefined) return messageRow(row.type as MessageCode).persons === 1;
  return actor.id === row.proposer && actor.name === named && isPermitted(actor.role, 'act.approve');
}

/** Whether one person sent it in danger and no second one has looked at it yet. */
export const awaitsSecond = (row: Pick<ProposalRow, 'message_id' | 'second_due_at' | 'approver'>): boolean =>
  row.message_id !== null && row.second_due_at !== null && row.approver === null;

/** A second person has looked at what one had sent: nobody else is asked to. */
export const settleSecond = (op: Operation, messageId: string, second: Actor, reason: string) =>
  settleTasks(op, { kind: 'second-approval-due', messageIds: [messageId], by: second.id, reason });

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError OTHER_SUPERVISOR */
export function requireApprover(actor: Actor, row: Row): void {
  requirePermission(actor, row.type === 'REF' ? 'act.approve-refusal' : 'act.approve');
  if (actor.id === row.proposer) throw new AccessError('SAME_PERSON');
  const named = namedSupervisor(row);
  if (named !== undefined && actor.name !== named) throw new EnquiryError('OTHER_SUPERVISOR');
}
