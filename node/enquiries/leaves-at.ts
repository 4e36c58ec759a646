/**
 * When an act leaves that a person has released. All leave at once but one: "no information can be communicated" leaves at times
 * that follow from the receipt of the enquiry alone, so that nobody reads from the time whether somebody was found (PRACTICE.md
 * A1). Nothing is sent by itself: what no person has released does not leave at all.
 */
import { addLimit } from '#schema/conversation/calendar.ts';
import { timeLimit } from '#schema/vocabulary/time-limits.ts';
import type { Operation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { calendarFor } from './next-due.ts';
import { foldThread } from './refresh-conversation.ts';
import type { Side } from './tables.ts';

type Leaving = { readonly type: string; readonly thread: string; readonly peer: string; readonly side: Side };

/** Epoch milliseconds: now, or for `NIC` the first step from the receipt on that has not passed. */
export async function leavesAtMs(ctx: EnquiryContext, op: Operation, act: Leaving): Promise<number> {
  if (act.type !== 'NIC') return op.nowMs;
  const { conversation } = await foldThread(op, act.thread);
  const receivedAtMs = conversation.clock.receivedAtMs ?? op.nowMs;
  const stepMs = ctx.noInformationStepMs;
  if (stepMs !== undefined)
    return receivedAtMs + stepMs * Math.max(1, Math.ceil((op.nowMs - receivedAtMs) / stepMs));
  const calendar = calendarFor(ctx, act);
  const first = timeLimit('no-information-first').value;
  const step = timeLimit('no-information-step').value;
  for (let atMs = addLimit(receivedAtMs, first, calendar); ; atMs = addLimit(atMs, step, calendar))
    if (atMs >= op.nowMs) return atMs;
}
