/**
 * The letter to print and post, or to hand over: the limits on top, the child as far as the questions need it, the questions, and
 * the way back. The number that opens the link is not in it: it goes by telephone. Pure.
 */
import { breakable, html, type Markup, writePage } from '#platform/http/html.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { Letter, LetterQuestion } from './letter.ts';
import { type PageTexts, pageTextsOf } from './page-texts.ts';

export interface PrintedLetter {
  readonly letter: Letter;
  /** The service, as the officer calls it. */
  readonly service: string;
  /** Address of the link. */
  readonly link: string;
  readonly expiresAtMs: number;
  /** Of this State's own focal point. */
  readonly phones: ListedNode['profile']['dutyPhones'];
}

/** @returns the page as text */
export function printLetter({ letter, service, link, expiresAtMs, phones }: PrintedLetter): string {
  const { language } = letter;
  const texts = pageTextsOf(language);
  const until = `${new Date(expiresAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const body = html`<h1>${texts.title}</h1>
<p><bdi>${service}</bdi></p>
${showLimits(letter, texts)}
${showChildren(letter, texts)}
<section aria-labelledby="questions">
<h2 id="questions">${texts.questions}</h2>
<ol>${letter.questions.map((question) => showQuestion(question, texts))}</ol>
</section>
<section aria-labelledby="back">
<h2 id="back">${texts.wayBack}</h2>
<p>${texts.openAddress}</p>
<p><strong><bdi dir="ltr">${breakable(link)}</bdi></strong></p>
<p>${texts.until}: <bdi dir="ltr">${until}</bdi></p>
<p>${texts.number}: <bdi dir="ltr">________</bdi></p>
<p>${texts.ring}:</p>
<ul>${phones.map(({ number, hours }) => html`<li><bdi dir="ltr">${number}</bdi>, <bdi>${hours}</bdi></li>`)}</ul>
<p>${texts.destroy}</p>
</section>`;
  return writePage({ title: texts.title, language, body });
}

/** The limits, before anything else is read. */
export const showLimits = (
  { warnings }: Letter,
  texts: PageTexts,
): Markup => html`<section aria-labelledby="limits">
<h2 id="limits">${texts.limits}</h2>
<ul>${[texts.mustNot, ...warnings].map((line) => html`<li><strong>${line}</strong></li>`)}</ul>
</section>`;

export const showChildren = (
  { children }: Letter,
  texts: PageTexts,
): Markup => html`<section aria-labelledby="child">
<h2 id="child">${texts.child}</h2>
<ul>${children.map(({ names, born }) => html`<li><bdi>${names.join(' / ')}</bdi>, ${texts.born} ${born}</li>`)}</ul>
</section>`;

/** What may be asked of whom, and what may be said. */
export const showQuestionLimits = (
  { source, disclosure, manner }: LetterQuestion,
  texts: PageTexts,
): Markup => html`<ul>
<li>${texts.mayAsk}: <strong>${source}</strong></li>
<li>${texts.maySay}: <strong>${disclosure}</strong></li>
${manner.map((line) => html`<li>${line}</li>`)}
</ul>`;

const showQuestion = (question: LetterQuestion, texts: PageTexts): Markup => html`<li>
<p>${question.wording}</p>
${showQuestionLimits(question, texts)}
</li>`;
