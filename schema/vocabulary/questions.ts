/**
 * The 40 coded questions as data: what an answer looks like, from whom it may be had, what may be disclosed in
 * asking, what holds a question back, and for which purposes it may be asked at all. Codes are listed with
 * their wording in question-wording.ts. Nothing here decides whether an enquiry may leave.
 *
 * No question lets the peer ask the child about exploitation: the child is a source of MON-02 alone, for the
 * present situation, heard by a worker the child knows.
 */
import * as answers from './answers.ts';
import { type CodeList, type CodeOf, isCodeOf, type Labels, VocabularyError } from './code-list.ts';
import { bodyToTell, purpose } from './legal.ts';
import type { disclosure, questionSource } from './limits.ts';
import { questionWording } from './question-wording.ts';

export type QuestionCode = CodeOf<typeof questionWording>;
export type QuestionSource = CodeOf<typeof questionSource>;
export type Disclosure = CodeOf<typeof disclosure>;
export type Purpose = CodeOf<typeof purpose>;

/** One part of an answer, named as in the catalogue's legend. An answer holds every part listed. */
export type AnswerPart =
  | { readonly type: 'YNU'; readonly list: CodeList }
  | { readonly type: 'C1'; readonly list: CodeList }
  | { readonly type: 'CM'; readonly list: CodeList }
  | { readonly type: 'R5'; readonly list: CodeList }
  /** A coded answer for each of `of`: codes of a list, or persons named in the answer. */
  | { readonly type: 'C1-each'; readonly list: CodeList; readonly of: CodeList | 'person' }
  | { readonly type: 'R5-each'; readonly list: CodeList; readonly of: CodeList }
  /** Date interval with basis; `many` where each finding is given beside its source. */
  | { readonly type: 'DI'; readonly many: boolean }
  /** Persons around the child. */
  | { readonly type: 'P' }
  /** List of short entries. */
  | { readonly type: 'L' }
  /** A place in general terms: district or region, never an address. */
  | { readonly type: 'AREA' }
  /** Text with its language. */
  | { readonly type: 'T' };

export type Limit = { readonly source: QuestionSource; readonly disclosure: Disclosure };

export type Question = {
  readonly code: QuestionCode;
  readonly wording: Labels;
  readonly answer: readonly AnswerPart[];
  readonly allowedSources: readonly QuestionSource[];
  /** What holds unless the case says stricter. */
  readonly defaultLimit: Limit;
  /** Never put to family or carer, whatever clearance. */
  readonly neverToFamily: boolean;
  /** Family or carer (S3) may be asked only after a recorded family-contact clearance. */
  readonly familyClearanceNeeded: boolean;
  /** Held while an asylum claim is unassessed, possible or pending in relation to the State asked. */
  readonly holdWhileAsylumOpen: boolean;
  /** The answer is for named persons only. */
  readonly eyesOnly: boolean;
  /** Answered before anything else is done. */
  readonly askedFirst: boolean;
  readonly purposes: readonly Purpose[];
};

const YNU: AnswerPart = { type: 'YNU', list: answers.yesNoUnknown };
const R5: AnswerPart = { type: 'R5', list: answers.rating };
const DI: AnswerPart = { type: 'DI', many: false };
const P: AnswerPart = { type: 'P' };
const L: AnswerPart = { type: 'L' };
const AREA: AnswerPart = { type: 'AREA' };
const T: AnswerPart = { type: 'T' };
const one = (list: CodeList): AnswerPart => ({ type: 'C1', list });
const many = (list: CodeList): AnswerPart => ({ type: 'CM', list });
const each = (of: CodeList | 'person', list: CodeList): AnswerPart => ({ type: 'C1-each', list, of });
const rateEach = (of: CodeList): AnswerPart => ({ type: 'R5-each', list: answers.rating, of });

/**
 * Purpose tags. A question is needed for a purpose when a decision taken for that purpose would be worse
 * without it; being interesting is not enough. `other` names no decision, so it opens only the two questions
 * that protect the enquiry itself; what else is wanted is then a free question, with its reason.
 */
