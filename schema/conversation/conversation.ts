/**
 * The conversation of two States about one enquiry or one alert, as a pure fold over the set of its acts.
 * Both nodes compute it for themselves; neither can be told a state. It does not read bodies beyond their
 * facts, knows no clock, and never refuses an act: whether an act was allowed is decided in rules.ts.
 */
import { type Act, areConcurrent, orderActs, type Side } from './acts.ts';
import { isAlwaysAccepted, type MessageCode } from './message-types.ts';
import { gatherOpen, type OpenMatters } from './open-matters.ts';
import { brokenRule } from './rules.ts';

/** How far the business itself has come. */
export type Stage =
  | 'DRAFT'
  | 'ALERT'
  | 'SENT'
  | 'ACKNOWLEDGED'
  | 'FORWARDED'
  | 'IN_PROGRESS'
  | 'INTERIM'
  | 'ANSWERED'
  | 'REFUSED'
  | 'WITHDRAWN'
  | 'CLOSED';

/** What an officer is shown: the stage, or what stands in its way. */
export type ConversationState =
  | Stage
  | 'CLARIFYING'
  | 'DEFERRED'
  | 'SUPPLEMENT_ASKED'
  | 'ACCEPTED'
  | 'ON_HOLD_SAFETY'
  | 'AWAITING_COURT'
  | 'AWAITING_CHILD'
  | 'TRANSFERRED_OUTSIDE';

/** Times that the clocks need. */
export type ClockFacts = {
  readonly receivedAtMs?: number;
  readonly acknowledgedAtMs?: number;
  readonly firstLookAtMs?: number;
  readonly firstAnswerAtMs?: number;
  readonly endedAtMs?: number;
  readonly lastStatusAtMs?: number;
};

export type Gap = { readonly side: Side; readonly from: number; readonly to: number };

export type Conversation = OpenMatters & {
  readonly state: ConversationState;
  readonly stage: Stage;
  /** Every act in canonical order. */
  readonly acts: readonly Act[];
  readonly urgency: 'immediate-danger' | 'urgent' | 'routine';
  readonly questions: readonly string[];
  readonly holdSafety: boolean;
  /** An urgent alert is open. */
  readonly danger: boolean;
  readonly careOfSuspect: boolean;
  readonly awaitingCourt: boolean;
  readonly awaitingChild: boolean;
  readonly transferredOutside: boolean;
  /** Nobody asks a family or carer anything for now: a child is missing, or acts stand still. */
  readonly familyQuestionsPaused: boolean;
  /** The act that answered, refused or withdrew, as it stands now. */
  readonly outcome?: {
    readonly id: string;
    readonly n: number;
    readonly side: Side;
    readonly type: MessageCode;
  };
  readonly accepted: boolean;
  /** Endings overtaken by a stronger one, or by an act their author had not seen; kept, without effect. */
  readonly crossed: readonly string[];
  /** Acts that broke a rule where they stand; kept as evidence, without effect. */
  readonly ineffective: readonly { readonly id: string; readonly rule: string }[];
  /** Numbers of acts that have not arrived although later ones have, as ranges of one side, `from` and `to` among them. */
  readonly gaps: readonly Gap[];
  readonly clock: ClockFacts;
};

/** What changes while acts are read in order; open matters follow from the acts themselves. */
type Reading = {
  stage: Stage;
  beforeClosing: Stage;
  outcome?: Act;
  endedAtMs?: number;
  /** The last act that opened it again; the clocks run from there. */
  reopening?: Act;
  progress: Record<Side, string>;
  outside: boolean;
  careOfSuspect: Record<Side, boolean>;
  readonly crossed: Set<string>;
  readonly ineffective: { id: string; rule: string }[];
  /** Acts that were not read: overtaken, or against a rule where they stand. They open nothing. */
  readonly unread: Set<string>;
};

/** The state of a conversation. The order of `acts` does not matter and repeats are harmless. */
export function foldConversation(acts: Iterable<Act>): Conversation {
  const order = orderActs(acts);
  const reading = emptyReading();
  order.forEach((act, index) => {
    const before = order.slice(0, index);
    const overtaken =
      act.type === 'CLS' && before.some((other) => isNews(other) && areConcurrent(act, other));
    const rule =
      overtaken || isAlwaysAccepted(act.type)
        ? undefined
        : brokenRule(summarise(before, order, reading), act);
    if (overtaken || rule !== undefined) reading.unread.add(act.id);
    if (overtaken) reading.crossed.add(act.id);
    else if (rule === undefined) readAct(reading, act);
    else if (before.some((other) => areConcurrent(act, other))) reading.crossed.add(act.id);
    else reading.ineffective.push({ id: act.id, rule });
  });
  return summarise(order, order, reading);
}

