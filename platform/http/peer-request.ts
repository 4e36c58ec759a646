/**
 * One HTTP request to a peer over kept-alive connections (node:http: measured faster than fetch). Bounded in
 * time and size, never redirected, only to addresses a peer may have. Knows no signature and no GraphQL.
 */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { makeLookup, type PeerRules, parsePeerUrl } from './peer-address.ts';
import { PeerError } from './peer-error.ts';

/** Within which a host must take a connection. */
const CONNECT_MS = 10_000;

export type PeerAgent = {
  readonly rules: PeerRules;
  readonly plain: PlainAgent;
  readonly tls: TlsAgent;
  /** Ends all connections. */
  close(): void;
};

/** Kept-alive connections to peers. `ca`: PEM of authorities to trust beside the usual ones. */
export function makePeerAgent(rules: PeerRules & { ca?: string }): PeerAgent {
  const options = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16 };
  const plain = new PlainAgent(options);
  const trust = rules.ca === undefined ? {} : { ca: rules.ca };
  const tls = new TlsAgent({ ...options, minVersion: 'TLSv1.3', ...trust });
  const close = () => {
    plain.destroy();
    tls.destroy();
  };
  return { rules, plain, tls, close };
}

export type Outgoing = {
  url: string;
  method: 'GET' | 'POST' | 'PUT';
  body: Uint8Array;
  /** Called for each try, so that each has a fresh signature. */
  makeHeaders: (url: URL) => Promise<Record<string, string>>;
  signal?: AbortSignal | undefined;
};

/**
 * Sends a request and waits for the head of its answer, `timeoutMs` at most.
 * A kept-alive connection that the peer had closed meanwhile is replaced once.
 * @throws PeerError
 */
export async function openExchange(
  agent: PeerAgent,
  outgoing: Outgoing,
  timeoutMs: number,
): Promise<IncomingMessage> {
  const url = parsePeerUrl(outgoing.url, agent.rules);
  const send = async () => sendOnce(agent, url, outgoing, await outgoing.makeHeaders(url), timeoutMs);
  const response = await send().catch((error: unknown) => {
    if (error instanceof StaleConnection) return send().catch(forgetNothingSent);
    throw error;
  });
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    response.destroy();
    throw new PeerError('REDIRECT_REFUSED', { status });
  }
  return response;
}

/** The peer closed a kept-alive connection just as it was used: nothing was answered. */
class StaleConnection extends PeerError {}

/** After a first try that may have got through, what became of the second says nothing about the first. */
function forgetNothingSent(error: unknown): never {
  if (error instanceof PeerError && error.nothingSent) throw new PeerError(error.code, { cause: error });
  throw error;
}

function sendOnce(
  agent: PeerAgent,
  url: URL,
  { method, body, signal }: Outgoing,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  const lengths = method === 'GET' ? {} : { 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new PeerError('ABORTED', { nothingSent: true }));
    const request = (secure ? tlsRequest : plainRequest)(url, {
      method,
      headers: { ...headers, ...lengths },
      agent: secure ? agent.tls : agent.plain,
      lookup: makeLookup(url.protocol, agent.rules) as never,
    });
    const giveUp = () => request.destroy(new PeerError('ABORTED'));
    const endAfter = (ms: number) => setTimeout(() => request.destroy(new PeerError('TIMEOUT')), ms);
    const timer = endAfter(timeoutMs);
    // Nothing is written before a connection stands and, with TLS, is encrypted.
    let nothingSent = true;
    // A host that does not answer at all is found out sooner than one that is slow.
    request.once('socket', (socket) => {
      nothingSent = socket.connecting;
      if (!socket.connecting) return;
      const connecting = endAfter(Math.min(CONNECT_MS, timeoutMs));
      socket.once('connect', () => clearTimeout(connecting));
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        nothingSent = false;
      });
      request.once('close', () => clearTimeout(connecting));
    });
    signal?.addEventListener('abort', giveUp, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    request.once('response', (response) => {
      settle();
      resolve(response);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      settle();
      reject(toPeerError(error, request.reusedSocket, nothingSent));
    });
    request.end(method === 'GET' ? undefined : body);
  });
}

function toPeerError(error: NodeJS.ErrnoException, reused: boolean, nothingSent: boolean): PeerError {
  const code = error instanceof PeerError ? error.code : 'UNREACHABLE';
  const stale = reused && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
  return new (stale ? StaleConnection : PeerError)(code, { cause: error, nothingSent });
}

/**
 * The body of an answer, `maxBytes` and `timeoutMs` at most.
 * @throws PeerError
 */
export async function readAnswer(
  response: IncomingMessage,
  limits: { maxBytes: number; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const giveUp = () => response.destroy(new PeerError('ABORTED'));
  const timer = setTimeout(() => response.destroy(new PeerError('TIMEOUT')), limits.timeoutMs);
  limits.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await collect(response, limits.maxBytes);
  } catch (error) {
    throw error instanceof PeerError ? error : new PeerError('UNREACHABLE', { cause: error });
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', giveUp);
  }
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new PeerError('RESPONSE_TOO_LARGE', { status: response.statusCode });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
