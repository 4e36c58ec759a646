/**
 * Which of the languages that a page has its reader wants.
 */
import { html, type Markup } from './html.ts';
import type { HttpRequest } from './route.ts';

/**
 * What the address asks for (`?language=`), or else the first language of the browser that is among these, by its first two letters;
 * English otherwise.
 */
export function readLanguage(
  { headers, search }: Pick<HttpRequest, 'headers'> & Partial<Pick<HttpRequest, 'search'>>,
  spoken: readonly string[],
): string {
  const asked = search?.get('language') ?? '';
  const wanted = (headers['accept-language'] ?? '').toLowerCase().split(/[,;\s]+/);
  return [asked, ...wanted].map((tag) => tag.slice(0, 2)).find((tag) => spoken.includes(tag)) ?? 'en';
}

/** Each language by its own name: who borrows a telephone does not always speak what it speaks. */
export function offerLanguages(spoken: readonly string[]): Markup {
  const nameOf = (tag: string) => new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
  return html`<p>${spoken.map((tag) => html`<a href="?language=${tag}" lang="${tag}">${nameOf(tag)}</a> `)}</p>`;
}
