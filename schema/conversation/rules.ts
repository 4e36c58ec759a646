/**
 * Which act is allowed where. One row per rule, with the sentence an officer is shown. A rule reads a folded
 * conversation and the facts of one act; it may not look at a clock, a database or who is logged in.
 */
import { limits } from '#schema/protocol/limits.ts';
import { type Act, otherSide, type Side } from './acts.ts';
import { type Conversation, foldConversation, type Stage } from './conversation.ts';
import { erasedBy, protectiveTypes } from './erasures.ts';
import type { Facts } from './facts.ts';
import { isAlwaysAccepted, type MessageCode, messageTypes } from './message-types.ts';

const EXPLANATIONS = {
  'author-side': 'This act belongs to the other side of the conversation.',
  'number-taken': 'An act with this number of this author is already held: take the next number.',
  'too-far-ahead': 'Too many acts of this author before it have not arrived: send those first.',
  'seen-too-high': 'The act claims to have seen more acts than this side has released.',
  'answers-nothing': 'The act must name the number of the act of the other side that it answers.',
  'opens-once': 'An enquiry opens its own conversation, or follows an alert once: start a new one.',
  'needs-conversation':
    'Nothing has been asked or reported yet: only an enquiry, an alert or a sighting can come first.',
  'needs-enquiry': 'No enquiry has been made in this conversation.',
  'not-after-end':
    'The enquiry is refused, withdrawn or closed: reopen it with a new fact, or make a new enquiry.',
  'not-after-closing': 'The conversation is closed: reopen it with a new fact.',
  'answered-already': 'The enquiry has been answered: supplement or correct the answer instead.',
  'nothing-to-supplement': 'A supplement is asked for only after an answer.',
  'second-clarification':
    'A second request for clarification needs a supervisor by name (it would keep the child waiting).',
  'deferral-never-on-urgent':
    'An urgent enquiry cannot be put off: answer, refuse on a ground, or ask in parallel.',
  'not-over-silence':
    'Nothing closes by silence: an answer, a refusal or a withdrawal must come first, or an alert be dealt with.',
  'not-by-answerer': 'Only the requesting side closes before it has accepted the answer.',
  'not-over-danger': 'An alert is open: it must be ended before anyone closes.',
  'not-while-missing': 'A child is missing: the episode must be ended before anyone closes.',
  'not-in-care-of-suspect': 'A child is in the care of a suspected person: nothing may be closed.',
  'not-on-hold': 'A stand-still is in force: its author must lift it first.',
  'account-owed': 'You owe an account of what was already done: give it before closing.',
  'supplement-owed': 'A supplement has been asked for and not given.',
  'not-ended': 'Only what is closed, refused or withdrawn can be reopened.',
  'requester-reopens': 'What the requester withdrew only the requester takes up again.',
  'no-outcome-yet': 'There is no answer yet whose outcome could be told.',
  erased:
    'The conversation has been erased there: nothing can be added to it. Begin a new one; an alert first of all.',
  'erased-already': 'This has been erased already.',
  'requester-erases':
    'Only the State that asked has the whole conversation erased: name one act of your own.',
  'erase-own': 'A State has erased what it has sent itself: name the number of an act of your own.',
  'not-over-open-matter':
    'The conversation has not ended, or an alert, a missing child or a stand-still is open: only what was unlawful, sent in error or is ordered by a court is erased before.',
  'protective-stays':
    'What protects a child, or rests on law, is not erased because agreement was withdrawn.',
} as const;

export type RuleId = keyof typeof EXPLANATIONS;

/** A protocol violation; the message names the rule and never anything of the content. */
export class ConversationError extends Error {
  override readonly name = 'ConversationError';
  readonly code = 'ACT_NOT_ALLOWED';
  readonly rule: RuleId;
  constructor(type: MessageCode, rule: RuleId) {
    super(`${type} is not allowed by rule ${rule}: ${EXPLANATIONS[rule]}`);
    this.rule = rule;
  }
}

export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: 'ACT_NOT_ALLOWED';
      readonly rule: RuleId;
      readonly explanation: string;
    };

type Candidate = Pick<Act, 'side' | 'type' | 'facts'>;
type Rule = (conversation: Conversation, act: Candidate) => RuleId | undefined;

const ENDED: readonly Stage[] = ['REFUSED', 'WITHDRAWN', 'CLOSED'];

/**
 * Whether `side` may act now, as far as it knows. For what a screen offers; before releasing, an author also
 * asks {@link judgeAsAuthored}, which is what the peer will ask.
 */
export function mayAct(
  conversation: Conversation,
  side: Side,
  type: MessageCode,
  facts: Facts = {},
): Verdict {
  const rule = brokenRule(conversation, { side, type, facts });
  const bindsAlways = rule === 'needs-conversation' || rule === 'erased';
  if (rule === undefined || (isAlwaysAccepted(type) && !bindsAlways)) return { ok: true };
  return { ok: false, code: 'ACT_NOT_ALLOWED', rule, explanation: EXPLANATIONS[rule] };
}

