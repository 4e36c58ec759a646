/**
 * What officers see of time limits and safety warnings. Resolvers only show; limits are computed in the kernel.
 */
import { type DueDate, dueDates } from '#schema/conversation/clocks.ts';
import type { Conversation } from '#schema/conversation/conversation.ts';
import { calendarFor, ownDueDates } from '../enquiries/next-due.ts';
import type { ConversationRow } from '../enquiries/store.ts';
import { type OfficerBuilder, showCode } from './officer-builder.ts';
import type { OfficerContext } from './officer-context.ts';
import { LANGUAGE } from './officer-shared-types.ts';

export type ClockRow = DueDate & { readonly ours: boolean };

/** A time limit. */
export function defineClock(builder: OfficerBuilder) {
  return builder.objectRef<ClockRow>('Clock').implement({
    description: 'A time limit that has started.',
    fields: (t) => ({
      event: t.exposeString('event'),
      label: t.string({
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: (date, { language }) => showCode('time-limit', date.event, language ?? 'en'),
      }),
      clock: t.exposeString('clock', {
        description: 'legal: never stops; working: stops while a clarification is open.',
      }),
      dueAt: t.field({ type: 'Instant', resolve: (date) => date.dueMs }),
      doneAt: t.field({ type: 'Instant', nullable: true, resolve: (date) => date.doneAtMs ?? null }),
      overdue: t.exposeBoolean('overdue'),
      ours: t.exposeBoolean('ours', { description: 'This office has to keep it, and has not yet.' }),
      source: t.string({ resolve: (date) => date.rule.source }),
      mark: t.string({
        description: 'S checked, K known, D default, P practice.',
        resolve: (date) => date.rule.mark,
      }),
      questions: t.stringList({
        description: 'The questions it concerns; none means all.',
        resolve: (date) => [...(date.questions ?? [])],
      }),
    }),
  });
}

const keyOf = (date: DueDate): string =>
  `${date.event} ${date.clock} ${date.dueMs} ${date.questions?.join() ?? ''}`;

/** Every limit of a conversation, marked with whether it is ours to keep. */
export function clocksOf(row: ConversationRow, fold: Conversation, ctx: OfficerContext): ClockRow[] {
  const nowMs = ctx.enquiries.surroundings.nowMs();
  const calendar = calendarFor(ctx.enquiries, row);
  const own = new Set(ownDueDates(fold, row.side, nowMs, calendar).map(keyOf));
  return dueDates(fold, nowMs, calendar).map((date) => ({ ...date, ours: own.has(keyOf(date)) }));
}
