/**
 * A person confirms alerts of the other State: each counts as read here, and an acknowledgement in the person's name goes to the
 * State that raised it, so that both sides say who has it. One transaction: where the acknowledgement does not leave, nothing is
 * marked and the alarm goes on.
 */
import type { Act } from '#schema/conversation/acts.ts';
import type { Actor } from '../access/actor.ts';
import { DutyError } from '../duty/duty-error.ts';
import { runAs } from '../operation.ts';
import { isAlarm } from './alarm.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { noteRead } from './mark-read.ts';
import { type Proposed, proposeIn, type Submitted } from './propose-act.ts';
import { lockConversation, readActHeads, toActs } from './store.ts';
import type { Side } from './tables.ts';

/**
 * @param alert message id of the one to confirm; without it every alert of the conversation that nobody has confirmed
 * @returns the acknowledgements, one for each alert
 * @throws AccessError NOT_PERMITTED, READ_ONLY_IN_NEED; EnquiryError CONVERSATION_UNKNOWN and whatever may stop an
 *   acknowledgement; DutyError NO_ALERT
 */
export async function confirmAlert(
  ctx: EnquiryContext,
  actor: Actor,
  thread: string,
  alert?: string,
): Promise<Proposed[]> {
  const submitted = await runAs(ctx, actor, async (op) => {
    const row = await lockConversation(op.trx, thread);
    if (!row) throw new EnquiryError('CONVERSATION_UNKNOWN');
    await op.require('alert.confirm', thread);
    const waiting = findUnconfirmed(toActs(await readActHeads(op.trx, [thread])), row.side);
    const named = waiting.filter(({ id }) => alert === undefined || id === alert);
    if (named.length === 0) throw new DutyError('NO_ALERT');
    const outcomes: Submitted[] = [];
    for (const { n } of named)
      outcomes.push(await proposeIn(ctx, op, { type: 'ACK', thread, body: { re: n } }));
    const confirmed = named.filter((_, i) => hasLeft(outcomes[i]!)).map(({ id }) => id);
    if (confirmed.length > 0) await noteRead(ctx, op, thread, confirmed);
    return outcomes;
  });
  // Thrown after the commit, as proposing does: that nothing left stays in the log.
  return submitted.map((one) => {
    if ('refused' in one) throw one.refused;
    return one.proposed;
  });
}

const hasLeft = (one: Submitted): boolean => 'proposed' in one && one.proposed.messageId !== null;

/** Alerts of the other side that no acknowledgement of ours answers; one that never arrived answers nothing. */
function findUnconfirmed(acts: readonly Act[], ours: Side): Act[] {
  const answered = new Set(
    acts.filter(({ side, type }) => side === ours && type === 'ACK').map(({ facts }) => facts.re),
  );
  return acts.filter((act) => act.side !== ours && isAlarm(act) && !answered.has(act.n));
}
