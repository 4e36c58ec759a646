/**
 * Answers and the family and social circumstances report. Each answer stands beside its question, with where it
 * comes from and how sure it is. What a given question must be answered with is data of the catalogue; here is
 * only the frame that every answer shares.
 */
import * as z from 'zod';
import { answerStatus, rating, yesNoUnknown } from '#schema/vocabulary/answers.ts';
import { coded, codedByAny, meaning } from '#schema/vocabulary/coded.ts';
import { reportMethod, reportSection } from '#schema/vocabulary/exchange.ts';
import { ageBasis, datePrecision, familyRelationship } from '#schema/vocabulary/people.ts';
import { refusalBar, refusalGround } from '#schema/vocabulary/refusals.ts';
import {
  AttachmentNote,
  bodyLimits,
  CalendarDate,
  FreeText,
  Label,
  QuestionLimit,
  QuestionRef,
  Ref,
  refs,
  YesNoUnknown,
} from './common.ts';
import { SafetyWarning } from './enquiry.ts';
import { PersonName, provenance } from './people.ts';

/** A code of whichever list the question names; checked against the catalogue in ../answers.ts. */
const answerCode = (kind: 'answer' | 'answer-item') =>
  meaning(
    z
      .string()
      .max(60)
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/),
    { kind },
  );
const AnswerCode = answerCode('answer');

/** One coded answer per thing or person asked about. */
const CodedItem = z
  .strictObject({ item: answerCode('answer-item').optional(), person: Ref.optional(), code: AnswerCode })
  .meta({ id: 'CodedItem' });

const DateFinding = z
  .strictObject({
    earliest: CalendarDate,
    latest: CalendarDate,
    precision: coded(datePrecision),
    basis: coded(ageBasis).optional(),
    from: Label.optional(),
  })
  .refine((finding) => finding.earliest <= finding.latest, 'The earliest date comes after the latest.')
  .meta({ id: 'DateFinding' });

/** A person named in an answer: one already in the enquiry (`known`), or a new one. */
const AnswerPerson = z
  .strictObject({
    known: Ref.optional(),
    names: z.array(PersonName).max(bodyLimits.namesPerPerson),
    relation: coded(familyRelationship),
    place: Label.optional(),
    note: FreeText.optional(),
  })
  .meta({ id: 'AnswerPerson' });

const ANSWERED = ['answered', 'partly'];

type Framed = {
  status: string;
  refusalGround?: string | undefined;
  source?: string | undefined;
  obtained?: string | undefined;
  confidence?: string | undefined;
};
const hasGroundIfRefused = (answer: Framed) =>
  (answer.status === 'refused') === (answer.refusalGround !== undefined);
const hasProvenanceIfAnswered = (answer: Framed) =>
  !ANSWERED.includes(answer.status) ||
  (answer.source !== undefined && answer.obtained !== undefined && answer.confidence !== undefined);

export const Answer = z
  .strictObject({
    question: QuestionRef,
    status: coded(answerStatus),
    yesNo: coded(yesNoUnknown).optional(),
    codes: z.array(AnswerCode).max(bodyLimits.items),
    each: z.array(CodedItem).max(bodyLimits.items),
    dates: z.array(DateFinding).max(bodyLimits.findings),
    persons: z.array(AnswerPerson).max(bodyLimits.persons),
    list: z.array(FreeText).max(bodyLimits.listEntries),
    /** District or region, never an address. */
    area: Label.optional(),
    text: FreeText.optional(),
    ...provenance,
    /** How it was really asked. */
    askedAs: QuestionLimit.optional(),
    refusalGround: codedByAny(refusalBar, refusalGround).optional(),
  })
  .refine(hasGroundIfRefused, 'A refused answer, and only that, names its ground.')
  .refine(hasProvenanceIfAnswered, 'Say from which source, when and how sure.')
  .meta({ id: 'Answer' });
export type Answer = z.infer<typeof Answer>;

/** Per child: siblings are answered, and erased, one by one. */
export const ChildAnswers = z
  .strictObject({ child: Ref, answers: z.array(Answer).max(bodyLimits.answersPerChild) })
  .meta({ id: 'ChildAnswers' });

const Section = z
  .strictObject({
    section: coded(reportSection),
    rating: coded(rating),
    narrative: FreeText.optional(),
  })
  .meta({ id: 'ReportSection' });

const ChildReport = z
  .strictObject({
    child: Ref,
    answers: z.array(Answer).max(bodyLimits.answersPerChild),
    sections: z.array(Section).max(reportSection.codes.length),
  })
  .meta({ id: 'ChildReport' });

const ReportHeader = z
  .strictObject({
    worker: Label,
    profession: Label,
    office: Label,
    methods: z.array(coded(reportMethod)).min(1).max(reportMethod.codes.length),
    from: CalendarDate,
    to: CalendarDate,
    personsSeen: z.array(Label).max(bodyLimits.persons),
    interpreter: YesNoUnknown,
    approvedBy: Label,
    /** After this day it must be refreshed. */
    validUntil: CalendarDate,
  })
  .meta({ id: 'ReportHeader' });

const Conclusion = z
  .strictObject({
    opinion: FreeText,
    /** What could not be checked, and why. */
    limits: FreeText,
    careOfSuspect: YesNoUnknown,
  })
  .meta({ id: 'ReportConclusion' });

export const ReportBody = z
  .strictObject({
    header: ReportHeader,
    children: z.array(ChildReport).min(1).max(bodyLimits.children),
    conclusion: Conclusion,
    warnings: z.array(SafetyWarning).max(bodyLimits.items),
    attachments: z.array(AttachmentNote).max(bodyLimits.attachments),
  })
  .meta({ id: 'ReportBody' });
export type ReportBody = z.infer<typeof ReportBody>;

export const InterimBody = z
  .strictObject({
    children: z.array(ChildAnswers).min(1).max(bodyLimits.children),
    careOfSuspect: YesNoUnknown,
    restExpectedBy: CalendarDate.optional(),
    attachments: z.array(AttachmentNote).max(bodyLimits.attachments),
  })
  .meta({ id: 'InterimBody' });

/** More, after the answer: asked for, given, or a correction of what one side had said. */
export const supplementFields = {
  questions: refs(bodyLimits.questions, QuestionRef),
  text: FreeText.optional(),
  children: z.array(ChildAnswers).max(bodyLimits.children),
  attachments: z.array(AttachmentNote).max(bodyLimits.attachments),
};
