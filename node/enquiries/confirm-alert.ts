/**
 * A person confirms an alert of the other State in one step: it counts as read here, and an acknowledgement in the person's name
 * goes to the State that raised it, so that both sides say who has it.
 */
import type { Actor } from '../access/actor.ts';
import { DutyError } from '../duty/duty-error.ts';
import { runAs } from '../operation.ts';
import { isAlarm } from './alarm.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { markRead } from './mark-read.ts';
import { type Proposed, proposeAct } from './propose-act.ts';
import { findConversation, readActHeads, toAct } from './store.ts';

/** @throws AccessError; EnquiryError CONVERSATION_UNKNOWN; DutyError NO_ALERT */
export async function confirmAlert(ctx: EnquiryContext, actor: Actor, thread: string): Promise<Proposed> {
  const n = await runAs(ctx, actor, async (op) => {
    const row = await findConversation(op.trx, thread, false);
    if (!row) throw new EnquiryError('CONVERSATION_UNKNOWN');
    const acts = (await readActHeads(op.trx, [thread])).map(toAct);
    const confirmed = (alert: number) =>
      acts.some(({ side, type, facts }) => side === row.side && type === 'ACK' && facts.re === alert);
    return acts.findLast((act) => act.side !== row.side && isAlarm(act) && !confirmed(act.n))?.n;
  });
  if (n === undefined) throw new DutyError('NO_ALERT');
  await markRead(ctx, actor, thread);
  return proposeAct(ctx, actor, { type: 'ACK', thread, body: { re: n } });
}
