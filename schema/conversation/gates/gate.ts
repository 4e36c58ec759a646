/**
 * What a gate is told and what it answers. Gates are pure: clock, case facts and what is known of the peer are
 * handed in. A gate never changes what is sent; it lets pass, explains, or blocks.
 */
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { asylumStatus } from '#schema/vocabulary/warnings.ts';
import type { Side } from '../acts.ts';
import type { EnquiryBody } from '../bodies/enquiry.ts';
import type { BodyOf, MessageCode } from '../message-types.ts';

export const gateNames = [
  'harm',
  'protection-state',
  'statement-changed',
  'presence',
  'questions',
  'location',
  'onward',
  'legal-basis',
] as const;
export type GateName = (typeof gateNames)[number];

export type GateResult = {
  readonly gate: GateName;
  /** Stable id of the rule that spoke. */
  readonly rule: string;
  readonly source: string;
  /** S checked, K known, D default of this project, P practice judgement. */
  readonly mark: 'S' | 'K' | 'D' | 'P';
  readonly outcome: 'pass' | 'explain' | 'block';
  /** For the officer; never repeats content. */
  readonly explanation: string;
};

/** What the trust list says of a State. */
export type PartyProfile = {
  /** Lower-case code, e.g. `xb`. */
  readonly state: string;
  readonly isBiibState: boolean;
  readonly isH96Party: boolean;
};

/** Where the child stands with asylum towards one State; upper-case country. Said, never left out. */
export type AsylumFact = { readonly country: string; readonly status: CodeOf<typeof asylumStatus> };

/** What was stated of the same child, toward the same State, at that time. */
export type EarlierStatement = Pick<CaseFacts, 'childIsHere' | 'asylum'> & {
  readonly atMs: number;
  /** The acting person does not see where it was stated. */
  readonly hidden?: boolean;
};

/** A recorded permission for one recipient, exactly what would leave, and a limited time. */
export type Clearance = {
  readonly kind: 'asylum' | 'presence' | 'family-contact' | 'place';
  readonly recipient: string;
  /** {@link GateInput.digest} of the act; a family-contact clearance covers the conversation and has none. */
  readonly digest?: string | undefined;
  readonly expiresAtMs: number;
  readonly by: readonly string[];
};

/** H96 Art. 37: somebody asked themselves whether this act would endanger, and says so by name. */
export type HarmStatement = {
  readonly personName: string;
  readonly answer: 'not-likely-to-endanger' | 'likely-endangers';
  readonly reasons: string;
  readonly atMs: number;
};

/** What only this node knows. None of it travels. */
export type CaseFacts = {
  /** Whether the child is, or may be, under this State's protection. */
  readonly childIsHere: 'yes' | 'no' | 'not-known';
  readonly asylum: readonly AsylumFact[];
  /** Earlier statements that nobody has confirmed as changed, the oldest first. */
  readonly earlier?: readonly EarlierStatement[] | undefined;
  readonly clearances: readonly Clearance[];
  /** Leave of the asking State to pass on, each for the bodies named and their State. */
  readonly leaves?: readonly { readonly shownTo: readonly string[]; readonly country?: string | undefined }[];
  /** Of either State, in any act of the conversation. */
  readonly warnings?: readonly { readonly code: string; readonly named?: string | undefined }[];
  readonly harm?: HarmStatement | undefined;
  /** From the conversation: a child is missing, or acts stand still. */
  readonly familyQuestionsPaused: boolean;
  /** From the conversation: a warning of either State forbids revealing where the child is. */
  readonly locationHidden: boolean;
};

export type GateInput<C extends MessageCode = MessageCode> = {
  readonly type: C;
  readonly body: BodyOf<C>;
  /** Names exactly what would leave: body, files, author, recipient and conversation. Made by the node. */
  readonly digest: string;
  readonly side: Side;
  /** The enquiry this act belongs to; for ENQ the body itself. */
  readonly enquiry?: EnquiryBody | undefined;
  readonly self: PartyProfile;
  readonly peer: PartyProfile & {
    /** The peer already holds this case from an earlier act. */
    readonly holdsCase: boolean;
  };
  readonly caseFacts: CaseFacts;
  readonly nowMs: number;
};

/** Says one rule's outcome; `source` and `mark` are of the rule. */
export function makeRule(gate: GateName, rule: string, source: string, mark: GateResult['mark']) {
  return (outcome: GateResult['outcome'], explanation: string): GateResult => ({
    gate,
    rule,
    source,
    mark,
    outcome,
    explanation,
  });
}

/** A valid clearance of this kind for exactly this act to exactly this peer. */
export function findClearance(input: GateInput, kind: Clearance['kind']): Clearance | undefined {
  const digest = kind === 'family-contact' ? undefined : input.digest;
  return input.caseFacts.clearances.find(
    (clearance) =>
      clearance.kind === kind &&
      clearance.recipient === input.peer.state &&
      clearance.digest === digest &&
      clearance.expiresAtMs > input.nowMs &&
      clearance.by.length > 0,
  );
}

/** The body, seen as that of `type`, or undefined where the act is of another type. */
export function bodyIf<C extends MessageCode>(input: GateInput, type: C): BodyOf<C> | undefined {
  return input.type === (type as MessageCode) ? (input.body as BodyOf<C>) : undefined;
}
