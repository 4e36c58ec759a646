/**
 * The addresses at which people and their programs sign in and out. Refusals are a page for a browser and JSON for anybody else.
 */

import * as z from 'zod';
import { GRAPHQL_HEADER } from '#platform/http/graphql-header.ts';
import { codeOf, HttpError } from '#platform/http/http-error.ts';
import type { Log } from '#platform/http/log.ts';
import { answerJson, type HttpRequest, type HttpResponse, type Route } from '#platform/http/route.ts';
import { runOperation } from '../../operation.ts';
import { AccessError } from '../access-error.ts';
import {
  BROWSER_COOKIE,
  clearSession,
  readCookie,
  SESSION_COOKIE,
  setBrowser,
  setSession,
} from '../cookies.ts';
import { challengeOf, hashSecret } from '../secret.ts';
import { endSessions, endsAtMs, type Sessions } from '../sessions.ts';
import { UnknownPersonError } from './admit-person.ts';
import { beginSignIn, LOGIN_MS } from './begin-sign-in.ts';
import type { SignInContext } from './context.ts';
import { finishSignIn } from './finish-sign-in.ts';
import type { TryLimits } from './limit-tries.ts';
import { answerPage } from './page.ts';
import { isSignInText } from './page-texts.ts';
import { redeemProgramCode } from './program-code.ts';
import { CALLBACK_PATH } from './provider.ts';
import { takeLogout } from './take-logout.ts';

/** Every body here is a token or less. */
const MAX_BODY_BYTES = 16 * 1024;

export interface SignInRoutes extends Pick<SignInContext, 'db' | 'surroundings'> {
  readonly sessions: Sessions;
  readonly tries: TryLimits;
  /** Null where no provider is set up: then nobody can sign in. */
  readonly provider: Pick<SignInContext, 'provider' | 'settings'> | null;
  readonly log: Log;
}

type Handle = (ctx: SignInRoutes, request: HttpRequest) => Promise<HttpResponse>;

/** The routes. Each refusal has a code of access-error.ts. */
export function signInRoutes(ctx: SignInRoutes): Route[] {
  const route = (method: Route['method'], path: string, handle: Handle): Route => ({
    method,
    path,
    handle: (request) =>
      handle(ctx, request).catch((error: unknown) => answerRefusal(ctx.log, request, error)),
  });
  return [
    route('GET', '/sign-in', begin),
    route('GET', CALLBACK_PATH, finish),
    route('POST', '/sign-in/program', redeem),
    route('GET', '/session', show),
    route('POST', '/sign-out', signOut),
    route('POST', '/back-channel-logout', logOut),
  ];
}

/**
 * Counts a try of this address, or of a browser: who was signed in with it before has tries of their own, so that nobody behind
 * the same address locks an office out.
 */
async function takeTry(ctx: SignInRoutes, request: HttpRequest): Promise<void> {
  try {
    ctx.tries.take(request.remote);
  } catch (error) {
    if (!(await ctx.sessions.namesOne(request))) throw error;
    ctx.tries.take(hashSecret(readCookie(request.headers, SESSION_COOKIE)!));
  }
}

const begin: Handle = async (ctx, request) => {
  const { search, headers } = request;
  await takeTry(ctx, request);
  const { url, browser } = await beginSignIn(withProvider(ctx), {
    returnTo: search.get('return'),
    stepUp: search.get('step-up') === '1',
    program: search.get('program'),
    browser: readCookie(headers, BROWSER_COOKIE),
    session: readCookie(headers, SESSION_COOKIE),
  });
  return { status: 302, headers: { location: url.href, 'set-cookie': setBrowser(browser, LOGIN_MS / 1000) } };
};

const finish: Handle = async (ctx, request) => {
  const { query, headers } = request;
  await takeTry(ctx, request);
  const done = await finishSignIn(withProvider(ctx), { query, browser: readCookie(headers, BROWSER_COOKIE) });
  // Its beginning and this.
  ctx.tries.giveBack(request.remote, 2);
  if ('session' in done) {
    const page = { title: 'signed-in', says: ['you-are-signed-in'], goTo: done.returnTo } as const;
    return answerPage(request, 200, page, { 'set-cookie': setSession(done.session) });
  }
  return answerPage(request, 200, {
    title: 'code-for-program',
    shown: [done.code],
    says: ['type-this-code', 'give-it-to-nobody'],
  });
};

const Redeeming = z.strictObject({ code: z.string().max(40), verifier: z.string().max(100) });

