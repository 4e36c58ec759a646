/**
 * The pages behind a link, for a service without an account: a number first, then the letter with a form, then thanks. No cookie,
 * no script; a link that is wrong, old, used or locked looks like one that never was.
 */

import { answerHtml, html, type Markup } from '#platform/http/html.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { offerLanguages, readLanguage } from '#platform/http/spoken-language.ts';
import type { TryLimits } from '../access/sign-in/limit-tries.ts';
import { cardPage } from '../complaints/print-card.ts';
import { answerLetter, LocalAnswers, type LocalContext, openLetter } from './answer-questions.ts';
import type { Letter, LetterQuestion } from './letter.ts';
import { showChildren, showLimits, showQuestionLimits } from './letter-page.ts';
import type { Link } from './link.ts';
import { type PageTexts, pageTexts, pageTextsOf } from './page-texts.ts';
import { findByToken, readForm } from './public-form.ts';

/** Three answers of the largest size, percent-encoded. */
const MAX_FORM_BYTES = 512 * 1024;

export type LocalRoutes = LocalContext & { readonly tries: Pick<TryLimits, 'lookUp'> };

export function localRoutes(ctx: LocalRoutes): Route[] {
  return [
    {
      method: 'GET',
      path: '/local/:token',
      handle: async (request) => askNumber(200, readLanguage(request, SPOKEN), false),
    },
    { method: 'POST', path: '/local/:token', handle: (request) => take(ctx, request) },
  ];
}

async function take(ctx: LocalRoutes, request: HttpRequest): Promise<HttpResponse> {
  const form = await readForm(request, MAX_FORM_BYTES);
  const link: Link = { token: request.params.token ?? '', pin: (form.get('pin') ?? '').replace(/\D/g, '') };
  const language = readLanguage(request, SPOKEN);
  const page = await findByToken(ctx.tries, request, link.token, () => pageOf(ctx, link, form, language));
  return page ?? sayGone(language);
}

/** Undefined for a link that is good for nothing. */
async function pageOf(
  ctx: LocalContext,
  link: Link,
  form: URLSearchParams,
  language: string,
): Promise<HttpResponse | undefined> {
  if (form.get('answer') === null) {
    const opened = await openLetter(ctx, link);
    if (opened.kind === 'gone') return undefined;
    if (opened.kind === 'wrong-number') return askNumber(403, language, true);
    const { card } = opened.letter;
    if (form.get('card') !== null && card) return answerHtml(200, cardPage(card));
    return showLetter(opened.letter, link.pin);
  }
  const answers = LocalAnswers.safeParse({
    answeredBy: form.get('answered-by') ?? '',
    answers: [...form]
      .filter(([name, text]) => name.startsWith('q:') && text.trim() !== '')
      .map(([name, text]) => ({ ref: name.slice(2), text })),
  });
  if (!answers.success) {
    const opened = await openLetter(ctx, link);
    return opened.kind === 'letter' ? showLetter(opened.letter, link.pin, form) : undefined;
  }
  return (await answerLetter(ctx, link, answers.data)) === 'taken' ? sayThanks(language) : undefined;
}

const SPOKEN = Object.keys(pageTexts);

function askNumber(status: number, language: string, again: boolean): HttpResponse {
  const texts = pageTextsOf(language);
  const body = html`<h1>${texts.title}</h1>
${again ? html`<p role="alert">${texts.wrongNumber}</p>` : html``}
<form method="post">
<p><label for="pin">${texts.number}</label><br>
<input id="pin" name="pin" inputmode="numeric" autocomplete="off" maxlength="12" required></p>
<p><button>${texts.open}</button></p>
</form>
${offerLanguages(SPOKEN)}`;
  return answerHtml(status, { title: texts.title, language, body, forms: true });
}

const sayGone = (language: string): HttpResponse => say(404, language, pageTextsOf(language).gone);
const sayThanks = (language: string): HttpResponse => say(200, language, pageTextsOf(language).thanks);

function say(status: number, language: string, text: string): HttpResponse {
  const { title } = pageTextsOf(language);
  return answerHtml(status, {
    title,
    language,
    body: html`<h1>${title}</h1>
<p>${text}</p>`,
  });
}

function showLetter(letter: Letter, pin: string, given?: URLSearchParams): HttpResponse {
  const { language } = letter;
  const texts = pageTextsOf(language);
  const body = html`<h1>${texts.title}</h1>
${showLimits(letter, texts)}
${showChildren(letter, texts)}
<form method="post">
${given ? html`<p role="alert">${texts.incomplete}</p>` : html``}
<input type="hidden" name="pin" value="${pin}">
${letter.questions.map((question) => showQuestion(question, texts, given?.get(`q:${question.ref}`) ?? ''))}
<p><label for="answered-by">${texts.answeredBy}</label><br>
<input id="answered-by" name="answered-by" maxlength="200" required value="${given?.get('answered-by') ?? ''}"></p>
<p>${texts.once}</p>
<p><button name="answer" value="1">${texts.send}</button></p>
</form>
${letter.card ? offerCard(pin, texts) : html``}`;
  return answerHtml(200, { title: texts.title, language, body, forms: true });
}

/** A card for the child, on a page of its own to print. */
const offerCard = (pin: string, texts: PageTexts): Markup => html`<form method="post">
<input type="hidden" name="pin" value="${pin}">
<p>${texts.forChild}</p>
<p><button name="card" value="1">${texts.printCard}</button></p>
</form>`;

function showQuestion(question: LetterQuestion, texts: PageTexts, answer: string): Markup {
  const { ref, wording } = question;
  return html`<fieldset>
<legend>${wording}</legend>
${showQuestionLimits(question, texts)}
<p><label for="q:${ref}">${texts.answer}</label><br>
<textarea id="q:${ref}" name="q:${ref}" rows="8" cols="30" maxlength="8000" dir="auto">${answer}</textarea></p>
</fieldset>`;
}
