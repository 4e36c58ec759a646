/**
 * What the demo and the tests of scenarios expect of a running network, and what they throw where it does not hold.
 */

/** Why a step did not hold. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/** @throws StepError */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new StepError(what);
}
