/**
 * What a local service gets to read: the limits first, then what it needs to recognise the child, then the questions. Never which
 * State asks, where the child is, or a warning's details. Pure.
 */

import type { AskedQuestion, EnquiryBody, SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import { type CodeList, labelOf } from '#schema/vocabulary/code-list.ts';
import { disclosure, manner, questionSource } from '#schema/vocabulary/limits.ts';
import { questionWording } from '#schema/vocabulary/question-wording.ts';
import { safetyWarning } from '#schema/vocabulary/warnings.ts';
import type { Card } from '../complaints/print-card.ts';
import { pageTextsOf } from './page-texts.ts';

/** One question with its limits, in the service's language. */
export interface LetterQuestion {
  readonly ref: string;
  readonly wording: string;
  readonly source: string;
  readonly disclosure: string;
  readonly manner: readonly string[];
}

export interface Letter {
  readonly language: string;
  readonly warnings: readonly string[];
  /** Names as written and romanised, and the years of birth, of the children the questions are about. */
  readonly children: readonly { readonly names: readonly string[]; readonly born: string }[];
  readonly questions: readonly LetterQuestion[];
  /** A card by which the child may complain of who represents it, for the service to print; never in the letter itself. */
  readonly card?: Card;
}

/** Of whom they speak, no letter says: whoever could open it would read a name. It says who does. */
const MEANS_SOMEBODY: readonly SafetyWarning['code'][] = ['do-not-contact-named-person', 'do-not-involve'];

/** @param warnings of the whole conversation; only their codes are told */
export function writeLetter(
  enquiry: EnquiryBody,
  asked: readonly AskedQuestion[],
  warnings: readonly SafetyWarning[],
  language: string,
): Letter {
  const say = (list: CodeList, code: string) => labelOf(list, code, language).text;
  return {
    language,
    warnings: [...new Set(warnings.map(({ code }) => say(safetyWarning, code)))].concat(
      warnings.some(({ code }) => MEANS_SOMEBODY.includes(code)) ? [pageTextsOf(language).askWho] : [],
    ),
    children: concerned(enquiry, asked).map(({ names, birth }) => ({
      names: names.map(writeName),
      born: [...new Set([birth.earliest, birth.latest].map((day) => day.slice(0, 4)))].join('-'),
    })),
    questions: asked.map(({ ref, code, free, limit }) => ({
      ref,
      wording: code === undefined ? (free?.text ?? '') : say(questionWording, code),
      source: say(questionSource, limit.source),
      disclosure: say(disclosure, limit.disclosure),
      manner: [
        ...limit.manner.map((one) => say(manner, one)),
        ...(limit.mannerDetail === undefined ? [] : [limit.mannerDetail]),
      ],
    })),
  };
}

/** Who the questions name; all children where none names any. */
function concerned({ children }: EnquiryBody, asked: readonly AskedQuestion[]): EnquiryBody['children'] {
  const about = new Set(asked.flatMap((question) => question.about));
  const named = children.filter(({ ref }) => about.has(ref));
  return named.length > 0 ? named : children;
}

function writeName({ parts, romanised }: EnquiryBody['children'][number]['names'][number]): string {
  const written = parts.map(({ value }) => value).join(' ');
  return romanised === undefined ? written : `\u2068${written}\u2069 (\u2068${romanised}\u2069)`;
}
