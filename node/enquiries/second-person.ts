/**
 * Whose word lets an act leave: one person's, a second one's, or that of the supervisor it names. Pure.
 */
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { isPermitted, requirePermission } from '../access/permit.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ProposalRow } from './release-act.ts';

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

/** @throws AccessError NOT_PERMITTED, SAME_PERSON; EnquiryError OTHER_SUPERVISOR */
export function requireApprover(actor: Actor, row: Row): void {
  requirePermission(actor, row.type === 'REF' ? 'act.approve-refusal' : 'act.approve');
  if (actor.id === row.proposer) throw new AccessError('SAME_PERSON');
  const named = namedSupervisor(row);
  if (named !== undefined && actor.name !== named) throw new EnquiryError('OTHER_SUPERVISOR');
}
