/**
 * What may be written into a case file: one row for each kind of statement, with its schema. A kind is either stated once of a child
 * (`one`), so that two accounts of it stand against each other, or as often as there is something to state. Pure.
 */
import * as z from 'zod';
import {
  bodyLimits,
  CalendarDate,
  Country,
  FreeText,
  InformationSource,
  Instant,
  Label,
  LanguageTag,
  YesNoUnknown,
} from '#schema/conversation/bodies/common.ts';
import { AlreadyTold, SafetyWarning, TraffickingFacts } from '#schema/conversation/bodies/enquiry.ts';
import * as people from '#schema/conversation/bodies/people.ts';
import { withdrawalCircumstance } from '#schema/vocabulary/acts.ts';
import { confidence } from '#schema/vocabulary/answers.ts';
import { externalReference, measureAgainstChild } from '#schema/vocabulary/cases.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { notHeardGround, viewTopic } from '#schema/vocabulary/exchange.ts';
import {
  gender,
  missingCategory,
  missingStatus,
  photoPermission,
  statelessness,
} from '#schema/vocabulary/people.ts';
import { isicSection, pfifNoteStatus } from '#schema/vocabulary/standards.ts';
import {
  sexualExploitationType,
  traffickingEvent,
  traffickingStatusDecider,
  websiteOrApp,
} from '#schema/vocabulary/trafficking.ts';

const period = { from: CalendarDate.optional(), to: CalendarDate.optional() };
const isPeriod = ({ from, to }: { from?: string | undefined; to?: string | undefined }) =>
  from === undefined || to === undefined || from <= to;
const NOT_A_PERIOD = 'It ends before it begins.';

const Trafficking = z
  .strictObject({
    ...TraffickingFacts.shape,
    sexualExploitation: z.array(coded(sexualExploitationType)).max(bodyLimits.items).optional(),
    /** Of forced labour: section of ISIC. */
    sector: coded(isicSection).optional(),
    recruitedThrough: z.array(coded(websiteOrApp)).max(bodyLimits.items).optional(),
    exploitedThrough: z.array(coded(websiteOrApp)).max(bodyLimits.items).optional(),
    ageWhenTrafficked: z.int().min(0).max(120).optional(),
    /** Who decided on the status, as HTCDS names it, and when. */
    decidedBy: coded(traffickingStatusDecider).optional(),
    decidedOn: CalendarDate.optional(),
  })
  .meta({ id: 'CaseTrafficking' });

/** Somebody of the child's family or around it; the item is their name in warnings and questions. */
const CasePerson = people.RelatedPerson.omit({ ref: true, toChildren: true }).meta({ id: 'CasePerson' });

const Consent = z
  .strictObject({
    ...people.Agreement.shape,
    /** The State with which it may be shared, where the purpose is sharing. */
    withState: Country.optional(),
    /** How a withdrawal was said (PRACTICE.md A13); empty for what was not withdrawn. */
    circumstances: z.array(coded(withdrawalCircumstance)).max(bodyLimits.items),
  })
  .meta({ id: 'CaseConsent' });

/** What the child said or chose not to say, in the child's own words; a later view stands beside an earlier one. */
const View = z
  .strictObject({
    topic: coded(viewTopic),
    view: FreeText.optional(),
    notHeard: coded(notHeardGround).optional(),
    on: CalendarDate,
    to: Label,
    interpreter: YesNoUnknown,
    weight: FreeText.optional(),
  })
  .refine(
    ({ view, notHeard }) => (view === undefined) !== (notHeard === undefined),
    'Heard, or the ground why not.',
  )
  .meta({ id: 'CaseView' });

const MissingEpisode = z
  .strictObject({
    status: coded(missingStatus),
    category: coded(missingCategory).optional(),
    since: CalendarDate,
    until: CalendarDate.optional(),
    circumstances: FreeText.optional(),
  })
  .refine(({ since, until }) => isPeriod({ from: since, to: until }), NOT_A_PERIOD)
  .meta({ id: 'CaseMissingEpisode' });

/** That somebody saw the child or knows of it, as PFIF has it: when it was seen is one time, when it was reported another. */
const Sighting = z
  .strictObject({
    status: coded(pfifNoteStatus),
    seenAt: Instant,
    reportedAt: Instant.optional(),
    country: Country.optional(),
    place: Label.optional(),
    account: FreeText.optional(),
    /** Number of the note where it was kept before. */
    number: Label.optional(),
    heldBy: Label.optional(),
    /** The last day on which it is of use to anybody; no day: nobody said. */
    until: CalendarDate.optional(),
  })
  .refine(
    ({ seenAt, reportedAt }) => reportedAt === undefined || seenAt <= reportedAt,
    'Reported before it was seen.',
  )
  .meta({ id: 'CaseSighting' });

