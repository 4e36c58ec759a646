/**
 * The presence gate (PRACTICE.md A1). Whoever asks where a child is may be the danger, or may have an ear in the
 * office that asks. Until a supervisor has cleared this very answer for this very recipient, the one answer is
 * the one that is the same whether the child is here or not.
 */
import { isQuestionNeeded } from '#schema/vocabulary/questions.ts';
import type { EnquiryBody } from '../bodies/enquiry.ts';
import { bodyIf, findClearance, type GateInput, type GateResult, makeRule } from './gate.ts';

const say = makeRule(
  'presence',
  'G-PRESENCE',
  'PRACTICE A1; Reg. 2019/1111 Art. 79(a) (help under national law, no right of the asker)',
  'P',
);

export function checkPresence(input: GateInput): GateResult {
  if (input.side !== 'requested' || !mayAskWhere(input.enquiry))
    return say('pass', 'Nobody asks where the child is.');
  if (saysNothing(input)) return say('pass', 'The act does not depend on whether the child is here.');
  if (findClearance(input, 'presence'))
    return say('pass', 'A supervisor has cleared this answer for this recipient.');
  return say(
    'block',
    'This would show whether the child is here. Answer that no information can be communicated, leave texts out, or have a supervisor clear it.',
  );
}

/**
 * Whether an answer could tell the asker where the child is. The purpose named does not settle it: an asker who does not
 * say that the child is with them, and asks freely or beyond the purpose, may ask for just that.
 */
function mayAskWhere(enquiry: EnquiryBody | undefined): boolean {
  if (enquiry === undefined || enquiry.purpose === 'locate-child') return true;
  const { childPresence } = enquiry.direction;
  const asksBeyond = enquiry.questions.some(
    ({ code }) => code === undefined || !isQuestionNeeded(code, enquiry.purpose),
  );
  return childPresence === 'not-known' || (childPresence !== 'asking-state' && asksBeyond);
}

/** The few acts that are, or can be written, the same for a child who is known and one who is not. */
function saysNothing(input: GateInput): boolean {
  const look = bodyIf(input, 'FLK');
  if (look) return look.known === 'cannot-say' && look.danger === 'cannot-say';
  const progress = bodyIf(input, 'PRG');
  if (progress) return progress.status === 'working' && progress.note === undefined;
  const standStill = bodyIf(input, 'STP');
  if (standStill) return standStill.reason === undefined && standStill.acts.length === 0;
  const closing = bodyIf(input, 'CLS');
  if (closing) return closing.safetyCheck.statement === undefined;
  // An alert to where the child is believed to be says that the child is there, not here.
  const alert = bodyIf(input, 'URG');
  if (alert) return alert.believed.country === input.peer.state.toUpperCase();
  return input.type === 'ACK' || input.type === 'NIC';
}
