/**
 * How a question may really be asked: the strictest of what the asker set, what the catalogue allows, and what
 * the warnings of the case leave (PRACTICE.md A11). Computes; whether something wider may leave is decided in
 * questions.ts.
 */
import { disclosure, source } from '#schema/vocabulary/limits.ts';
import { type Disclosure, disclosureTowards, type Question } from '#schema/vocabulary/questions.ts';
import type { QuestionLimit } from '../bodies/common.ts';

type Source = QuestionLimit['source'];
type Warned = { readonly code: string };

const SOURCES: readonly string[] = source.codes;
const DISCLOSURES: readonly string[] = disclosure.codes;

/** The child, through a known worker, stands beside the ladder of sources, not on it. */
export const isWiderSource = (one: Source, other: Source) =>
  one !== other &&
  (SOURCES.indexOf(one) < 0 || SOURCES.indexOf(other) < 0 || SOURCES.indexOf(one) > SOURCES.indexOf(other));
export const isWiderDisclosure = (one: Disclosure, other: Disclosure) =>
  DISCLOSURES.indexOf(one) > DISCLOSURES.indexOf(other);

const strictest = <T extends string>(order: readonly string[], values: readonly T[]): T =>
  values.reduce((a, b) => (order.indexOf(b) < order.indexOf(a) ? b : a));

/**
 * The limit that holds for one question. `question` is undefined for a free question, which stays at S0 and D0.
 */
export function effectiveLimit(
  question: Question | undefined,
  asked: QuestionLimit,
  warnings: readonly Warned[],
): QuestionLimit {
  const known = (code: string) => warnings.some((warning) => warning.code === code);
  const allowed: readonly Source[] = question?.allowedSources ?? ['S0'];
  const beside = allowed.find((each) => !SOURCES.includes(each));
  const widest = allowed.at(-1) ?? 'S0';
  const byWarning: Source = known('do-not-contact-family') ? 'S1' : 'S4';
  const chosen =
    beside ??
    strictest<Source>(SOURCES, [SOURCES.includes(asked.source) ? asked.source : 'S0', widest, byWarning]);
  const caps: Disclosure[] = [asked.disclosure, question ? disclosureTowards(question, chosen) : 'D0'];
  if (known('do-not-reveal-that-child-is-in-care')) caps.push('D0');
  if (known('do-not-reveal-location')) caps.push('D2');
  return { ...asked, source: chosen, disclosure: strictest<Disclosure>(DISCLOSURES, caps) };
}
