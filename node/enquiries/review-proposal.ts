/**
 * What the rules say of a stored proposal now: shown to whoever is to approve it. Changes nothing.
 */

import type { EnquiryContext } from './context.ts';
import { type Draft, type DraftSources, redraft } from './draft.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import { type FactSources, runGates } from './gates.ts';
import type { ProposalRow } from './release-act.ts';

export interface Review {
  readonly stoppedBy: readonly StoppedBy[];
  readonly explanations: readonly StoppedBy[];
}

/** It has not left, or must be confirmed anew. */
export const isPending = ({ status }: Pick<ProposalRow, 'status'>): boolean =>
  ['stopped', 'waiting', 'stale'].includes(status);

export type ReviewSources = DraftSources & FactSources;

/**
 * Rules that stop the proposal now, and what its reader should know; nothing for what has left or been taken back. All it needs is
 * asked for at once, so that a page of proposals asks for it together.
 */
export async function reviewProposal(
  ctx: EnquiryContext,
  from: ReviewSources,
  row: ProposalRow,
): Promise<Review> {
  if (!isPending(row)) return { stoppedBy: [], explanations: [] };
  try {
    const [conversation, acts, files, clearances] = await Promise.all([
      from.conversation(row.thread),
      from.acts(row.thread),
      from.files(row.attachment_ids),
      from.clearances(row.thread),
    ]);
    const sources: DraftSources = {
      conversation: async () => conversation,
      acts: async () => acts,
      files: async () => files,
    };
    const reader = { ...ctx.surroundings, nowMs: ctx.surroundings.nowMs(), sources };
    const draft = await redraft(ctx, reader, row);
    const judged = await runGates(ctx, { ...from, clearances: async () => clearances }, draft, row);
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
