/**
 * The few pages that people see while they sign in, in the first of four languages that their browser asks for.
 */
import { answerHtml, html } from '#platform/http/html.ts';
import type { HttpRequest, HttpResponse } from '#platform/http/route.ts';
import { readLanguage } from '#platform/http/spoken-language.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { AccessError } from '../access-error.ts';
import { type SignInText, signInTexts } from './page-texts.ts';

const LANGUAGES = ['en', 'fr', 'ru', 'ar'];

interface Page {
  readonly title: SignInText;
  readonly says: readonly SignInText[];
  /** Shown as they are, in no language: a code, a number, who one is at the provider. */
  readonly shown?: readonly string[];
  /**
   * Path of this address that the browser goes to by itself. Not a redirect: a browser that comes from the provider sends a
   * SameSite=Strict cookie only once a page of ours asks.
   */
  readonly goTo?: string;
}

export function answerPage(
  request: Pick<HttpRequest, 'headers'>,
  status: number,
  { title, says, shown = [], goTo }: Page,
  headers: Record<string, string> = {},
): HttpResponse {
  const language = readLanguage(request, LANGUAGES);
  const text = (code: SignInText) => labelOf(signInTexts, code, language).text;
  const body = html`<h1>${text(title)}</h1>
${shown.map((line) => html`<p><bdi dir="ltr">${line}</bdi></p>`)}
${says.map((code) => html`<p>${text(code)}</p>`)}
${goTo === undefined ? '' : html`<p><a href="${goTo}">${text('go-on')}</a></p>`}`;
  const refresh: Record<string, string> = goTo === undefined ? {} : { refresh: `0;url=${goTo}` };
  const page = { title: `${text(title)} - Focalnet`, language, body };
  return answerHtml(status, page, { vary: 'accept-language', ...refresh, ...headers });
}

/**
 * Where a browser asks for a page and nobody is signed in any more: the way in, in the language of the page, and back to where it
 * wanted to go. Undefined for programs, and for whatever else is wrong.
 */
export function offerSignIn(request: HttpRequest, error: unknown): HttpResponse | undefined {
  if (!(error instanceof AccessError) || !request.headers.accept?.includes('text/html')) return undefined;
  const { code, status } = error;
  if (code !== 'SIGN_IN_NEEDED' && code !== 'SESSION_OVER') return undefined;
  const goTo = `/sign-in?return=${encodeURIComponent(`${request.path}${request.query}`)}`;
  return answerPage(request, status, { title: 'not-signed-in', says: [code], goTo });
}
