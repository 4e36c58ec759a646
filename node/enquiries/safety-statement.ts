/**
 * What an officer states beside an act before it may leave. It is kept with the proposal and never leaves this node; nothing in
 * it has a default, because what nobody said counts as not assessed.
 */
import * as z from 'zod';
import { bodyLimits, Country } from '#schema/conversation/bodies/common.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { asylumStatus } from '#schema/vocabulary/warnings.ts';

const Reasons = z.string().min(1).max(bodyLimits.textChars);

export const SafetyStatement = z
  .strictObject({
    /** Whether the child is, or may be, under this State's protection. */
    childIsHere: z.enum(['yes', 'no', 'not-known']).meta({ id: 'ChildIsHere' }),
    /** Where the child stands with protection from each State that may be feared (PRACTICE.md A3). */
    asylum: z
      .array(z.strictObject({ country: Country, status: coded(asylumStatus) }).meta({ id: 'AsylumFact' }))
      .max(10),
    /** Hague 1996 Art. 37, by the person who proposes. */
    harm: z
      .strictObject({
        answer: z.enum(['not-likely-to-endanger', 'likely-endangers']).meta({ id: 'HarmAnswer' }),
        reasons: Reasons,
      })
      .meta({ id: 'HarmTest' })
      .optional(),
  })
  .meta({ id: 'SafetyStatement' });
export type SafetyStatement = z.infer<typeof SafetyStatement>;
