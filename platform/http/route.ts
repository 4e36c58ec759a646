/**
 * What a request, a response and a route are, and how a path finds its route. Pure: knows no socket.
 */
import { HttpError } from './http-error.ts';

export type HttpRequest = {
  readonly method: string;
  /** Address of who is connected; of the proxy, where one stands before this server. '' once the line is gone. */
  readonly remote: string;
  /** Host and port as the caller wrote them, lower case (RFC 9110 section 7.2). */
  readonly authority: string;
  /** Still percent-encoded, as on the request line: what signatures cover. */
  readonly path: string;
  /** With its `?`, or ''. */
  readonly query: string;
  readonly search: URLSearchParams;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decoded values of the `:name` segments and of `*`. */
  readonly params: Readonly<Record<string, string>>;
  /** Also in the response header `x-correlation-id` and in log lines. */
  readonly correlationId: string;
  /** Aborted when the caller goes away or the server closes. */
  readonly signal: AbortSignal;
  /**
   * The whole body; read once, then remembered until the handler has answered.
   * @param maxBytes instead of the server's limit
   * @param holder who is known to have sent it: held against that party's share of memory, not the strangers'
   * @throws HttpError 413 `BODY_TOO_LARGE`, 503 `OVERLOADED`, 400 `BODY_INCOMPLETE`
   */
  readBody(maxBytes?: number, holder?: string): Promise<Uint8Array>;
  /** The body piece by piece, for what must not be held in memory; throws like `readBody`. Not after it. */
  streamBody(maxBytes: number): AsyncIterable<Uint8Array>;
};

export type HttpResponse = {
  status: number;
  headers?: Record<string, string>;
  /** An iterable is sent as it comes; `return()` is called on it when the caller goes away. */
  body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
};

export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Literal segments, `:name` for one segment, a last `*` for the rest: `/parts/:to/:id`, `/log/*`. */
  path: string;
  handle: Handler;
};

/** A JSON answer. */
export function answerJson(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): HttpResponse {
  const body = JSON.stringify(value);
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

type Found = { handle: Handler; params: Record<string, string>; path: string };

/**
 * A function from method and path to a handler; earlier routes win.
 * @throws (the returned function) HttpError 404 `NOT_FOUND`, 405 `METHOD_NOT_ALLOWED`, 400 `BAD_PATH`
 */
export function makeRouter(routes: readonly Route[]): (method: string, path: string) => Found {
  const compiled = routes.map((route) => ({ ...route, segments: route.path.split('/').slice(1) }));
  return (method, path) => {
    const segments = path.split('/').slice(1);
    let pathKnown = false;
    for (const route of compiled) {
      const params = matchSegments(route.segments, segments);
      if (params === null) continue;
      if (route.method === method || (method === 'HEAD' && route.method === 'GET')) {
        return { handle: route.handle, params, path: route.path };
      }
      pathKnown = true;
    }
    if (pathKnown) throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'This address takes another method.');
    throw new HttpError(404, 'NOT_FOUND', 'There is nothing at this address.');
  };
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  const wild = pattern.at(-1) === '*';
  if (wild ? segments.length < pattern.length : segments.length !== pattern.length) return null;
  const params: Record<string, string> = {};
  for (const [at, expected] of pattern.entries()) {
    if (wild && at === pattern.length - 1) params['*'] = decodeSegment(segments.slice(at).join('/'));
    else if (expected.startsWith(':')) params[expected.slice(1)] = decodeSegment(segments[at]!);
    else if (expected !== segments[at]) return null;
  }
  return params;
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, 'BAD_PATH', 'The path is not percent-encoded UTF-8.');
  }
}
