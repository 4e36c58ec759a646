/** The location gate (PRACTICE.md A10): a peer learns the State a child is in; a place only where a person released it. */
import type { Answer } from '../bodies/report.ts';
import { bodyIf, findClearance, type GateInput, type GateResult, makeRule } from './gate.ts';

const say = makeRule('location', 'G-LOCATION', 'PRACTICE A10: in a small State the city is the shelter', 'P');

export function checkLocation(input: GateInput): GateResult {
  if (!givesPlace(input)) return say('pass', 'No place beyond the State is given.');
  if (isHelpNeededThere(input)) return say('explain', 'A place is given, where help is needed now.');
  const warnings = bodyIf(input, 'ENQ')?.warnings ?? bodyIf(input, 'RPT')?.warnings ?? [];
  const forbidden =
    input.caseFacts.locationHidden || warnings.some((warning) => warning.code === 'do-not-reveal-location');
  if (forbidden && !isWhereToLook(input))
    return say('block', 'A warning forbids revealing where the child is: take the place out.');
  return findClearance(input, 'place')
    ? say('explain', 'A place is given. The person who released it answers for it.')
    : say(
        'block',
        'A place is given: take it out, or have a supervisor or the head release exactly this act.',
      );
}

/** Whether the act gives a place, beyond the State, at which the child is, was seen, or may be looked for. */
function givesPlace(input: GateInput): boolean {
  const enquiry = bodyIf(input, 'ENQ');
  if (enquiry)
    return enquiry.children.some((child) => child.situation.whereabouts?.releasedPlace !== undefined);
  const answers = bodyIf(input, 'INT') ?? bodyIf(input, 'RPT') ?? bodyIf(input, 'SUP');
  // Where the child is elsewhere, the places of an answer are those of the family asked about.
  if (answers) return input.caseFacts.childIsHere !== 'no' && answers.children.some(namesPlace);
  return (
    bodyIf(input, 'SGT')?.district !== undefined ||
    bodyIf(input, 'URG')?.believed.place !== undefined ||
    bodyIf(input, 'MIS')?.lastSeen !== undefined ||
    bodyIf(input, 'WDR')?.circumstances.where !== undefined
  );
}

const namesPlace = ({ answers }: { answers: readonly Answer[] }): boolean =>
  answers.some(
    (answer) => answer.area !== undefined || answer.persons.some((person) => person.place !== undefined),
  );

/** An alert to where the child is believed to be waits for nothing (PRACTICE.md A20). */
const isHelpNeededThere = (input: GateInput): boolean =>
  bodyIf(input, 'URG')?.believed.country === input.peer.state.toUpperCase();

/** What an alert, or a sighting in the peer's own State, says of where to look is released although the child is hidden. */
const isWhereToLook = (input: GateInput): boolean =>
  input.type === 'URG' || bodyIf(input, 'SGT')?.country === input.peer.state.toUpperCase();
