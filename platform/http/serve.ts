/**
 * An HTTP server of routes: bounded bodies, bounded patience, JSON errors, streams that end when the caller goes.
 * Knows no endpoint; decides nothing about who may call.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf, HttpError, maskAllButHttpErrors, type PublicError } from './http-error.ts';
import type { Log } from './log.ts';
import { answerJson, type HttpRequest, type HttpResponse, makeRouter, type Route } from './route.ts';

const DEFAULT_MAX_BODY_BYTES = 256 * 1024;
/** Bodies held at once: by one known party, by all of them, and by all strangers, who must not take what parties need. */
const PARTY_BODY_BYTES = 64 * 1024 * 1024;
const PARTIES_BODY_BYTES = 256 * 1024 * 1024;
const STRANGERS_BODY_BYTES = 32 * 1024 * 1024;
/** No byte in either direction for so long ends a connection; streams must say something more often. */
const SILENCE_MS = 120_000;
/** How long requests under way may take to end once the server closes. */
const GRACE_MS = 5_000;

/** `route`: the template that matched, e.g. `/parts/:to/:id`; null for none. */
export type ObserveAnswer = (answer: {
  method: string;
  route: string | null;
  status: number;
  durationMs: number;
}) => void;

export type ServeOptions = {
  host: string;
  /** 0 for any free port. */
  port: number;
  routes: readonly Route[];
  log: Log;
  maxBodyBytes?: number;
  /** Told of each answer when its head goes out. */
  observe?: ObserveAnswer;
  /** PEM texts; without them plain HTTP, for loopback or behind a proxy that ends TLS. */
  tls?: { key: string; cert: string };
  /** Within which all request headers, and then the whole request, must have arrived (slowloris). */
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
};

export type Served = { url: string; close(): Promise<void> };

