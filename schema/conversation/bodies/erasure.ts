/**
 * Asking the other State to erase what one has sent it, and its answer. Neither holds a word of people or anything of a child: it
 * stays readable when all else of its conversation has gone.
 */
import * as z from 'zod';
import { coded } from '#schema/vocabulary/coded.ts';
import { erasureGround, erasureRemains, erasureResult, holdAuthority } from '#schema/vocabulary/erasure.ts';
import { requestPhase } from '#schema/vocabulary/exchange.ts';
import { ActNumber, bodyLimits, CalendarDate } from './common.ts';

const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Which messages are unreadable from now on, by a digest of their ids (erasure.ts); the time is that of this act. */
const Erased = z
  .strictObject({
    messages: z
      .int()
      .min(0)
      .max(2 * bodyLimits.actNumber),
    digest: Digest,
  })
  .meta({ id: 'ErasedMessages' });

export const ErasureBody = z
  .strictObject({
    phase: coded(requestPhase),
    re: ActNumber.optional(),
    ground: coded(erasureGround).optional(),
    /** One act of who asks, by its number; without it the whole conversation. */
    act: ActNumber.optional(),
    result: coded(erasureResult).optional(),
    erased: Erased.optional(),
    remains: z.array(coded(erasureRemains)).max(erasureRemains.codes.length),
    keptUntil: CalendarDate.optional(),
    keptFor: coded(holdAuthority).optional(),
  })
  .refine(
    ({ phase, re, ground, result }) =>
      phase === 'ask'
        ? re === undefined && ground !== undefined && result === undefined
        : re !== undefined && ground === undefined && result !== undefined,
    'Asking names its ground; an answer names the number of the act it answers, and its result.',
  )
  .refine(({ phase, act }) => phase === 'ask' || act === undefined, 'Only who asks names an act.')
  .refine(
    ({ result, erased, remains }) =>
      (result === 'erased') === (erased !== undefined) && (result === 'erased') === remains.length > 0,
    'What was erased, and what remains, is said when it was erased.',
  )
  .refine(
    ({ result, keptUntil, keptFor }) =>
      (result === 'held') === (keptUntil !== undefined) && (result === 'held') === (keptFor !== undefined),
    'What is kept names until when and the kind of authority.',
  )
  .meta({ id: 'ErasureBody' });
