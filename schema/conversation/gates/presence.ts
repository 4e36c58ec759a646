/**
 * The presence gate (PRACTICE.md A1). Whoever asks where a child is may be the danger, or may have an ear in the
 * office that asks. Until a supervisor has cleared this very answer for this very recipient, the one answer is
 * the one that is the same whether the child is here or not.
 */
import { bodyIf, findClearance, type GateInput, type GateResult, makeRule } from './gate.ts';

const say = makeRule(
  'presence',
  'G-PRESENCE',
  'PRACTICE A1; Reg. 2019/1111 Art. 79(a) (help under national law, no right of the asker)',
  'P',
);

/** Anything whose content, or whose being sent at all, depends on whether the child is known here. */
const REVEALING = ['FLK', 'INT', 'RPT', 'NEG', 'LSW', 'REF', 'SUP', 'SGT', 'MIS', 'STA', 'REP', 'MSR'];

export function checkPresence(input: GateInput): GateResult {
  if (input.side !== 'requested' || input.enquiry?.purpose !== 'locate-child')
    return say('pass', 'Nobody asks where the child is.');
  const look = bodyIf(input, 'FLK');
  const saysNothing = look?.known === 'cannot-say' && look.danger === 'cannot-say';
  if (!REVEALING.includes(input.type) || saysNothing)
    return say('pass', 'The act does not depend on whether the child is here.');
  if (findClearance(input, 'presence'))
    return say('pass', 'A supervisor has cleared this answer for this recipient.');
  return say(
    'block',
    'This answer would show whether the child is here. Answer that no information can be communicated, or have a supervisor clear it.',
  );
}
