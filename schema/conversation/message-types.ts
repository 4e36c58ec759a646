/**
 * Every kind of act: who may do it, how many people must release it, which lane it takes, what its body is.
 * One row per type; what an act does to a conversation is in conversation.ts, when it is allowed in rules.ts.
 */
import type * as z from 'zod';
import { timeLimit } from '#schema/vocabulary/time-limits.ts';
import {
  MissingBody,
  RepresentativeBody,
  SightingBody,
  StandStillBody,
  StatusBody,
  UrgentAlertBody,
} from './bodies/alarms.ts';
import { EnquiryBody } from './bodies/enquiry.ts';
import { ErasureBody } from './bodies/erasure.ts';
import * as outcomes from './bodies/outcomes.ts';
import { InterimBody, ReportBody } from './bodies/report.ts';
import * as working from './bodies/working.ts';
import type { Facts } from './facts.ts';

export type MessageRow = {
  readonly version: 1;
  readonly by: 'requester' | 'requested' | 'either';
  /** People who must release it, unless {@link personsFor} says otherwise of its body; the second of an alert may follow. */
  readonly persons: 1 | 2;
  readonly secondWithinHours?: number;
  readonly lane: 'routine' | 'urgent' | 'by-urgency';
  /** May be the first act between two States. */
  readonly opensConversation: boolean;
  /** Endings that cross: the higher prevails (PROTOCOL.md, Crossing acts). */
  readonly terminalRank?: 1 | 2 | 3 | 4;
  /** Never rejected for the state of the conversation. */
  readonly alwaysAccepted?: true;
  readonly body: z.ZodType;
};

const routine = { version: 1, persons: 1, lane: 'by-urgency', opensConversation: false } as const;
const released = { ...routine, persons: 2 } as const;
const alarm = {
  version: 1,
  persons: 1,
  lane: 'urgent',
  opensConversation: false,
  alwaysAccepted: true,
} as const;

/** Children's data leaves by two persons; courtesy, work and alarms by one, and what takes an alarm back again by two. */
export const messageTypes = {
  ENQ: { ...released, by: 'requester', opensConversation: true, body: EnquiryBody },
  ACK: { ...routine, by: 'either', body: working.AcknowledgementBody },
  FLK: { ...released, by: 'requested', body: working.FirstLookBody },
  CLR: { ...routine, by: 'either', body: working.ClarificationBody },
  CLA: { ...released, by: 'either', body: working.ClarificationAnswerBody },
  FWD: { ...released, by: 'requested', body: working.ForwardBody },
  PRG: { ...routine, by: 'either', body: working.ProgressBody },
  INT: { ...released, by: 'requested', body: InterimBody },
  RPT: { ...released, by: 'requested', terminalRank: 1, body: ReportBody },
  NEG: { ...released, by: 'requested', terminalRank: 1, body: outcomes.NegativeBody },
  NIC: { ...released, by: 'requested', terminalRank: 1, body: outcomes.NoInformationBody },
  LSW: { ...released, by: 'requested', terminalRank: 1, body: outcomes.LocatedSafeBody },
  REF: { ...released, by: 'requested', terminalRank: 2, body: outcomes.RefusalBody },
  SUP: { ...released, by: 'either', body: working.SupplementBody },
  WDR: { ...routine, by: 'requester', lane: 'urgent', terminalRank: 3, body: outcomes.WithdrawalBody },
  STP: { ...alarm, by: 'either', body: StandStillBody },
  MIS: { ...alarm, by: 'either', body: MissingBody },
  REP: { ...alarm, lane: 'by-urgency', by: 'either', body: RepresentativeBody },
  STA: { ...alarm, persons: 2, lane: 'by-urgency', by: 'either', body: StatusBody },
  URG: {
    ...alarm,
    by: 'either',
    persons: 2,
    secondWithinHours: timeLimit('second-approval').value.amount,
    opensConversation: true,
    body: UrgentAlertBody,
  },
  SGT: { ...released, by: 'either', opensConversation: true, body: SightingBody },
  MSR: { ...released, by: 'either', body: working.MeasureBody },
  USE: { ...released, by: 'either', body: working.UseBody },
  OUT: { ...released, by: 'either', body: outcomes.OutcomeBody },
  CLS: { ...released, by: 'either', terminalRank: 4, body: outcomes.ClosingBody },
  RPN: { ...released, by: 'either', body: outcomes.ReopeningBody },
  ERS: { ...released, by: 'either', body: ErasureBody },
} as const satisfies Readonly<Record<string, MessageRow>>;

