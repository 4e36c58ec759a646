/**
 * The JSON file a person writes for `focalnet enquiry send --file F`: the enquiry as it will be sealed, beside
 * what only the own node knows. Reading it grants nothing: gates and approvals are asked as for any enquiry.
 */
import * as z from 'zod';
import { coded } from '#schema/vocabulary/coded.ts';
import { attachmentKind } from '#schema/vocabulary/exchange.ts';
import { photoPermission } from '#schema/vocabulary/people.ts';
import { asylumStatus } from '#schema/vocabulary/warnings.ts';
import { State } from '../protocol/ids.ts';
import { bodyLimits, Country, Instant, Label, LanguageTag, Ref } from './bodies/common.ts';
import { EnquiryBody } from './bodies/enquiry.ts';
import type { CaseFacts } from './gates/gate.ts';

const AsylumFact = z.strictObject({ country: Country, status: coded(asylumStatus) });

/** For exactly this file's enquiry and its recipient; the digest is computed, never typed. */
const FileClearance = z.strictObject({
  kind: z.enum(['asylum', 'family-contact', 'place']),
  by: z.array(Label).min(1).max(4),
  expiresAt: Instant,
});

const FileCaseFacts = z.strictObject({
  childIsHere: z.enum(['yes', 'no', 'not-known']),
  /** Each State feared, and the State asked. */
  asylum: z.array(AsylumFact).max(bodyLimits.items),
  clearances: z.array(FileClearance).max(bodyLimits.items),
});

const FileHarm = z.strictObject({
  personName: Label,
  answer: z.enum(['not-likely-to-endanger', 'likely-endangers']),
  reasons: z.string().min(1).max(bodyLimits.textChars),
  at: Instant,
});

const FileAttachment = z.strictObject({
  /** Path beside the file. */
  file: z.string().min(1).max(500),
  kind: coded(attachmentKind),
  about: Ref.optional(),
  photoPermission: coded(photoPermission).optional(),
  shownTo: Label.optional(),
  language: LanguageTag.optional(),
});

const Written = z.strictObject({
  /** True for people who do not exist; shown wherever the enquiry is shown. */
  invented: z.boolean().optional(),
  title: Label,
  from: State,
  to: State,
  /** An enquiry's body without its list of attachments, which follows from `attachments`. */
  body: z.record(z.string(), z.unknown()),
  caseFacts: FileCaseFacts,
  harm: FileHarm.optional(),
  attachments: z.array(FileAttachment).max(bodyLimits.attachments),
});

/** Parses the file and the body inside it; issues name the path of the field that is wrong. */
export const EnquiryFile = Written.transform((file, context) => {
  const attachments = file.attachments.map(({ file: _path, ...note }, index) => ({ ...note, index }));
  const parsed = EnquiryBody.safeParse({ ...file.body, attachments });
  if (parsed.success) return { ...file, body: parsed.data };
  for (const issue of parsed.error.issues)
    context.addIssue({ ...issue, path: ['body', ...issue.path] } as never);
  return z.NEVER;
});
export type EnquiryFile = z.infer<typeof EnquiryFile>;

/**
 * The case facts of a file as gates want them; clearances are bound to its recipient and to what would leave.
 * @param digest as in the gates' input
 */
export function caseFactsOf(file: EnquiryFile, digest: string): CaseFacts {
  return {
    childIsHere: file.caseFacts.childIsHere,
    asylum: file.caseFacts.asylum,
    familyQuestionsPaused: false,
    locationHidden: false,
    clearances: file.caseFacts.clearances.map(({ kind, by, expiresAt }) => ({
      kind,
      by,
      recipient: file.to,
      expiresAtMs: Date.parse(expiresAt),
      ...(kind === 'asylum' && { digest }),
    })),
    ...(file.harm && {
      harm: {
        personName: file.harm.personName,
        answer: file.harm.answer,
        reasons: file.harm.reasons,
        atMs: Date.parse(file.harm.at),
      },
    }),
  };
}
