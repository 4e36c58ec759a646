/**
 * Acts that concern a child's safety now: alerts, sightings, stand-still, missing episodes, and notices of who
 * represents the child and of what has changed. None of them is ever rejected by the state of a conversation.
 */
import * as z from 'zod';
import { missingPhase, representativeChange, statusNotice } from '#schema/vocabulary/acts.ts';
import { confidence } from '#schema/vocabulary/answers.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import {
  alertPhase,
  conversationSide,
  dangerKind,
  missingOutcome,
  sightingKind,
  standStillPhase,
} from '#schema/vocabulary/exchange.ts';
import { guardianKind, missingCategory, representativeRole } from '#schema/vocabulary/people.ts';
import { traffickingStatus } from '#schema/vocabulary/trafficking.ts';
import {
  ActNumber,
  AttachmentNote,
  bodyLimits,
  CalendarDate,
  Country,
  EpisodeNumber,
  FreeText,
  InformationSource,
  Instant,
  Label,
  LanguageTag,
  Ref,
  refs,
  YesNoUnknown,
} from './common.ts';
import { Handling } from './enquiry.ts';
import { Birth, BirthFinding, PersonName } from './people.ts';

/** As little as a person at a station needs to recognise somebody. */
const PersonInDanger = z
  .strictObject({
    ref: Ref,
    names: z.array(PersonName).max(bodyLimits.namesPerPerson),
    birth: Birth.optional(),
    description: FreeText,
  })
  .meta({ id: 'PersonInDanger' });

const DutyTelephone = z
  .strictObject({
    name: Label,
    number: z.string().regex(/^\+[1-9]\d{6,14}$/),
    languages: z.array(LanguageTag).min(1).max(6),
  })
  .meta({ id: 'DutyTelephone' });

/** Where the danger is believed to be (Hague 1996 Art. 36; Reg. 2019/1111 Art. 80(2); CETS 197 Art. 33(1)). */
const BelievedPlace = z
  .strictObject({
    country: Country,
    onTheWay: z.boolean(),
    expectedAt: Instant.optional(),
    place: Label.optional(),
    why: FreeText,
  })
  .meta({ id: 'BelievedPlace' });

export const UrgentAlertBody = z
  .strictObject({
    phase: coded(alertPhase),
    raisedBy: coded(conversationSide),
    episode: EpisodeNumber,
    /** A child, a witness or a family member. */
    people: z.array(PersonInDanger).min(1).max(bodyLimits.children),
    dangers: z.array(coded(dangerKind)).min(1).max(dangerKind.codes.length),
    account: FreeText,
    believed: BelievedPlace,
    withWhom: FreeText.optional(),
    asked: FreeText,
    doNotInform: z.array(Label).max(bodyLimits.items),
    telephone: DutyTelephone,
    locatedAt: Instant.optional(),
    handling: Handling,
    attachments: z.array(AttachmentNote).max(bodyLimits.attachments),
  })
  .meta({ id: 'UrgentAlertBody' });

export const SightingBody = z
  .strictObject({
    kind: coded(sightingKind),
    people: z.array(PersonInDanger).min(1).max(bodyLimits.children),
    at: Instant,
    country: Country,
    district: Label.optional(),
    source: InformationSource,
    confidence: coded(confidence),
    note: FreeText.optional(),
    attachments: z.array(AttachmentNote).max(bodyLimits.attachments),
  })
  .meta({ id: 'SightingBody' });

const ActDone = z
  .strictObject({
    what: FreeText,
    at: Instant,
    spokeTo: z.array(Label).max(bodyLimits.items),
    said: FreeText.optional(),
  })
  .meta({ id: 'ActDone' });

/** Stop every act; answered with what was already done, to whom, in which words (PRACTICE.md A12). */
export const StandStillBody = z
  .strictObject({
    phase: coded(standStillPhase),
    re: ActNumber.optional(),
    reason: FreeText.optional(),
    nothingDone: z.boolean(),
    acts: z.array(ActDone).max(bodyLimits.items),
  })
  .refine(
    (body) => (body.phase === 'account') === (body.re !== undefined),
    'An account names the act it answers.',
  )
  .refine(
    (body) => body.phase !== 'account' || body.nothingDone === (body.acts.length === 0),
    'Say what was done, or that nothing was.',
  )
  .meta({ id: 'StandStillBody' });

/** Episode 0 of the requester is the child missing already when the enquiry was made. */
export const MissingBody = z
  .strictObject({
    phase: coded(missingPhase),
    openedBy: coded(conversationSide),
    episode: EpisodeNumber,
    children: refs(bodyLimits.children),
    since: Instant,
    category: coded(missingCategory).optional(),
    lastSeen: FreeText.optional(),
    outcome: coded(missingOutcome).optional(),
  })
  .refine(
    (body) => (body.phase === 'ended') === (body.outcome !== undefined),
    'How it ended, once it has ended.',
  )
  .meta({ id: 'MissingBody' });

export const RepresentativeBody = z
  .strictObject({
    change: coded(representativeChange),
    role: coded(representativeRole),
    kind: coded(guardianKind).optional(),
    children: refs(bodyLimits.children),
    from: CalendarDate,
    until: CalendarDate.optional(),
    name: Label,
    /** Deal with this person no longer. */
    formerName: Label.optional(),
    /** Authority and number of the appointing act. */
    appointedBy: Label.optional(),
    scope: FreeText.optional(),
  })
  .meta({ id: 'RepresentativeBody' });

export const StatusBody = z
  .strictObject({
    status: coded(statusNotice),
    child: Ref,
    on: CalendarDate,
    findings: z.array(BirthFinding).max(bodyLimits.findings),
    trafficking: coded(traffickingStatus).optional(),
    careOfSuspect: YesNoUnknown,
    note: FreeText.optional(),
  })
  .meta({ id: 'StatusBody' });
