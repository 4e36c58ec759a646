/**
 * Acts of the work between question and answer: acknowledging, clarifying, forwarding, supplementing, asking
 * for measures or for leave to use. An answer names by number the act of the other side that it answers.
 */
import * as z from 'zod';
import { firstLookDanger, firstLookKnown } from '#schema/vocabulary/acts.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import {
  forwardRoute,
  intendedUse,
  leaveResult,
  measureResult,
  progressStatus,
  requestPhase,
  supplementPhase,
} from '#schema/vocabulary/exchange.ts';
import {
  ActNumber,
  bodyLimits,
  CalendarDate,
  Country,
  FreeText,
  Label,
  QuestionRef,
  Ref,
  refs,
} from './common.ts';
import { PersonName } from './people.ts';
import { supplementFields } from './report.ts';

/** A person has read it. Says nothing else, so that it cannot differ for known and unknown children. */
export const AcknowledgementBody = z.strictObject({ re: ActNumber }).meta({ id: 'AcknowledgementBody' });

export const FirstLookBody = z
  .strictObject({ known: coded(firstLookKnown), danger: coded(firstLookDanger) })
  .meta({ id: 'FirstLookBody' });

const QuestionText = z.strictObject({ question: QuestionRef, text: FreeText }).meta({ id: 'QuestionText' });

export const ClarificationBody = z
  .strictObject({
    asks: z.array(QuestionText).min(1).max(bodyLimits.questions),
    /** The supervisor who stands behind a second request. */
    supervisor: Label.optional(),
  })
  .meta({ id: 'ClarificationBody' });

const NameCorrection = z
  .strictObject({ about: Ref, names: z.array(PersonName).min(1).max(bodyLimits.namesPerPerson) })
  .meta({ id: 'NameCorrection' });

export const ClarificationAnswerBody = z
  .strictObject({
    re: ActNumber,
    answers: z.array(QuestionText).max(bodyLimits.questions),
    names: z.array(NameCorrection).max(bodyLimits.children),
  })
  .meta({ id: 'ClarificationAnswerBody' });

export const ForwardBody = z
  .strictObject({
    route: coded(forwardRoute),
    office: Label,
    /** Of the body, where it is not in the State that forwards. */
    country: Country.optional(),
    /** The asylum gate of the asking State binds that body too. */
    boundByOurLimits: z.boolean(),
    note: FreeText.optional(),
  })
  .refine(
    ({ route, country }) => route !== 'central-authority-outside' || country !== undefined,
    'Name the State of the Central Authority.',
  )
  .meta({ id: 'ForwardBody' });

export const ProgressBody = z
  .strictObject({
    status: coded(progressStatus),
    note: FreeText.optional(),
    expectedBy: CalendarDate.optional(),
  })
  .meta({ id: 'ProgressBody' });

type Phased = { phase: string; re?: number | undefined };
const answersByNumber = (phase: string) => (body: Phased) =>
  (body.phase === phase) === (body.re !== undefined);
const NAMES_ACT = 'An answer, and only that, names the number of the act it answers.';

export const SupplementBody = z
  .strictObject({ phase: coded(supplementPhase), re: ActNumber.optional(), ...supplementFields })
  .refine(answersByNumber('give'), NAMES_ACT)
  .meta({ id: 'SupplementBody' });

export const MeasureBody = z
  .strictObject({
    phase: coded(requestPhase),
    re: ActNumber.optional(),
    result: coded(measureResult).optional(),
    children: refs(bodyLimits.children),
    text: FreeText,
  })
  .refine(answersByNumber('answer'), NAMES_ACT)
  .meta({ id: 'MeasureBody' });

/** Leave to use, show or pass on what was sent (PRACTICE.md B15). */
export const UseBody = z
  .strictObject({
    phase: coded(requestPhase),
    re: ActNumber.optional(),
    use: coded(intendedUse),
    result: coded(leaveResult).optional(),
    part: FreeText,
    court: Label.optional(),
    /** Of the authority it would be passed to, where that is not in the State that asks. */
    country: Country.optional(),
    shownTo: z.array(Label).max(bodyLimits.items),
    conditions: FreeText.optional(),
  })
  .refine(answersByNumber('answer'), NAMES_ACT)
  .meta({ id: 'UseBody' });
