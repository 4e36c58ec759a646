/**
 * How one machine of the network calls another: signed requests (RFC 9421) for GraphQL, bytes and event streams.
 * Decides nothing about when to call again.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { SigningKey } from '#schema/jws/keys.ts';
import { signRequest } from '#schema/jws/request.ts';
import { GRAPHQL_HEADER } from './graphql-header.ts';
import { PeerError, readPeerCode } from './peer-error.ts';
import { type Outgoing, openExchange, type PeerAgent, readAnswer } from './peer-request.ts';
import { readEvents } from './read-events.ts';

const MiB = 1024 * 1024;
/** A mailbox page: 64 sealed documents in base64, with room. */
const MAX_JSON_BYTES = 32 * MiB;
const MAX_BLOB_BYTES = 8 * MiB;
const DEFAULT_TIMEOUT_MS = 30_000;
/** The server speaks every 12 s; three missed pings mean that nobody is there. */
const SILENCE_MS = 40_000;
const NOTHING = new Uint8Array();

export type CallOptions = { signal?: AbortSignal; timeoutMs?: number };
export type SubscribeOptions = {
  variables?: Record<string, unknown>;
  signal?: AbortSignal;
  /** Called once the peer has accepted the subscription: what changed before is to be asked for now. */
  onOpen?: () => void;
};

export type SignedClient = {
  /** The `data` of an operation. @throws PeerError, with the code of the first GraphQL error if there is one */
  graphql<T>(
    url: string,
    query: string,
    variables?: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<T>;
  /** @throws PeerError for anything but 2xx */
  put(url: string, body: Uint8Array, options?: CallOptions): Promise<void>;
  /** @throws PeerError for anything but 200 */
  get(url: string, options?: CallOptions & { maxBytes?: number }): Promise<Uint8Array>;
  /** `data` of each event, until the peer completes or `signal` aborts. @throws PeerError, also after 40 s of silence */
  subscribe<T>(url: string, query: string, options?: SubscribeOptions): AsyncGenerator<T, void>;
};

/**
 * A client that signs with one key.
 * @param nowMs clock, milliseconds since 1970
 */
export function signedClient(party: {
  key: SigningKey;
  agent: PeerAgent;
  nowMs: () => number;
  /** Told of the head of each answer: whose clock says what (its `Date`), between when and when by ours. */
  onAnswer?: (answer: { url: string; date: string | undefined; sentMs: number; receivedMs: number }) => void;
}): SignedClient {
  const { agent } = party;
  const sign = (method: Outgoing['method'], body: Uint8Array, headers: Record<string, string>) => {
    return async (url: URL): Promise<Record<string, string>> => {
      const nonce = randomBytes(18).toString('base64url');
      const target = { method, authority: url.host, path: url.pathname, query: url.search };
      const nowS = Math.floor(party.nowMs() / 1000);
      return { ...headers, ...(await signRequest({ ...target, body, nowS, nonce }, party.key)) };
    };
  };
  const exchange = async (
    method: Outgoing['method'],
    url: string,
    body: Uint8Array,
    headers: Record<string, string>,
    options: CallOptions & { maxBytes: number },
  ) => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, maxBytes } = options;
    const outgoing = { url, method, body, signal, makeHeaders: sign(method, body, headers) };
    const sentMs = party.nowMs();
    const response = await openExchange(agent, outgoing, timeoutMs);
    party.onAnswer?.({ url, date: response.headers.date, sentMs, receivedMs: party.nowMs() });
    return { response, answer: await readAnswer(response, { maxBytes, timeoutMs, signal }) };
  };
  return {
    async graphql<T>(url: string, query: string, variables = {}, options: CallOptions = {}) {
      const body = encodeOperation(query, variables);
      const limits = { ...options, maxBytes: MAX_JSON_BYTES };
      const { response, answer } = await exchange('POST', url, body, JSON_HEADERS, limits);
      return readData<T>(response, answer);
    },
    async put(url, body, options = {}) {
      const headers = { 'content-type': 'application/octet-stream' };
      const { response, answer } = await exchange('PUT', url, body, headers, { ...options, maxBytes: MiB });
      if (!isSuccess(response)) throw refusal(response, answer);
    },
    async get(url, options = {}) {
      const limits = { maxBytes: MAX_BLOB_BYTES, ...options };
      const { response, answer } = await exchange('GET', url, NOTHING, {}, limits);
      if (response.statusCode !== 200) throw refusal(response, answer);
      return answer;
    },
    async *subscribe<T>(url: string, query: string, options: SubscribeOptions = {}) {
      const body = encodeOperation(query, options.variables ?? {});
      const makeHeaders = sign('POST', body, { ...JSON_HEADERS, accept: 'text/event-stream' });
      const outgoing = { url, method: 'POST' as const, body, makeHeaders, signal: options.signal };
      const response = await openExchange(agent, outgoing, DEFAULT_TIMEOUT_MS);
      await refuseNonStream(response);
      if (isSuccess(response)) options.onOpen?.();
      for await (const data of readEvents(response, SILENCE_MS, options.signal))
        yield readResult<T>(parse(data), 200);
    },
  };
}

const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  [GRAPHQL_HEADER]: '1',
};

const encodeOperation = (query: string, variables: Record<string, unknown>): Uint8Array =>
  Buffer.from(JSON.stringify({ query, variables }));

const isSuccess = (response: IncomingMessage): boolean => Math.trunc((response.statusCode ?? 0) / 100) === 2;

async function refuseNonStream(response: IncomingMessage): Promise<void> {
  // A refused operation is answered as a stream too: one event with its error.
  if (response.headers['content-type']?.startsWith('text/event-stream')) return;
  const answer = await readAnswer(response, { maxBytes: MiB, timeoutMs: DEFAULT_TIMEOUT_MS });
  readData(response, answer);
  throw new PeerError('BAD_RESPONSE', { status: response.statusCode });
}

function parse(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString());
  } catch (cause) {
    throw new PeerError('BAD_RESPONSE', { cause });
  }
}

function readData<T>(response: IncomingMessage, answer: Uint8Array): T {
  const media = response.headers['content-type'] ?? '';
  const graphql = /^application\/(graphql-response\+)?json\b/.test(media);
  if (!graphql) throw refusal(response, answer);
  return readResult<T>(parse(answer), response.statusCode ?? 0, response);
}

type Result = { data?: unknown; errors?: { extensions?: { code?: unknown; retryAfterS?: unknown } }[] };

function readResult<T>(result: unknown, status: number, response?: IncomingMessage): T {
  const { data, errors } = (result ?? {}) as Result;
  if (Array.isArray(errors) && errors.length > 0) {
    const { code, retryAfterS } = errors[0]?.extensions ?? {};
    throw new PeerError(readPeerCode(code), { status, retryAfterS: readSeconds(retryAfterS) });
  }
  if (typeof data === 'object' && data !== null) return data as T;
  if (response && !isSuccess(response)) throw refusal(response, Buffer.from(JSON.stringify(result)));
  throw new PeerError('BAD_RESPONSE', { status });
}

/** What an answer outside GraphQL says: `{code, message}`, or nothing we understand. */
function refusal(response: IncomingMessage, answer: Uint8Array): PeerError {
  let code: unknown;
  try {
    code = (JSON.parse(Buffer.from(answer).toString()) as { code?: unknown } | null)?.code;
  } catch {
    // A proxy's page, say: the status tells enough.
  }
  const retryAfterS = readSeconds(Number(response.headers['retry-after'] ?? Number.NaN));
  return new PeerError(readPeerCode(code), { status: response.statusCode, retryAfterS });
}

const readSeconds = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, 0), 3600) : undefined;