/**
 * Judges an act by what its author had when releasing it: their own earlier acts, the peer's acts up to `seen`
 * and the one act it answers. Crossing acts therefore pass; only real violations fail. Where earlier acts of
 * the author have not arrived the act passes: an urgent one may have overtaken them.
 * @param held every act of this conversation that this node holds
 * @throws ConversationError ACT_NOT_ALLOWED
 */
export function judgeAsAuthored(held: Iterable<Act>, act: Act): void {
  const others = [...held].filter((other) => other.id !== act.id);
  const broken = brokenNumbering(others, act) ?? ruleInAuthorsView(others, act);
  if (broken !== undefined) throw new ConversationError(act.type, broken);
}

/** As {@link judgeAsAuthored}, as a yes or no. */
export function isActLegalAsAuthored(held: Iterable<Act>, act: Act): boolean {
  try {
    judgeAsAuthored(held, act);
    return true;
  } catch (error) {
    if (error instanceof ConversationError) return false;
    throw error;
  }
}

function brokenNumbering(others: readonly Act[], act: Act): RuleId | undefined {
  if (others.some((other) => other.side === act.side && other.n === act.n)) return 'number-taken';
  // Never so far ahead of what is held that the missing numbers would become a burden to whoever counts them.
  const before = others.filter((other) => other.side === act.side && other.n < act.n).length;
  if (act.n - 1 - before > limits.actsMissing) return 'too-far-ahead';
  const released = Math.max(0, ...others.filter((other) => other.side !== act.side).map((other) => other.n));
  return act.seen > released && !isAlwaysAccepted(act.type) ? 'seen-too-high' : undefined;
}

function ruleInAuthorsView(others: readonly Act[], act: Act): RuleId | undefined {
  const by = messageTypes[act.type].by;
  if (by !== 'either' && by !== act.side) return 'author-side';
  if (isAlwaysAccepted(act.type)) return undefined;
  const own = others.filter((other) => other.side === act.side && other.n < act.n);
  if (own.length < act.n - 1) return undefined;
  const peers = others.filter(
    (other) => other.side !== act.side && (other.n <= act.seen || other.n === act.facts.re),
  );
  return brokenRule(foldConversation([...own, ...peers]), act);
}

/** The first rule that an act breaks in this conversation. Does not know which types are always accepted. */
export function brokenRule(conversation: Conversation, act: Candidate): RuleId | undefined {
  const row = messageTypes[act.type];
  if (row.by !== 'either' && row.by !== act.side) return 'author-side';
  if (conversation.stage === 'DRAFT' && !row.opensConversation) return 'needs-conversation';
  if (act.type !== 'ERS' && isOver(conversation)) return 'erased';
  return RULES[act.type]?.(conversation, act) ?? brokenReference(conversation, act);
}

/** Erased there, and no alarm that crossed the erasure is open: while one is, both go on. */
const isOver = ({ erasures, danger, missing, holdSafety }: Conversation): boolean =>
  erasedBy(erasures) !== undefined && !danger && missing.length === 0 && !holdSafety;

/** What an answering act may answer: type, and phase where the type has phases. */
const ANSWERABLE: Readonly<
  Partial<Record<MessageCode, readonly [types: readonly MessageCode[], phase?: string]>>
> = {
  CLA: [['CLR']],
  SUP: [['SUP'], 'give'],
  MSR: [['MSR'], 'answer'],
  USE: [['USE'], 'answer'],
  ERS: [['ERS'], 'answer'],
};

function brokenReference(conversation: Conversation, act: Candidate): RuleId | undefined {
  const { re, phase } = act.facts;
  const [types, answering] = ANSWERABLE[act.type] ?? [];
  const mustAnswer =
    act.type === 'ACK' || (types !== undefined && (answering === undefined || answering === phase));
  if (!mustAnswer) return undefined;
  const answers = conversation.acts.some(
    (other) =>
      other.side === otherSide(act.side) &&
      other.n === re &&
      (types === undefined ||
        (types.includes(other.type) && (answering === undefined || other.facts.phase === 'ask'))),
  );
  return answers ? undefined : 'answers-nothing';
}

const hasEnquiry = (conversation: Conversation) =>
  conversation.stage !== 'DRAFT' && conversation.stage !== 'ALERT';
const notEnded: Rule = ({ stage }) => (ENDED.includes(stage) ? 'not-after-end' : undefined);
const notClosed: Rule = ({ stage }) => (stage === 'CLOSED' ? 'not-after-closing' : undefined);
const openEnquiry: Rule = (conversation, act) =>
  hasEnquiry(conversation) ? notEnded(conversation, act) : 'needs-enquiry';

/** After "nothing found" or "no information can be communicated" a fuller answer may still follow. */
const finalAnswer: Rule = (conversation, act) => {
  const { outcome, openSupplements, stage } = conversation;
  const mayBeBettered =
    openSupplements.length > 0 || outcome === undefined || ['NIC', 'NEG'].includes(outcome.type);
  return (
    openEnquiry(conversation, act) ??
    (stage === 'ANSWERED' && !mayBeBettered ? 'answered-already' : undefined)
  );
};

