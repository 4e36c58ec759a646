/**
 * `GET /duty-telephones` on the officers' server: a page to print, for whoever is signed in; as plain text for whoever asks for
 * that (`accept: text/plain`).
 */
import { answerHtml, html, type Markup } from '#platform/http/html.ts';
import { HttpError, toHttpError } from '#platform/http/http-error.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { readLanguage } from '#platform/http/spoken-language.ts';
import { languages } from '#schema/vocabulary/code-list.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { offerSignIn } from '../access/sign-in/page.ts';
import {
  gatherTelephones,
  type ListedOffices,
  nameLanguages,
  nameState,
  type OfficeTelephones,
  type Telephones,
  telephoneWords,
  writeTelephones,
} from './telephones.ts';

export interface TelephoneOptions {
  /** The list in force; null before the first. */
  readonly list: () => ListedOffices | null;
  /** @throws AccessError for whoever is not signed in to the officers' endpoint */
  readonly authenticate: (request: HttpRequest) => Promise<Actor>;
}

export function telephoneRoute(options: TelephoneOptions): Route {
  return { method: 'GET', path: '/duty-telephones', handle: (request) => show(options, request) };
}

async function show({ list, authenticate }: TelephoneOptions, request: HttpRequest): Promise<HttpResponse> {
  try {
    await authenticate(request);
  } catch (error) {
    const wayIn = offerSignIn(request, error);
    if (wayIn) return wayIn;
    throw error instanceof AccessError ? toHttpError(error) : error;
  }
  const inForce = list();
  if (!inForce)
    throw new HttpError(
      503,
      'LIST_MISSING',
      'This node has no trust list yet: use the last page that was printed.',
    );
  const language = readLanguage(request, languages);
  const telephones = gatherTelephones(inForce);
  return (request.headers.accept ?? '').startsWith('text/plain')
    ? showText(telephones, language)
    : showPage(telephones, language);
}

const showText = (telephones: Telephones, language: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: writeTelephones(telephones, language),
});

function showPage({ version, issued, until, states }: Telephones, language: string): HttpResponse {
  const say = telephoneWords(language);
  const body = html`<h1>${say('title')}</h1>
<p>${say('list')} ${version}, ${say('dated')} <bdi dir="ltr">${issued}</bdi>, ${say('until')} <bdi dir="ltr">${until}</bdi></p>
<p>${say('advice')}</p>
${states.map((state) => showState(state, say, language))}`;
  return answerHtml(200, { title: say('title'), language, body }, { 'cache-control': 'no-store' });
}

function showState(
  { state, isSuspended, offices, languages: ofOffice, officeHours, phones }: OfficeTelephones,
  say: ReturnType<typeof telephoneWords>,
  language: string,
): Markup {
  const rows = phones.map(
    ({ number, hours, languages: spoken }) => html`
<tr><td><strong><bdi dir="ltr">${number}</bdi></strong></td><td><bdi>${hours}</bdi></td><td><bdi>${nameLanguages(spoken, language)}</bdi></td></tr>`,
  );
  return html`<section>
<h2><bdi>${nameState(state, language)}</bdi>${isSuspended ? ` (${say('suspended')})` : ''}</h2>
<ul>
${offices.map((office) => html`<li>${say('office')}: <bdi>${office}</bdi></li>`)}
<li>${say('languages')}: <bdi>${nameLanguages(ofOffice, language)}</bdi></li>
<li>${say('hours')}: <bdi>${officeHours}</bdi></li>
</ul>
${
  phones.length === 0
    ? html`<p>${say('telephone')}: ${say('none')}</p>`
    : html`<table border="1">
<thead><tr><th scope="col">${say('telephone')}</th><th scope="col">${say('when')}</th><th scope="col">${say('spoken')}</th></tr></thead>
<tbody>${rows}
</tbody>
</table>`
}
</section>`;
}
