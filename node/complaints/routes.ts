/**
 * The pages behind a card: a code first, then a form or the answer. Plain HTML for any telephone: no cookie, no script, nothing that
 * is loaded. An address that is wrong, old or used looks like one that never was.
 */
import { answerHtml, html, type Markup } from '#platform/http/html.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { offerLanguages, readLanguage } from '#platform/http/spoken-language.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { complaintReason } from '#schema/vocabulary/representation.ts';
import type { TryLimits } from '../access/sign-in/limit-tries.ts';
import { findByToken, readForm } from '../local-services/public-form.ts';
import { type PageTexts, pageTexts, pageTextsOf } from './page-texts.ts';
import { showPhones } from './print-card.ts';
import { type CardContext, type Opened, openCard, takeComplaint, Words } from './take-complaint.ts';

/** One text of the largest size, percent-encoded. */
const MAX_FORM_BYTES = 256 * 1024;
const SPOKEN = Object.keys(pageTexts);

export type ComplaintRoutes = CardContext & {
  readonly tries: Pick<TryLimits, 'lookUp'>;
  /** Duty telephones of this State, as they stand now. */
  readonly phones: () => readonly string[];
};

export function complaintRoutes(ctx: ComplaintRoutes): Route[] {
  return [
    {
      method: 'GET',
      path: '/tell/:token',
      handle: async (request) => askCode(200, readLanguage(request, SPOKEN), false),
    },
    { method: 'POST', path: '/tell/:token', handle: (request) => take(ctx, request) },
  ];
}

async function take(ctx: ComplaintRoutes, request: HttpRequest): Promise<HttpResponse> {
  const form = await readForm(request, MAX_FORM_BYTES);
  const token = (request.params.token ?? '').toLowerCase();
  const language = readLanguage(request, SPOKEN);
  const page = await findByToken(ctx.tries, request, token, () => pageOf(ctx, token, form, language));
  return page ?? sayGone(language);
}

/** Undefined for a card that is good for nothing. */
async function pageOf(
  ctx: ComplaintRoutes,
  token: string,
  form: URLSearchParams,
  language: string,
): Promise<HttpResponse | undefined> {
  const code = (form.get('code') ?? '').replace(/\D/g, '');
  if (form.get('send') === null) return show(ctx, await openCard(ctx, token, code), language, code);
  const text = form.get('words')?.trim();
  const words = Words.safeParse({
    by: form.get('by') ?? 'child',
    reasons: [...new Set(form.getAll('reason'))],
    ...(text && { text }),
    danger: form.get('danger') !== null,
  });
  if (!words.success) return show(ctx, await openCard(ctx, token, code), language, code, form);
  const receipt = await takeComplaint(ctx, token, code, words.data);
  return receipt === null ? undefined : sayThanks(ctx, language, receipt);
}

function show(
  ctx: ComplaintRoutes,
  opened: Opened,
  language: string,
  code: string,
  form?: URLSearchParams,
): HttpResponse | undefined {
  const texts = pageTextsOf(language);
  if (opened.kind === 'gone') return undefined;
  if (opened.kind === 'wrong-code') return askCode(403, language, true);
  if (opened.kind === 'form') return showForm(ctx, language, code, form);
  const { answer } = opened;
  return page(
    200,
    language,
    answer === null
      ? html`<p>${texts.waiting}</p>`
      : html`<h2>${texts.answer}</h2>
<p dir="auto">${answer}</p>
<p>${texts.close}</p>`,
  );
}

const askCode = (status: number, language: string, again: boolean): HttpResponse => {
  const texts = pageTextsOf(language);
  return page(
    status,
    language,
    html`${again ? html`<p role="alert">${texts.wrong}</p>` : html``}
<form method="post">
<p><label for="code">${texts.code}</label><br>
<input id="code" name="code" inputmode="numeric" autocomplete="off" maxlength="12" required></p>
<p><button>${texts.open}</button></p>
</form>
${offerLanguages(SPOKEN)}`,
  );
};

const sayGone = (language: string): HttpResponse =>
  page(404, language, html`<p>${pageTextsOf(language).gone}</p>`);

function sayThanks({ phones }: ComplaintRoutes, language: string, receipt: string): HttpResponse {
  const texts = pageTextsOf(language);
  return page(
    200,
    language,
    html`<p>${texts.thanks}</p>
<p>${texts.receipt}</p>
<p><strong><bdi dir="ltr">${receipt.slice(0, 4)} ${receipt.slice(4)}</bdi></strong></p>
${showPhones(texts, phones())}
<p>${texts.close}</p>`,
  );
}

function showForm(
  { phones }: ComplaintRoutes,
  language: string,
  code: string,
  form?: URLSearchParams,
): HttpResponse {
  const texts = pageTextsOf(language);
  return page(
    200,
    language,
    html`<form method="post">
${form ? html`<p role="alert">${texts.nothing}</p>` : html``}
<input type="hidden" name="code" value="${code}">
${askWho(texts)}
<fieldset>
<legend>${texts.what}</legend>
${complaintReason.codes.map((reason) => tick('reason', reason, labelOf(complaintReason, reason, language).text))}
</fieldset>
<p><label for="words">${texts.words}</label><br>
<textarea id="words" name="words" rows="8" cols="30" maxlength="8000" dir="auto">${form?.get('words') ?? ''}</textarea></p>
${tick('danger', 'yes', texts.danger)}
${showPhones(texts, phones())}
<p><button name="send" value="1">${texts.send}</button></p>
</form>`,
  );
}

const askWho = (texts: PageTexts): Markup => html`<fieldset>
<legend>${texts.who}</legend>
<p><label><input type="radio" name="by" value="child" checked> ${texts.child}</label></p>
<p><label><input type="radio" name="by" value="helper"> ${texts.helper}</label></p>
</fieldset>`;

const tick = (name: string, value: string, label: string): Markup =>
  html`<p><label><input type="checkbox" name="${name}" value="${value}"> ${label}</label></p>`;

function page(status: number, language: string, body: Markup): HttpResponse {
  const { title } = pageTextsOf(language);
  const shown = html`<h1>${title}</h1>
${body}`;
  return answerHtml(status, { title, language, body: shown, forms: true });
}
