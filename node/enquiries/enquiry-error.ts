/**
 * What an officer's act can be refused for. Every message says what to do next; none repeats anything of a file.
 */

const table = {
  CONVERSATION_UNKNOWN: [404, 'There is no such conversation here.'],
  PROPOSAL_UNKNOWN: [404, 'There is no such proposal here.'],
  TASK_UNKNOWN: [404, 'There is no such task here, or it is closed already.'],
  ACT_UNKNOWN: [404, 'There is no such act here.'],
  CLEARANCE_UNKNOWN: [404, 'There is no such request for a clearance here, or it has been decided.'],
  PEER_UNKNOWN: [404, 'That State takes no part in the network at present: see the list of peers.'],
  PEER_SUSPENDED: [
    409,
    'The network has suspended that State: nothing is sent to it until it takes part again. Use another way.',
  ],
  SELF_SUSPENDED: [
    409,
    'The network has suspended this State: nothing leaves until it takes part again. Use another way.',
  ],
  TYPE_NOT_UNDERSTOOD: [409, 'The peer’s node does not know this type of message yet: use another way.'],
  BODY_INVALID: [422, 'The message does not fit its type: correct the fields named.'],
  ACT_NOT_ALLOWED: [409, 'The conversation does not allow this act now.'],
  GATE_CLOSED: [409, 'A rule of protection stops this message.'],
  SELF_NOT_LISTED: [503, 'The trust list in force does not name this node: fetch the list.'],
  NOT_STOPPED: [409, 'Only a proposal that a gate stopped can be submitted again: propose it anew.'],
  PROPOSAL_DECIDED: [
    409,
    'This proposal was decided, taken back or replaced meanwhile: read what waits now (waitingProposals).',
  ],
  PROPOSAL_STOPPED: [
    409,
    'A gate stops this proposal, nobody can release it: get the clearance that the gate names, or have it corrected; then its proposer resubmits it.',
  ],
  DIGEST_DIFFERS: [409, 'What would leave is not what you were shown: read it again before you approve.'],
  PROPOSAL_EXPIRED: [409, 'The time for approval has run out: propose it anew.'],
  NOT_REPLACEABLE: [
    409,
    'Only a proposal of the same type to the same State, of your own or of whom you stand in for, that has not left can be replaced.',
  ],
  GUARDIAN_NOT_HEARD: [
    409,
    'The child’s guardian is asked before this leaves: wait for their word or the end of their time, and answer each objection with a reason.',
  ],
  AGREEMENT_SUSPENDED: [
    409,
    'What this rests on was agreed to and is not any more: it stands still until a person has looked. An alarm is not stopped.',
  ],
  NOT_STALE: [
    409,
    'Only a release that grew old, was taken back, rests on a clearance that was, or must be sealed anew can be confirmed.',
  ],
  OTHER_SUPERVISOR: [403, 'This act names another supervisor: only that person lets it leave.'],
  NO_LEGAL_ADVISER: [
    409,
    'A legal adviser must decide on this, and this office has named none: enter one with `focalnet person add`.',
  ],
  CURSOR_INVALID: [400, 'That is no cursor of this list: start again without one.'],
  ALERT_UNCONFIRMED: [
    409,
    'This alarm ends when somebody of the focal point confirms the alert: the State that raised it is then told who has it.',
  ],
  REASON_MISSING: [422, 'Say why, in at least ten characters.'],
  EXPIRY_INVALID: [422, 'A clearance ends within thirty days and not in the past.'],
} as const satisfies Record<string, readonly [number, string]>;

export type EnquiryErrorCode = keyof typeof table;

/** A rule that stopped something: its id, the sentence an officer reads, and where the rule comes from. */
export interface StoppedBy {
  readonly gate?: string;
  readonly rule: string;
  readonly explanation: string;
  readonly source?: string;
}

export class EnquiryError extends Error {
  override readonly name = 'EnquiryError';
  readonly code: EnquiryErrorCode;
  readonly status: number;
  /** Rules or fields concerned; never values. */
  readonly stoppedBy: readonly StoppedBy[];
  /** The stopped proposal, kept so that it can be changed or a clearance be asked for it. */
  readonly proposal: string | undefined;
  constructor(code: EnquiryErrorCode, stoppedBy: readonly StoppedBy[] = [], proposal?: string) {
    const kept = proposal === undefined ? [] : [`Nothing left; it is kept here as ${proposal}.`];
    super([table[code][1], ...stoppedBy.map(describe), ...kept].join(' '));
    this.code = code;
    this.status = table[code][0];
    this.stoppedBy = stoppedBy;
    this.proposal = proposal;
  }
}

const describe = ({ gate, rule, explanation, source }: StoppedBy): string =>
  `[${gate === undefined ? '' : `${gate} `}${rule}] ${explanation}${source === undefined ? '' : ` (${source})`}`;