function emptyReading(): Reading {
  return {
    stage: 'DRAFT',
    beforeClosing: 'DRAFT',
    progress: { requester: 'working', requested: 'working' },
    outside: false,
    careOfSuspect: { requester: false, requested: false },
    crossed: new Set(),
    ineffective: [],
    unread: new Set(),
  };
}

/** A closing that crosses news must be decided again by its person; courtesy does not count as news. */
function isNews(act: Act): boolean {
  return !['ACK', 'CLS', 'OUT', 'ERS'].includes(act.type);
}

function readAct(reading: Reading, act: Act): void {
  const { facts } = act;
  if (facts.careOfSuspect !== undefined) reading.careOfSuspect[act.side] = facts.careOfSuspect;
  if (reading.stage === 'CLOSED' && raisesAlarm(act)) reading.stage = reading.beforeClosing;
  if (act.type === 'FWD') reading.outside = facts.outside === true;
  if (act.type === 'PRG') reading.progress[act.side] = facts.status ?? 'working';
  if (act.type === 'PRG' && act.side === 'requested' && facts.status === 'working') reading.outside = false;
  const stage = nextStage(reading.stage, act);
  if (isOutcome(act)) recordOutcome(reading, act);
  if (act.type === 'CLS') reading.beforeClosing = reading.stage;
  if (act.type === 'RPN') {
    // Opened again, somebody is owed an answer again.
    delete reading.outcome;
    delete reading.endedAtMs;
    reading.reopening = act;
  }
  reading.stage = stage;
}

/** Nothing stays closed over an alarm. */
function raisesAlarm(act: Act): boolean {
  const { phase, careOfSuspect } = act.facts;
  return (
    (act.type === 'URG' && phase === 'raised') ||
    (act.type === 'MIS' && phase === 'opened') ||
    (act.type === 'STP' && phase === 'ask') ||
    careOfSuspect === true
  );
}

/** What only puts off answers nothing and ends nothing (PRACTICE.md A4, A5, B8). */
function isOutcome(act: Act): boolean {
  return (
    ['RPT', 'NEG', 'NIC', 'LSW'].includes(act.type) ||
    (act.type === 'REF' && act.facts.deferral !== true) ||
    (act.type === 'WDR' && act.facts.whole === true)
  );
}

function recordOutcome(reading: Reading, act: Act): void {
  if (reading.outcome !== undefined && areConcurrent(reading.outcome, act))
    reading.crossed.add(reading.outcome.id);
  reading.outcome = act;
  reading.endedAtMs = act.atMs;
}

/** The stage after an act that is allowed where it stands. */
function nextStage(stage: Stage, act: Act): Stage {
  switch (act.type) {
    case 'ENQ':
      return 'SENT';
    case 'ACK':
      return stage === 'SENT' && act.side === 'requested' ? 'ACKNOWLEDGED' : stage;
    case 'FLK':
    case 'PRG':
      return act.side === 'requested' && isBefore(stage, 'IN_PROGRESS') ? 'IN_PROGRESS' : stage;
    case 'FWD':
      return isBefore(stage, 'INTERIM') && stage !== 'ALERT' ? 'FORWARDED' : stage;
    case 'INT':
      return isBefore(stage, 'ANSWERED') ? 'INTERIM' : stage;
    case 'RPT':
    case 'NEG':
    case 'NIC':
    case 'LSW':
      return 'ANSWERED';
    case 'REF':
      if (act.facts.deferral !== true) return 'REFUSED';
      return isBefore(stage, 'IN_PROGRESS') ? 'IN_PROGRESS' : stage;
    case 'WDR':
      return act.facts.whole === true ? 'WITHDRAWN' : stage;
    case 'CLS':
      return 'CLOSED';
    case 'RPN':
      return 'IN_PROGRESS';
    default:
      return stage === 'DRAFT' ? 'ALERT' : stage;
  }
}

const PROGRESS: readonly Stage[] = [
  'SENT',
  'ACKNOWLEDGED',
  'FORWARDED',
  'IN_PROGRESS',
  'INTERIM',
  'ANSWERED',
];

function isBefore(stage: Stage, other: Stage): boolean {
  return PROGRESS.includes(stage) && PROGRESS.indexOf(stage) < PROGRESS.indexOf(other);
}

