/**
 * What is still open between two States: questions to be clarified, accounts owed, alerts and missing episodes
 * nobody has ended. An answer names the number of the act it answers, so what is open follows from which acts
 * there are, not from which came first: an urgent act may overtake the routine one it belongs to.
 */
import { type Act, otherSide, type Side } from './acts.ts';
import { type ErasureMatter, gatherErasures } from './erasures.ts';
import { MISSING_IN_ENQUIRY } from './facts.ts';
import type { MessageCode } from './message-types.ts';

/** Something one side asked of the other and is still owed. */
export type Open = {
  readonly by: Side;
  readonly n: number;
  readonly atMs: number;
  readonly questions: readonly string[];
};

/** One urgent alert, open or ended. */
export type Alert = {
  readonly episode: string;
  readonly by: Side;
  readonly raisedAtMs: number;
  readonly acknowledgedAtMs?: number;
  readonly locatedAtMs?: number;
  readonly measuresAtMs?: number;
  readonly ended: boolean;
};

/** A span in which the requested side waited, or waits, for a clarification of these questions. */
export type Pause = {
  readonly questions: readonly string[];
  readonly fromMs: number;
  readonly toMs?: number;
};

/** The requested side has put off its answer, until the end of a day (ISO 8601) that it names. */
export type Deferral = { readonly n: number; readonly atMs: number; readonly until?: string };

export type OpenMatters = {
  readonly alerts: readonly Alert[];
  /** Missing episodes that nobody has ended. */
  readonly missing: readonly string[];
  /** Demands to stop every act that their author has not lifted. */
  readonly standStills: readonly Open[];
  /** Accounts of what was already done, owed by the other side after a stand-still or a withdrawal. */
  readonly accountsOwed: readonly Open[];
  readonly openClarifications: readonly Open[];
  readonly openSupplements: readonly Open[];
  readonly openMeasures: readonly Open[];
  readonly openUses: readonly Open[];
  /** Demands to erase, answered or not. */
  readonly erasures: readonly ErasureMatter[];
  /** Questions that wait for a clarification. */
  readonly clarifying: readonly string[];
  readonly withdrawnQuestions: readonly string[];
  /** How often each side has asked for clarification; the second time needs a supervisor. */
  readonly clarificationsAsked: Readonly<Record<Side, number>>;
  readonly pauses: readonly Pause[];
  /** Absent once the requested side has said anything of the matter since. */
  readonly deferral?: Deferral;
};

/**
 * The open matters after `acts`, in canonical order; endings and answers are looked up in `all`.
 * @param acts that have an effect: what broke a rule where it stands asks for nothing and owes nothing
 */
export function gatherOpen(acts: readonly Act[], all: readonly Act[]): OpenMatters {
  const openClarifications = unanswered(acts, all, isClarification, 'CLA');
  const deferral = findDeferral(acts);
  return {
    ...(deferral && { deferral }),
    alerts: gatherAlerts(acts, all),
    missing: gatherMissing(acts, all),
    standStills: gatherStandStills(acts, all),
    accountsOwed: unanswered(acts, all, owesAccount, 'STP', 'account'),
    openClarifications,
    openSupplements: unanswered(acts, all, asks('SUP'), 'SUP', 'give'),
    openMeasures: unanswered(acts, all, asks('MSR'), 'MSR', 'answer'),
    openUses: unanswered(acts, all, asks('USE'), 'USE', 'answer'),
    erasures: gatherErasures(acts, all),
    clarifying: unique(openClarifications.flatMap((open) => open.questions)),
    withdrawnQuestions: unique(acts.filter(isPartialWithdrawal).flatMap((act) => act.facts.questions ?? [])),
    clarificationsAsked: {
      requester: acts.filter((act) => isClarification(act) && act.side === 'requester').length,
      requested: acts.filter((act) => isClarification(act) && act.side === 'requested').length,
    },
    pauses: gatherPauses(acts, all),
  };
}

const isClarification = (act: Act) => act.type === 'CLR';
const isPartialWithdrawal = (act: Act) => act.type === 'WDR' && act.facts.whole !== true;
const owesAccount = (act: Act) => act.type === 'WDR' || asks('STP')(act);
const asks = (type: MessageCode) => (act: Act) => act.type === type && act.facts.phase === 'ask';
const isMeasureDecided = (act: Act) => act.type === 'MSR' && act.facts.phase === 'answer';
const unique = (values: readonly string[]) => [...new Set(values)].sort();

