/**
 * What for somebody reads or acts: said with each request and kept with each record of reading.
 */
import { AccessError } from './access-error.ts';
import type { Role } from './actor.ts';

export const purposes = [
  'case-work',
  'supervision',
  'legal-advice',
  'representation',
  'statistics',
  'audit',
  'operation',
  'break-glass-review',
] as const;
export type Purpose = (typeof purposes)[number];

/** The purpose of a request that names none: what the role exists for. */
export const purposeOf: Readonly<Record<Role, Purpose>> = {
  'case-worker': 'case-work',
  officer: 'case-work',
  supervisor: 'supervision',
  head: 'supervision',
  'legal-adviser': 'legal-advice',
  guardian: 'representation',
  'panel-member': 'case-work',
  analyst: 'statistics',
  auditor: 'audit',
  operator: 'operation',
};

/** What people of a role may come for; reading for another purpose is none of theirs. */
export const purposesOf: Readonly<Record<Role, readonly Purpose[]>> = {
  'case-worker': ['case-work'],
  officer: ['case-work'],
  supervisor: ['supervision', 'case-work', 'break-glass-review'],
  head: ['supervision', 'case-work', 'break-glass-review'],
  'legal-adviser': ['legal-advice', 'case-work'],
  guardian: ['representation'],
  'panel-member': ['case-work'],
  analyst: ['statistics'],
  auditor: ['audit'],
  operator: ['operation'],
};

/** With it a request says what it is for. */
export const PURPOSE_HEADER = 'x-focalnet-purpose';

/** The purpose a request names, or that of the role. @throws AccessError PURPOSE_UNKNOWN also for one that is not the role's */
export function purposeFor(role: Role, named: string | undefined): Purpose {
  if (named === undefined) return purposeOf[role];
  const purpose = purposesOf[role].find((one) => one === named);
  if (!purpose) throw new AccessError('PURPOSE_UNKNOWN');
  return purpose;
}
