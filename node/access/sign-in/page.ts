/**
 * The few pages that people see while they sign in.
 */
import { answerHtml, html } from '#platform/http/html.ts';
import type { HttpResponse } from '#platform/http/route.ts';

/**
 * @param paragraphs plain text
 * @param goTo path of this address that the browser goes to by itself. Not a redirect: a browser that comes from the provider
 *   sends a SameSite=Strict cookie only once a page of ours asks.
 */
export function answerPage(
  status: number,
  { title, paragraphs, goTo }: { title: string; paragraphs: readonly string[]; goTo?: string },
  headers: Record<string, string> = {},
): HttpResponse {
  const body = html`<h1>${title}</h1>
${paragraphs.map((text) => html`<p>${text}</p>`)}
${goTo === undefined ? '' : html`<p><a href="${goTo}">Go on</a></p>`}`;
  const refresh: Record<string, string> = goTo === undefined ? {} : { refresh: `0;url=${goTo}` };
  const page = { title: `${title} - Focalnet`, language: 'en', body };
  return answerHtml(status, page, { ...refresh, ...headers });
}
