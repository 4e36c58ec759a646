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
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import type { ClearanceRow } from './grant-clearance.ts';
import type { Db } from './store.ts';

export interface Judgement {
  readonly stoppedBy: readonly StoppedBy[];
  /** What does not stop it but its reader should know, e.g. a legal basis that does not fit. */
  readonly explanations: readonly StoppedBy[];
}

/**
 * @param db of the operation; or the clearances of the draft's conversation, where they have been read
 * @param proposer who stated what the draft says of harm, and when
 */
export async function runGates(
  ctx: EnquiryContext,
  db: Db | readonly ClearanceRow[],
  draft: Draft,
  proposer: { name: string; atMs: number },
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
    caseFacts: await gatherFacts(db, draft, proposer),
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
  db: Db | readonly ClearanceRow[],
  { safety, conversation, locationHidden, thread, peer }: Draft,
  proposer: { name: string; atMs: number },
): Promise<CaseFacts> {
  const harm = safety?.harm && { ...safety.harm, personName: proposer.name, atMs: proposer.atMs };
  return {
    childIsHere: safety?.childIsHere ?? 'not-known',
    asylum: safety?.asylum ?? [],
    clearances: (await readClearances(db, thread))
      .filter((row) => row.peer === peer && row.granted_by !== null && row.revoked_at === null)
      .map(toClearance),
    ...(harm && { harm }),
    familyQuestionsPaused: conversation.familyQuestionsPaused,
    locationHidden,
  };
}

const readClearances = async (
  db: Db | readonly ClearanceRow[],
  thread: string,
): Promise<readonly ClearanceRow[]> =>
  'selectFrom' in db ? db.selectFrom('clearance').selectAll().where('thread', '=', thread).execute() : db;

/** Granted for this conversation; which of them is for this very act, the gate compares. */
const toClearance = (row: ClearanceRow): Clearance => ({
  kind: row.kind,
  recipient: row.peer,
  digest: row.digest ?? undefined,
  expiresAtMs: row.expires_at,
  by: [row.asked_by, row.granted_by!],
});
