/**
 * Asks the gates of the kernel about a draft: gathers what only this node knows, and keeps who said it. Decides nothing.
 */
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import {
  type CaseFacts,
  type Clearance,
  checkGates,
  type GateInput,
  type GateResult,
  type PartyProfile,
} from '#schema/conversation/gates.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { showing } from '../reading.ts';
import type { Reader } from '../vault/sealed-columns.ts';
import type { EnquiryContext } from './context.ts';
import type { Draft } from './draft.ts';
import { type EarlierSources, earlierFrom, readEarlier } from './earlier-statements.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import type { ClearanceHead } from './grant-clearance.ts';
import type { ProposalRow } from './release-act.ts';

export interface Judgement {
  readonly stoppedBy: readonly StoppedBy[];
  /** What does not stop it but its reader should know, e.g. a legal basis that does not fit. */
  readonly explanations: readonly StoppedBy[];
}

/** The proposal's id, and who stated what the draft says of harm, and when. */
type Stated = Pick<ProposalRow, 'id' | 'proposer_name' | 'proposed_at'>;

/** What this node knows beside the draft: read in the operation, or for a page of proposals together. */
export interface FactSources extends EarlierSources {
  readonly clearances: (thread: string) => Promise<readonly ClearanceHead[]>;
}

export const factsFrom = (ctx: EnquiryContext, reader: Reader, type: MessageCode): FactSources => ({
  // Erasing is asked for and answered also where nobody reads the words any more.
  ...earlierFrom(ctx, type === 'ERS' ? { ...reader, vault: showing(reader.vault) } : reader),
  clearances: (thread) =>
    reader.trx.selectFrom('clearance').selectAll().where('thread', '=', thread).execute(),
});

export async function runGates(
  ctx: EnquiryContext,
  from: FactSources,
  draft: Draft,
  stated: Stated,
): Promise<Judgement> {
  const self = ctx.peerProfile(ctx.state);
  if (!self) throw new EnquiryError('SELF_NOT_LISTED');
  const results = checkGates({
    type: draft.type,
    body: draft.body as GateInput['body'],
    digest: draft.digest,
    side: draft.side,
    enquiry: (draft.enquiry ?? undefined) as EnquiryBody | undefined,
    self: describeParty(self),
    peer: { ...describeParty(draft.node), holdsCase: draft.peerHoldsCase },
    caseFacts: await gatherFacts(from, draft, stated),
    nowMs: ctx.surroundings.nowMs(),
  });
  const tell = (outcome: GateResult['outcome']) =>
    results
      .filter((result) => result.outcome === outcome)
      .map(({ gate, rule, explanation, source }) => ({ gate, rule, explanation, source }));
  return { stoppedBy: tell('block'), explanations: tell('explain') };
}

const describeParty = ({ node, profile }: ListedNode): PartyProfile => ({
  state: node,
  isBiibState: profile.biib,
  isH96Party: profile.hague1996,
});

async function gatherFacts(
  from: FactSources,
  draft: Draft,
  { id, proposer_name, proposed_at }: Stated,
): Promise<CaseFacts> {
  const { safety, conversation, locationHidden, thread, peer } = draft;
  const harm = safety?.harm && { ...safety.harm, personName: proposer_name, atMs: proposed_at };
  return {
    childIsHere: safety?.childIsHere ?? 'not-known',
    asylum: safety?.asylum ?? [],
    earlier: await readEarlier(from, draft, id),
    clearances: (await from.clearances(thread))
      .filter((row) => row.peer === peer && row.granted_by !== null && row.revoked_at === null)
      .map(toClearance),
    ...(harm && { harm }),
    familyQuestionsPaused: conversation.familyQuestionsPaused,
    locationHidden,
    warnings: draft.warnings,
    leaves: draft.leaves,
  };
}

/** Granted for this conversation; which of them is for this very act, the gate compares. */
const toClearance = (row: ClearanceHead): Clearance => ({
  kind: row.kind,
  recipient: row.peer,
  digest: row.digest ?? undefined,
  expiresAtMs: row.expires_at,
  by: [row.asked_by, row.granted_by!],
});
