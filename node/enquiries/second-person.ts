/**
 * Whose word lets an act leave: one person's, a second one's, or that of the supervisor it names; and what is still asked of a
 * second one when it has left.
 */
import { type MessageCode, personsFor } from '#schema/conversation/message-types.ts';
import type { Actor } from '../access/actor.ts';
import { isPermitted } from '../access/permit.ts';
import type { Operation, PersonalOperation } from '../operation.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ProposalRow } from './release-act.ts';
import { settleTasks } from './task.ts';

type Row = Pick<ProposalRow, 'type' | 'body' | 'proposer'>;

/** The supervisor who is said to stand behind the act: a name in its body is only that person's to give. */
export function namedSupervisor({ type, body }: Row): string | undefined {
  return type === 'CLR' ? (JSON.parse(body) as { supervisor?: string }).supervisor : undefined;
}

/** Whether the act needs nobody beside this person. A local case worker drafts and never releases (DOMAIN.md section 4). */
export function sufficesAlone(actor: Actor, row: Row): boolean {
  if (actor.role === 'case-worker') return false;
  const named = namedSupervisor(row);
  if (named === undefined) return personsFor(row.type as MessageCode, JSON.parse(row.body)) === 1;
  return actor.id === row.proposer && actor.name === named && isPermitted(actor.role, 'act.approve');
}

/** Whether one person sent it in danger and no second one has looked at it yet. */
export const awaitsSecond = (row: Pick<ProposalRow, 'message_id' | 'second_due_at' | 'approver'>): boolean =>
  row.message_id !== null && row.second_due_at !== null && row.approver === null;

/** A second person has looked at what one had sent: nobody else is asked to. */
export const settleSecond = (op: Operation, messageId: string, second: Actor, reason: string) =>
  settleTasks(op, { kind: 'second-approval-due', messageIds: [messageId], by: second.id, reason });

/** What it takes to approve this proposal. */
export const approvalOf = ({ type }: Pick<ProposalRow, 'type'>): 'act.approve' | 'act.approve-refusal' =>
  type === 'REF' ? 'act.approve-refusal' : 'act.approve';

/** What it takes to propose an act of this type. */
export const proposalOf = (type: MessageCode): 'act.propose' | 'act.propose-refusal' =>
  type === 'REF' ? 'act.propose-refusal' : 'act.propose';

/** What only a legal adviser can decide waits for nobody where there is none. @throws EnquiryError NO_LEGAL_ADVISER */
export async function requireLegalAdviser({ trx }: Pick<Operation, 'trx'>): Promise<void> {
  const query = trx.selectFrom('person').select('id').where('role', '=', 'legal-adviser');
  const named = await query.where('disabled_at', 'is', null).limit(1).executeTakeFirst();
  if (!named) throw new EnquiryError('NO_LEGAL_ADVISER');
}

/** @throws AccessError NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED; EnquiryError OTHER_SUPERVISOR */
export async function requireApprover(
  op: PersonalOperation,
  row: Row & Pick<ProposalRow, 'thread'>,
): Promise<void> {
  await op.require(approvalOf(row), row.thread, row.proposer);
  const named = namedSupervisor(row);
  if (named !== undefined && op.actor.name !== named) throw new EnquiryError('OTHER_SUPERVISOR');
}
