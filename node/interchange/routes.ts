/**
 * Files of other systems on the officers' server: a spreadsheet or a case of theirs comes in, a case of ours goes out as HTCDS.
 *
 *   POST /cases/import?source=…&confidence=…&check=yes    text/csv: names every problem, writes nothing
 *   POST /cases/import?source=…&confidence=…              text/csv: writes; answers a line of JSON for each piece that is done
 *   POST /cases/import-record?format=htcds|primero        JSON `{record, answers?}`: one file, or what must be answered first
 *   GET  /cases/:id/htcds                                 the file as HTCDS 2.0, with its manifest
 *   POST /cases/:id/sightings?source=…&confidence=…       PFIF notes as JSON `{notes: […]}`: added to the file, each once
 *   GET  /cases/:id/sightings                             the child and what was seen, as PFIF, with its manifest
 */
import * as z from 'zod';
import { GRAPHQL_HEADER } from '#platform/http/graphql-header.ts';
import { HttpError, type PublicError, toHttpError } from '#platform/http/http-error.ts';
import { answerJson, type HttpRequest, type HttpResponse, type Route } from '#platform/http/route.ts';
import { LanguageTag } from '#schema/conversation/bodies/common.ts';
import { confidence, informationSource } from '#schema/vocabulary/answers.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { CaseError } from '../cases/case-error.ts';
import type { CaseContext } from '../cases/context.ts';
import { Provenance } from '../cases/kinds.ts';
import { VaultError } from '../vault/vault-error.ts';
import { exportCase, exportSightings } from './export-case.ts';
import { importRecord } from './import-record.ts';
import { importSightings } from './import-sightings.ts';
import { checkTable, importTable } from './import-table.ts';
import { InterchangeError } from './interchange-error.ts';
import { tableLimits } from './read-table.ts';

type Authenticate = (request: HttpRequest) => Promise<Actor>;

export function interchangeRoutes(ctx: CaseContext, authenticate: Authenticate): Route[] {
  const guarded =
    (work: (request: HttpRequest, actor: Actor) => Promise<HttpResponse>) => (request: HttpRequest) =>
      asHttpError(async () => {
        if (request.method !== 'GET' && request.headers[GRAPHQL_HEADER] !== '1')
          throw new HttpError(403, 'CSRF', `Send the header ${GRAPHQL_HEADER}: 1.`);
        return work(request, await authenticate(request));
      });
  return [
    {
      method: 'POST',
      path: '/cases/import',
      handle: guarded((request, actor) => takeTable(ctx, request, actor)),
    },
    {
      method: 'POST',
      path: '/cases/import-record',
      handle: guarded((request, actor) => takeRecord(ctx, request, actor)),
    },
    {
      method: 'GET',
      path: '/cases/:id/htcds',
      handle: guarded(({ params }, actor) => give('htcds', exportCase(ctx, actor, params.id ?? ''))),
    },
    {
      method: 'POST',
      path: '/cases/:id/sightings',
      handle: guarded((request, actor) => takeSightings(ctx, request, actor)),
    },
    {
      method: 'GET',
      path: '/cases/:id/sightings',
      handle: guarded(({ params }, actor) => give('sightings', exportSightings(ctx, actor, params.id ?? ''))),
    },
  ];
}

async function takeTable(ctx: CaseContext, request: HttpRequest, actor: Actor): Promise<HttpResponse> {
  const provenance = readProvenance(request);
  const bytes = await request.readBody(tableLimits.bytes, actor.id);
  if (request.search.get('check') === 'yes')
    return answerJson(200, await checkTable(actor, bytes, provenance, ctx.surroundings.nowMs()));
  const progress = importTable(ctx, actor, bytes, provenance);
  // What does not fit is refused before an answer begins.
  const first = await progress.next();
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
    body: writeLines(first, progress),
  };
}

type Progress = ReturnType<typeof importTable>;

/** A line for each piece; the last is `{"done":n,"of":n}`, and an answer that ends before it was cut off: send the file again. */
async function* writeLines(
  first: Awaited<ReturnType<Progress['next']>>,
  progress: Progress,
): AsyncGenerator<string> {
  for (let step = first; !step.done; step = await progress.next()) yield `${JSON.stringify(step.value)}\n`;
}

const Body = z.strictObject({
  record: z.record(z.string(), z.unknown()),
  answers: z.record(z.string(), z.string()).optional(),
});

async function takeRecord(ctx: CaseContext, request: HttpRequest, actor: Actor): Promise<HttpResponse> {
  const provenance = readProvenance(request);
  const format = z.enum(['htcds', 'primero']).safeParse(request.search.get('format'));
  if (!format.success) throw new HttpError(400, 'FORMAT_UNKNOWN', '`format` must be htcds or primero.');
  const body = Body.safeParse(parseJson(await request.readBody(undefined, actor.id)));
  if (!body.success) throw new InterchangeError('RECORD_BROKEN');
  const { record, answers = {} } = body.data;
  return answerJson(
    201,
    await importRecord(ctx, actor, { format: format.data, record, answers, provenance }),
  );
}

async function takeSightings(ctx: CaseContext, request: HttpRequest, actor: Actor): Promise<HttpResponse> {
  const provenance = readProvenance(request);
  const language = LanguageTag.safeParse(request.search.get('language') ?? 'und');
  if (!language.success)
    throw new HttpError(400, 'LANGUAGE_UNKNOWN', '`language` must be a tag such as bg or sr-Latn.');
  const file = parseJson(await request.readBody(undefined, actor.id));
  const about = { case: request.params.id ?? '', file, provenance, language: language.data };
  return answerJson(200, await importSightings(ctx, actor, about));
}

async function give(name: string, exported: Promise<object>): Promise<HttpResponse> {
  return answerJson(200, await exported, {
    'content-disposition': `attachment; filename="case-${name}.json"`,
    'cache-control': 'no-store',
  });
}

/** Where all of it comes from and how sure it is: no record of another system says it. */
function readProvenance({ search }: HttpRequest): Provenance {
  const parsed = Provenance.safeParse({ source: search.get('source'), confidence: search.get('confidence') });
  if (!parsed.success)
    throw new HttpError(
      400,
      'PROVENANCE_MISSING',
      `Say where this comes from and how sure it is: \`source\` is one of ${informationSource.codes.join(', ')}; \`confidence\` one of ${confidence.codes.join(', ')}.`,
    );
  return parsed.data;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InterchangeError('RECORD_BROKEN');
  }
}

/** Refusals meant for the caller, as HTTP says them. */
async function asHttpError(work: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    const isOurs = [InterchangeError, CaseError, AccessError, VaultError].some(
      (kind) => error instanceof kind,
    );
    if (!isOurs) throw error;
    throw toHttpError(error as PublicError);
  }
}