/** Charges, fines and restrictions of liberty for what the child was made to do: an alarm, never a neutral value (PRACTICE.md A22). */
const Measure = z
  .strictObject({
    measure: coded(measureAgainstChild),
    ground: FreeText,
    authority: Label,
    ...period,
    /** When it must be looked at again. */
    reviewOn: CalendarDate.optional(),
  })
  .refine(isPeriod, NOT_A_PERIOD)
  .meta({ id: 'CaseMeasure' });

/** Read by whoever reads the file: what is for named persons alone has no place in it, or the whole file is for them. */
const CaseWarning = SafetyWarning.omit({ eyesOnly: true }).meta({ id: 'CaseWarning' });

/** Id of a file that was sent to `POST /attachments`, or came with a message. */
const StoredFile = z.string().min(1).max(80);

const Photo = z
  .strictObject({
    attachment: StoredFile,
    permission: coded(photoPermission),
    shownTo: Label.optional(),
    takenOn: CalendarDate.optional(),
  })
  .meta({ id: 'CasePhoto' });

const strict = <Shape extends z.ZodRawShape>(id: string, shape: Shape) => z.strictObject(shape).meta({ id });

export const caseKinds = {
  name: { one: false, value: people.PersonName },
  birth: { one: true, value: people.Birth },
  birthplace: {
    one: true,
    value: z
      .strictObject({ countryOfBirth: Country.optional(), placeOfBirth: Label.optional() })
      .refine((place) => Object.keys(place).length > 0, 'Country or place.')
      .meta({ id: 'CaseBirthplace' }),
  },
  gender: { one: true, value: strict('CaseGender', { gender: coded(gender) }) },
  nationality: { one: false, value: people.Nationality },
  statelessness: {
    one: true,
    value: strict('CaseStatelessness', { status: coded(statelessness), note: FreeText.optional() }),
  },
  residence: {
    one: false,
    value: z
      .strictObject({ country: Country, place: Label.optional(), ...period })
      .refine(isPeriod, NOT_A_PERIOD)
      .meta({ id: 'CaseResidence' }),
  },
  language: { one: false, value: people.SpokenLanguage },
  document: { one: false, value: people.IdentityDocument },
  photo: { one: false, value: Photo },
  mark: { one: false, value: strict('CaseMark', { mark: FreeText }) },
  /** A paper about the child: a decision, a certificate, a scan. */
  attachment: {
    one: false,
    value: strict('CaseAttachment', {
      attachment: StoredFile,
      what: Label,
      language: LanguageTag.optional(),
      on: CalendarDate.optional(),
    }),
  },
  trafficking: { one: true, value: Trafficking },
  event: {
    one: false,
    value: z
      .strictObject({
        event: coded(traffickingEvent),
        country: Country.optional(),
        place: Label.optional(),
        ...period,
        description: FreeText.optional(),
      })
      .refine(isPeriod, NOT_A_PERIOD)
      .meta({ id: 'CaseEvent' }),
  },
  situation: { one: true, value: people.Situation },
  missing: { one: false, value: MissingEpisode },
  sighting: { one: false, value: Sighting },
  person: { one: false, value: CasePerson },
  consent: { one: false, value: Consent },
  view: { one: false, value: View },
  warning: { one: false, value: CaseWarning },
  measure: { one: false, value: Measure },
  reference: {
    one: false,
    value: strict('CaseReference', {
      system: coded(externalReference),
      number: Label,
      heldBy: Label.optional(),
    }),
  },
  /** What the child has told, to whom, so that nobody asks again (PRACTICE.md A21). */
  told: { one: false, value: strict('CaseTold', { ...AlreadyTold.shape, on: CalendarDate.optional() }) },
  /** Who else knows about this child (PRACTICE.md 3, "Who else knows"). */
  recipient: {
    one: false,
    value: strict('CaseRecipient', { who: Label, what: Label, ground: Label, since: CalendarDate }),
  },
  note: { one: false, value: strict('CaseNote', { note: FreeText }) },
} as const satisfies Record<string, { readonly one: boolean; readonly value: z.ZodType }>;

export type CaseKind = keyof typeof caseKinds;
export const caseKindNames = Object.keys(caseKinds) as readonly CaseKind[];
export type ValueOf<Kind extends CaseKind> = z.infer<(typeof caseKinds)[Kind]['value']>;

/** Where a statement comes from and how sure it is: every statement has it (DOMAIN.md F7). */
export const Provenance = z
  .strictObject({
    source: InformationSource,
    confidence: coded(confidence),
    obtained: CalendarDate.optional(),
    /** Who obtained it, where that is not who writes it down. */
    worker: Label.optional(),
  })
  .meta({ id: 'Provenance' });
export type Provenance = z.infer<typeof Provenance>;
