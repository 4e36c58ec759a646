/**
 * Names and values of a body in the reader's language, each with whether a speaker has confirmed it. What a value is its schema
 * says (schema/vocabulary/coded.ts). What has no label here, such as a code of a newer peer's list, is shown as it came and
 * never counts as confirmed.
 */
import type * as z from 'zod';
import { yesNoUnknown } from '#schema/vocabulary/answers.ts';
import { caseFieldName } from '#schema/vocabulary/cases.ts';
import { type CodeList, knownLanguage, type Label, labelOf } from '#schema/vocabulary/code-list.ts';
import { type Meaning, meaningOf } from '#schema/vocabulary/coded.ts';
import { fieldName } from '#schema/vocabulary/field-names.ts';
import { countryName, languageName, scriptName } from '#schema/vocabulary/places.ts';
import { type AnswerPart, type QuestionCode, questionOf } from '#schema/vocabulary/questions.ts';

export interface Reader {
  /** `en`, `fr`, `ru`, `ar`; anything else is read as English. */
  readonly language: string;
  /** What was asked in the enquiry, by reference: answers take their codes from the lists of their question. */
  readonly questions: ReadonlyMap<string, QuestionCode>;
}

const asItCame = (text: string): Label => ({ text, reviewed: false });

/** Of words and numbers there is nothing to confirm. */
const asWritten = (text: string): Label => ({ text, reviewed: true });

/** The name of a field. */
export const labelField = (key: string, { language }: Reader): Label =>
  labelByAny([fieldName, caseFieldName], key, language);

/**
 * The value of a leaf.
 * @param asked the question that the value answers, where it stands in an answer
 */
export function labelLeaf(
  schema: z.ZodType,
  value: unknown,
  reader: Reader,
  asked: QuestionCode | undefined,
): Label {
  if (typeof value === 'boolean') return labelOf(yesNoUnknown, value ? 'yes' : 'no', reader.language);
  const means = meaningOf(schema);
  if (means === undefined || typeof value !== 'string') return asWritten(String(value));
  return labelMeant(means, value, reader, asked);
}

function labelMeant(
  means: Meaning,
  value: string,
  { language, questions }: Reader,
  asked: QuestionCode | undefined,
): Label {
  switch (means.kind) {
    case 'coded':
      return labelByAny(means.lists, value, language);
    case 'answer':
      return labelByAny(answerLists(asked, codesIn), value, language);
    case 'answer-item':
      return labelByAny(answerLists(asked, itemsIn), value, language);
    case 'question':
      return labelQuestion(value, questions.get(value), language);
    case 'country':
      return countryName(value, language);
    case 'language':
      return languageName(value, language);
    case 'script':
      return scriptName(value, language);
  }
}

function labelByAny(lists: readonly CodeList[], code: string, language: string): Label {
  const list = lists.find((one) => one.codes.includes(code));
  return list === undefined ? asItCame(code) : labelOf(list, code, language);
}

const codesIn = (part: AnswerPart): CodeList[] => ('list' in part ? [part.list] : []);
const itemsIn = (part: AnswerPart): CodeList[] => ('of' in part && part.of !== 'person' ? [part.of] : []);

const answerLists = (
  asked: QuestionCode | undefined,
  listsIn: (part: AnswerPart) => CodeList[],
): CodeList[] => (asked === undefined ? [] : questionOf(asked).answer.flatMap(listsIn));

/** The wording, isolated from the reference beside it (Unicode TR9, FSI and PDI); a free question has its reference alone. */
function labelQuestion(ref: string, code: QuestionCode | undefined, language: string): Label {
  if (code === undefined) return asWritten(ref);
  const { text, reviewed } = questionOf(code).wording[knownLanguage(language)];
  return { text: `\u2068${text}\u2069 (${ref})`, reviewed };
}