/** Listens; `close()` ends streams and idle connections at once and the rest within 5 s. */
export async function serve(options: ServeOptions): Promise<Served> {
  const closing = new AbortController();
  // One listener for every request under way.
  setMaxListeners(0, closing.signal);
  const answer = makeAnswerer(options, closing.signal);
  const server = makeServer(options, answer);
  await listen(server, options.port, options.host);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    close: () => closeServer(server, closing),
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function makeServer(options: ServeOptions, answer: Answer): Server {
  const headersTimeout = options.headersTimeoutMs ?? 10_000;
  const requestTimeout = options.requestTimeoutMs ?? 60_000;
  const patience = {
    headersTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.ceil(Math.min(headersTimeout, requestTimeout) / 4),
    keepAliveTimeout: 65_000,
  };
  const server = options.tls
    ? createTlsServer({ ...patience, ...options.tls, minVersion: 'TLSv1.3' }, answer)
    : createPlainServer(patience, answer);
  server.setTimeout(SILENCE_MS);
  closeQuickly(server);
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

/** Once closing: ends connections that never asked anything, and those whose last answer has gone out. */
function closeQuickly(server: Server): void {
  const silent = new Set<Socket>();
  const watch = (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  };
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', watch);
  server.on('request', ({ socket }, response) => {
    silent.delete(socket);
    response.once('close', () => setImmediate(() => server.listening || server.closeIdleConnections()));
  });
  server.on('closing', () => {
    for (const socket of silent) socket.destroy();
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function closeServer(server: Server, closing: AbortController): Promise<void> {
  if (closing.signal.aborted) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closing.abort(new HttpError(503, 'CLOSING', 'The server is closing: try again later.'));
  server.emit('closing');
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(impatience);
}

function makeAnswerer(options: ServeOptions, closing: AbortSignal): Answer {
  const findRoute = makeRouter(options.routes);
  const purse = makePurse();
  return (message, response) => {
    const correlationId = randomUUID();
    const startedMs = performance.now();
    let route: string | null = null;
    const aborter = abortWith(response, closing);
    const request = readHead(message, correlationId, aborter.signal);
    const body = makeBodyReader(message, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES, purse);
    const run = async () => {
      const { handle, params, path } = findRoute(request.method, request.path);
      route = path;
      return handle({ ...request, params, readBody: body.read, streamBody: body.stream });
    };
    run()
      .catch((error: unknown) => answerError(error, correlationId, options.log))
      // Before sending: an answer may stream for hours.
      .finally(body.release)
      .then((answer) => {
        const durationMs = performance.now() - startedMs;
        options.observe?.({ method: request.method, route, status: answer.status, durationMs });
        return answer;
      })
      .then((answer) => send(message, response, answer, correlationId, closing.aborted))
      .catch((error: unknown) => {
        // The caller went away, or the body failed after its first byte: the broken connection says it.
        options.log.debug('response cut', { correlationId, code: codeOf(error) });
        response.destroy();
      })
      .finally(aborter.release);
  };
}

function abortWith(response: ServerResponse, closing: AbortSignal) {
  const controller = new AbortController();
  const onClosing = () => controller.abort(closing.reason);
  response.once('close', () => {
    if (!response.writableFinished)
      controller.abort(new HttpError(499, 'CALLER_GONE', 'The caller went away.'));
  });
  if (closing.aborted) onClosing();
  else closing.addEventListener('abort', onClosing, { once: true });
  return { signal: controller.signal, release: () => closing.removeEventListener('abort', onClosing) };
}

type Head = Omit<HttpRequest, 'params' | 'readBody' | 'streamBody'>;

function readHead(message: IncomingMessage, correlationId: string, signal: AbortSignal): Head {
  const target = message.url ?? '';
  const mark = target.indexOf('?');
  const query = mark === -1 ? '' : target.slice(mark);
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: message.method ?? '',
    remote: message.socket.remoteAddress ?? '',
    authority: (message.headers.host ?? '').toLowerCase(),
    path: mark === -1 ? target : target.slice(0, mark),
    query,
    search: new URLSearchParams(query),
    headers,
    correlationId,
    signal,
  };
}

/** Accounts of bytes held, by holder; undefined for strangers. */
type Purse = {
  take(holder: string | undefined, bytes: number): void;
  giveBack(holder: string | undefined, bytes: number): void;
};

function makePurse(): Purse {
  const held = new Map<string | undefined, number>();
  let byParties = 0;
  const change = (holder: string | undefined, bytes: number): number => {
    const now = (held.get(holder) ?? 0) + bytes;
    if (now === 0) held.delete(holder);
    else held.set(holder, now);
    if (holder !== undefined) byParties += bytes;
    return now;
  };
  return {
    take: (holder, bytes) => {
      const now = change(holder, bytes);
      const over =
        holder === undefined
          ? now > STRANGERS_BODY_BYTES
          : now > PARTY_BODY_BYTES || byParties > PARTIES_BODY_BYTES;
      if (over) throw new HttpError(503, 'OVERLOADED', 'Too much at once: try again later.', 5);
    },
    giveBack: (holder, bytes) => void change(holder, -bytes),
  };
}

function makeBodyReader(message: IncomingMessage, defaultMaxBytes: number, purse: Purse) {
  let held: { holder: string | undefined; bytes: number } | undefined;
  let whole: Promise<Uint8Array> | undefined;
  async function* stream(maxBytes: number): AsyncGenerator<Uint8Array> {
    refuseLarge(Number(message.headers['content-length'] ?? 0), maxBytes);
    let bytes = 0;
    try {
      for await (const chunk of message.iterator({ destroyOnReturn: false })) {
        bytes += chunk.length;
        refuseLarge(bytes, maxBytes);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof HttpError) throw error;
      throw new HttpError(400, 'BODY_INCOMPLETE', 'The body ended early: send it again.');
    }
  }
  async function collect(maxBytes: number, holder: string | undefined): Promise<Uint8Array> {
    const mine = { holder, bytes: 0 };
    held = mine;
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream(maxBytes)) {
      // Nobody waits for it any more: the handler has answered.
      if (held !== mine) throw new HttpError(400, 'BODY_INCOMPLETE', 'The body was not read.');
      mine.bytes += chunk.length;
      purse.take(holder, chunk.length);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }
  return {
    read: (maxBytes = defaultMaxBytes, holder?: string) => {
      whole ??= collect(maxBytes, holder);
      return whole;
    },
    stream,
    release: () => {
      if (held) purse.giveBack(held.holder, held.bytes);
      held = undefined;
      whole = undefined;
    },
  };
}

function refuseLarge(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new HttpError(413, 'BODY_TOO_LARGE', `The body is larger than the ${maxBytes} bytes taken here.`);
}

/** The answer to an error: its own words if it was meant for callers, otherwise only a number to ask about. */
function answerError(error: unknown, correlationId: string, log: Log): HttpResponse {
  const shown: PublicError = maskAllButHttpErrors(error) ?? {
    status: 500,
    code: 'INTERNAL',
    message: 'Something failed here: try again, and give the correlation id if it stays.',
  };
  if (shown.status >= 500)
    log.error('request failed', { correlationId, code: shown.code, cause: codeOf(error) });
  const headers: Record<string, string> =
    shown.retryAfterS === undefined ? {} : { 'retry-after': String(shown.retryAfterS) };
  return answerJson(shown.status, { code: shown.code, message: shown.message, correlationId }, headers);
}

const NO_PAGE = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

async function send(
  message: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
  correlationId: string,
  closing: boolean,
): Promise<void> {
  const body = answer.body ?? '';
  const whole = typeof body === 'string' || body instanceof Uint8Array;
  response.writeHead(answer.status, {
    'cache-control': 'no-store',
    // For a browser, whatever it asked for: nothing of an answer is a page, a frame or a script unless its own header says so.
    'content-security-policy': NO_PAGE,
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-correlation-id': correlationId,
    ...(whole && answer.status !== 304 ? { 'content-length': Buffer.byteLength(body) } : {}),
    // A body that was not read to its end would be taken for the next request.
    ...(closing || !message.complete ? { connection: 'close' } : {}),
    ...answer.headers,
  });
  if (message.method === 'HEAD') response.end();
  else if (whole) response.end(body);
  else await sendPieces(response, body);
  if (!message.complete) message.resume();
}

async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  response.flushHeaders();
  await pipeline(Readable.from(pieces, { objectMode: true }), response);
}
