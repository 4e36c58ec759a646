/**
 * What the rules say of a stored proposal now: shown to whoever is to approve it. Changes nothing.
 */

import type { Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { EnquiryContext } from './context.ts';
import { type Draft, redraft } from './draft.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import { runGates } from './gates.ts';
import type { ProposalRow } from './release-act.ts';

export interface Review {
  readonly stoppedBy: readonly StoppedBy[];
  readonly explanations: readonly StoppedBy[];
}

/** It has not left, or must be confirmed anew. */
export const isPending = ({ status }: Pick<ProposalRow, 'status'>): boolean =>
  ['stopped', 'waiting', 'stale'].includes(status);

/** Rules that stop the proposal now, and what its reader should know; nothing for what has left or been taken back. */
export async function reviewProposal(
  ctx: EnquiryContext,
  trx: Transaction<Database>,
  row: ProposalRow,
): Promise<Review> {
  if (!isPending(row)) return { stoppedBy: [], explanations: [] };
  try {
    const reader = { trx, ...ctx.surroundings, nowMs: ctx.surroundings.nowMs(), lock: false };
    const draft = await redraft(ctx, reader, row);
    const judged = await runGates(ctx, trx, draft, { name: row.proposer_name, atMs: row.proposed_at });
    return { ...judged, explanations: [...judged.explanations, ...tellUncleaned(draft)] };
  } catch (error) {
    if (!(error instanceof EnquiryError)) throw error;
    const own = { rule: error.code, explanation: error.message };
    return { stoppedBy: error.stoppedBy.length > 0 ? error.stoppedBy : [own], explanations: [] };
  }
}

/** One supervisor answers for a file that could not be cleaned: whoever approves must know that there is one. */
const tellUncleaned = ({ files }: Draft): StoppedBy[] =>
  files
    .filter((file) => file.uncleaned_reason !== null)
    .map((_file) => ({
      rule: 'file-uncleaned',
      explanation:
        'A file leaves as it is, with all that is hidden in it: see why under uncleanedReason of the attachments.',
    }));
