/**
 * What is due when. Two clocks (PRACTICE.md A4): the legal one runs from receipt and never stops; the working
 * one stops only for the questions a clarification names, and never while anything is urgent. Late is computed
 * from the acts, never typed; nothing here ends or closes anything.
 */
import type { WorkCalendar } from '#schema/protocol/trust-list.ts';
import { type TimeLimit, type TimeLimitId, timeLimit } from '#schema/vocabulary/time-limits.ts';
import { addLimit, startOfDay } from './calendar.ts';
import type { Conversation } from './conversation.ts';
import type { Open } from './open-matters.ts';

export type DueDate = {
  readonly event: TimeLimitId;
  readonly clock: 'legal' | 'working';
  readonly dueMs: number;
  /** When it was done, if it was. */
  readonly doneAtMs?: number;
  /** Done late, or not done although due. */
  readonly overdue: boolean;
  readonly rule: TimeLimit;
  /** The questions it concerns; absent means all. */
  readonly questions?: readonly string[];
};

type Moment = { readonly nowMs: number; readonly calendar: WorkCalendar };

/**
 * Every limit that has started in this conversation, earliest first.
 * @param nowMs milliseconds since 1970
 * @param calendar working days of the requested State
 */
export function dueDates(
  conversation: Conversation,
  nowMs: number,
  calendar: WorkCalendar,
): readonly DueDate[] {
  const moment = { nowMs, calendar };
  return [
    ...enquiryDates(conversation, moment),
    ...workingDates(conversation, moment),
    ...clarificationDates(conversation, moment),
    ...deferralDates(conversation, moment),
    ...conversation.accountsOwed.map((owed) => due('stand-still-account', owed.atMs, moment)),
    ...alertDates(conversation, moment),
    ...erasureDates(conversation, moment),
  ].sort((a, b) => a.dueMs - b.dueMs || (a.event < b.event ? -1 : 1));
}

function due(event: TimeLimitId, fromMs: number, moment: Moment, doneAtMs?: number): DueDate {
  const rule = timeLimit(event);
  const dueMs = addLimit(fromMs, rule.value, moment.calendar);
  const overdue = (doneAtMs ?? moment.nowMs) > dueMs;
  return { event, clock: 'legal', dueMs, ...(doneAtMs !== undefined && { doneAtMs }), overdue, rule };
}

const isUrgent = ({ urgency, danger }: Conversation) => danger || urgency !== 'routine';

function enquiryDates(conversation: Conversation, moment: Moment): DueDate[] {
  const { clock, stage } = conversation;
  const { receivedAtMs, acknowledgedAtMs, firstLookAtMs, firstAnswerAtMs, endedAtMs, lastStatusAtMs } = clock;
  if (receivedAtMs === undefined) return [];
  const urgent = isUrgent(conversation);
  const isOpen = endedAtMs === undefined && stage !== 'CLOSED';
  const rows: [TimeLimitId, number, number | undefined][] = [
    [urgent ? 'acknowledgement-urgent' : 'acknowledgement-routine', receivedAtMs, acknowledgedAtMs],
    ['first-look', receivedAtMs, firstLookAtMs],
    ['preliminary-answer', receivedAtMs, firstAnswerAtMs],
    ['answer-routine', receivedAtMs, endedAtMs],
    ...(urgent
      ? [['answer-urgent', receivedAtMs, endedAtMs] as [TimeLimitId, number, number | undefined]]
      : []),
    ...(isOpen
      ? [['progress-note', lastStatusAtMs ?? receivedAtMs, undefined] as [TimeLimitId, number, undefined]]
      : []),
  ];
  return rows
    .filter(([, , doneAtMs]) => isOpen || doneAtMs !== undefined)
    .map(([event, fromMs, doneAtMs]) =>
      givingTheChildTime(conversation, due(event, fromMs, moment, doneAtMs)),
    );
}

/** A child who needs time makes nobody late, except against the outer wall of the law and in danger. */
function givingTheChildTime(conversation: Conversation, date: DueDate): DueDate {
  const excused = conversation.awaitingChild && !isUrgent(conversation) && date.event !== 'answer-routine';
  return excused && date.doneAtMs === undefined ? { ...date, overdue: false } : date;
}

/** The answer to each question that once waited for a clarification, later by the time it waited. */
function workingDates(conversation: Conversation, moment: Moment): DueDate[] {
  const { clock, pauses, questions } = conversation;
  if (clock.receivedAtMs === undefined || isUrgent(conversation)) return [];
  const legal = due('answer-routine', clock.receivedAtMs, moment, clock.endedAtMs);
  const running = { fromMs: clock.receivedAtMs, toMs: clock.endedAtMs ?? moment.nowMs };
  return questions
    .map((question) => ({ question, pausedMs: pausedFor(pauses, question, running) }))
    .filter(({ pausedMs }) => pausedMs > 0)
    .map(({ question, pausedMs }) => {
      const dueMs = legal.dueMs + pausedMs;
      const overdue = !conversation.awaitingChild && (legal.doneAtMs ?? moment.nowMs) > dueMs;
      return { ...legal, clock: 'working' as const, dueMs, overdue, questions: [question] };
    });
}

/** Time during which at least one clarification of the question was open; overlaps count once. */
function pausedFor(
  pauses: Conversation['pauses'],
  question: string,
  running: { fromMs: number; toMs: number },
): number {
  const spans = pauses
    .filter((pause) => pause.questions.includes(question))
    .map((pause) => ({
      fromMs: Math.max(pause.fromMs, running.fromMs),
      toMs: Math.min(pause.toMs ?? running.toMs, running.toMs),
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
  let total = 0;
  let countedToMs = 0;
  for (const { fromMs, toMs } of spans) {
    total += Math.max(0, toMs - Math.max(fromMs, countedToMs));
    countedToMs = Math.max(countedToMs, toMs);
  }
  return total;
}

/** The day that a deferral named, to its end: a word is owed by then, whatever else runs. */
function deferralDates({ clock, stage, deferral }: Conversation, moment: Moment): DueDate[] {
  const isOver = clock.receivedAtMs === undefined || clock.endedAtMs !== undefined || stage === 'CLOSED';
  if (isOver || deferral?.until === undefined) return [];
  return [due('deferral-over', startOfDay(deferral.until, moment.calendar), moment)];
}

function clarificationDates(conversation: Conversation, moment: Moment): DueDate[] {
  const event = isUrgent(conversation)
    ? 'clarification-unanswered-urgent'
    : 'clarification-unanswered-routine';
  const unanswered = (open: Open) => ({ ...due(event, open.atMs, moment), questions: open.questions });
  return conversation.stage === 'CLOSED' ? [] : conversation.openClarifications.map(unanswered);
}

/** A demand to erase, also after the end: its answer, and another once what was kept by law need be kept no longer. */
function erasureDates({ erasures }: Conversation, moment: Moment): DueDate[] {
  return erasures.map(({ atMs, answer }) => {
    const isKept = answer?.result === 'held' && answer.until !== undefined;
    if (!isKept) return due('erasure-answer', atMs, moment, answer?.atMs);
    return due('erasure-answer', startOfDay(answer.until!, moment.calendar), moment);
  });
}

function alertDates(conversation: Conversation, moment: Moment): DueDate[] {
  return conversation.alerts.flatMap((alert) => [
    due('alert-unread', alert.raisedAtMs, moment, alert.acknowledgedAtMs),
    ...(alert.locatedAtMs === undefined
      ? []
      : [due('decision-after-location', alert.locatedAtMs, moment, alert.measuresAtMs)]),
  ]);
}
