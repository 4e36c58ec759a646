/**
 * Answers held against what was asked: the enquiry's questions and children, and the catalogue's lists. Pure. A fault
 * that makes an answer unreadable is refused by whoever receives it; one that only leaves something open is refused
 * at its author and shown to the receiver, so that nothing true that was sent is lost.
 */
import { isCodeOf } from '#schema/vocabulary/code-list.ts';
import { type AnswerPart, type Question, questionOf } from '#schema/vocabulary/questions.ts';
import type { AskedQuestion, EnquiryBody } from './bodies/enquiry.ts';
import type { Answer } from './bodies/report.ts';

/** Each fault, whether a receiver refuses for it, and the sentence an author reads. */
const FAULTS = {
  'unknown-child': [true, 'No such child in the enquiry.'],
  'unknown-question': [true, 'The enquiry asks no such question.'],
  'answered-twice': [true, 'One answer to each question for each child.'],
  'unknown-person': [true, 'No such person in the enquiry: give the names of a new one.'],
  'code-not-listed': [true, 'Not a code of the lists that the catalogue names for this question.'],
  'not-asked-for': [
    true,
    'The catalogue asks for no such part in this question: use what it asks for, or text.',
  ],
  'no-answers': [true, 'It answers nothing: give each question one of the statuses.'],
  'says-nothing': [false, 'Said to be answered, and holds nothing: give a part, or another status.'],
  'not-about-child': [false, 'The question was not asked about this child.'],
  'first-open': [
    false,
    'A question that is answered before anything is done is still open: answer it first.',
  ],
  'named-readers-only': [
    false,
    'The answer is for named persons only, and this enquiry is for the whole office: say "no information can be communicated", and ask for an enquiry to named readers.',
  ],
  'not-covered': [false, 'A question has no answer for this child: give it one of the statuses.'],
} as const satisfies Record<string, readonly [boolean, string]>;

export type AnswerRule = keyof typeof FAULTS;
export type AnswerFault = {
  readonly rule: AnswerRule;
  /** The place, by local references only, e.g. `c1.q3`. */
  readonly path: string;
  /** The receiver refuses it. */
  readonly refused: boolean;
  readonly explanation: string;
};

type Answering = { readonly child: string; readonly answers: readonly Answer[] };
export type Answered = {
  readonly type: string;
  readonly children: readonly Answering[];
  /** What the same author had answered before, where every act of theirs before is held; else unknown. */
  readonly before?: readonly Answering[] | undefined;
  /** Questions that the asking side has withdrawn. */
  readonly withdrawn: readonly string[];
};

const fault = (rule: AnswerRule, path: string): AnswerFault => ({
  rule,
  path,
  refused: FAULTS[rule][0],
  explanation: FAULTS[rule][1],
});

/** Every fault of an interim answer, a report or a supplement, in the order in which it stands. */
export function findAnswerFaults(enquiry: EnquiryBody, answered: Answered): readonly AnswerFault[] {
  const each = answered.children.flatMap(({ child, answers }) =>
    enquiry.children.some(({ ref }) => ref === child)
      ? answers.flatMap((answer) => checkAnswer(enquiry, child, answer))
      : [fault('unknown-child', child)],
  );
  return [...each, ...findTwice(answered.children), ...checkWhole(enquiry, answered)];
}

function checkAnswer(enquiry: EnquiryBody, child: string, answer: Answer): AnswerFault[] {
  const path = `${child}.${answer.question}`;
  const asked = enquiry.questions.find(({ ref }) => ref === answer.question);
  if (asked === undefined) return [fault('unknown-question', path)];
  const question = asked.code === undefined ? undefined : questionOf(asked.code);
  const rules: AnswerRule[] = [
    ...(namesStranger(enquiry, answer) ? (['unknown-person'] as const) : []),
    ...(question === undefined ? [] : checkParts(question, answer)),
    ...(childrenAskedAbout(enquiry, asked).includes(child) ? [] : (['not-about-child'] as const)),
    ...checkContent(enquiry, question, answer),
  ];
  return rules.map((rule) => fault(rule, path));
}

function namesStranger({ children, persons }: EnquiryBody, { each, persons: named }: Answer): boolean {
  const known = new Set([...children, ...persons].map(({ ref }) => ref));
  const refs = [...each.map(({ person }) => person), ...named.map(({ known: ref }) => ref)];
  return refs.some((ref) => ref !== undefined && !known.has(ref));
}

