/**
 * What for somebody reads or acts: said with each request and kept with each record of reading.
 */
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

/** Reads the header `x-focalnet-purpose`; undefined for what is no purpose. */
export const readPurpose = (text: string): Purpose | undefined => purposes.find((one) => one === text);
