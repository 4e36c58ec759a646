/**
 * Who calls an endpoint. How somebody is known is not decided here (sessions.ts).
 */
import type { HttpRequest } from '#platform/http/route.ts';
import { AccessError } from './access-error.ts';
import { type Actor, type Audience, audienceOf } from './actor.ts';

/**
 * Says who calls.
 * @param isUse false where an answer goes on and on: asking again whose it is does not keep a session from ending
 * @throws AccessError with a code that says how to sign in, or where this person's endpoint is
 */
export type Authenticate = (request: HttpRequest, audience: Audience, isUse?: boolean) => Promise<Actor>;

/** Lets in people of one endpoint alone, whatever it is that says who calls. @throws (the returned function) AccessError WRONG_ENDPOINT */
export function onlyFor(audience: Audience, authenticate: Authenticate) {
  return async (request: HttpRequest, isUse = true): Promise<Actor> => {
    const actor = await authenticate(request, audience, isUse);
    if (audienceOf[actor.role] !== audience) throw new AccessError('WRONG_ENDPOINT');
    return actor;
  };
}
