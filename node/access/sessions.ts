/**
 * Sessions: who a request comes from. Read anew from the tables for every request, so that what is ended is over at once.
 * Decides nothing about what a person may do.
 */
import type { Kysely } from 'kysely';
import type { Handler, HttpRequest, HttpResponse } from '#platform/http/route.ts';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { AccessError } from './access-error.ts';
import { type Actor, type Audience, audienceOf, type Role } from './actor.ts';
import { readCookie, SESSION_COOKIE } from './cookies.ts';
import { PURPOSE_HEADER, purposeFor } from './purpose.ts';
import { hashSecret, makeSecret } from './secret.ts';
import type { TryLimits } from './sign-in/limit-tries.ts';

const MINUTE_MS = 60_000;
/** Without a request for so long a session is over. */
export const IDLE_MS = 15 * MINUTE_MS;
/** From sign-in, however busy. */
export const LIFETIME_MS: Readonly<Record<Audience, number>> = {
  officer: 12 * 60 * MINUTE_MS,
  guardian: 2 * 60 * MINUTE_MS,
  ministry: 4 * 60 * MINUTE_MS,
  auditor: 4 * 60 * MINUTE_MS,
  operator: 4 * 60 * MINUTE_MS,
};
/** A request is noted at most so often. */
const SEEN_EVERY_MS = MINUTE_MS;

/** A session and its person, as they are now. */
export interface SessionRow {
  readonly idHash: string;
  readonly audience: Audience;
  readonly acr: string | null;
  readonly authTimeMs: number;
  readonly seenAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
  readonly person: string;
  readonly name: string;
  readonly role: Role;
  readonly office: string;
  readonly unit: string;
  readonly disabledAtMs: number | null;
  readonly browser: boolean;
}

type Asking = Pick<HttpRequest, 'headers' | 'remote'>;

export interface Sessions {
  /**
   * Who calls; the session is noted as used.
   * @param audience the endpoint's; a session of another one is refused
   * @param isUse false where an answer goes on and on: asking again does not keep its session from ending
   * @throws AccessError SIGN_IN_NEEDED, SESSION_OVER, TOO_MANY_TRIES, WRONG_ENDPOINT, PURPOSE_UNKNOWN
   */
  readonly authenticate: (request: Asking, audience: Audience, isUse?: boolean) => Promise<Actor>;
  /** The session of a request, whatever its audience, without noting it as used. @throws AccessError SIGN_IN_NEEDED, SESSION_OVER, TOO_MANY_TRIES */
  readonly look: (request: Asking) => Promise<SessionRow>;
  /** Whether this request names a session, even one that is over; good for nothing but being known again. @throws AccessError TOO_MANY_TRIES */
  readonly namesOne: (request: Asking) => Promise<boolean>;
  /**
   * The same handler, whose event streams end with the session: before anything is passed on the session is looked at again,
   * also before the server's sign of life every few seconds.
   */
  readonly endStreams: (handle: Handler) => Handler;
}

/**
 * @param stepUpAcr ways of proof that are good enough for acts which need a fresh one
 * @param tries what a session that is none costs who names it
 */
export function openSessions(settings: {
  db: Kysely<Database>;
  nowMs: () => number;
  stepUpAcr: readonly string[];
  tries: Pick<TryLimits, 'lookUp'>;
}): Sessions {
  const { db, nowMs, stepUpAcr, tries } = settings;
  const find = ({ remote }: Asking, value: string) => {
    const idHash = hashSecret(value);
    return tries.lookUp(remote, idHash, () => findSession(db, idHash));
  };
  const look = async (request: Asking): Promise<SessionRow> => {
    const value = readCookie(request.headers, SESSION_COOKIE);
    if (value === null) throw new AccessError('SIGN_IN_NEEDED');
    const row = await find(request, value);
    if (!row || !isGood(row, nowMs())) throw new AccessError('SESSION_OVER');
    return row;
  };
  return {
    look,
    namesOne: async (request) => {
      const value = readCookie(request.headers, SESSION_COOKIE);
      return value !== null && (await find(request, value)) !== undefined;
    },
    authenticate: async (request, audience, isUse = true) => {
      const row = await look(request);
      // The role may have changed since: it decides, not what the session once was.
      if (row.audience !== audience || audienceOf[row.role] !== audience)
        throw new AccessError('WRONG_ENDPOINT');
      if (isUse) await noteUse(db, row, nowMs());
      const { person: id, name, role, office, unit } = row;
      const isStrong = row.acr !== null && stepUpAcr.includes(row.acr);
      const purpose = purposeFor(role, request.headers[PURPOSE_HEADER]);
      const actor = { id, name, role, office, unit, signedInMs: isStrong ? row.authTimeMs : 0, purpose };
      return row.browser ? { ...actor, browser: true } : actor;
    },
    endStreams: (handle) => async (request) => {
      const response = await handle(request);
      if (!response.headers?.['content-type']?.startsWith('text/event-stream')) return response;
      return { ...response, body: whileGood(response.body, () => look(request)) };
    },
  };
}