const redeem: Handle = async (ctx, request) => {
  refuseForms(request);
  const body = await readJson(request);
  await takeTry(ctx, request);
  const parsed = Redeeming.safeParse(body);
  if (!parsed.success) throw new AccessError('CODE_INVALID');
  const challenge = challengeOf(parsed.data.verifier);
  ctx.tries.requireOpen(challenge);
  const session = await redeemProgramCode(ctx, parsed.data).catch((error: unknown) => {
    if (error instanceof AccessError && error.code === 'CODE_INVALID') ctx.tries.noteWrong(challenge);
    throw error;
  });
  ctx.tries.giveBack(request.remote, 1);
  return answerJson(200, { session });
};

const show: Handle = async (ctx, request) => {
  const row = await ctx.sessions.look(request);
  const { person: id, name, role, unit, office, audience, acr } = row;
  const time = (ms: number) => new Date(ms).toISOString();
  return answerJson(200, {
    person: { id, name, role, unit, office },
    audience,
    acr,
    signedInAt: time(row.authTimeMs),
    /** If nobody uses it before. */
    endsAt: time(endsAtMs(row)),
    endsAtTheLatest: time(row.expiresAtMs),
  });
};

const signOut: Handle = async (ctx, request) => {
  refuseForms(request);
  const value = readCookie(request.headers, SESSION_COOKIE);
  if (value !== null && (await ctx.sessions.namesOne(request))) {
    await runOperation(ctx.db, ctx.surroundings, (op) =>
      endSessions(op, { idHash: hashSecret(value) }, 'sign-out'),
    );
  }
  const providerUrl = ctx.provider?.provider.endSessionUrl() ?? null;
  return answerJson(200, { providerUrl }, { 'set-cookie': clearSession });
};

const logOut: Handle = async (ctx, request) => {
  // It comes from the provider and not from a browser: what makes it good is its signature alone.
  if (mediaOf(request) !== 'application/x-www-form-urlencoded') throw new AccessError('LOGOUT_INVALID');
  await takeTry(ctx, request);
  const form = new URLSearchParams(Buffer.from(await request.readBody(MAX_BODY_BYTES)).toString());
  await takeLogout(withProvider(ctx), form.get('logout_token') ?? '');
  ctx.tries.giveBack(request.remote, 1);
  return { status: 200, headers: { 'cache-control': 'no-store' } };
};

function withProvider({ db, surroundings, provider }: SignInRoutes): SignInContext {
  if (provider === null) throw new AccessError('SIGN_IN_NOT_SET_UP');
  return { db, surroundings, ...provider };
}

const mediaOf = ({ headers }: HttpRequest): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();

/** A form or a link on another site cannot send this header (CSRF). */
function refuseForms({ headers }: HttpRequest): void {
  if (headers[GRAPHQL_HEADER] !== '1')
    throw new HttpError(403, 'CSRF', `Send the header ${GRAPHQL_HEADER}: 1.`);
}

async function readJson(request: HttpRequest): Promise<unknown> {
  if (mediaOf(request) !== 'application/json')
    throw new HttpError(415, 'NOT_JSON', 'Send content-type: application/json.');
  try {
    return JSON.parse(Buffer.from(await request.readBody(MAX_BODY_BYTES)).toString());
  } catch (error) {
    if (error instanceof HttpError) throw error;
    return null;
  }
}

const RETRY_AFTER_S = 10;

function answerRefusal(log: Log, request: HttpRequest, error: unknown): HttpResponse {
  if (!(error instanceof AccessError)) throw error;
  const { code, status, message } = error;
  const { correlationId } = request;
  // What a stranger can bring about at will may not fill the log.
  const isNoise = status === 400 || status === 429 || code === 'SIGN_IN_NEEDED' || code === 'SESSION_OVER';
  log[isNoise ? 'debug' : 'warn']('sign-in-refused', {
    code,
    correlationId,
    cause: nameCause(error),
  });
  const retryS = status === 503 ? RETRY_AFTER_S : error.retryAfterS;
  const headers: Record<string, string> = retryS === undefined ? {} : { 'retry-after': String(retryS) };
  const unknown =
    error instanceof UnknownPersonError ? { issuer: error.issuer, subject: error.subject } : undefined;
  if (!request.headers.accept?.includes('text/html'))
    return answerJson(status, { code, message, ...unknown, correlationId }, headers);
  const shown = unknown ? [`issuer: ${unknown.issuer}`, `subject: ${unknown.subject}`] : [];
  const says = [isSignInText(code) ? code : 'not-signed-in'] as const;
  const page = { title: 'not-signed-in', says, shown: [...shown, `${code}, ${correlationId}`] } as const;
  return answerPage(request, status, page, headers);
}

/** What was found wrong below, for the log: what the provider calls it (RFC 6749 section 5.2), or the code of a library. */
function nameCause(thrown: Error): string {
  const { cause, error } = thrown as { cause?: unknown; error?: unknown };
  if (typeof error === 'string') return error;
  return cause instanceof Error ? nameCause(cause) : codeOf(thrown);
}
