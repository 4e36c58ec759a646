/**
 * The protection-State gate (G10, PRACTICE.md A3 and section 5). No State from which the child may need
 * protection learns anything new of the child while that is unassessed, pending or granted. There is no
 * override; a cleared case is cleared for one recipient, exactly what would leave, and a limited time.
 */
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { asylumStatus } from '#schema/vocabulary/warnings.ts';
import { saysNothing } from '../message-types.ts';
import { type AsylumFact, bodyIf, findClearance, type GateInput, type GateResult, makeRule } from './gate.ts';

type Status = CodeOf<typeof asylumStatus>;

const say = makeRule('protection-state', 'G10', 'CRC GC6 para. 80; Hague Convention 1996, Art. 37', 'K');

const EXPLAIN: Readonly<Record<Status, string>> = {
  'not-assessed':
    'Whether the child needs protection from this State has not been assessed. Assess it first.',
  possible: 'The child may need protection from this State. Counsel the child first.',
  pending:
    'A claim for protection from this State is pending. Family can be traced only outside State channels.',
  recognised: 'The child is protected from this State. Nothing may be sent to it.',
  'appeal-open':
    'The decision on protection from this State can still be appealed. Nothing may be sent to it.',
  'counselled-not-sought':
    'The child was counselled and seeks no protection from this State: needs clearance of exactly this act.',
  'finally-rejected': 'Protection from this State was finally rejected: needs clearance of exactly this act.',
};
const CLEARABLE: readonly Status[] = ['counselled-not-sought', 'finally-rejected'];
/** The same for known and unknown children. */
const NEUTRAL = ['ACK', 'NIC'];

export function checkProtectionState(input: GateInput): GateResult {
  const { peer, caseFacts } = input;
  if (NEUTRAL.includes(input.type) || isEmpty(input))
    return say('pass', 'The act says nothing of any child.');
  const country = peer.state.toUpperCase();
  // A third State may protect the child from this peer.
  if (caseFacts.childIsHere === 'no' && !mayBeProtectedFrom(caseFacts.asylum, country))
    return say('pass', 'The child is not under the protection of this State.');
  const alert = bodyIf(input, 'URG');
  const status = statusTowards(caseFacts.asylum, country);
  const stopping = readStopping(input);
  if (stopping) return checkStopping(peer.holdsCase, stopping.tells && !CLEARABLE.includes(status));
  if (alert) return checkAlert(alert.believed.country, input, status);
  if (!CLEARABLE.includes(status)) return say('block', EXPLAIN[status]);
  if (!findClearance(input, 'asylum')) return say('block', EXPLAIN[status]);
  return checkPassingOn(input);
}

/** A State of which it was stated that protection from it is, or may be, needed. Of a State not named nothing is known here. */
export const isFeared = (asylum: readonly AsylumFact[], country: string): boolean =>
  asylum.some((fact) => fact.country === country && !CLEARABLE.includes(fact.status));

/** That it is being worked on, or a first look that tells nothing, to a peer that holds the case. */
function isEmpty(input: GateInput): boolean {
  const progress = bodyIf(input, 'PRG');
  const look = bodyIf(input, 'FLK');
  const isSilent =
    (progress?.status === 'working' && progress.note === undefined) || (look && saysNothing(look));
  return input.peer.holdsCase && isSilent === true;
}

/** Somebody has said of this very State that protection from it may be needed, is asked for or given, here or elsewhere. */
export const mayBeProtectedFrom = (asylum: readonly AsylumFact[], country: string): boolean =>
  isFeared(asylum, country) && statusTowards(asylum, country) !== 'not-assessed';

/** What is not said counts as not assessed. */
export function statusTowards(asylum: readonly AsylumFact[], country: string): Status {
  return asylum.find((fact) => fact.country === country)?.status ?? 'not-assessed';
}

/** An act that only stops, takes back or closes, and whether it also tells something in words of its own. */
function readStopping(input: GateInput): { readonly tells: boolean } | undefined {
  const withdrawal = bodyIf(input, 'WDR')?.circumstances;
  if (withdrawal) return { tells: withdrawal.note !== undefined || withdrawal.where !== undefined };
  const standStill = bodyIf(input, 'STP');
  if (standStill) return { tells: standStill.reason !== undefined || standStill.acts.length > 0 };
  // It holds no word of its own.
  if (input.type === 'ERS') return { tells: false };
  const closing = bodyIf(input, 'CLS');
  return closing && { tells: closing.safetyCheck.statement !== undefined };
}

function checkStopping(holdsCase: boolean, tellsTooMuch: boolean): GateResult {
  if (!holdsCase)
    return say(
      'block',
      'The peer does not hold this case: stopping or withdrawing would tell it that the case exists.',
    );
  return tellsTooMuch
    ? say(
        'block',
        'This may stop or close, but nothing new may be told to this State: take texts, places and accounts out, or assess first whether the child needs protection from it.',
      )
    : say('pass', 'The peer already holds this case; this only stops, takes back or closes.');
}

/** An alert to such a State only helps a child who is there, or on the way there. */
function checkAlert(believedIn: string, input: GateInput, status: Status): GateResult {
  if (believedIn === input.peer.state.toUpperCase())
    return say('pass', 'The child is believed to be in that State or on the way there.');
  if (CLEARABLE.includes(status)) return say('pass', 'No protection from that State is sought.');
  return say(
    'block',
    'The child is not believed to be in that State: alert the State where the child is thought to be.',
  );
}

/** A State feared must not learn by way of the peer. */
function checkPassingOn(input: GateInput): GateResult {
  const feared = input.caseFacts.asylum.some((fact) => !CLEARABLE.includes(fact.status));
  const onward = bodyIf(input, 'ENQ')?.handling.onward ?? 'no';
  return feared && onward === 'within-purpose'
    ? say(
        'block',
        'The child needs protection from another State: the peer must not pass anything on without asking.',
      )
    : say('pass', 'Cleared for this recipient and this content.');
}