async function* whileGood(
  body: HttpResponse['body'],
  look: () => Promise<unknown>,
): AsyncGenerator<string | Uint8Array, void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    if (body !== undefined) yield body;
    return;
  }
  for await (const piece of body) {
    const isOver = await look().then(
      () => false,
      () => true,
    );
    if (isOver) return;
    yield piece;
  }
}

/** One query: a session and its person. */
async function findSession(db: Kysely<Database>, idHash: string): Promise<SessionRow | undefined> {
  return db
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.person')
    .select([
      'id_hash as idHash',
      'audience',
      'acr',
      'auth_time as authTimeMs',
      'seen_at as seenAtMs',
      'expires_at as expiresAtMs',
      'ended_at as endedAtMs',
      'person.id as person',
      'name',
      'role',
      'office',
      'unit',
      'disabled_at as disabledAtMs',
      'browser',
    ])
    .where('id_hash', '=', idHash)
    .executeTakeFirst();
}

/** When a session ends if nobody uses it again, milliseconds since 1970. */
export const endsAtMs = ({ seenAtMs, expiresAtMs }: SessionRow): number =>
  Math.min(seenAtMs + IDLE_MS, expiresAtMs);

const isGood = (row: SessionRow, nowMs: number): boolean =>
  row.endedAtMs === null && row.disabledAtMs === null && nowMs < endsAtMs(row);

async function noteUse(db: Kysely<Database>, { idHash, seenAtMs }: SessionRow, nowMs: number): Promise<void> {
  if (nowMs - seenAtMs < SEEN_EVERY_MS) return;
  const query = db.updateTable('session').set({ seen_at: nowMs }).where('id_hash', '=', idHash);
  await query.where('seen_at', '=', seenAtMs).execute();
}

export interface Proof {
  readonly person: string;
  readonly audience: Audience;
  /** The provider's id of its own session. */
  readonly sid: string | null;
  readonly acr: string;
  /** When the person proved it, milliseconds since 1970. */
  readonly authTimeMs: number;
}

/** A new session with a value nobody has seen. @returns the cookie's value */
export async function startSession(
  op: Operation,
  proof: Proof,
  how: 'browser' | 'step-up' | 'program',
): Promise<string> {
  const value = makeSecret(op.random);
  const { person, audience, sid, acr, authTimeMs } = proof;
  const idHash = hashSecret(value);
  const times = { auth_time: authTimeMs, created_at: op.nowMs, seen_at: op.nowMs };
  const expires = op.nowMs + LIFETIME_MS[audience];
  await op.trx
    .insertInto('session')
    .values({
      ...{ id_hash: idHash, person, audience, sid, acr, ...times, expires_at: expires, ended_at: null },
      browser: how !== 'program',
    })
    .execute();
  await op.audit('session.started', { session: nameSession(idHash), person, audience, how });
  return value;
}

/** Which of the sessions that are not ended yet. */
export type Which =
  | { idHash: string }
  | { person: string }
  /** As a provider names them: all of a person's, or those of one session there. */
  | { issuer: string; subject: string | null; sid: string | null };
export type Ending = 'sign-out' | 'replaced' | 'disabled' | 'provider';

/** Ends sessions for good; with none that match nothing happens. @returns how many */
export async function endSessions(op: Operation, which: Which, reason: Ending): Promise<number> {
  let query = op.trx.updateTable('session').set({ ended_at: op.nowMs }).where('ended_at', 'is', null);
  if ('idHash' in which) query = query.where('id_hash', '=', which.idHash);
  else if ('person' in which) query = query.where('person', '=', which.person);
  else {
    if (which.sid !== null) query = query.where('sid', '=', which.sid);
    query = query.where('person', 'in', peopleOf(op, which));
  }
  const ended = await query.returning(['id_hash', 'person']).execute();
  for (const { id_hash, person } of ended)
    await op.audit('session.ended', { session: nameSession(id_hash), person, reason });
  return ended.length;
}

/** Ids of those whom a provider means. */
export function peopleOf(
  { trx }: Operation,
  { issuer, subject }: { issuer: string; subject: string | null },
) {
  const people = trx.selectFrom('person').select('id').where('issuer', '=', issuer);
  return subject === null ? people : people.where('subject', '=', subject);
}

/** What the log calls a session: enough to tell them apart, and nobody can come in with it. */
const nameSession = (idHash: string): string => idHash.slice(0, 16);
