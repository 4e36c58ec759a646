/**
 * The gateway's HTTP surface: GraphQL, attachment parts, its log. Says who calls; what a caller may do
 * is decided behind it.
 */
import { type EventEmitter, on } from 'node:events';
import { createGraphql, type ObserveOperation } from '#platform/http/graphql.ts';
import { HttpError, type PublicError } from '#platform/http/http-error.ts';
import { logRoute } from '#platform/http/log-route.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { type CheckRequest, isSigned, makeRequestCheck } from '#platform/http/signed-request.ts';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { countUnsigned } from '#platform/refusals.ts';
import { ListError } from '#schema/jws/trust-list.ts';
import { LogError } from '#schema/log/log-error.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { GatewayContext } from './context.ts';
import { DirectoryError } from './directory/lists.ts';
import { buildGatewaySchema, type CallContext } from './graphql/schema.ts';
import { rememberNonce } from './nonces.ts';
import { MailboxError } from './relay/mailbox.ts';
import { getPart, type PartName, putPart } from './relay/parts.ts';
import { requireActive } from './require-active.ts';

const MiB = 1024 * 1024;
/** 64 envelopes with the largest sealed document each, in base64. */
const MAX_SIGNED_BODY_BYTES = 24 * MiB;
/** A trust list as a JSON string; nothing else comes unsigned. */
const MAX_UNSIGNED_BODY_BYTES = limits.listBytes + MiB;

export interface Surface {
  /** Emits `mailbox` and `checkpoint`. */
  readonly news: EventEmitter;
  readonly publish: CallContext['publish'];
  /** The address listened on, once there is one. */
  readonly listening: () => string;
  readonly observe: ObserveOperation;
}

/** All routes but those of health. */
export function makeRoutes(ctx: GatewayContext, { news, publish, listening, observe }: Surface): Route[] {
  const check = countUnsigned(
    ctx.refusals,
    makeRequestCheck({
      findKey: (kid, atS) => ctx.keyring().findKey(kid, atS),
      ownUrls: () => [...ctx.keyring().gateway.urls, listening()],
      remember: (kid, nonce, untilS) => rememberNonce(ctx.db, kid, nonce, untilS),
      nowMs: ctx.nowMs,
    }),
  );
  const graphql = createGraphql<CallContext>({
    schema: buildGatewaySchema(),
    context: async (request) => ({
      gateway: ctx,
      caller: isSigned(request) ? (await check(request, MAX_SIGNED_BODY_BYTES)).party : null,
      follow: (channel, about) => followNews(news, channel, about, request.signal),
      publish,
    }),
    maskErrors: showKnownErrors,
    log: ctx.out,
    observe,
    maxBodyBytes: MAX_UNSIGNED_BODY_BYTES,
  });
  return [
    { method: 'POST', path: '/graphql', handle: graphql },
    {
      method: 'PUT',
      path: '/parts/:to/:messageId/:sha256',
      handle: (request) => takePart(ctx, check, request),
    },
    {
      method: 'GET',
      path: '/parts/:to/:messageId/:sha256',
      handle: (request) => givePart(ctx, check, request),
    },
    logRoute(ctx.db, ctx.log.name),
  ];
}

async function* followNews(
  news: EventEmitter,
  channel: string,
  about: string | null,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const [subject] of on(news, channel, { signal })) {
      if (about === null || subject === about || subject === '') yield subject as string;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function takePart(
  ctx: GatewayContext,
  check: CheckRequest,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { party } = await check(request, limits.sealedPartBytes);
  await orRefuse(async () => {
    requireActive(ctx, party);
    const sealed = await request.readBody(limits.sealedPartBytes);
    await putPart(ctx, party, request.params as unknown as PartName, sealed);
  });
  return { status: 204 };
}

async function givePart(
  ctx: GatewayContext,
  check: CheckRequest,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { party } = await check(request, 0);
  const sealed = await orRefuse(async () => {
    requireActive(ctx, party);
    return getPart(ctx, party, request.params as unknown as PartName);
  });
  if (sealed === null) throw new HttpError(404, 'NOT_FOUND', 'No such part for this caller.');
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: sealed };
}

/** What the protocol refuses becomes the HTTP answer. */
async function orRefuse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new HttpError(error.code === 'OVERLOADED' ? 503 : 422, error.code, error.message);
  }
}

/** What a caller may be told: codes and advice that hold nothing of a message. */
function showKnownErrors(error: unknown): PublicError | null {
  if (error instanceof HttpError) return error;
  const known =
    error instanceof ProtocolError ||
    error instanceof ListError ||
    error instanceof LogError ||
    error instanceof LogStoreError ||
    error instanceof MailboxError ||
    error instanceof DirectoryError;
  return known ? { status: 422, code: error.code, message: error.message } : null;
}
