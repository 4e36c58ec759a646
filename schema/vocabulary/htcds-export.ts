/**
 * What our trafficking codes become in other people's data: HTCDS 2.0 has no code for our `x_` extensions, and
 * CTDC (with the standard's own definitions file) names the methods of control differently. Loses detail; the
 * export's manifest must say so.
 */
import type { CodeOf } from './code-list.ts';
import type { controlMethod } from './trafficking.ts';

/** The value HTCDS 2.0 accepts: itself, or `Other` for a code of ours. */
export function toHtcds(code: string): string {
  return code.startsWith('x_') ? 'Other' : code;
}

export type ControlMethod = CodeOf<typeof controlMethod>;

/**
 * CTDC `meansOfControl` suffixes, which are also the names in the HTCDS definitions file. `Threats` is the
 * nearest for threats against the family; `UsesChildren` there means something else and is never produced.
 */
export const ctdcControlMethod: Readonly<Record<ControlMethod, string>> = Object.freeze({
  PhysicalThreats: 'Threats',
  ThreatsLawEnforcement: 'ThreatOfLawEnforcement',
  ThreatensChildrenFamily: 'Threats',
  DebtBondage: 'DebtBondage',
  FalsePromises: 'FalsePromises',
  PhysicalAbuse: 'PhysicalAbuse',
  SexualAbuse: 'SexualAbuse',
  TakesEarnings: 'TakesEarnings',
  RestrictsFinancialAccess: 'RestrictsFinancialAccess',
  RestrictsMedicalCare: 'RestrictsMedicalCare',
  WithholdsNecessities: 'WithholdsNecessities',
  PsychologicalAbuse: 'PsychologicalAbuse',
  PsychoactiveSubstance: 'PsychoactiveSubstances',
  ExcessiveWorkingHours: 'ExcessiveWorkingHours',
  WithholdsDocuments: 'WithholdsDocuments',
  x_RestrictsMovement: 'RestrictsMovement',
  Other: 'Other',
});
