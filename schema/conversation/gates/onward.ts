/**
 * Passing on (PRACTICE.md A3, DOMAIN.md 1.9): what the asking State said of onward transfer, its warnings and its
 * limits bind the office that forwards and the body that receives. Leave is an act of the asking State, for one body.
 * The asking State itself gives no leave toward a State the child may need protection from.
 */
import type { EnquiryBody } from '../bodies/enquiry.ts';
import type { BodyOf } from '../message-types.ts';
import { bodyIf, type GateInput, type GateResult, makeRule } from './gate.ts';
import { isFeared } from './protection-state.ts';

const say = makeRule('onward', 'G-ONWARD', 'PRACTICE A3; DOMAIN 1.9 (Reg. 2019/1111 Art. 87-89)', 'P');

/** Offices that such a warning names are told nothing. */
const NAMING = ['do-not-involve', 'do-not-tell-consulate', 'do-not-contact-named-person'];

export function checkOnward(input: GateInput): GateResult {
  const forward = bodyIf(input, 'FWD');
  if (forward) return checkForward(input, forward);
  const use = bodyIf(input, 'USE');
  if (use?.result?.startsWith('granted') && use.use === 'pass-to-authority') return checkLeave(input, use);
  return say('pass', 'Nothing is passed on.');
}

function checkForward(input: GateInput, forward: BodyOf<'FWD'>): GateResult {
  const { enquiry, caseFacts, self } = input;
  if (isFeared(caseFacts.asylum, forward.country ?? self.state.toUpperCase()))
    return say('block', 'The child may need protection from the State of that body: nothing goes to it.');
  if (!forward.boundByOurLimits)
    return say('block', 'The body must be bound by every limit of the enquiry: agree on that first.');
  if (isWarnedOf(input, forward.office))
    return say('block', 'A warning names this office: it must not be involved.');
  if (needsLeave(enquiry) && !hasLeave(input, forward))
    return say(
      'block',
      'The asking State lets nothing be passed on without its leave: ask for leave to pass it to this very office.',
    );
  return say('pass', 'The asking State lets it be passed on to this office.');
}

/** What is for named readers is asked for first, too. An alert without an enquiry goes to whoever can help. */
const needsLeave = (enquiry: EnquiryBody | undefined): boolean =>
  enquiry !== undefined &&
  (enquiry.handling.onward !== 'within-purpose' || enquiry.handling.readers === 'eyes-only');

/** As two people write the name of one office. */
const alike = (one: string, other: string): boolean =>
  one.normalize('NFKC').trim().toLowerCase() === other.normalize('NFKC').trim().toLowerCase();

const hasLeave = ({ caseFacts }: GateInput, { office, country }: BodyOf<'FWD'>): boolean =>
  (caseFacts.leaves ?? []).some(
    (leave) => leave.country === country && leave.shownTo.some((name) => alike(name, office)),
  );

function isWarnedOf({ enquiry, caseFacts }: GateInput, office: string): boolean {
  const warnings = [...(enquiry?.warnings ?? []), ...(caseFacts.warnings ?? [])];
  return warnings.some(
    ({ code, named }) => NAMING.includes(code) && named !== undefined && alike(named, office),
  );
}

function checkLeave({ caseFacts, peer }: GateInput, { country }: BodyOf<'USE'>): GateResult {
  return isFeared(caseFacts.asylum, country ?? peer.state.toUpperCase())
    ? say('block', 'The child may need protection from the State of that body: give no leave.')
    : say('pass', 'No protection from the State of that body is open.');
}
