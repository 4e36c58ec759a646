/**
 * Which acts must be read by a person within half an hour (PRACTICE.md A12, A16, A20). Pure.
 */
import type { Act } from '#schema/conversation/acts.ts';

export function isAlarm({ type, facts }: Pick<Act, 'type' | 'facts'>): boolean {
  return (
    (type === 'URG' && facts.phase !== 'ended') ||
    (type === 'STP' && facts.phase === 'ask') ||
    (type === 'MIS' && facts.phase === 'opened')
  );
}
