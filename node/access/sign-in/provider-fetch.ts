/**
 * How the node calls its identity provider: to the authorities that were named, bounded in time and size, never redirected.
 */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { AccessError } from '../access-error.ts';

const TIMEOUT_MS = 8_000;
const MAX_BYTES = 1024 * 1024;

type Init = {
  method?: string;
  headers?: HeadersInit;
  body?: unknown;
  signal?: AbortSignal | null | undefined;
};
export type ProviderFetch = (url: string, init: Init) => Promise<Response>;

/** A `fetch` for the provider. @param ca PEM @throws (the function) AccessError PROVIDER_AWAY, also for an answer of 5xx */
export function makeProviderFetch(ca: string | null): ProviderFetch {
  return async (url, init) => {
    try {
      const response = await send(new URL(url), init, ca);
      const status = response.statusCode ?? 500;
      const body = await collect(response);
      if (status >= 500) throw new Error(`status ${status}`);
      const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
      return new Response(status === 204 || status === 304 ? null : body, {
        status,
        headers: headers as unknown as HeadersInit,
      });
    } catch (cause) {
      throw new AccessError('PROVIDER_AWAY', { cause });
    }
  };
}

function send(url: URL, { method = 'GET', headers, body, signal }: Init, ca: string | null) {
  const secure = url.protocol === 'https:';
  const patience = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = (secure ? tlsRequest : plainRequest)(
      url,
      {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
        ...(secure ? { minVersion: 'TLSv1.2', ...(ca === null ? {} : { ca }) } : {}),
      },
      resolve,
    );
    outgoing.once('error', reject);
    outgoing.end(body === undefined || body === null ? undefined : String(body));
  });
}

async function collect(response: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
