/**
 * Which time limits are this office's to keep. Pure; late is computed, never typed.
 */
import { otherSide, type Side } from '#schema/conversation/acts.ts';
import { calendarOf } from '#schema/conversation/calendar.ts';
import { type DueDate, dueDates } from '#schema/conversation/clocks.ts';
import type { Conversation } from '#schema/conversation/conversation.ts';
import type { State } from '#schema/protocol/ids.ts';
import type { WorkCalendar } from '#schema/protocol/trust-list.ts';
import type { EnquiryContext } from './context.ts';

/** Working days of the requested State by the trust list in force, so that both sides count the same (PROTOCOL.md, T14). */
export function calendarFor(
  ctx: Pick<EnquiryContext, 'state' | 'peerProfile'>,
  { side, peer }: { readonly side: Side; readonly peer: string },
): WorkCalendar {
  return calendarOf(ctx.peerProfile(side === 'requested' ? ctx.state : (peer as State)));
}

/** A person must act by then; yardsticks and reminders of others do not make anybody late. */
const BINDING: readonly string[] = ['due', 'escalate', 'call'];

/** Limits that run for this side and have not been kept yet, earliest first. */
export function ownDueDates(
  conversation: Conversation,
  side: Side,
  nowMs: number,
  calendar: WorkCalendar,
): readonly DueDate[] {
  const others = <T extends { readonly by: Side }>(open: readonly T[]) =>
    open.filter((one) => one.by !== side);
  const owed: Conversation = {
    ...conversation,
    openClarifications: others(conversation.openClarifications),
    accountsOwed: others(conversation.accountsOwed),
    alerts: others(conversation.alerts).filter((alert) => !alert.ended),
    erasures: others(conversation.erasures),
    // The enquiry's own limits bind who was asked.
    clock: side === 'requested' ? conversation.clock : {},
  };
  return dueDates(owed, nowMs, calendar).filter(
    (date) => date.doneAtMs === undefined && BINDING.includes(date.rule.effect),
  );
}

/** A limit and whose it is to keep. */
export type Limit = DueDate & { readonly whose: 'ours' | 'theirs' };

/** Limits of either side that bind and have not been kept, by the clock that never stops; a closed conversation has those of erasing alone. */
export function runningLimits(
  conversation: Conversation,
  side: Side,
  nowMs: number,
  calendar: WorkCalendar,
): readonly Limit[] {
  const isClosed = conversation.stage === 'CLOSED';
  const of = (whose: Limit['whose'], by: Side) =>
    ownDueDates(conversation, by, nowMs, calendar)
      .filter(({ clock, event }) => clock === 'legal' && (!isClosed || event === 'erasure-answer'))
      .map((date) => ({ ...date, whose }));
  return [...of('ours', side), ...of('theirs', otherSide(side))];
}

/**
 * When somebody must next be told of one of these limits.
 * @param told of those that have run out already
 */
export function nextAlarm(limits: readonly Limit[], nowMs: number, told: boolean): number | null {
  const next = limits.filter(({ dueMs, overdue }) => dueMs >= nowMs || (overdue && !told));
  return next.length > 0 ? Math.min(...next.map(({ dueMs }) => dueMs)) : null;
}

/** Whether the peer waits for something from this side. */
export function isAwaited(
  conversation: Conversation,
  side: Side,
  nowMs: number,
  calendar: WorkCalendar,
): boolean {
  const { openSupplements, openMeasures, openUses, stage, accepted } = conversation;
  const asked = [...openSupplements, ...openMeasures, ...openUses].some((open) => open.by !== side);
  const unaccepted = side === 'requester' && !accepted && ['ANSWERED', 'REFUSED'].includes(stage);
  return asked || unaccepted || ownDueDates(conversation, side, nowMs, calendar).length > 0;
}
