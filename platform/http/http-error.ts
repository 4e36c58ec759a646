/**
 * The error a request is answered with: `{code, message}` and a status. Knows no endpoint and no protocol rule;
 * a message is for the caller to act on and never repeats anything of the request.
 */

/** What a caller may be told about a failure. */
export type PublicError = {
  code: string;
  message: string;
  status: number;
  /** When another try makes sense, in seconds. */
  retryAfterS?: number;
};

/** Thrown by a handler to answer with this status, code and sentence. */
export class HttpError extends Error implements PublicError {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string;
  declare readonly retryAfterS?: number;

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(message);
    this.status = status;
    this.code = code;
    if (retryAfterS !== undefined) this.retryAfterS = retryAfterS;
  }
}

/** What a caller may be told, as an answer of its own: also when to try again. */
export const toHttpError = ({ status, code, message, retryAfterS }: PublicError): HttpError =>
  new HttpError(status, code, message, retryAfterS);

/** Decides what a caller may be told of an error; null for anything that is nobody's business. */
export type MaskErrors = (error: unknown) => PublicError | null;

/** Only errors meant for callers are shown. */
export const maskAllButHttpErrors: MaskErrors = (error) => (error instanceof HttpError ? error : null);

/** Stable code of any error, for logs: never its message, which may hold content. */
export function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && /^[A-Za-z0-9_]{1,40}$/.test(code)) return code;
  return typeof name === 'string' ? name : 'UNKNOWN';
}
