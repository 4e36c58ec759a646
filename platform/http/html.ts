/**
 * Pages of plain HTML: no scripts, no pictures, nothing from anywhere else. Everything put in is text until it is escaped here.
 */
import type { HttpResponse } from './route.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** HTML made by {@link html}, to be told from text. */
export type Markup = { readonly markup: string };
type Part = Markup | string | number | readonly Markup[];

/** A template whose every value is escaped unless it was made by `html` itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const write = (part: Part): string => {
    if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(write).join('');
    return escapeHtml(String(part));
  };
  return { markup: strings.map((text, i) => text + (i < parts.length ? write(parts[i]!) : '')).join('') };
}

/** Characters of an address that stay together. */
const PIECE = /.{1,8}/gs;

/** An address, which has no spaces, may end its line after any piece: on a telephone or on paper it would be cut off. */
export const breakable = (address: string): Markup => {
  const pieces = address.match(PIECE) ?? [];
  return html`${pieces.map((piece, i) => (i === 0 ? html`${piece}` : html`<wbr>${piece}`))}`;
};

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

interface Page {
  readonly title: string;
  /** BCP 47; the direction of the page follows. */
  readonly language: string;
  readonly body: Markup;
}

/** A whole page as text. */
export function writePage({ title, language, body }: Page): string {
  const direction = RIGHT_TO_LEFT.includes(language.split('-', 1)[0]!) ? 'rtl' : 'ltr';
  return html`<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.markup;
}

/**
 * A whole page as an answer.
 * @param forms whether the page has a form, which may be sent to this address only
 */
export function answerHtml(
  status: number,
  page: Page & { readonly forms?: boolean },
  headers: Record<string, string> = {},
): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action ${page.forms ? "'self'" : "'none'"}`,
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      ...headers,
    },
    body: writePage(page),
  };
}
