/**
 * People as bodies name them: the child, the persons around the child, and what is known of age. Ages are
 * intervals with their findings side by side; a name is kept as given, in its script, beside its romanised
 * form. No street, no house, no immigration status has a place here.
 */
import * as z from 'zod';
import { withdrawalSpeaker } from '#schema/vocabulary/acts.ts';
import { confidence } from '#schema/vocabulary/answers.ts';
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

const NamePart = z
  .strictObject({ kind: z.enum(people.namePartKind.codes), value: Label })
  .meta({ id: 'NamePart' });

export const PersonName = z
  .strictObject({
    kind: z.enum(people.nameKind.codes),
    /** In the order in which they are spoken. */
    parts: z.array(NamePart).min(1).max(bodyLimits.partsPerName),
    /** ISO 15924, e.g. `Cyrl`. */
    script: z.string().regex(/^[A-Z][a-z]{3}$/),
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
  precision: z.enum(people.datePrecision.codes),
};

/** One source's word on when the child was born. */
export const BirthFinding = z
  .strictObject({
    ...interval,
    basis: z.enum(people.ageBasis.codes),
    foundIn: Country.optional(),
    note: FreeText.optional(),
  })
  .refine(isOrdered, NOT_ORDERED)
  .meta({ id: 'BirthFinding' });

/** The interval both States work with: it covers every finding that is not disproved. */
export const Birth = z
  .strictObject({
    ...interval,
    basis: z.enum(people.ageBasis.codes),
    disputed: z.boolean(),
    /** CETS 197 Art. 10(3): stays true while age is unverified. */
    presumedMinor: z.boolean(),
    findings: z.array(BirthFinding).max(bodyLimits.findings),
  })
  .refine(isOrdered, NOT_ORDERED)
  .meta({ id: 'Birth' });

export const Nationality = z
  .strictObject({ country: Country, status: z.enum(people.nationalityStatus.codes) })
  .meta({ id: 'Nationality' });

export const SpokenLanguage = z
  .strictObject({ language: LanguageTag, level: z.enum(languageLevel.codes), interpreterNeeded: z.boolean() })
  .meta({ id: 'SpokenLanguage' });

export const IdentityDocument = z
  .strictObject({
    category: z.enum(documentCategory.codes),
    issuingCountry: Country.optional(),
    number: Label.optional(),
    heldBy: Label.optional(),
    suspectedFalse: z.boolean(),
  })
  .meta({ id: 'IdentityDocument' });

const Representation = z
  .strictObject({
    appointed: YesNoUnknown,
    kind: z.enum(people.guardianKind.codes).optional(),
    since: CalendarDate.optional(),
    /** Authority and number of the appointing act. */
    appointedBy: Label.optional(),
  })
  .meta({ id: 'Representation' });

/** A place beyond the State, which only a named person may release (PRACTICE.md A10). */
const ReleasedPlace = z
  .strictObject({ place: Label, releasedBy: Label, releasedAt: CalendarDate })
  .meta({ id: 'ReleasedPlace' });

const Whereabouts = z
  .strictObject({ country: Country, releasedPlace: ReleasedPlace.optional() })
  .meta({ id: 'Whereabouts' });

export const Situation = z
  .strictObject({
    care: z.enum(people.careArrangement.codes),
    missing: z.enum(people.missingStatus.codes),
    missingSince: CalendarDate.optional(),
    missingCategory: z.enum(people.missingCategory.codes).optional(),
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

const ViewOnTopic = z
  .strictObject({ topic: z.enum(viewTopic.codes), view: FreeText })
  .meta({ id: 'ViewOnTopic' });

const ChildViews = z
  .strictObject({
    informed: YesNoUnknown,
    heard: z.boolean(),
    heardOn: CalendarDate.optional(),
    heardBy: Label.optional(),
    interpreter: YesNoUnknown,
    notHeardGround: z.enum(notHeardGround.codes).optional(),
    views: z.array(ViewOnTopic).max(bodyLimits.items),
    /** Weight given and why (CRC Art. 12; GC14 53-54). */
    weight: FreeText.optional(),
  })
  .refine((views) => views.heard !== (views.notHeardGround !== undefined), 'Heard, or the ground why not.')
  .meta({ id: 'ChildViews' });

export const Agreement = z
  .strictObject({
    purpose: z.enum(agreementPurpose.codes),
    state: z.enum(agreementState.codes),
    by: z.enum(withdrawalSpeaker.codes).optional(),
    on: CalendarDate.optional(),
  })
  .meta({ id: 'Agreement' });

/** A child enquired about. */
export const ChildIdentity = z
  .strictObject({
    ref: Ref,
    names: z.array(PersonName).min(1).max(bodyLimits.namesPerPerson),
    birth: Birth,
    gender: z.enum(people.gender.codes),
    placeOfBirth: Label.optional(),
    countryOfBirth: Country.optional(),
    nationalities: z.array(Nationality).max(bodyLimits.items),
    statelessness: z.enum(people.statelessness.codes).optional(),
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
    relation: z.enum(people.familyRelationship.codes),
    toChildren: refs(bodyLimits.children),
    life: z.enum(lifeStatus.codes),
    /** District or town; a town alone is useful. */
    lastKnownPlace: Label.optional(),
    country: Country.optional(),
    contactPermission: z.enum(contactPermission.codes),
    contactAlreadyMade: YesNoUnknown,
    safetyRisk: YesNoUnknown,
  })
  .meta({ id: 'RelatedPerson' });

/** An assertion's provenance (DOMAIN.md F7). */
export const provenance = {
  source: InformationSource.optional(),
  obtained: CalendarDate.optional(),
  confidence: z.enum(confidence.codes).optional(),
  worker: Label.optional(),
};