const refusal: Rule = (conversation, act) => {
  const urgent = conversation.danger || conversation.urgency !== 'routine';
  const broken = finalAnswer(conversation, act);
  if (broken !== undefined || act.facts.deferral !== true) return broken;
  if (conversation.stage === 'ANSWERED') return 'answered-already';
  return urgent ? 'deferral-never-on-urgent' : undefined;
};

const clarification: Rule = (conversation, act) => {
  const again = act.side === 'requested' && conversation.clarificationsAsked.requested > 0;
  return (
    openEnquiry(conversation, act) ??
    (again && act.facts.bySupervisor !== true ? 'second-clarification' : undefined)
  );
};

const supplement: Rule = (conversation, act) => {
  if (act.facts.phase === 'correct') return undefined;
  const answered = conversation.outcome !== undefined;
  return openEnquiry(conversation, act) ?? (answered ? undefined : 'nothing-to-supplement');
};

/** Closing is a person's act after a last safety check (PRACTICE.md A5). */
const closing: Rule = (conversation, { side }) => {
  if (conversation.stage === 'CLOSED') return 'not-after-closing';
  if (conversation.danger) return 'not-over-danger';
  if (conversation.missing.length > 0) return 'not-while-missing';
  if (conversation.careOfSuspect) return 'not-in-care-of-suspect';
  if (conversation.holdSafety) return 'not-on-hold';
  if (!['ANSWERED', 'REFUSED', 'WITHDRAWN', 'ALERT'].includes(conversation.stage)) return 'not-over-silence';
  if (conversation.accountsOwed.some((owed) => owed.by !== side)) return 'account-owed';
  if (conversation.openSupplements.length > 0) return 'supplement-owed';
  const unaccepted = ['ANSWERED', 'REFUSED'].includes(conversation.stage) && !conversation.accepted;
  return side === 'requested' && unaccepted ? 'not-by-answerer' : undefined;
};

const reopening: Rule = ({ stage, outcome }, { side }) => {
  if (!ENDED.includes(stage)) return 'not-ended';
  const withdrawn = stage === 'WITHDRAWN' || outcome?.type === 'WDR';
  return withdrawn && side !== 'requester' ? 'requester-reopens' : undefined;
};

const withdrawal: Rule = (conversation) => {
  if (!hasEnquiry(conversation)) return 'needs-enquiry';
  return conversation.stage === 'WITHDRAWN' || conversation.stage === 'CLOSED' ? 'not-after-end' : undefined;
};

const outcomeTold: Rule = (conversation) =>
  conversation.stage === 'ALERT' || conversation.outcome !== undefined ? undefined : 'no-outcome-yet';

/** What ends what was sent, once it is at its end; sooner only what should never have been sent or kept. */
const SOONER: readonly (string | undefined)[] = ['unlawful', 'sent-in-error', 'court-order'];
const erasure: Rule = (conversation, { side, facts }) => {
  const { acts, erasures, stage, danger, missing, holdSafety } = conversation;
  if (facts.phase === 'answer') {
    const asked = erasures.find(({ by, n }) => by !== side && n === facts.re);
    return asked?.answer?.result === 'erased' ? 'erased-already' : undefined;
  }
  if (erasures.some(({ act, answer }) => act === facts.act && answer?.result === 'erased'))
    return 'erased-already';
  if (facts.act === undefined && side !== 'requester') return 'requester-erases';
  const about = acts.filter((act) => facts.act === undefined || (act.side === side && act.n === facts.act));
  if (about.length === 0 || (facts.act !== undefined && about[0]?.type === 'ERS')) return 'erase-own';
  if (facts.status === 'agreement-withdrawn' && about.some(({ type }) => protectiveTypes.includes(type)))
    return 'protective-stays';
  const isOpen = danger || missing.length > 0 || holdSafety || !ENDED.includes(stage);
  return isOpen && !SOONER.includes(facts.status) ? 'not-over-open-matter' : undefined;
};

const RULES: Readonly<Partial<Record<MessageCode, Rule>>> = {
  ENQ: (conversation) => (hasEnquiry(conversation) ? 'opens-once' : undefined),
  FLK: openEnquiry,
  CLR: clarification,
  CLA: notClosed,
  FWD: (conversation, act) => (conversation.stage === 'ALERT' ? undefined : openEnquiry(conversation, act)),
  PRG: notClosed,
  INT: finalAnswer,
  RPT: finalAnswer,
  NEG: finalAnswer,
  NIC: finalAnswer,
  LSW: finalAnswer,
  REF: refusal,
  SUP: supplement,
  WDR: withdrawal,
  MSR: notClosed,
  OUT: outcomeTold,
  CLS: closing,
  RPN: reopening,
  ERS: erasure,
};
