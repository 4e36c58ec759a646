/**
 * The small shapes every body is made of, and the limits of their lengths. Bodies hold only strict objects,
 * lists, enums, booleans, integers and bounded texts: no unions, so that each has one GraphQL input type.
 * Nothing here knows what an act means.
 */
import * as z from 'zod';
import { limits } from '#schema/protocol/limits.ts';
import { CLEAN_TEXT, isCleanText } from '#schema/protocol/text.ts';
import { informationSource, yesNoUnknown } from '#schema/vocabulary/answers.ts';
import { coded, meaning } from '#schema/vocabulary/coded.ts';
import { attachmentKind } from '#schema/vocabulary/exchange.ts';
import { disclosure, manner, questionSource } from '#schema/vocabulary/limits.ts';
import { photoPermission } from '#schema/vocabulary/people.ts';

/** Limits of bodies, in UTF-16 code units or numbers of items. */
export const bodyLimits = {
  labelChars: 200,
  textChars: 8_000,
  children: 10,
  namesPerPerson: 12,
  partsPerName: 8,
  findings: 12,
  persons: 40,
  questions: 40,
  answersPerChild: 60,
  listEntries: 40,
  items: 20,
  attachments: 32,
  episode: 999,
  actNumber: limits.actNumber,
} as const;

const text = (max: number) => z.string().min(1).max(max).refine(isCleanText, CLEAN_TEXT);

/** One line: a name, an office, a place in general terms. */
export const Label = text(bodyLimits.labelChars);

/** BCP 47, e.g. `bg`, `ar`, `sr-Latn`. */
export const LanguageTag = meaning(
  z
    .string()
    .max(35)
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/),
  { kind: 'language' },
);

export const FreeText = z
  .strictObject({ text: text(bodyLimits.textChars), language: LanguageTag })
  .meta({ id: 'FreeText' });
export type FreeText = z.infer<typeof FreeText>;

/** ISO 3166-1 alpha-2 in capitals, or the three-letter ICAO 9303 codes such as `XXA` (stateless). */
export const Country = meaning(z.string().regex(/^([A-Z]{2}|XX[ABCX])$/), { kind: 'country' });

/** Names one child, person, question or finding within one enquiry: `c1`, `p2`, `q3`. */
export const Ref = z
  .string()
  .max(16)
  .regex(/^[a-z][a-z0-9-]*$/);

/** A `Ref` that names a question of the enquiry. */
export const QuestionRef = meaning(
  z
    .string()
    .max(16)
    .regex(/^[a-z][a-z0-9-]*$/),
  { kind: 'question' },
);

const isCalendarDate = (value: string) => new Date(`${value}T00:00:00Z`).toJSON()?.slice(0, 10) === value;

/** ISO 8601 full date, e.g. `2010-03-01`. */
export const CalendarDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine(isCalendarDate, 'No such day.');

const isInstant = (value: string) => new Date(value).toJSON()?.slice(0, 19) === value.slice(0, 19);

/** ISO 8601 instant in UTC, to the second or millisecond. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/)
  .refine(isInstant, 'No such time.');

/** Number of an act of one side in the conversation. */
export const ActNumber = z.int().min(1).max(bodyLimits.actNumber);

/** Numbers alerts and missing episodes of one side. */
export const EpisodeNumber = z.int().min(0).max(bodyLimits.episode);

export const YesNoUnknown = coded(yesNoUnknown);

/** How a question may be asked (PRACTICE.md A11): source, disclosure, manner. */
export const QuestionLimit = z
  .strictObject({
    source: coded(questionSource),
    disclosure: coded(disclosure),
    manner: z.array(coded(manner)).max(6),
    /** Who must be absent or present, which language: what the coded manner needs. */
    mannerDetail: Label.optional(),
  })
  .meta({ id: 'QuestionLimit' });
export type QuestionLimit = z.infer<typeof QuestionLimit>;

export const InformationSource = coded(informationSource);

/** At least one, at most `max`, none twice. */
export const refs = (max: number = bodyLimits.items, item: typeof Ref = Ref) =>
  z
    .array(item)
    .max(max)
    .refine((all) => new Set(all).size === all.length, 'Each reference once.');

/** A file sent with the act, by its place in the document's list of attachments, from 0. */
export const AttachmentNote = z
  .strictObject({
    index: z
      .int()
      .min(0)
      .max(bodyLimits.attachments - 1),
    kind: coded(attachmentKind),
    about: Ref.optional(),
    /** For a photograph; without it, comparison with registers only. */
    photoPermission: coded(photoPermission).optional(),
    /** To whom it may be shown, where the permission names somebody. */
    shownTo: Label.optional(),
    language: LanguageTag.optional(),
  })
  .meta({ id: 'AttachmentNote' });
