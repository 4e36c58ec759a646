/**
 * The one entry to the gates that stand before every act that leaves a node. All of them are asked each time,
 * so that an officer sees every obstacle at once. Pure; recording who was asked and who answered is the node's.
 */

import type { GateInput, GateName, GateResult } from './gates/gate.ts';
import { checkHarm } from './gates/harm.ts';
import { checkLegalBasis } from './gates/legal-basis.ts';
import { checkLocation } from './gates/location.ts';
import { checkOnward } from './gates/onward.ts';
import { checkPresence } from './gates/presence.ts';
import { checkProtectionState } from './gates/protection-state.ts';
import { checkQuestions } from './gates/questions.ts';
import { checkStatementChanged } from './gates/statement-changed.ts';
import type { MessageCode } from './message-types.ts';

export * from './gates/gate.ts';
export { effectiveLimit } from './gates/limits.ts';
export { mayBeProtectedFrom } from './gates/protection-state.ts';

/** Every gate's answer to one act. The act may leave when {@link blockingGates} is empty. */
export function checkGates<C extends MessageCode>(input: GateInput<C>): readonly GateResult[] {
  const act = input as GateInput;
  return [
    checkHarm(act),
    checkProtectionState(act),
    checkStatementChanged(act),
    checkPresence(act),
    checkLocation(act),
    checkOnward(act),
    ...checkQuestions(act),
    ...checkLegalBasis(act),
  ];
}

/** The gates that stop it, each once. */
export function blockingGates(results: readonly GateResult[]): readonly GateName[] {
  return [...new Set(results.filter((result) => result.outcome === 'block').map((result) => result.gate))];
}
