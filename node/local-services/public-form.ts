/**
 * Forms of pages behind an address that is somebody's only key: for services without an account, for children. Nobody is signed in.
 */
import { HttpError, toHttpError } from '#platform/http/http-error.ts';
import type { HttpRequest } from '#platform/http/route.ts';
import { AccessError } from '../access/access-error.ts';
import type { TryLimits } from '../access/sign-in/limit-tries.ts';
import { hashToken } from './link.ts';

const FORM = 'application/x-www-form-urlencoded';

/** @throws HttpError 415 NOT_A_FORM, 413 BODY_TOO_LARGE */
export async function readForm(request: HttpRequest, maxBytes: number): Promise<URLSearchParams> {
  if (!(request.headers['content-type'] ?? '').toLowerCase().startsWith(FORM))
    throw new HttpError(415, 'NOT_A_FORM', 'Use the form of the page.');
  return new URLSearchParams(new TextDecoder().decode(await request.readBody(maxBytes)));
}

/**
 * An address that is none is a try of who names it; the pages of one that is good stay open to who has it.
 * @param find undefined for an address that is good for nothing
 * @throws HttpError 429 TOO_MANY_TRIES
 */
export const findByToken = <Page>(
  tries: Pick<TryLimits, 'lookUp'>,
  { remote }: Pick<HttpRequest, 'remote'>,
  token: string,
  find: () => Promise<Page | undefined>,
): Promise<Page | undefined> =>
  tries.lookUp(remote, hashToken(token), find).catch((error: unknown) => {
    throw error instanceof AccessError ? toHttpError(error) : error;
  });
