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
import { bodyLimits, CalendarDate, FreeText, Instant, Label, refs, YesNoUnknown } from './common.ts';

export const NegativeBody = z
  .strictObject({
    result: z.enum(negativeResult.codes),
    searched: z.array(z.enum(source.codes)).min(1).max(source.codes.length),
    note: FreeText.optional(),
  })
  .meta({ id: 'NegativeBody' });

/** Byte for byte the same for a child who is known and one who is not. */
export const NoInformationBody = z
  .strictObject({ statement: z.enum(noInformation.codes) })
  .meta({ id: 'NoInformationBody' });

/** Always for named readers only: an office may have an ear that must not hear it. */
export const LocatedSafeBody = z
  .strictObject({ statement: z.enum(locatedSafe.codes), readers: z.array(Label).min(1).max(2) })
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
    form: z.enum(answerForm.codes),
    code: z.enum([
      ...refusalBar.codes,
      ...refusalGround.codes,
      ...refusalDeferral.codes,
      ...refusalOutcome.codes,
    ]),
    wayToAsk: z.enum(refusalWayToAsk.codes).optional(),
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
    saidBy: z.enum(withdrawalSpeaker.codes),
    how: z.array(z.enum(withdrawalCircumstance.codes)).min(1).max(withdrawalCircumstance.codes.length),
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
    reason: z.enum(withdrawalReason.codes),
    scope: z.enum(withdrawalBasis.codes),
    /** Single questions; none means the whole enquiry. Warnings and alerts stay whatever is withdrawn. */
    questions: refs(bodyLimits.questions),
    circumstances: Circumstances,
  })
  .meta({ id: 'WithdrawalBody' });

export const OutcomeBody = z
  .strictObject({ outcome: z.enum(outcomeTold.codes), note: FreeText.optional(), thanks: z.boolean() })
  .meta({ id: 'OutcomeBody' });

/**
 * The last look at safety before closing, by a named person: a ground alone closes nothing. What was found may be left out
 * toward a State that must learn nothing new; it is then recorded in the node of its author.
 */
const SafetyCheck = z
  .strictObject({ by: Label, at: Instant, statement: FreeText.optional() })
  .meta({ id: 'SafetyCheck' });

export const ClosingBody = z
  .strictObject({ ground: z.enum(closingGround.codes), safetyCheck: SafetyCheck })
  .meta({ id: 'ClosingBody' });

export const ReopeningBody = z
  .strictObject({ fact: z.enum(newFact.codes), text: FreeText })
  .meta({ id: 'ReopeningBody' });
