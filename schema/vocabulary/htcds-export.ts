/**
 * What our trafficking codes become in other people's data: HTCDS 2.0 has no code for our `x_` extensions, and
 * CTDC (with the standard's own definitions file) names the methods of control differently. Loses detail; the
 * export's manifest must say so.
 */
import type { CodeList, CodeOf } from './code-list.ts';
import type { isicSection } from './standards.ts';
import { controlMethod, exploitationType } from './trafficking.ts';

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

/**
 * vic_ForcedLabourIndustry by section of ISIC. Null: HTCDS has a value, and we have not seen how it is spelled; an export leaves
 * the field out and says so, since a misspelled value validates nowhere.
 */
export const htcdsIndustry: Readonly<Record<CodeOf<typeof isicSection>, string | null>> = Object.freeze({
  A: 'A_AgricultureForestryAndFishing',
  B: null,
  C: null,
  D: null,
  E: null,
  F: 'F_Construction',
  G: null,
  H: null,
  I: 'I_AccommodationAndFoodServiceActivities',
  J: null,
  K: null,
  L: null,
  M: null,
  N: null,
  O: null,
  P: null,
  Q: null,
  R: null,
  S: null,
  T: 'T_ActivitiesOfHouseholdsAsEmployers',
  U: 'U_ActivitiesOfExtraterritorialOrganizations',
});

/** Values with which CTDC marks what is missing, and what it holds back, in place of a code. */
export const ctdcMissing = { unknown: '-99', suppressedCountry: '00' } as const;

/**
 * What our codes become in IC-TIP, the international classification of trafficking in persons (UN Statistical Commission, 2025).
 * Its item codes are not known to us yet: the column is there, empty, and its version says so. Raise it with the first value.
 */
export const ictip: {
  readonly version: number;
  readonly exploitationType: Readonly<Record<CodeOf<typeof exploitationType>, string | null>>;
  readonly controlMethod: Readonly<Record<ControlMethod, string | null>>;
} = Object.freeze({
  version: 0,
  exploitationType: emptyColumn(exploitationType),
  controlMethod: emptyColumn(controlMethod),
});

function emptyColumn<Code extends string>(list: CodeList<Code>): Readonly<Record<Code, null>> {
  return Object.freeze(Object.fromEntries(list.codes.map((code) => [code, null]))) as Record<Code, null>;
}
