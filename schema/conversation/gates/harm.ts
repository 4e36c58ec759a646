/**
 * The harm test of Article 37 of the 1996 Convention: nobody requests or transmits what would likely endanger
 * the child, or seriously threaten a relative. It needs a named person's statement; it judges nothing itself.
 */
import { saysNothing } from '../message-types.ts';
import { bodyIf, type GateInput, type GateResult, makeRule } from './gate.ts';

const say = makeRule('harm', 'G-HARM', 'Hague Convention 1996, Art. 37', 'S');

/** No child's data, or what must never wait: stopping and withdrawing protect by themselves. */
const WITHOUT_STATEMENT = ['ACK', 'NIC', 'WDR', 'STP', 'ERS'];

export function checkHarm(input: GateInput): GateResult {
  const progress = bodyIf(input, 'PRG');
  const look = bodyIf(input, 'FLK');
  const isClosingSaid = bodyIf(input, 'CLS')?.safetyCheck.statement !== undefined;
  if (
    WITHOUT_STATEMENT.includes(input.type) ||
    (progress && progress.note === undefined) ||
    (look && saysNothing(look)) ||
    isClosingSaid
  ) {
    return say('pass', 'This act carries nothing of the child, or only stops others from acting.');
  }
  const { harm } = input.caseFacts;
  if (harm === undefined)
    return say(
      'block',
      'Record by name whether this would likely endanger the child or threaten a relative.',
    );
  if (harm.answer === 'likely-endangers')
    return say(
      'block',
      'The recorded statement says that this would likely endanger somebody. It must not be sent.',
    );
  return say('pass', 'A named person has recorded that this is not likely to endanger anybody.');
}
