/**
 * Which acts a screen may offer now. Pure; what is offered is judged again when it is proposed.
 */
import type { Side } from '#schema/conversation/acts.ts';
import type { Conversation } from '#schema/conversation/conversation.ts';
import type { Facts } from '#schema/conversation/facts.ts';
import { type MessageCode, messageCodes } from '#schema/conversation/message-types.ts';
import { mayAct } from '#schema/conversation/rules.ts';

const ANSWERING_PHASES = [undefined, 'give', 'answer', 'account'] as const;

/** Types that this side may propose with some body: as an opening word, or as the answer to an act of the other side. */
export function allowedActs(conversation: Conversation, side: Side): MessageCode[] {
  const answers = conversation.acts
    .filter((act) => act.side !== side)
    .flatMap((act): Facts[] =>
      ANSWERING_PHASES.map((phase) => (phase ? { re: act.n, phase } : { re: act.n })),
    );
  const candidates: Facts[] = [{}, { phase: 'ask' }, { bySupervisor: true }, ...answers];
  return messageCodes.filter((type) =>
    candidates.some((facts) => mayAct(conversation, side, type, facts).ok),
  );
}
