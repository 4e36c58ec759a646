/**
 * What was once stated about a child is not undone by one other word (PRACTICE.md A3): an officer whom the
 * protection gate stopped does not pass it by saying that the child is elsewhere. The gate asks what G10 would say
 * of this act under each earlier statement that nobody has confirmed as changed.
 */
import { asylumStatus } from '#schema/vocabulary/warnings.ts';
import { type EarlierStatement, findClearance, type GateInput, type GateResult, makeRule } from './gate.ts';
import { checkProtectionState, statusTowards } from './protection-state.ts';

const say = makeRule('statement-changed', 'G-STATEMENT', 'PRACTICE A3; Hague Convention 1996, Art. 37', 'P');

export function checkStatementChanged(input: GateInput): GateResult {
  if (checkProtectionState(input).outcome === 'block')
    return say('pass', 'The protection gate stops it by what is stated now.');
  const stopping = (input.caseFacts.earlier ?? []).find((earlier) => isStoppedBy(input, earlier));
  if (stopping === undefined) return say('pass', 'No earlier statement would stop it.');
  if (findClearance(input, 'asylum'))
    return say('pass', 'A supervisor and a legal adviser have cleared exactly this act.');
  return say(
    'block',
    `${tell(input, stopping)} This act rests on another statement: a supervisor and a legal adviser must confirm the change by a clearance of exactly this act.`,
  );
}

function isStoppedBy(input: GateInput, { childIsHere, asylum }: EarlierStatement): boolean {
  const caseFacts = { ...input.caseFacts, childIsHere, asylum };
  return checkProtectionState({ ...input, caseFacts }).outcome === 'block';
}

const WHERE = {
  yes: 'is under the protection of this State',
  no: 'is not under the protection of this State',
  'not-known': 'may be under the protection of this State',
} as const;

/** The earlier statement, for the officer; of what another unit keeps nothing but that it stands. */
function tell({ peer }: GateInput, { childIsHere, asylum, atMs, hidden }: EarlierStatement): string {
  if (hidden) return 'Something else was stated in this office before, which you do not see: ask the head.';
  const status = asylumStatus.labels(statusTowards(asylum, peer.state.toUpperCase())).en.text;
  const day = new Date(atMs).toISOString().slice(0, 10);
  return `On ${day} it was stated here that the child ${WHERE[childIsHere]}; protection from the State asked: ${status}.`;
}
