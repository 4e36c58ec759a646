/**
 * Locks a proposal for whoever decides on it.
 */
import type { Operation } from '../operation.ts';
import { openRow } from '../vault/sealed-columns.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ProposalRow } from './release-act.ts';
import { lockConversation } from './store.ts';
import { sealedProposal } from './tables.ts';

/** Locks conversation, then proposal: always in this order. @throws EnquiryError PROPOSAL_UNKNOWN */
export async function lockProposal(op: Operation, id: string): Promise<ProposalRow> {
  const found = await op.trx.selectFrom('proposal').select('thread').where('id', '=', id).executeTakeFirst();
  if (!found) throw new EnquiryError('PROPOSAL_UNKNOWN');
  await lockConversation(op.trx, found.thread);
  const query = op.trx.selectFrom('proposal').selectAll().where('id', '=', id).forUpdate();
  // Another may have released it meanwhile: the statement that waited does not see the conversation that was opened by that.
  const row = (await query.executeTakeFirst()) ?? (await query.executeTakeFirst());
  if (!row) throw new EnquiryError('PROPOSAL_UNKNOWN');
  return (await openRow(op, sealedProposal, row))!;
}
