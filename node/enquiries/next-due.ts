/**
 * Which time limits are this office's to keep. Pure; late is computed, never typed.
 */
import type { Side } from '#schema/conversation/acts.ts';
import type { WorkCalendar } from '#schema/conversation/calendar.ts';
import { type DueDate, dueDates } from '#schema/conversation/clocks.ts';
import type { Conversation } from '#schema/conversation/conversation.ts';

/** Until the trust list names working days: Saturday and Sunday off, in UTC. Errs to the earlier side of a holiday. */
export const plainCalendar: WorkCalendar = { weekend: [0, 6], holidays: [], utcOffsetMinutes: 0 };

/** A person must act by then; yardsticks and reminders of others do not make anybody late. */
const BINDING: readonly string[] = ['due', 'escalate', 'call'];

/** Limits that run for this side and have not been kept yet, earliest first. */
export function ownDueDates(conversation: Conversation, side: Side, nowMs: number): readonly DueDate[] {
  const others = <T extends { readonly by: Side }>(open: readonly T[]) =>
    open.filter((one) => one.by !== side);
  const owed: Conversation = {
    ...conversation,
    openClarifications: others(conversation.openClarifications),
    accountsOwed: others(conversation.accountsOwed),
    alerts: others(conversation.alerts).filter((alert) => !alert.ended),
    // The enquiry's own limits bind who was asked.
    clock: side === 'requested' ? conversation.clock : {},
  };
  return dueDates(owed, nowMs, plainCalendar).filter(
    (date) => date.doneAtMs === undefined && BINDING.includes(date.rule.effect),
  );
}

/** Every limit of the conversation, of both sides. */
export const allDueDates = (conversation: Conversation, nowMs: number): readonly DueDate[] =>
  dueDates(conversation, nowMs, plainCalendar);

/** Whether the peer waits for something from this side. */
export function isAwaited(conversation: Conversation, side: Side, nowMs: number): boolean {
  const { openSupplements, openMeasures, openUses, stage, accepted } = conversation;
  const asked = [...openSupplements, ...openMeasures, ...openUses].some((open) => open.by !== side);
  const unaccepted = side === 'requester' && !accepted && ['ANSWERED', 'REFUSED'].includes(stage);
  return asked || unaccepted || ownDueDates(conversation, side, nowMs).length > 0;
}
