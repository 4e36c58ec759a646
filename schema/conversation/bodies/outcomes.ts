/**
 * Acts that end an enquiry without a report, close a conversation or take it up again. Those that must not
 * betray whether a child is there (PRACTICE.md A1) have one form with one value and no text at all.
 */
import * as z from 'zod';
import {
  closingGround,
  withdrawalCircumstance,
  withdrawalReason,
  withdrawalSpeaker,
} from '#schema/vocabulary/acts.ts';
import { coded, codedByAny } from '#schema/vocabulary/coded.ts';
import {
  answerForm,
  locatedSafe,
  negativeResult,
  newFact,
  noInformation,
  outcomeTold,
  withdrawalBasis,
} from '#schema/vocabulary/exchange.ts';
import { source } from '#schema/vocabulary/limits.ts';
import {
  refusalBar,
  refusalDeferral,
  refusalGround,
  refusalOutcome,
  refusalWayToAsk,
} from '#schema/vocabulary/refusals.ts';
import {
  bodyLimits,
  CalendarDate,
  FreeText,
  Instant,
  Label,
  QuestionRef,
  refs,
  YesNoUnknown,
} from './common.ts';

export const NegativeBody = z
  .strictObject({
    result: coded(negativeResult),
    searched: z.array(coded(source)).min(1).max(source.codes.length),
    note: FreeText.optional(),
  })
  .meta({ id: 'NegativeBody' });

/** Byte for byte the same for a child who is known and one who is not. */
export const NoInformationBody = z
  .strictObject({ statement: coded(noInformation) })
  .meta({ id: 'NoInformationBody' });

/** Always for named readers only: an office may have an ear that must not hear it. */
export const LocatedSafeBody = z
  .strictObject({ statement: coded(locatedSafe), readers: z.array(Label).min(1).max(2) })
  .meta({ id: 'LocatedSafeBody' });

const codesOf = {
  bar: refusalBar.codes,
  ground: refusalGround.codes,
  deferral: refusalDeferral.codes,
  outcome: refusalOutcome.codes,
} as const;

/**
 * A refusal always names its code. "Ground withheld" beside "not found" would mean "the child is here": who may
 * not give the ground answers that no information can be communicated.
 */
export const RefusalBody = z
  .strictObject({
    form: coded(answerForm),
    code: codedByAny(refusalBar, refusalGround, refusalDeferral, refusalOutcome),
    wayToAsk: coded(refusalWayToAsk).optional(),
    wayToAskText: FreeText.optional(),
    /** The day by whose end the requested office will have said more; the conversation stays open meanwhile. */
    until: CalendarDate.optional(),
  })
  .refine(
    (refusal) => (codesOf[refusal.form] as readonly string[]).includes(refusal.code),
    'The code is of another form.',
  )
  .refine(
    (refusal) => (refusal.form === 'deferral') === (refusal.until !== undefined),
    'What is put off, and only that, names until which day.',
  )
  .meta({ id: 'RefusalBody' });

/** Who said it and how freely: a controlled child, or a complicit parent, withdraws too (PRACTICE.md A13). */
const Circumstances = z
  .strictObject({
    saidBy: coded(withdrawalSpeaker),
    how: z.array(coded(withdrawalCircumstance)).min(1).max(withdrawalCircumstance.codes.length),
    where: Label.optional(),
    on: CalendarDate,
    heardBy: Label,
    alone: YesNoUnknown,
    interpreter: YesNoUnknown,
    guardianPresent: YesNoUnknown,
    note: FreeText.optional(),
  })
  .meta({ id: 'WithdrawalCircumstances' });

export const WithdrawalBody = z
  .strictObject({
    reason: coded(withdrawalReason),
    scope: coded(withdrawalBasis),
    /** Single questions; none means the whole enquiry. Warnings and alerts stay whatever is withdrawn. */
    questions: refs(bodyLimits.questions, QuestionRef),
    circumstances: Circumstances,
  })
  .meta({ id: 'WithdrawalBody' });

export const OutcomeBody = z
  .strictObject({ outcome: coded(outcomeTold), note: FreeText.optional(), thanks: z.boolean() })
  .meta({ id: 'OutcomeBody' });

/**
 * The last look at safety before closing, by a named person: a ground alone closes nothing. What was found may be left out
 * toward a State that must learn nothing new; it is then recorded in the node of its author.
 */
const SafetyCheck = z
  .strictObject({ by: Label, at: Instant, statement: FreeText.optional() })
  .meta({ id: 'SafetyCheck' });

export const ClosingBody = z
  .strictObject({ ground: coded(closingGround), safetyCheck: SafetyCheck })
  .meta({ id: 'ClosingBody' });

export const ReopeningBody = z
  .strictObject({ fact: coded(newFact), text: FreeText })
  .meta({ id: 'ReopeningBody' });