const TAGS = {
  locate: 'locate-child',
  identity: 'identity-nationality',
  family: 'family-situation',
  carer: 'carer-suitability',
  risk: 'risk-before-return',
  measures: 'measures-in-force',
  placement: 'placement',
  after: 'status-after-return',
  sighting: 'reported-sighting',
} as const satisfies Record<string, Purpose>;

type Mark = 'never-to-family' | 'family-clearance' | 'hold-asylum' | 'eyes-only' | 'first';
/** Answer, default limit, purposes (or `every`), marks. */
type Row = readonly [
  answer: readonly AnswerPart[],
  limit: `${QuestionSource}/${Disclosure}`,
  purposes: string,
  ...marks: Mark[],
];

const rows: Readonly<Record<QuestionCode, Row>> = {
  'LAW-05': [[many(bodyToTell), T], 'S0/D0', 'every', 'first'],
  'IDN-01': [[YNU, L], 'S0/D0', 'identity', 'hold-asylum'],
  'IDN-02': [[L], 'S0/D0', 'identity', 'hold-asylum'],
  'IDN-03': [[{ type: 'DI', many: true }], 'S1/D0', 'identity'],
  'IDN-04': [[one(answers.nationalityFinding), one(answers.recordBasis)], 'S0/D0', 'identity', 'hold-asylum'],
  'IDN-05': [[L], 'S1/D0', 'identity locate sighting'],
  'LOC-01': [[YNU, L], 'S0/D0', 'locate sighting family risk measures'],
  'LOC-02': [[YNU, L], 'S0/D0', 'locate sighting family risk'],
  'LOC-03': [[DI, T], 'S1/D0', 'locate sighting'],
  'LOC-04': [[YNU, AREA], 'S0/D0', 'family carer'],
  'FAM-01': [[P, one(answers.responsibilityBasis)], 'S0/D0', 'family carer risk measures placement'],
  'FAM-02': [[P, T], 'S1/D0', 'family carer risk placement'],
  'FAM-03': [[each('person', answers.siblingSituation), T], 'S1/D0', 'family carer risk'],
  'FAM-04': [[P, T], 'S1/D0', 'family carer risk', 'family-clearance'],
  'FAM-05': [[many(answers.departureAccount), T], 'S3/D1', 'family risk', 'family-clearance'],
  'FAM-06': [[YNU, T], 'S1/D0', 'family risk after'],
  'CAR-01': [[R5, T], 'S1/D0', 'family carer risk placement'],
  'CAR-02': [[one(answers.carerWillingness), T], 'S3/D2', 'carer risk placement', 'family-clearance'],
  'CAR-03': [[rateEach(answers.carerAbilityAspect), T], 'S3/D2', 'carer risk placement', 'family-clearance'],
  'CAR-04': [[one(answers.recordFinding)], 'S0/D0', 'carer risk placement', 'never-to-family'],
  'CAR-05': [[L], 'S1/D0', 'carer risk placement'],
  'SAF-01': [[one(answers.familyInvolvement), T], 'S1/D0', 'family carer risk', 'never-to-family'],
  'SAF-02': [[YNU, T], 'S1/D0', 'family carer risk', 'never-to-family'],
  'SAF-03': [[one(answers.exploiterPresence), T], 'S0/D0', 'risk after', 'never-to-family'],
  'SAF-04': [[rateEach(answers.violenceRisk), T], 'S1/D0', 'family carer risk'],
  'SAF-05': [[R5, T], 'S1/D0', 'risk'],
  'SAF-06': [[L], 'S0/D0', 'every', 'never-to-family', 'eyes-only'],
  'SAF-07': [[L], 'S1/D0', 'risk placement after'],
  'SAF-08': [[one(answers.retraffickingRisk), T], 'S1/D0', 'risk after', 'never-to-family'],
  'LAW-01': [[L], 'S0/D0', 'locate family carer risk measures placement'],
  'LAW-02': [[L], 'S0/D0', 'risk measures placement'],
  'LAW-03': [[YNU, L], 'S0/D0', 'risk measures', 'never-to-family'],
  'LAW-04': [[one(answers.representationOnArrival), T], 'S0/D0', 'risk placement'],
  'SVC-01': [[L], 'S0/D0', 'risk placement after'],
  'SVC-02': [[each(answers.serviceKind, answers.serviceAvailability)], 'S1/D0', 'risk placement after'],
  'HIS-01': [[L, T], 'S0/D0', 'family carer risk'],
  'HIS-02': [[DI, T], 'S1/D0', 'family locate'],
  'MON-01': [[YNU, DI], 'S1/D3', 'after'],
  'MON-02': [[T, one(answers.childsPresentView)], 'child-by-known-worker/D0', 'after'],
  'MON-03': [[one(answers.renewedSigns), T], 'S1/D0', 'after', 'never-to-family'],
};