function summarise(before: readonly Act[], all: readonly Act[], reading: Reading): Conversation {
  const acts = before.filter((act) => !reading.unread.has(act.id));
  const open = gatherOpen(acts, all);
  const enquiry = acts.find((act) => act.type === 'ENQ');
  const { outcome, stage, progress } = reading;
  const accepted =
    stage !== 'WITHDRAWN' &&
    outcome !== undefined &&
    acts.some((act) => act.type === 'ACK' && act.side === 'requester' && act.facts.re === outcome.n);
  const holdSafety = open.standStills.length > 0;
  const flags = {
    holdSafety,
    danger: open.alerts.some((alert) => !alert.ended),
    careOfSuspect: reading.careOfSuspect.requester || reading.careOfSuspect.requested,
    awaitingCourt: Object.values(progress).includes('awaiting-court'),
    awaitingChild: Object.values(progress).includes('awaiting-child'),
    transferredOutside: reading.outside,
    familyQuestionsPaused: holdSafety || acts.some((act) => isOpenEpisode(act, open.missing)),
  };
  return {
    ...open,
    ...flags,
    state: stateOf(stage, { ...open, ...flags, accepted }),
    stage,
    acts: all,
    urgency:
      enquiry?.facts.urgency ?? (acts.some((act) => act.type === 'URG') ? 'immediate-danger' : 'routine'),
    questions: enquiry?.facts.questions ?? [],
    ...(outcome && { outcome: { id: outcome.id, n: outcome.n, side: outcome.side, type: outcome.type } }),
    accepted,
    crossed: [...reading.crossed].sort(),
    ineffective: reading.ineffective,
    gaps: findGaps(before),
    clock: clockFacts(acts, reading),
  };
}

/** A child reported missing during the conversation; one already missing when asked about is why it was asked. */
function isOpenEpisode(act: Act, missing: readonly string[]): boolean {
  return act.type === 'MIS' && act.facts.episode !== undefined && missing.includes(act.facts.episode);
}

type Standing = OpenMatters &
  Pick<Conversation, 'holdSafety' | 'awaitingCourt' | 'awaitingChild' | 'transferredOutside' | 'accepted'>;

function stateOf(stage: Stage, standing: Standing): ConversationState {
  if (stage === 'DRAFT' || stage === 'CLOSED' || stage === 'WITHDRAWN') return stage;
  if (standing.holdSafety) return 'ON_HOLD_SAFETY';
  if (stage === 'REFUSED' || stage === 'ALERT') return stage;
  if (stage === 'ANSWERED') {
    if (standing.openSupplements.length > 0) return 'SUPPLEMENT_ASKED';
    return standing.accepted ? 'ACCEPTED' : 'ANSWERED';
  }
  if (standing.transferredOutside) return 'TRANSFERRED_OUTSIDE';
  if (standing.awaitingCourt) return 'AWAITING_COURT';
  if (standing.awaitingChild) return 'AWAITING_CHILD';
  if (standing.openClarifications.length > 0) return 'CLARIFYING';
  return standing.deferral === undefined ? stage : 'DEFERRED';
}

/** As many ranges as acts at most, whatever numbers a peer gives its acts. @param acts in order: each side's numbers grow */
function findGaps(acts: readonly Act[]): Gap[] {
  const next: Record<Side, number> = { requester: 1, requested: 1 };
  const gaps: Record<Side, Gap[]> = { requester: [], requested: [] };
  for (const { side, n } of acts) {
    if (n > next[side]) gaps[side].push({ side, from: next[side], to: n - 1 });
    next[side] = Math.max(next[side], n + 1);
  }
  return [...gaps.requester, ...gaps.requested];
}

/** Of what is owed now: after a reopening, what was answered before it counts no more. */
function clockFacts(all: readonly Act[], { endedAtMs, reopening }: Reading): ClockFacts {
  const acts = reopening === undefined ? all : all.slice(all.indexOf(reopening));
  const requested = (type: MessageCode) =>
    acts.find((act) => act.type === type && act.side === 'requested')?.atMs;
  const enquiry = all.find((act) => act.type === 'ENQ');
  const start = enquiry && (reopening ?? enquiry);
  const byPerson = acts
    .filter((act) => act.side === 'requested' && act.type !== 'CLA' && act.type !== 'ERS')
    .map((act) => act.atMs);
  const answers = acts.filter((act) => act.type === 'INT' || (isOutcome(act) && act.type !== 'WDR'));
  const times = {
    receivedAtMs: start && (start.deliveredAtMs ?? start.atMs),
    acknowledgedAtMs: byPerson.length > 0 ? Math.min(...byPerson) : undefined,
    firstLookAtMs: requested('FLK') ?? answers[0]?.atMs,
    firstAnswerAtMs: answers[0]?.atMs,
    endedAtMs,
    lastStatusAtMs: byPerson.length > 0 ? Math.max(...byPerson) : undefined,
  };
  return Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)) as ClockFacts;
}
