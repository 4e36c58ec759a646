/**
 * Who has to be told of an alert that nobody has confirmed, and from when. Pure: steps are data, the clock is a parameter.
 * The law asks for a decision within twelve hours of locating a child (Reg. 2018/1862 Art. 33(3)); the telephone is shown after
 * thirty minutes (PRACTICE.md A20); the steps between are defaults of this project.
 */

export interface OnCall {
  /** On duty now. */
  readonly first: readonly string[];
  /** Standing in now. */
  readonly second: readonly string[];
  readonly officers: readonly string[];
  readonly supervisors: readonly string[];
  readonly heads: readonly string[];
}

const MINUTE_MS = 60_000;

/** Who was told is told again after so many minutes, day and night, until somebody confirms the alert. D */
export const REPEAT_MINUTES = 15;

/** Minutes after the alert came, and who is told then. */
export const steps = [
  { afterMinutes: 0, who: 'first' },
  { afterMinutes: 10, who: 'second' },
  { afterMinutes: 20, who: 'supervisors' },
  { afterMinutes: 30, who: 'heads' },
] as const satisfies readonly { afterMinutes: number; who: keyof OnCall }[];

/**
 * Everybody who should know by now. Where a step has nobody the next one is reached at once; where nobody is on duty at all it
 * begins with every officer of the unit.
 * @param sinceMs when the alert came, milliseconds since 1970
 */
export function whoIsCalled(on: OnCall, sinceMs: number, nowMs: number): readonly string[] {
  const called = new Set(on.first.length + on.second.length === 0 ? on.officers : []);
  for (const { afterMinutes, who } of steps) {
    const isReached = nowMs - sinceMs >= afterMinutes * MINUTE_MS;
    if (!isReached && called.size > 0) break;
    for (const person of on[who]) called.add(person);
  }
  return [...called];
}
