/**
 * The few pages that people see while they sign in: plain HTML without scripts, pictures or styles of anybody.
 */
import type { HttpResponse } from '#platform/http/route.ts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

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
  const refresh =
    goTo === undefined ? '' : `\n<meta http-equiv="refresh" content="0;url=${escapeHtml(goTo)}">`;
  const link = goTo === undefined ? '' : `\n<p><a href="${escapeHtml(goTo)}">Go on</a></p>`;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${refresh}
<title>${escapeHtml(title)} - Focalnet</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}${link}
</body>
</html>
`;
  return { status, headers: { ...HEADERS, ...headers }, body };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
