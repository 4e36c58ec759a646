/**
 * People as bodies name them: the child, the persons around the child, and what is known of age. Ages are
 * intervals with their findings side by side; a name is kept as given, in its script, beside its romanised
 * form. No street, no house, no immigration status has a place here.
 */
import * as z from 'zod';
import { withdrawalSpeaker } from '#schema/vocabulary/acts.ts';
import { confidence } from '#schema/vocabulary/answers.ts';
import { coded, meaning } from '#schema/vocabulary/coded.ts';
import {
  agreementPurpose,
  agreementState,
  documentCategory,
  languageLevel,
  lifeStatus,
  notHeardGround,
  viewTopic,
} from '#schema/vocabulary/exchange.ts';
import { contactPermission } from '#schema/vocabulary/limits.ts';
import * as people from '#schema/vocabulary/people.ts';
import {
  bodyLimits,
  CalendarDate,
  Country,
  FreeText,
  InformationSource,
  Label,
  LanguageTag,
  Ref,
  refs,
  YesNoUnknown,
} from './common.ts';

const NamePart = z.strictObject({ kind: coded(people.namePartKind), value: Label }).meta({ id: 'NamePart' });

export const PersonName = z
  .strictObject({
    kind: coded(people.nameKind),
    /** In the order in which they are spoken. */
    parts: z.array(NamePart).min(1).max(bodyLimits.partsPerName),
    /** ISO 15924, e.g. `Cyrl`. */
    script: meaning(z.string().regex(/^[A-Z][a-z]{3}$/), { kind: 'script' }),
    language: LanguageTag.optional(),
    /** Which table the romanised form follows, e.g. `ICAO 9303`. */
    transliterationScheme: Label.optional(),
    romanised: Label.optional(),
  })
  .meta({ id: 'PersonName' });
export type PersonName = z.infer<typeof PersonName>;

const isOrdered = (interval: { earliest: string; latest: string }) => interval.earliest <= interval.latest;
const NOT_ORDERED = 'The earliest date comes after the latest.';

const interval = {
  earliest: CalendarDate,
  latest: CalendarDate,
  precision: coded(people.datePrecision),
};

/** One source's word on when the child was born. */
export const BirthFinding = z
  .strictObject({
    ...interval,
    basis: coded(people.ageBasis),
    foundIn: Country.optional(),
    note: FreeText.optional(),
  })
  .refine(isOrdered, NOT_ORDERED)
  .meta({ id: 'BirthFinding' });

/** The interval both States work with: it covers every finding that is not disproved. */
export const Birth = z
  .strictObject({
    ...interval,
    basis: coded(people.ageBasis),
    disputed: z.boolean(),
    /** CETS 197 Art. 10(3): stays true while age is unverified. */
    presumedMinor: z.boolean(),
    findings: z.array(BirthFinding).max(bodyLimits.findings),
  })
  .refine(isOrdered, NOT_ORDERED)
  .meta({ id: 'Birth' });

export const Nationality = z
  .strictObject({ country: Country, status: coded(people.nationalityStatus) })
  .meta({ id: 'Nationality' });

export const SpokenLanguage = z
  .strictObject({ language: LanguageTag, level: coded(languageLevel), interpreterNeeded: z.boolean() })
  .meta({ id: 'SpokenLanguage' });

export const IdentityDocument = z
  .strictObject({
    category: coded(documentCategory),
    issuingCountry: Country.optional(),
    number: Label.optional(),
    heldBy: Label.optional(),
    suspectedFalse: z.boolean(),
  })
  .meta({ id: 'IdentityDocument' });

const Representation = z
  .strictObject({
    appointed: YesNoUnknown,
    kind: coded(people.guardianKind).optional(),
    since: CalendarDate.optional(),
    /** Authority and number of the appointing act. */
    appointedBy: Label.optional(),
  })
  .meta({ id: 'Representation' });

/** A place beyond the State, which only a named person may release (PRACTICE.md A10). */
const ReleasedPlace = z.strictObject({ place: Label }).meta({ id: 'ReleasedPlace' });

const Whereabouts = z
  .strictObject({ country: Country, releasedPlace: ReleasedPlace.optional() })
  .meta({ id: 'Whereabouts' });

export const Situation = z
  .strictObject({
    care: coded(people.careArrangement),
    missing: coded(people.missingStatus),
    missingSince: CalendarDate.optional(),
    missingCategory: coded(people.missingCategory).optional(),
    careOfSuspect: YesNoUnknown,
    /** Never a neutral value: OSCE recommendation 8. */
    deprivedOfLiberty: z.boolean(),
    /** Investigated, charged or fined for what the child was made to do. */
    accused: YesNoUnknown,
    guardian: Representation,
    legalAdviser: YesNoUnknown,
    whereabouts: Whereabouts.optional(),
  })
  .meta({ id: 'ChildSituation' });

const ViewOnTopic = z.strictObject({ topic: coded(viewTopic), view: FreeText }).meta({ id: 'ViewOnTopic' });

const ChildViews = z
  .strictObject({
    informed: YesNoUnknown,
    heard: z.boolean(),
    heardOn: CalendarDate.optional(),
    heardBy: Label.optional(),
    interpreter: YesNoUnknown,
    notHeardGround: coded(notHeardGround).optional(),
    views: z.array(ViewOnTopic).max(bodyLimits.items),
    /** Weight given and why (CRC Art. 12; GC14 53-54). */
    weight: FreeText.optional(),
  })
  .refine((views) => views.heard !== (views.notHeardGround !== undefined), 'Heard, or the ground why not.')
  .meta({ id: 'ChildViews' });

export const Agreement = z
  .strictObject({
    purpose: coded(agreementPurpose),
    state: coded(agreementState),
    by: coded(withdrawalSpeaker).optional(),
    on: CalendarDate.optional(),
  })
  .meta({ id: 'Agreement' });

/** A child enquired about. */
export const ChildIdentity = z
  .strictObject({
    ref: Ref,
    names: z.array(PersonName).min(1).max(bodyLimits.namesPerPerson),
    birth: Birth,
    gender: coded(people.gender),
    placeOfBirth: Label.optional(),
    countryOfBirth: Country.optional(),
    nationalities: z.array(Nationality).max(bodyLimits.items),
    statelessness: coded(people.statelessness).optional(),
    languages: z.array(SpokenLanguage).max(bodyLimits.items),
    documents: z.array(IdentityDocument).max(bodyLimits.items),
    marks: z.array(FreeText).max(bodyLimits.items),
    situation: Situation,
    views: ChildViews,
    agreements: z.array(Agreement).max(bodyLimits.items),
  })
  .meta({ id: 'ChildIdentity' });
export type ChildIdentity = z.infer<typeof ChildIdentity>;

/** Who else matters: family, carers, claimed kin. */
export const RelatedPerson = z
  .strictObject({
    ref: Ref,
    names: z.array(PersonName).min(1).max(bodyLimits.namesPerPerson),
    relation: coded(people.familyRelationship),
    toChildren: refs(bodyLimits.children),
    life: coded(lifeStatus),
    /** District or town; a town alone is useful. */
    lastKnownPlace: Label.optional(),
    country: Country.optional(),
    contactPermission: coded(contactPermission),
    contactAlreadyMade: YesNoUnknown,
    safetyRisk: YesNoUnknown,
  })
  .meta({ id: 'RelatedPerson' });

/** An assertion's provenance (DOMAIN.md F7). */
export const provenance = {
  source: InformationSource.optional(),
  obtained: CalendarDate.optional(),
  confidence: coded(confidence).optional(),
  worker: Label.optional(),
};
