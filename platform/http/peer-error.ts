/**
 * Why a call to a peer brought no usable answer. Never repeats what the peer wrote, except its code.
 */

const ADVICE = {
  PEER_URL_REFUSED: 'the address in the trust list is no plain http or https URL',
  PEER_ADDRESS_REFUSED: 'the name leads to an address that no peer may have; see allowLoopbackPeers',
  REDIRECT_REFUSED: 'the peer redirects elsewhere; list its final address',
  UNREACHABLE: 'no connection; it is tried again later',
  TIMEOUT: 'no answer in time; it is tried again later',
  ABORTED: 'the call was given up here',
  RESPONSE_TOO_LARGE: 'the answer is larger than this network allows',
  BAD_RESPONSE: 'the answer is not what this network expects',
} as const;

export type LocalPeerCode = keyof typeof ADVICE;
export const localPeerCodes = Object.keys(ADVICE) as readonly LocalPeerCode[];

/**
 * `code` is one of the local codes, or the code that the peer answered. `status` is the HTTP status if there was
 * an answer; `retryAfterS` what the peer asked for.
 */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code: string;
  readonly status: number | null;
  readonly retryAfterS: number | null;
  /** No connection came about, so that certainly nothing of the request left. */
  readonly nothingSent: boolean;

  constructor(
    code: string,
    answer: {
      status?: number | undefined;
      retryAfterS?: number | undefined;
      nothingSent?: boolean | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(`${code}: ${ADVICE[code as LocalPeerCode] ?? 'the peer refused the call'}`, {
      cause: answer.cause,
    });
    this.code = code;
    this.status = answer.status ?? null;
    this.retryAfterS = answer.retryAfterS ?? null;
    this.nothingSent = answer.nothingSent ?? false;
  }
}

/** A code a peer wrote, if it looks like one. */
export function readPeerCode(value: unknown): string {
  return typeof value === 'string' && /^[A-Z][A-Z0-9_]{1,39}$/.test(value) ? value : 'BAD_RESPONSE';
}
