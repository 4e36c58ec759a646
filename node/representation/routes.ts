/**
 * What guardians fetch as files: a document shown to them, handed out for saving, and the page to read with the child. What is not
 * theirs, not shown yet or held back looks like what never was: one answer, byte for byte.
 */
import { answerHtml, html } from '#platform/http/html.ts';
import { toHttpError } from '#platform/http/http-error.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { readLanguage } from '#platform/http/spoken-language.ts';
import { languages } from '#schema/vocabulary/code-list.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import { offerSignIn } from '../access/sign-in/page.ts';
import { neutralName } from '../attachments/clean.ts';
import { streamParts } from '../attachments/parts.ts';
import { runAs } from '../operation.ts';
import { openReading, type Reads } from '../reading.ts';
import { shownKey } from '../vault/vault.ts';
import { VaultError } from '../vault/vault-error.ts';
import { type ReadingAge, tellForChild } from './for-child.ts';
import { findFollowed } from './read-followed.ts';
import { placeOfPart } from './show-guardian.ts';
import { ofKind, readMyShown } from './shown.ts';
import { myShown } from './shown-tables.ts';

/** @param authenticate gives guardians; throws AccessError for anybody else */
export function representationRoutes(
  reads: Reads,
  authenticate: (request: HttpRequest) => Promise<Actor>,
): Route[] {
  const answer =
    (work: (actor: Actor, request: HttpRequest) => Promise<HttpResponse>) => (request: HttpRequest) =>
      asHttp(request, async () => {
        const actor = await authenticate(request);
        requireAllowed(actor, 'representation.read', {}, reads.surroundings.nowMs());
        return work(actor, request);
      });
  return [
    {
      method: 'GET',
      path: '/guardian/documents/:id',
      handle: answer((actor, request) => giveDocument(reads, actor, request.params.id ?? '')),
    },
    {
      method: 'GET',
      path: '/guardian/for-child/:id',
      handle: answer((actor, request) => givePage(reads, actor, request)),
    },
  ];
}

async function giveDocument(reads: Reads, actor: Actor, id: string): Promise<HttpResponse> {
  // The record that a person took the file is committed before its first byte leaves.
  const { thread, file } = await runAs(reads, actor, async (op) => {
    const row = await op.trx
      .selectFrom(myShown)
      .select('thread')
      .where('id', '=', id)
      .where('kind', '=', 'document')
      .executeTakeFirst();
    const shown = row && ofKind(await readMyShown(op, [row.thread]), 'document').find((one) => one.id === id);
    if (!shown) throw new AccessError('NOT_FOUND');
    await op.audit('guardian.noted', { what: 'document-read', id, thread: shown.thread, actor: actor.id });
    return { thread: shown.thread, file: shown.content.file };
  });
  const readPart = (n: number) =>
    reads.doors.withActor(actor, async (trx) => {
      if (n === file.parts) return null;
      const part = await trx
        .selectFrom('shown_part')
        .select('sealed')
        .where('shown', '=', id)
        .where('n', '=', n)
        .executeTakeFirst();
      if (!part) throw new VaultError('MOVED_OR_ALTERED');
      const keys = await reads.surroundings.vault.forReading(trx, [shownKey(thread)]);
      return keys.open(placeOfPart(thread, id, n), part.sealed);
    });
  return {
    status: 200,
    headers: {
      'content-type': file.media,
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename="${neutralName(1, file.media)}"`,
      'content-security-policy':
        "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body: streamParts(readPart),
  };
}

/** To print, or to read on a telephone: `?age=8` or `?age=13`, `?language=`; else what the browser asks for. */
async function givePage(reads: Reads, actor: Actor, request: HttpRequest): Promise<HttpResponse> {
  const age: ReadingAge = request.search.get('age') === '8' ? 8 : 13;
  const language = readLanguage(request, languages);
  const reading = openReading(reads, actor);
  try {
    const followed = await findFollowed(await reading.reader(), request.params.id ?? '');
    if (!followed) throw new AccessError('NOT_FOUND');
    reading.noteContent(followed.thread);
    const page = tellForChild(followed, age, language, reads.surroundings.nowMs());
    await reading.finish(['forChildPage']);
    const body = html`<h1>${page.title.text}</h1>
${page.sentences.map(({ text }) => html`<p>${text}</p>`)}`;
    return answerHtml(200, { title: page.title.text, language, body }, { 'cache-control': 'no-store' });
  } finally {
    await reading.abandon();
  }
}

async function asHttp(request: HttpRequest, work: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    const wayIn = offerSignIn(request, error);
    if (wayIn) return wayIn;
    if (error instanceof AccessError || error instanceof VaultError) throw toHttpError(error);
    throw error;
  }
}
