/**
 * What our codes become in Primero, the case system of many offices. One way, and some detail is lost: several of ours become
 * one of theirs. Primero's countries, nationalities and languages are placeholders and are never mapped.
 */
import type { retraffickingRisk } from './answers.ts';
import type { CodeOf } from './code-list.ts';
import type { careArrangement, familyRelationship } from './people.ts';
import type { primeroRiskLevel } from './standards.ts';

/** Primero lookup `care-arrangements-type`. */
export const primeroCareArrangement: Readonly<Record<CodeOf<typeof careArrangement>, string>> = Object.freeze(
  {
    parent: 'parent_s',
    'step-parent': 'step_parent',
    'customary-carer': 'customary_caregiver_s',
    'adult-sibling': 'adult_sibling',
    kinship: 'kinship_care_extended_family',
    foster: 'foster_care',
    residential: 'residential_care',
    kafala: 'kafala',
    independent: 'independent_living',
    'child-headed': 'child_headed_household',
    'unrelated-adult': 'unrelated_adult',
    none: 'no_care_arrangement',
    other: 'other',
  },
);

/** Primero lookup `family-relationship`. A child named as somebody's spouse is never exported as husband or wife. */
export const primeroRelationship: Readonly<Record<CodeOf<typeof familyRelationship>, string>> = Object.freeze(
  {
    mother: 'mother',
    father: 'father',
    'step-parent': 'other_family',
    'adoptive-parent': 'other_family',
    sister: 'sister',
    brother: 'brother',
    'half-or-step-sibling': 'other_family',
    grandmother: 'grandmother',
    grandfather: 'grandfather',
    aunt: 'aunt',
    uncle: 'uncle',
    cousin: 'other_family',
    'own-child': 'other_family',
    'named-as-spouse': 'other_nonfamily',
    partner: 'partner',
    'other-relative': 'other_family',
    'claims-kinship': 'other_nonfamily',
    'close-person': 'other_nonfamily',
    unrelated: 'other_nonfamily',
  },
);

/** Primero lookup `risk-level`; null where Primero has no level, so that nothing is made up. */
export const primeroRisk: Readonly<
  Record<CodeOf<typeof retraffickingRisk>, CodeOf<typeof primeroRiskLevel> | null>
> = Object.freeze({ low: 'low', medium: 'medium', high: 'high', unacceptable: 'high', 'cannot-say': null });
