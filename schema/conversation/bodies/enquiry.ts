/**
 * The body of an enquiry: who, why, on what basis, what is asked and how it may be asked. It carries no asylum
 * status: what a child fears from a State is never told to a peer, it stays in the node's own case facts.
 */
import * as z from 'zod';
import { coded } from '#schema/vocabulary/coded.ts';
import { childPresence, proceedingKind, questionPriority } from '#schema/vocabulary/exchange.ts';
import { legalBasis, purpose, urgency } from '#schema/vocabulary/legal.ts';
import { questionWording } from '#schema/vocabulary/question-wording.ts';
import * as trafficking from '#schema/vocabulary/trafficking.ts';
import { handling, mayBeShownTo, onwardTransfer, safetyWarning } from '#schema/vocabulary/warnings.ts';
import {
  AttachmentNote,
  bodyLimits,
  CalendarDate,
  Country,
  FreeText,
  Label,
  QuestionLimit,
  Ref,
  refs,
  YesNoUnknown,
} from './common.ts';
import { ChildIdentity, RelatedPerson } from './people.ts';

/** What the legal bases turn on (DOMAIN.md 0.2): where the child is, lives and lived. */
export const Direction = z
  .strictObject({
    childPresence: coded(childPresence),
    habitualResidence: Country.optional(),
    habitualResidenceUnclear: z.boolean(),
    /** The child has, or had, habitual residence in the State asked, or is or was there. */
    linkWithAskedState: YesNoUnknown,
    /** A measure of protection is being considered or has been taken. */
    measureContemplated: z.boolean(),
  })
  .meta({ id: 'Direction' });

const Proceeding = z
  .strictObject({
    kind: coded(proceedingKind),
    before: Label.optional(),
    nextHearing: CalendarDate.optional(),
  })
  .meta({ id: 'Proceeding' });

const AskedQuestion = z
  .strictObject({
    ref: Ref,
    code: coded(questionWording).optional(),
    /** For what the catalogue does not hold, with its reason in the text. Inherits S0 and D0. */
    free: FreeText.optional(),
    about: refs(),
    priority: coded(questionPriority),
    limit: QuestionLimit,
    neededBy: CalendarDate.optional(),
  })
  .refine(
    (asked) => (asked.code === undefined) !== (asked.free === undefined),
    'Either a catalogue code or a free question.',
  )
  .meta({ id: 'AskedQuestion' });
export type AskedQuestion = z.infer<typeof AskedQuestion>;

export const SafetyWarning = z
  .strictObject({
    code: coded(safetyWarning),
    about: refs(),
    /** Office, institution or person the warning names. */
    named: Label.optional(),
    detail: FreeText.optional(),
    /** Only these named persons may read the detail. */
    eyesOnly: z.array(Label).max(4),
  })
  .meta({ id: 'SafetyWarning' });
export type SafetyWarning = z.infer<typeof SafetyWarning>;

export const Handling = z
  .strictObject({
    readers: coded(handling),
    /** For eyes-only: head of office and one officer. */
    named: z.array(Label).max(4),
    onward: coded(onwardTransfer),
    mayBeShownTo: z.array(coded(mayBeShownTo)).max(5),
  })
  .refine((rule) => rule.readers !== 'eyes-only' || rule.named.length > 0, 'Name who may read it.')
  .meta({ id: 'Handling' });

export const TraffickingFacts = z
  .strictObject({
    status: coded(trafficking.traffickingStatus),
    exploitation: z.array(coded(trafficking.exploitationType)).max(bodyLimits.items),
    /** If told; never required for a child (CETS 197 Art. 4(c)). */
    control: z.array(coded(trafficking.controlMethod)).max(bodyLimits.items),
    recruitment: coded(trafficking.recruitmentMethod).optional(),
    relationshipToTrafficker: coded(trafficking.relationshipToTrafficker).optional(),
  })
  .meta({ id: 'TraffickingFacts' });

/** So that nobody makes the child tell it again (PRACTICE.md A21). */
export const AlreadyTold = z
  .strictObject({ topic: Label, toWhom: Label, recordedIn: Label })
  .meta({ id: 'AlreadyTold' });

const isUnique = (refsOf: readonly { ref: string }[]) =>
  new Set(refsOf.map((each) => each.ref)).size === refsOf.length;

export const EnquiryBody = z
  .strictObject({
    children: z.array(ChildIdentity).min(1).max(bodyLimits.children),
    persons: z.array(RelatedPerson).max(bodyLimits.persons),
    purpose: coded(purpose),
    legalBasis: z.array(coded(legalBasis)).min(1).max(6),
    direction: Direction,
    reasons: FreeText,
    proceedings: z.array(Proceeding).max(bodyLimits.items),
    urgency: coded(urgency),
    urgencyReason: FreeText.optional(),
    neededBy: CalendarDate.optional(),
    questions: z.array(AskedQuestion).min(1).max(bodyLimits.questions),
    warnings: z.array(SafetyWarning).max(bodyLimits.items),
    handling: Handling,
    trafficking: TraffickingFacts,
    alreadyTold: z.array(AlreadyTold).max(bodyLimits.items),
    attachments: z.array(AttachmentNote).max(bodyLimits.attachments),
  })
  .refine(
    (body) => isUnique([...body.children, ...body.persons, ...body.questions]),
    'Each reference names one thing.',
  )
  .refine((body) => refersWithin(body), 'A reference names nothing in this enquiry.')
  .refine((body) => body.urgency === 'routine' || body.urgencyReason !== undefined, 'Say why it is urgent.')
  .meta({ id: 'EnquiryBody' });
export type EnquiryBody = z.infer<typeof EnquiryBody>;

type Referring = {
  children: readonly { ref: string }[];
  persons: readonly { ref: string; toChildren: readonly string[] }[];
  questions: readonly { about: readonly string[] }[];
  warnings: readonly { about: readonly string[] }[];
};

function refersWithin(body: Referring): boolean {
  const children = new Set(body.children.map((child) => child.ref));
  const people = new Set([...children, ...body.persons.map((person) => person.ref)]);
  return (
    body.persons.every((person) => person.toChildren.every((ref) => children.has(ref))) &&
    [...body.questions, ...body.warnings].every((each) => each.about.every((ref) => people.has(ref)))
  );
}
