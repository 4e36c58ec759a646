/**
 * A caller of a node's officer endpoint: what the command line and the demo use, and what any program of an office may do.
 */

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
  /** Stores a file after cleaning. */
  readonly upload: (bytes: Uint8Array, media: string) => Promise<StoredFile>;
  readonly download: (id: string) => Promise<Uint8Array>;
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

/** @param token bearer token that names the person who acts */
export function openOfficerClient(url: string, token: string): OfficerClient {
  const authorization = `Bearer ${token}`;
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { authorization, 'x-focalnet': '1', ...init.headers },
    });
    if (!response.ok && !response.headers.get('content-type')?.includes('json')) {
      throw new OfficerError('HTTP', `the node answered ${response.status}`);
    }
    return response;
  };
  return {
    ask: async <T>(query: string, variables: Record<string, unknown> = {}) => {
      const body = JSON.stringify({ query, variables });
      const response = await call('/graphql', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      });
      const result = (await response.json()) as {
        data?: T;
        errors?: { message: string; extensions?: { code?: string } }[];
        code?: string;
        message?: string;
      };
      const [error] = result.errors ?? [];
      if (error) throw new OfficerError(error.extensions?.code ?? 'UNKNOWN', error.message);
      if (!result.data)
        throw new OfficerError(result.code ?? 'UNKNOWN', result.message ?? 'the node gave no data');
      return result.data;
    },
    upload: async (bytes, media) => {
      const response = await call('/attachments', {
        method: 'POST',
        body: bytes as BodyInit,
        headers: { 'content-type': media },
      });
      const result = (await response.json()) as StoredFile & { code?: string; message?: string };
      if (!response.ok)
        throw new OfficerError(
          result.code ?? 'UNKNOWN',
          result.message ?? `the node answered ${response.status}`,
        );
      return result;
    },
    download: async (id) => {
      const response = await call(`/attachments/${encodeURIComponent(id)}`, {});
      if (!response.ok) throw new OfficerError('HTTP', `the node answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    exportEvidence: async (thread) => {
      const response = await call(`/evidence/${encodeURIComponent(thread)}`, {});
      if (!response.ok) {
        const { code, message } = (await response.json()) as { code: string; message: string };
        throw new OfficerError(code, message);
      }
      const complete = response.headers.get('x-focalnet-complete') === 'yes';
      return { bytes: new Uint8Array(await response.arrayBuffer()), complete };
    },
  };
}
