/**
 * A caller of a node's officer endpoint: what the command line and the demo use, and what any program of an office may do.
 */

import { type IncomingMessage, request as openHttp } from 'node:http';
import { request as openHttps } from 'node:https';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { readEvents } from '#platform/http/read-events.ts';

/** The server speaks every 12 s; three missed pings mean that nobody is there. */
const SILENCE_MS = 40_000;

/** The endpoint refused or failed: its own code and advice. */
export class OfficerError extends Error {
  override readonly name = 'OfficerError';
  readonly code: string;
  constructor(code: string, advice: string) {
    super(advice);
    this.code = code;
  }
}

export interface OfficerClient {
  /** Data of a query or mutation. @throws OfficerError with the code the node answered */
  readonly ask: <T>(query: string, variables?: Record<string, unknown>) => Promise<T>;
  /** Each event of a subscription, until `signal` aborts: its data, or the error in its place. @throws PeerError */
  readonly watch: <T>(
    query: string,
    variables: Record<string, unknown>,
    signal: AbortSignal,
  ) => AsyncGenerator<T | OfficerError, void>;
  /** Stores a file after cleaning. @param onSent hears how many bytes have been handed over */
  readonly upload: (
    bytes: Uint8Array,
    media: string,
    onSent?: (bytes: number) => void,
  ) => Promise<StoredFile>;
  readonly download: (id: string) => Promise<Uint8Array>;
  /** JSON of a path. @throws OfficerError */
  readonly get: <T>(path: string) => Promise<T>;
  /** Sends bytes to a path that answers JSON. @throws OfficerError */
  readonly send: <T>(path: string, bytes: Uint8Array) => Promise<T>;
  /** Sends bytes to a path that answers line by line; each line when it comes. @throws OfficerError */
  readonly sendLines: (path: string, bytes: Uint8Array) => AsyncGenerator<string, void>;
  /** Duty telephones of every State as plain text in a language. */
  readonly readTelephones: (language: string) => Promise<string>;
  /** The evidence bundle of a conversation; `complete` is false while proofs are still on their way. */
  readonly exportEvidence: (thread: string) => Promise<{ bytes: Uint8Array; complete: boolean }>;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly media: string;
  readonly bytes: number;
  readonly removed: readonly { kind: string; count?: number }[];
}

/**
 * @param session value of the session cookie of the person who acts
 * @param path of the endpoint of the person's role; the officers' unless given
 */
export function openOfficerClient(url: string, session: string, path = '/graphql'): OfficerClient {
  const cookie = `${SESSION_COOKIE}=${session}`;
  const call = async (to: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(`${url}${to}`, {
      ...init,
      headers: { cookie, 'x-focalnet': '1', ...init.headers },
    });
    if (!response.ok && !response.headers.get('content-type')?.includes('json')) {
      throw new OfficerError('HTTP', `the node answered ${response.status}`);
    }
    return response;
  };
  return {
    ask: async <T>(query: string, variables: Record<string, unknown> = {}) => {
      const body = JSON.stringify({ query, variables });
      const response = await call(path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      });
      const result = readResult((await response.json()) as Result<T>);
      if (result instanceof OfficerError) throw result;
      return result;
    },
    watch: async function* <T>(query: string, variables: Record<string, unknown>, signal: AbortSignal) {
      const body = JSON.stringify({ query, variables });
      const headers = { cookie, 'x-focalnet': '1', 'content-type': 'application/json' };
      const response = await openStream(`${url}${path}`, headers, body, signal);
      for await (const data of readEvents(response, SILENCE_MS, signal))
        yield readResult(JSON.parse(data) as Result<T>);
    },
    upload: async (bytes, media, onSent = () => {}) => {
      const response = await call('/attachments', {
        method: 'POST',
        body: inPieces(bytes, onSent),
        duplex: 'half',
        headers: { 'content-type': media },
      } as RequestInit);
      if (!response.ok) throw await readRefusal(response);
      return (await response.json()) as StoredFile;
    },
    download: async (id) => {
      const response = await call(`/attachments/${encodeURIComponent(id)}`, {});
      if (!response.ok) throw await readRefusal(response);
      return new Uint8Array(await response.arrayBuffer());
    },
    get: async <T>(path: string) => (await requireOk(await call(path, {}))).json() as Promise<T>,
    send: async <T>(path: string, bytes: Uint8Array) =>
      (await requireOk(await call(path, { method: 'POST', body: bytes as BodyInit }))).json() as Promise<T>,
    sendLines: async function* (path, bytes) {
      const response = await requireOk(await call(path, { method: 'POST', body: bytes as BodyInit }));
      const lines = createInterface({ input: Readable.fromWeb(response.body as WebStream) });
      yield* lines;
    },
    readTelephones: async (language) => {
      const headers = { accept: 'text/plain', 'accept-language': language };
      const response = await call('/duty-telephones', { headers });
      if (!response.ok) throw await readRefusal(response);
      return response.text();
    },
    exportEvidence: async (thread) => {
      const response = await call(`/evidence/${encodeURIComponent(thread)}`, {});
      if (!response.ok) throw await readRefusal(response);
      const complete = response.headers.get('x-focalnet-complete') === 'yes';
      return { bytes: new Uint8Array(await response.arrayBuffer()), complete };
    },
  };
}

const PIECE_BYTES = 256 * 1024;

/** Read piece by piece, as fast as the other side takes it. */
function inPieces(bytes: Uint8Array, onSent: (bytes: number) => void): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull: (controller) => {
      const piece = bytes.subarray(sent, sent + PIECE_BYTES);
      if (piece.length === 0) return controller.close();
      sent += piece.length;
      controller.enqueue(piece);
      onSent(sent);
    },
  });
}

type Refusal = { code?: string; message?: string };
type Result<T> = Refusal & {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
};

/** Data of an answer, or why there is none: all that is wrong at once, so that nobody mends one thing after the other. */
function readResult<T>({ data, errors = [], code, message }: Result<T>): T | OfficerError {
  const [error] = errors;
  const messages = [...new Set(errors.map((one) => one.message))];
  if (error) return new OfficerError(error.extensions?.code ?? 'UNKNOWN', messages.join('\n'));
  return data ?? new OfficerError(code ?? 'UNKNOWN', message ?? 'the node gave no data');
}

async function requireOk(response: Response): Promise<Response> {
  if (!response.ok) throw await readRefusal(response);
  return response;
}

async function readRefusal(response: Response): Promise<OfficerError> {
  const { code, message } = (await response.json()) as Refusal;
  return new OfficerError(code ?? 'HTTP', message ?? `the node answered ${response.status}`);
}

/** @throws OfficerError HTTP; Error when the node cannot be reached or `signal` aborts */
async function openStream(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const open = url.startsWith('https:') ? openHttps : openHttp;
  const options = { method: 'POST', headers: { ...headers, accept: 'text/event-stream' }, signal };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = open(url, options, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  if (response.headers['content-type']?.startsWith('text/event-stream')) return response;
  response.destroy();
  throw new OfficerError('HTTP', `the node answered ${response.statusCode}`);
}