export type MessageCode = keyof typeof messageTypes;
export type BodyOf<C extends MessageCode> = z.infer<(typeof messageTypes)[C]['body']>;

export const messageCodes = Object.keys(messageTypes) as readonly MessageCode[];

/** The row of a type, with every optional field readable. */
export function messageRow(type: MessageCode): MessageRow {
  return messageTypes[type];
}

/** What of a body decides how many must release it. */
interface Weight {
  readonly phase?: string;
  readonly change?: string;
  readonly note?: unknown;
  readonly known?: string;
  readonly danger?: string;
}

/** Types whose body decides. Who puts a protection up alone does not take it down alone; what says nothing needs nobody else. */
const byBody: Partial<Record<MessageCode, (body: Weight) => 1 | 2>> = {
  URG: () => 2,
  STP: ({ phase }) => (phase === 'lift' ? 2 : 1),
  MIS: ({ phase }) => (phase === 'ended' ? 2 : 1),
  // That nobody is to deal with the former one any more waits for no second person.
  REP: ({ change }) => (change === 'ended' ? 1 : 2),
  PRG: ({ note }) => (note === undefined ? 1 : 2),
  FLK: (body) => (saysNothing(body) ? 1 : 2),
};

/** A first look that tells neither whether the child is known nor whether it is in danger. */
export const saysNothing = ({ known, danger }: Weight): boolean =>
  known === 'cannot-say' && danger === 'cannot-say';

/** How many people must release this very act. */
export const personsFor = (type: MessageCode, body: unknown): 1 | 2 =>
  byBody[type]?.(body as Weight) ?? messageTypes[type].persons;

/** Whether one person may send it where the child is in danger, and a second one follows: what ends an alert waits. */
export const secondMayFollow = (type: MessageCode, body: unknown): boolean =>
  messageRow(type).secondWithinHours !== undefined && (body as Weight).phase !== 'ended';

/** Types of which some act leaves without a second person before it. */
export const leavesByOne: readonly MessageCode[] = messageCodesOf(
  (type) =>
    byBody[type] !== undefined ||
    messageTypes[type].persons === 1 ||
    messageRow(type).secondWithinHours !== undefined,
);

/** Types of which some act waits for a second person. */
export const leavesByTwo: readonly MessageCode[] = messageCodesOf(
  (type) => byBody[type] !== undefined || messageTypes[type].persons === 2,
);

function messageCodesOf(keep: (type: MessageCode) => boolean): MessageCode[] {
  return (Object.keys(messageTypes) as MessageCode[]).filter(keep);
}

/** E.g. `ENQ@1`. */
export function wireName(type: MessageCode): string {
  return `${type}@${messageTypes[type].version}`;
}

/** The type of a wire name, or undefined where this node does not speak it. */
export function parseWireName(name: string): MessageCode | undefined {
  return messageCodes.find((type) => wireName(type) === name);
}

export function isAlwaysAccepted(type: MessageCode): boolean {
  return messageRow(type).alwaysAccepted === true;
}

/** 0 for what ends nothing: a withdrawal of single questions, a deferral. */
export function terminalRank(type: MessageCode, facts: Facts): number {
  if (type === 'WDR' && facts.whole !== true) return 0;
  if (type === 'REF' && facts.deferral === true) return 0;
  return messageRow(type).terminalRank ?? 0;
}

/** Which lane an act takes: `by-urgency` follows the conversation. */
export function laneOf(type: MessageCode, isUrgent: boolean): 'routine' | 'urgent' {
  const { lane } = messageTypes[type];
  return lane === 'by-urgency' ? (isUrgent ? 'urgent' : 'routine') : lane;
}
