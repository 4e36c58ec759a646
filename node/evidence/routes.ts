/**
 * `GET /evidence/:thread` on the officers' server: the evidence bundle of a conversation, to be saved as it is.
 */
import { HttpError, toHttpError } from '#platform/http/http-error.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import type { Personal } from '../operation.ts';
import {
  type EvidenceContext,
  ExportError,
  evidenceReady,
  exportEvidence,
  findMyMessages,
} from './export-evidence.ts';

/** `no` while receipts or proofs are still on their way: a bundle exported later proves more. */
export const COMPLETE_HEADER = 'x-focalnet-complete';

export function evidenceRoute(
  ctx: EvidenceContext & Personal,
  authenticate: (request: HttpRequest) => Promise<Actor>,
): Route {
  return { method: 'GET', path: '/evidence/:thread', handle: (request) => give(ctx, authenticate, request) };
}

async function give(
  ctx: EvidenceContext & Personal,
  authenticate: (request: HttpRequest) => Promise<Actor>,
  request: HttpRequest,
): Promise<HttpResponse> {
  try {
    const actor = await authenticate(request);
    const thread = request.params.thread ?? '';
    const messageIds = await findMyMessages(ctx, actor, thread);
    const { ready } = await evidenceReady(ctx, messageIds);
    const bytes = await exportEvidence(ctx, actor, thread, messageIds);
    return {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="evidence-${thread}.json"`,
        'cache-control': 'no-store',
        [COMPLETE_HEADER]: ready ? 'yes' : 'no',
      },
      body: bytes,
    };
  } catch (error) {
    if (error instanceof AccessError) throw toHttpError(error);
    if (error instanceof ExportError) throw new HttpError(404, error.code, error.message);
    throw error;
  }
}
