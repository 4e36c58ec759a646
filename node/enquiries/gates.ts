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
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { EnquiryContext } from './context.ts';
import type { Draft } from './draft.ts';
import { readEarlier } from './earlier-statements.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import type { ProposalRow } from './release-act.ts';
import type { Db } from './store.ts';

export interface Judgement {
  readonly stoppedBy: readonly StoppedBy[];
  /** What does not stop it but its reader should know, e.g. a legal basis that does not fit. */
  readonly explanations: readonly StoppedBy[];
}

/** The proposal's id, and who stated what the draft says of harm, and when. */
type Stated = Pick<ProposalRow, 'id' | 'proposer_name' | 'proposed_at'>;

export async function runGates(
  ctx: EnquiryContext,
  db: Db,
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
    caseFacts: await gatherFacts(db, draft, stated),
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
  db: Db,
  draft: Draft,
  { id, proposer_name, proposed_at }: Stated,
): Promise<CaseFacts> {
  const { safety, conversation, locationHidden, thread, peer } = draft;
  const harm = safety?.harm && { ...safety.harm, personName: proposer_name, atMs: proposed_at };
  return {
    childIsHere: safety?.childIsHere ?? 'not-known',
    asylum: safety?.asylum ?? [],
    earlier: await readEarlier(db, draft, id),
    clearances: await readClearances(db, { thread, peer }),
    ...(harm && { harm }),
    familyQuestionsPaused: conversation.familyQuestionsPaused,
    locationHidden,
    warnings: draft.warnings,
    leaves: draft.leaves,
  };
}

/** Granted clearances of this conversation; which of them is for this very act, the gate compares. */
async function readClearances(db: Db, about: { thread: string; peer: string }): Promise<Clearance[]> {
  const rows = await db
    .selectFrom('clearance')
    .selectAll()
    .where('peer', '=', about.peer)
    .where('thread', '=', about.thread)
    .where('granted_by', 'is not', null)
    .where('revoked_at', 'is', null)
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    recipient: row.peer,
    digest: row.digest ?? undefined,
    expiresAtMs: row.expires_at,
    by: [row.asked_by, row.granted_by!],
  }));
}
