/**
 * An endpoint for people of one audience: who calls is asked first, then the limits; what is read is recorded before it is
 * answered; errors say what they may. The same for officers, guardians, ministries and auditors: they differ in schema, in
 * context and in the role of the database.
 */

import type { GraphQLSchema } from 'graphql';
import {
  createGraphql,
  type GraphqlLimits,
  type ObserveOperation,
  type Operation,
} from '#platform/http/graphql.ts';
import { HttpError, type MaskErrors, toHttpError } from '#platform/http/http-error.ts';
import type { Log } from '#platform/http/log.ts';
import type { Route } from '#platform/http/route.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor, Audience } from '../access/actor.ts';
import { type Authenticate, onlyFor } from '../access/authenticate.ts';
import { openReading, type Reading, type Reads } from '../reading.ts';
import { VaultError } from '../vault/vault-error.ts';
import type { NamedOperations } from './named-operations.ts';

/** What a resolver knows of who calls. A context has it, whatever else it has. */
export interface Caller {
  readonly actor: Actor;
  /** What this request reads, and the record of it. */
  readonly reading: Reading;
  /** Asks again who calls, for what lasts longer than one answer. @throws HttpError once the session is over */
  readonly recheck: () => Promise<Actor>;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** What all endpoints of a node share. */
export interface PeopleOptions {
  readonly authenticate: Authenticate;
  readonly log: Log;
  /** For metrics. */
  readonly observe?: ObserveOperation;
  /** For development: a schema may be asked for its own description. */
  readonly introspection?: boolean;
  /** The only operations that endpoints for people take; any, unless given. */
  readonly operations?: NamedOperations | null;
  /** For the demo and tests: from browsers any operation is taken, too. */
  readonly anyFromBrowsers?: boolean;
}

/** What is an endpoint's own. */
export interface PeopleEndpoint<Context extends Caller> {
  readonly audience: Audience;
  readonly path: string;
  readonly schema: GraphQLSchema;
  /** Called for each request and each event of a subscription: nothing read for one is seen by another. */
  readonly makeContext: (caller: Caller) => Context;
  /** Errors of the slices behind it that are written for this audience. */
  readonly maskErrors?: MaskErrors;
  readonly limits?: Partial<GraphqlLimits>;
  readonly maxBodyBytes?: number;
}

export function peopleRoute<Context extends Caller>(
  endpoint: PeopleEndpoint<Context>,
  reads: Reads,
  options: PeopleOptions,
): Route {
  const { audience, path, schema, makeContext, maskErrors, ...limits } = endpoint;
  const { log, introspection = false, operations, anyFromBrowsers = false, observe } = options;
  const known = operations ? operations(audience, schema) : null;
  const authenticate = onlyFor(audience, options.authenticate);
  const contextOf = (actor: Actor, { recheck, signal }: Pick<Caller, 'recheck' | 'signal'>) =>
    makeContext({ actor, recheck, signal, reading: openReading(reads, actor) });
  const handle = createGraphql<Context>({
    ...limits,
    schema,
    context: async (request) => {
      const recheck = () => asHttp(authenticate(request, false));
      return contextOf(await asHttp(authenticate(request)), { recheck, signal: request.signal });
    },
    around: readRecorded,
    eachEvent: async (context) => contextOf(await context.recheck(), context),
    log,
    maskErrors: (error) => showAccess(error) ?? maskErrors?.(error) ?? null,
    introspection,
    ...(observe && { observe }),
    operations: ({ actor }) => known ?? (actor.browser && !anyFromBrowsers ? NONE : null),
  });
  return { method: 'POST', path, handle };
}

/** A browser runs what its console brings, which is named; programs of an office ask what they like. */
const NONE: ReadonlyMap<string, string> = new Map();

/** One act, one request; and nothing that was read is answered before the record of reading it is committed. */
async function readRecorded({ kind, fields, context }: Operation<Caller>, run: () => Promise<unknown>) {
  if (kind === 'mutation' && fields.length !== 1)
    throw new HttpError(400, 'ONE_ACT', 'Send each act in a request of its own.');
  const { reading } = context;
  try {
    const result = await run();
    await reading.finish(fields);
    return result;
  } finally {
    await reading.abandon();
  }
}

const showAccess: MaskErrors = (error) => {
  if (error instanceof VaultError) return error;
  if (error instanceof HttpError) return error;
  return error instanceof AccessError ? error : null;
};

async function asHttp(actor: Promise<Actor>): Promise<Actor> {
  try {
    return await actor;
  } catch (error) {
    if (error instanceof AccessError) throw toHttpError(error);
    throw error;
  }
}