/** The peer's act of this type and phase that names the number of `act`. */
function findAnswer(act: Act, all: readonly Act[], type: MessageCode, phase?: string): Act | undefined {
  return all.find(
    (answer) =>
      answer.type === type &&
      answer.side === otherSide(act.side) &&
      answer.facts.re === act.n &&
      (phase === undefined || answer.facts.phase === phase),
  );
}

function unanswered(
  acts: readonly Act[],
  all: readonly Act[],
  isQuestion: (act: Act) => boolean,
  type: MessageCode,
  phase?: string,
): Open[] {
  return acts
    .filter((act) => isQuestion(act) && findAnswer(act, all, type, phase) === undefined)
    .map((act) => ({ by: act.side, n: act.n, atMs: act.atMs, questions: act.facts.questions ?? [] }));
}

/** A stand-still ends only by the side that demanded it. */
function gatherStandStills(acts: readonly Act[], all: readonly Act[]): Open[] {
  return acts
    .filter(asks('STP'))
    .filter(
      (ask) =>
        !all.some(
          (act) => act.type === 'STP' && act.side === ask.side && act.facts.phase === 'lift' && act.n > ask.n,
        ),
    )
    .map((act) => ({ by: act.side, n: act.n, atMs: act.atMs, questions: [] }));
}

/** Nobody ends what they had not heard of: an ending counts for what its author had when ending. */
function isEnded(act: Act, type: MessageCode, episode: string, all: readonly Act[]): boolean {
  const hadIt = (ending: Act) => (ending.side === act.side ? ending.n > act.n : ending.seen >= act.n);
  return all.some(
    (other) =>
      other.type === type && other.facts.phase === 'ended' && other.facts.episode === episode && hadIt(other),
  );
}

function gatherMissing(acts: readonly Act[], all: readonly Act[]): string[] {
  const open = acts
    .filter((act) => (act.type === 'MIS' && act.facts.phase !== 'ended') || act.facts.childMissing === true)
    .map((act) => ({ act, episode: act.type === 'MIS' ? (act.facts.episode ?? '') : MISSING_IN_ENQUIRY }))
    .filter(({ act, episode }) => !isEnded(act, 'MIS', episode, all));
  return unique(open.map(({ episode }) => episode));
}

function gatherAlerts(acts: readonly Act[], all: readonly Act[]): Alert[] {
  const raised = acts.filter((act) => act.type === 'URG' && act.facts.phase === 'raised');
  return raised.map((act) => {
    const episode = act.facts.episode ?? '';
    const about = all.filter((other) => other.type === 'URG' && other.facts.episode === episode);
    const times = {
      acknowledgedAtMs: findAnswer(act, all, 'ACK')?.atMs,
      locatedAtMs: about.find((other) => other.facts.locatedAtMs !== undefined)?.facts.locatedAtMs,
      measuresAtMs: all.slice(all.indexOf(act)).find(isMeasureDecided)?.atMs,
    };
    const known = Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
    const ended = isEnded(act, 'URG', episode, all);
    return { episode, by: act.side, raisedAtMs: act.deliveredAtMs ?? act.atMs, ...known, ended };
  });
}

/** The last word of the requested side on its answer, if that puts it off. A reopening asks anew. */
function findDeferral(acts: readonly Act[]): Deferral | undefined {
  const last = acts.findLast(
    (act) =>
      ['INT', 'RPT', 'NEG', 'NIC', 'LSW', 'REF', 'FWD', 'RPN'].includes(act.type) ||
      (act.type === 'PRG' && act.side === 'requested' && act.facts.status === 'working'),
  );
  if (last?.type !== 'REF' || last.facts.deferral !== true) return undefined;
  const { until } = last.facts;
  return { n: last.n, atMs: last.atMs, ...(until !== undefined && { until }) };
}

/** Only the requested side's questions stop a working clock: what the requester asks back costs the peer nothing. */
function gatherPauses(acts: readonly Act[], all: readonly Act[]): Pause[] {
  return acts
    .filter((act) => isClarification(act) && act.side === 'requested')
    .map((act) => {
      const answer = findAnswer(act, all, 'CLA');
      const questions = act.facts.questions ?? [];
      return answer === undefined
        ? { questions, fromMs: act.atMs }
        : { questions, fromMs: act.atMs, toMs: answer.deliveredAtMs ?? answer.atMs };
    });
}