/** Children a question is about: those named, those a named person stands near, or all where it names nobody. */
export function childrenAskedAbout(
  { children, persons }: EnquiryBody,
  { about }: AskedQuestion,
): readonly string[] {
  const all = children.map(({ ref }) => ref);
  const named = all.filter((ref) => about.includes(ref));
  const near = persons.filter(({ ref }) => about.includes(ref)).flatMap(({ toChildren }) => toChildren);
  const either = all.filter((ref) => named.includes(ref) || near.includes(ref));
  return named.length > 0 ? named : either.length > 0 ? either : all;
}

const listsOf = (parts: readonly AnswerPart[]) =>
  parts.flatMap((part) => ('list' in part ? [part.list] : []));

function checkParts({ answer: parts }: Question, answer: Answer): AnswerRule[] {
  const has = (...types: AnswerPart['type'][]) => parts.some(({ type }) => types.includes(type));
  const coded = parts.filter(({ type }) => type !== 'YNU');
  const isListed = (code: string) => listsOf(coded).some((list) => isCodeOf(list, code));
  const items = parts.flatMap((part) => ('of' in part && part.of !== 'person' ? [part.of] : []));
  const isItem = (item: string | undefined) =>
    item === undefined || items.some((list) => isCodeOf(list, item));
  const listed =
    answer.codes.every(isListed) && answer.each.every(({ item, code }) => isListed(code) && isItem(item));
  const single = parts.filter(({ type }) => type === 'C1' || type === 'R5').length;
  const fits =
    (answer.yesNo === undefined || has('YNU')) &&
    (has('CM') || answer.codes.length <= single) &&
    (answer.dates.length === 0 || has('DI')) &&
    (answer.dates.length <= 1 || parts.some((part) => part.type === 'DI' && part.many)) &&
    (answer.persons.length === 0 || has('P', 'C1-each')) &&
    (answer.list.length === 0 || has('L')) &&
    (answer.area === undefined || has('AREA'));
  return [...(listed ? [] : (['code-not-listed'] as const)), ...(fits ? [] : (['not-asked-for'] as const))];
}

const isGiven = ({ status }: Answer) => status === 'answered' || status === 'partly';

function checkContent(enquiry: EnquiryBody, question: Question | undefined, answer: Answer): AnswerRule[] {
  if (!isGiven(answer)) return [];
  const { yesNo, codes, each, dates, persons, list, area, text } = answer;
  const isEmpty = [codes, each, dates, persons, list].every((part) => part.length === 0);
  const saysNothing = isEmpty && [yesNo, area, text].every((part) => part === undefined);
  const isOpenToAll = question?.eyesOnly === true && enquiry.handling.readers !== 'eyes-only';
  return [
    ...(saysNothing ? (['says-nothing'] as const) : []),
    ...(isOpenToAll ? (['named-readers-only'] as const) : []),
  ];
}

const pathsOf = (children: readonly Answering[]) =>
  children.flatMap(({ child, answers }) => answers.map(({ question }) => `${child}.${question}`));

function findTwice(children: readonly Answering[]): AnswerFault[] {
  const paths = pathsOf(children);
  const twice = paths.filter((path, index) => paths.indexOf(path) !== index);
  return [...new Set(twice)].map((path) => fault('answered-twice', path));
}

/** What an act leaves open of the whole enquiry. A supplement only adds. */
function checkWhole(enquiry: EnquiryBody, { type, children, before, withdrawn }: Answered): AnswerFault[] {
  if (type !== 'INT' && type !== 'RPT') return [];
  const now = pathsOf(children);
  if (type === 'INT' && now.length === 0) return [fault('no-answers', 'children')];
  if (before === undefined) return [];
  const answered = new Set([...pathsOf(before), ...now]);
  if (answered.size === 0) return [fault('no-answers', 'children')];
  const open = enquiry.questions
    .filter(({ ref }) => !withdrawn.includes(ref))
    .flatMap((asked) =>
      childrenAskedAbout(enquiry, asked).map((child) => ({ asked, path: `${child}.${asked.ref}` })),
    )
    .filter(({ path }) => !answered.has(path));
  const isFirst = ({ code }: AskedQuestion) => code !== undefined && questionOf(code).askedFirst;
  return open
    .filter(({ asked }) => type === 'RPT' || isFirst(asked))
    .map(({ path }) => fault(type === 'RPT' ? 'not-covered' : 'first-open', path));
}