/** Every question, in the order of the catalogue. */
export const questions: readonly Question[] = Object.freeze(questionWording.codes.map(makeQuestion));

const byCode: ReadonlyMap<string, Question> = new Map(questions.map((question) => [question.code, question]));

function makeQuestion(code: QuestionCode): Question {
  const [answer, limit, tags, ...marks] = rows[code];
  const defaultLimit = parseLimit(limit);
  const familyClearanceNeeded = marks.includes('family-clearance');
  return Object.freeze({
    code,
    wording: questionWording.labels(code),
    answer: Object.freeze(answer),
    allowedSources: Object.freeze(sourcesWithin(defaultLimit.source, familyClearanceNeeded)),
    defaultLimit: Object.freeze(defaultLimit),
    neverToFamily: marks.includes('never-to-family'),
    familyClearanceNeeded,
    holdWhileAsylumOpen: marks.includes('hold-asylum'),
    eyesOnly: marks.includes('eyes-only'),
    askedFirst: marks.includes('first'),
    purposes: Object.freeze(parsePurposes(tags)),
  });
}

function parseLimit(limit: Row[1]): Limit {
  const [source, disclosed] = limit.split('/') as [QuestionSource, Disclosure];
  return { source, disclosure: disclosed };
}

/** Narrower sources are always allowed; a safe contact (S2) or the community (S4) is never a default. */
function sourcesWithin(source: QuestionSource, familyClearanceNeeded: boolean): QuestionSource[] {
  if (source === 'child-by-known-worker') return [source];
  const professional: QuestionSource[] = source === 'S0' ? ['S0'] : ['S0', 'S1'];
  return familyClearanceNeeded ? [...professional, 'S3'] : professional;
}

function parsePurposes(tags: string): Purpose[] {
  if (tags === 'every') return [...purpose.codes];
  return tags.split(' ').map((tag) => TAGS[tag as keyof typeof TAGS]);
}

/**
 * @param code e.g. `FAM-05`
 * @throws VocabularyError UNKNOWN_CODE
 */
export function questionOf(code: string): Question {
  const question = byCode.get(code);
  if (!question)
    throw new VocabularyError(
      'UNKNOWN_CODE',
      'Not a question of list fnq: choose one, or ask a free question.',
    );
  return question;
}

/**
 * Whether a question may be asked for a purpose at all: only information that the purpose needs is requested
 * (ICACU guide; GDPR Art. 5(1)(c)).
 * @throws VocabularyError UNKNOWN_CODE for a question or a purpose that is not listed
 */
export function isQuestionNeeded(code: string, forPurpose: string): boolean {
  if (!isCodeOf(purpose, forPurpose)) {
    throw new VocabularyError('UNKNOWN_CODE', 'Not a code of list purpose: choose one of its codes.');
  }
  return questionOf(code).purposes.includes(forPurpose);
}

/**
 * How much may be disclosed when this question is put to one of its allowed sources. The default holds for the
 * source it names; a question that may go to the family discloses nothing to anyone else on the way.
 */
export function disclosureTowards(question: Question, source: QuestionSource): Disclosure {
  return source === question.defaultLimit.source ? question.defaultLimit.disclosure : 'D0';
}
