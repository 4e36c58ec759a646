/** The location gate (PRACTICE.md A10): a peer learns the State a child is in; a place only where a person released it. */
import { bodyIf, type GateInput, type GateResult, makeRule } from './gate.ts';

const say = makeRule('location', 'G-LOCATION', 'PRACTICE A10: in a small State the city is the shelter', 'P');

export function checkLocation(input: GateInput): GateResult {
  const enquiry = bodyIf(input, 'ENQ');
  const released =
    enquiry?.children.some((child) => child.situation.whereabouts?.releasedPlace !== undefined) ?? false;
  if (!released) return say('pass', 'No place beyond the State is given.');
  const forbidden = enquiry?.warnings.some((warning) => warning.code === 'do-not-reveal-location');
  return forbidden
    ? say('block', 'A warning forbids revealing where the child is: take the place out.')
    : say('explain', 'A place is given. The person who released it answers for it.');
}
