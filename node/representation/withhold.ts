/**
 * The one place that decides which parts of an act a guardian may be shown. Strictest wins; what is not named here is withheld. Third
 * persons, places, sources, free text, suspected persons and the other State's officers have no way through. Pure.
 *
 * What is shown by itself depends on the act and its handling alone and never on safety warnings: were a part left out because a
 * warning stands, its absence would tell that one stands (SECURITY.md, T2; docs/adr/0012). Warnings bind persons instead: what an
 * officer shows beyond this needs a decider while one of {@link BINDING} stands.
 */
import type { EnquiryBody, SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import type { Answer } from '#schema/conversation/bodies/report.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import { closingGround, withdrawalReason } from '#schema/vocabulary/acts.ts';
import type { CodeList } from '#schema/vocabulary/code-list.ts';
import { isCodeOf } from '#schema/vocabulary/code-list.ts';
import { type QuestionCode, questionOf } from '#schema/vocabulary/questions.ts';
import {
  refusalDeferral,
  refusalGround,
  refusalOutcome,
  refusalWayToAsk,
} from '#schema/vocabulary/refusals.ts';

/** `answered`: the question and its coded answer. `asked`: the question alone. `withheld`: not even that it was asked. */
type Shown = 'answered' | 'asked' | 'withheld';

/** Coded answers are shown where they speak of the child alone; questions about who may harm somebody are not shown at all. */
const QUESTIONS: Readonly<Record<QuestionCode, Shown>> = {
  'LAW-05': 'answered',
  'IDN-01': 'answered',
  'IDN-02': 'asked',
  'IDN-03': 'answered',
  'IDN-04': 'answered',
  'IDN-05': 'asked',
  'LOC-01': 'answered',
  'LOC-02': 'answered',
  'LOC-03': 'asked',
  'LOC-04': 'asked',
  'FAM-01': 'asked',
  'FAM-02': 'asked',
  'FAM-03': 'asked',
  'FAM-04': 'asked',
  'FAM-05': 'asked',
  'FAM-06': 'withheld',
  'CAR-01': 'asked',
  'CAR-02': 'asked',
  'CAR-03': 'asked',
  'CAR-04': 'withheld',
  'CAR-05': 'asked',
  'SAF-01': 'withheld',
  'SAF-02': 'withheld',
  'SAF-03': 'withheld',
  'SAF-04': 'asked',
  'SAF-05': 'answered',
  'SAF-06': 'withheld',
  'SAF-07': 'asked',
  'SAF-08': 'asked',
  'LAW-01': 'asked',
  'LAW-02': 'asked',
  'LAW-03': 'answered',
  'LAW-04': 'answered',
  'SVC-01': 'asked',
  'SVC-02': 'answered',
  'HIS-01': 'asked',
  'HIS-02': 'answered',
  'MON-01': 'answered',
  'MON-02': 'asked',
  'MON-03': 'withheld',
};

/** A code and the list it is of. */
export interface ShownCode {
  readonly list: string;
  readonly code: string;
}

export interface ShownQuestion {
  /** Counted among those shown: a gap would tell that one is withheld. */
  readonly n: number;
  readonly ref: string;
  readonly code: QuestionCode;
}

export interface ShownAnswer {
  readonly code: QuestionCode;
  /** `not-given` whatever the ground: most grounds would tell of a danger. `to-be-told`: an officer says what may be told. */
  readonly outcome: 'given' | 'to-be-told' | 'not-given';
  readonly codes: readonly ShownCode[];
  readonly each: readonly { readonly item: ShownCode; readonly code: ShownCode }[];
  readonly dates: readonly { readonly earliest: string; readonly latest: string }[];
}

type Handled = Pick<EnquiryBody, 'handling' | 'questions'>;

/** What for named readers alone is shown to nobody else; what another State wrote, only where it says so. */
const mayBeShown = ({ handling }: Handled, isOwn: boolean): boolean =>
  handling.readers !== 'eyes-only' && (isOwn || handling.mayBeShownTo.includes('guardian'));

/**
 * The questions of an enquiry, each code once. Questions in free words may name anybody: they are withheld.
 * @param isOwn written by this State's own focal point
 */
export function shownQuestions(enquiry: Handled, isOwn: boolean): ShownQuestion[] {
  if (!mayBeShown(enquiry, isOwn)) return [];
  const shown = enquiry.questions.flatMap(({ ref, code }) =>
    code !== undefined && QUESTIONS[code] !== 'withheld' ? [{ ref, code }] : [],
  );
  const each = [...new Map(shown.map((one) => [one.code, one])).values()];
  return each.map((one, index) => ({ n: index + 1, ...one }));
}

/** What an enquiry is for and on which law it rests: with questions that are shown, the child's side is told that too (GDPR Art. 14). */
export const shownGrounds = ({ purpose, legalBasis }: Pick<EnquiryBody, 'purpose' | 'legalBasis'>) => ({
  purpose: { list: 'purpose', code: purpose },
  legalBasis: legalBasis.map((code) => ({ list: 'legal-basis', code })),
});

/** The answers to questions that are shown, as far as both States allow; another State's words about the child are for its consent. */
export function shownAnswers(enquiry: Handled, answers: readonly Answer[]): ShownAnswer[] {
  if (!mayBeShown(enquiry, false)) return [];
  const asked = shownQuestions(enquiry, true);
  return answers.flatMap((answer) => {
    const question = asked.find(({ ref }) => ref === answer.question);
    return question ? [shownAnswer(question.code, answer)] : [];
  });
}

const NOTHING = { codes: [], each: [], dates: [] } as const;

function shownAnswer(code: QuestionCode, answer: Answer): ShownAnswer {
  const isGiven = answer.status === 'answered' || answer.status === 'partly';
  if (!isGiven) return { code, outcome: 'not-given', ...NOTHING };
  const parts = QUESTIONS[code] === 'answered' ? codedParts(code, answer) : NOTHING;
  const isEmpty = [parts.codes, parts.each, parts.dates].every((part) => part.length === 0);
  return { code, outcome: isEmpty ? 'to-be-told' : 'given', ...parts };
}

/** Codes of the catalogue's own lists, and dates; never a person, an area, a text or a source. */
function codedParts(code: QuestionCode, answer: Answer) {
  const parts = questionOf(code).answer;
  const lists = parts.flatMap((part) => ('list' in part ? [part.list] : []));
  const items = parts.flatMap((part) => ('of' in part && part.of !== 'person' ? [part.of] : []));
  const given = [...(answer.yesNo === undefined ? [] : [answer.yesNo]), ...answer.codes];
  return {
    codes: given.flatMap((one) => codeIn(lists, one)),
    each: answer.each.flatMap(({ item, person, code: one }) => {
      if (person !== undefined || item === undefined) return [];
      const [of] = codeIn(items, item);
      const [is] = codeIn(lists, one);
      return of && is ? [{ item: of, code: is }] : [];
    }),
    dates: answer.dates.map(({ earliest, latest }) => ({ earliest, latest })),
  };
}

function codeIn(lists: readonly CodeList[], code: string): ShownCode[] {
  const list = lists.find((one) => isCodeOf(one, code));
  return list ? [{ list: list.id, code }] : [];
}

/** Decisions of persons in a conversation, and the day until which one holds, if it names one. */
export interface ShownDecision {
  readonly decision: 'cannot-be-answered' | 'put-off' | 'nothing-found' | 'withdrawn' | 'closed';
  /** Coded reasons, as far as they tell of no danger; none: the officer says what may be told. */
  readonly reasons: readonly ShownCode[];
  readonly until: string | null;
}

/** Reasons that speak of law and procedure. What speaks of danger, police or other persons is not in it. */
const GROUNDS = [
  'court-leave-required',
  'no-competence',
  'other-authority-designated',
  'no-legal-basis',
  'agreement-absent',
  'national-law-bar',
] as const;
const REASONS: readonly [CodeList, readonly string[]][] = [
  [refusalGround, GROUNDS],
  [refusalWayToAsk, GROUNDS],
  [
    refusalDeferral,
    [
      'translation-missing',
      'insufficient-information',
      'court-decision-awaited',
      'child-needs-time',
      'costs-not-agreed',
    ],
  ],
  [refusalOutcome, ['not-found', 'forwarded']],
  [
    withdrawalReason,
    [
      'child-withdrew-agreement',
      'guardian-withdrew-agreement',
      'no-longer-needed',
      'replaced-by-new-enquiry',
    ],
  ],
  [
    closingGround,
    ['answer-accepted', 'cannot-be-answered', 'monitoring-completed', 'continues-outside', 'adult-decided'],
  ],
];

function reason(lists: readonly CodeList[], code: string | undefined): ShownCode[] {
  const found = REASONS.find(([list, codes]) => lists.includes(list) && codes.includes(code ?? ''));
  return found ? [{ list: found[0].id, code: code! }] : [];
}

/** Null for an act by which nothing is decided, or not of the whole. */
export function shownDecision(type: MessageCode, body: Record<string, unknown>): ShownDecision | null {
  const code = (key: string) => body[key] as string | undefined;
  const until = code('until') ?? null;
  switch (type) {
    case 'REF':
      return {
        decision: body.form === 'deferral' ? 'put-off' : 'cannot-be-answered',
        reasons: [
          ...reason([refusalGround, refusalDeferral, refusalOutcome], code('code')),
          ...reason([refusalWayToAsk], code('wayToAsk')),
        ],
        until,
      };
    case 'NEG':
      return { decision: 'nothing-found', reasons: [], until: null };
    case 'WDR':
      return (body.questions as readonly unknown[]).length > 0
        ? null
        : { decision: 'withdrawn', reasons: reason([withdrawalReason], code('reason')), until: null };
    case 'CLS':
      return { decision: 'closed', reasons: reason([closingGround], code('ground')), until: null };
    default:
      return null;
  }
}

/** Next hearings in proceedings of the child. Which court it is would tell the place: left out. */
export function shownHearings(enquiry: EnquiryBody, isOwn: boolean): { proceeding: string; on: string }[] {
  if (!mayBeShown(enquiry, isOwn)) return [];
  return enquiry.proceedings.flatMap(({ kind, nextHearing }) =>
    nextHearing === undefined ? [] : [{ proceeding: kind, on: nextHearing }],
  );
}

/** While one of these stands, an officer alone shows nothing that could carry a place, a person or the other State. */
const BINDING: readonly SafetyWarning['code'][] = [
  'do-not-reveal-location',
  'do-not-reveal-that-child-is-in-care',
  'do-not-tell-consulate',
  'do-not-involve',
  'trafficker-may-have-insider',
  'in-care-of-suspect',
];

/** Whether what an officer shows beyond the coded parts needs somebody who decides. */
export const needsDecider = (warnings: readonly Pick<SafetyWarning, 'code'>[]): boolean =>
  warnings.some(({ code }) => BINDING.includes(code));
