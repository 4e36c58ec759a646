/**
 * A GraphQL endpoint as a route handler: graphql-yoga with everything unsafe in its defaults turned off, and
 * limits on what one operation may cost. Knows no schema and no caller: both are parameters.
 */
import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
} from 'graphql';
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { hasDoubledMember } from './doubled-members.ts';
import { GRAPHQL_HEADER } from './graphql-header.ts';
import { codeOf, HttpError, type MaskErrors, maskAllButHttpErrors } from './http-error.ts';
import type { Log } from './log.ts';
import { limitCost } from './query-cost.ts';
import type { Handler, HttpRequest, HttpResponse } from './route.ts';

export type GraphqlLimits = {
  depth: number;
  aliases: number;
  tokens: number;
  cost: number;
  directives: number;
};

/** A query, a mutation, or one event of a subscription, about to run. */
export type Operation<Context> = {
  readonly kind: 'query' | 'mutation';
  /** Names of the root fields, in order, also of those in fragments. */
  readonly fields: readonly string[];
  readonly context: Context;
};

const DEFAULT_LIMITS: GraphqlLimits = { depth: 8, aliases: 15, tokens: 1000, cost: 5000, directives: 10 };

/** Told of each operation; `none` where none could be read. `failed`: with an error that was not meant for the caller. */
export type ObserveOperation = (
  type: 'query' | 'mutation' | 'subscription' | 'none',
  outcome: 'ok' | 'refused' | 'failed',
) => void;

export type GraphqlOptions<Context extends object> = {
  schema: GraphQLSchema;
  /** Says who calls, before anything is parsed. An HttpError thrown here is the HTTP answer (e.g. 401). */
  context: (request: HttpRequest) => Context | Promise<Context>;
  log: Log;
  /**
   * Stands around the execution of a query or mutation, and of each event of a subscription, e.g. with a transaction: what it
   * throws is answered instead of the result.
   */
  around?: (operation: Operation<Context>, run: () => Promise<unknown>) => Promise<unknown>;
  /** The context of one event of a subscription, e.g. with who calls asked anew; without it the subscription's own. */
  eachEvent?: (context: Context) => Context | Promise<Context>;
  /** What a caller may be told of an error; everything else becomes `INTERNAL` with a correlation id. */
  maskErrors?: MaskErrors;
  limits?: Partial<GraphqlLimits>;
  observe?: ObserveOperation;
  /** For development only: also lets GraphQL's own messages through, which repeat the request. */
  introspection?: boolean;
  /** JSON body, in bytes; the server's limit unless given. */
  maxBodyBytes?: number;
  /**
   * The only operations taken, by the hex SHA-256 of their text, as callers then name them in
   * `extensions.persistedQuery.sha256Hash`; any operation unless given, or where it answers null for a caller.
   */
  operations?: (context: Context) => ReadonlyMap<string, string> | null;
};

/**
 * A handler for POST (and, if mounted so, GET of queries and subscriptions; mutations never pass by GET).
 * Takes `application/json` only, with header `x-focalnet: 1`; subscriptions answer as `text/event-stream`.
 * Errors carry `extensions.code` and `extensions.correlationId`.
 * @throws (the handler) HttpError 403 `CSRF`, 415 `NOT_JSON`, 413 `BODY_TOO_LARGE`, 400 `MEMBER_DOUBLED`, what `context` throws
 */
export function createGraphql<Context extends object>(options: GraphqlOptions<Context>): Handler {
  const yoga = createYoga<{ held: Held<Context> }, Context>({
    schema: options.schema,
    context: ({ held }) => held.context,
    graphqlEndpoint: ENDPOINT,
    plugins: [
      takeNamed(options),
      limitOperations(options),
      observeOperations(options),
      limitCost(options.limits?.cost ?? DEFAULT_LIMITS.cost),
      standAround(options),
      showErrors(options),
    ],
    parserAndValidationCache: { documentCache: rememberPlain(), errorCache: FORGET },
    // Errors are shown by showErrors, the one place that every result and every event passes.
    maskedErrors: false,
    logging: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    maxRequestBodySize: false,
  });
  return async (request) => {
    const post = request.method === 'POST';
    if (post) refuseForms(request);
    const context = await options.context(request);
    const body = post ? await request.readBody(options.maxBodyBytes) : null;
    if (body !== null) refuseDoubledMembers(body);
    const held = { context, correlationId: request.correlationId };
    const response = await yoga.fetch(makeFetchRequest(yoga.fetchAPI.Request, request, body), { held });
    return toHttpResponse(response);
  };
}

const MOST_DOCUMENTS = 1000;

/** Documents by their text, so that none is parsed twice. A text with strings or remarks of its own may name a child: it is not kept. */
function rememberPlain<Document>() {
  const known = new Map<string, Document>();
  return {
    get: (text: string) => known.get(text),
    set: (text: string, document: Document) => {
      if (/["#]/.test(text)) return;
      if (known.size >= MOST_DOCUMENTS) known.clear();
      known.set(text, document);
    },
  };
}
const FORGET = { get: () => undefined, set: () => {} };

type Held<Context> = { context: Context; correlationId: string };

function refuseForms(request: HttpRequest): void {
  if (request.headers[GRAPHQL_HEADER] !== '1') {
    throw new HttpError(403, 'CSRF', `Send the header ${GRAPHQL_HEADER}: 1.`);
  }
  const media = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (media !== 'application/json')
    throw new HttpError(415, 'NOT_JSON', 'Send content-type: application/json.');
}

function refuseDoubledMembers(body: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return; // What is no JSON at all is refused in its own place.
  }
  if (hasDoubledMember(body, value))
    throw new HttpError(400, 'MEMBER_DOUBLED', 'An object names a member twice: send each once.');
}

/** The path is the server's business; yoga looks at this one only. */
const ENDPOINT = '/graphql';

/** @param FetchRequest yoga's own: much cheaper to make than Node's */
function makeFetchRequest(
  FetchRequest: typeof Request,
  request: HttpRequest,
  body: Uint8Array | null,
): Request {
  const headers: Record<string, string> = {};
  for (const name of ['accept', 'content-type']) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return new FetchRequest(`http://graphql${ENDPOINT}${request.query}`, {
    method: request.method,
    headers,
    signal: request.signal,
    ...(body === null ? {} : { body: body as Uint8Array<ArrayBuffer> }),
  });
}

/** Hop-by-hop and length belong to the server below. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'content-encoding']);

async function toHttpResponse(response: Response): Promise<HttpResponse> {
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    if (!OWN_HEADERS.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  });
  const streams = headers['content-type']?.startsWith('text/event-stream') ?? false;
  const body = streams ? (response.body as unknown as AsyncIterable<Uint8Array>) : await response.text();
  return { status: response.status, headers, body: body ?? '' };
}

/** Puts the text of a known operation in place of its name. */
function takeNamed<Context extends object>({ operations }: GraphqlOptions<Context>): Plugin {
  if (!operations) return {};
  return {
    onParams({ params, setParams, context }) {
      const known = operations((context as unknown as { held: Held<Context> }).held.context);
      if (known === null) return;
      const named = (params.extensions?.persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
      const query = typeof named === 'string' ? known.get(named) : undefined;
      if (query === undefined || (params.query ?? null) !== null)
        throw new HttpError(
          400,
          'OPERATION_UNKNOWN',
          'This endpoint takes named operations of its own only.',
        );
      setParams({ ...params, query });
    },
  };
}

function limitOperations(options: { limits?: Partial<GraphqlLimits>; introspection?: boolean }): Plugin {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return {
    onPluginInit({ addPlugin }) {
      addPlugin(
        EnvelopArmorPlugin({
          maxDepth: { n: limits.depth, flattenFragments: true },
          // Also of `__typename`, which the library would let pass in any number.
          maxAliases: { n: limits.aliases, allowList: [] },
          maxTokens: { n: limits.tokens },
          // The library takes a page asked for by a variable for one row, and any list: limitCost counts them.
          costLimit: { enabled: false },
          maxDirectives: { n: limits.directives },
          blockFieldSuggestion: { enabled: false },
        }) as Plugin,
      );
    },
    onValidate({ addValidationRule }) {
      if (!options.introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}

function standAround<Context extends object>(options: GraphqlOptions<Context>): Plugin {
  const { around, eachEvent = (context: Context) => context } = options;
  if (!around) return {};
  const surround =
    (executeFn: typeof execute): typeof execute =>
    (args) =>
      orErrors(
        async () => (await around(describeOperation(args), async () => executeFn(args))) as ExecutionResult,
      );
  return {
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(surround(executeFn as typeof execute)),
    onSubscribe: ({ setSubscribeFn }) =>
      setSubscribeFn(async (args: ExecutionArgs) => {
        const events = await createSourceEventStream(args);
        if (!isAsyncIterable(events)) return events;
        return mapAsyncIterator(events as AsyncIterableIterator<unknown>, (rootValue) =>
          orErrors(async () => {
            const contextValue = await eachEvent(args.contextValue as Context);
            return surround(execute)({ ...args, rootValue, contextValue });
          }),
        );
      }),
  };
}

async function orErrors(run: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
  try {
    return await run();
  } catch (error) {
    return { errors: [new GraphQLError('', { originalError: error as Error })] };
  }
}

function describeOperation<Context>({
  document,
  operationName,
  contextValue,
}: ExecutionArgs): Operation<Context> {
  const operation = getOperationAST(document, operationName);
  const namesIn = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((one) => {
      if (one.kind === Kind.FIELD) return [one.name.value];
      if (one.kind === Kind.INLINE_FRAGMENT) return namesIn(one.selectionSet);
      const named = document.definitions.find(
        (some) => some.kind === Kind.FRAGMENT_DEFINITION && some.name.value === one.name.value,
      );
      return namesIn((named as FragmentDefinitionNode).selectionSet);
    });
  return {
    kind: operation?.operation === 'mutation' ? 'mutation' : 'query',
    fields: operation ? namesIn(operation.selectionSet) : [],
    context: contextValue as Context,
  };
}

function observeOperations(options: Shown & { observe?: ObserveOperation }): Plugin {
  const observe = options.observe ?? (() => {});
  const outcomeOf = ({ errors }: Result) => {
    if (!errors) return 'ok';
    const isMeant = (error: unknown) => {
      const cause = rootCause(error);
      return cause instanceof GraphQLError || (options.maskErrors ?? maskAllButHttpErrors)(cause) !== null;
    };
    return errors.every(isMeant) ? 'refused' : 'failed';
  };
  return {
    onParse: () => (done) => {
      if (done.result instanceof Error) observe('none', 'refused');
    },
    onValidate: () => (done) => {
      if (!done.valid) observe('none', 'refused');
    },
    onExecute({ args }) {
      const type = getOperationAST(args.document, args.operationName)?.operation ?? 'none';
      return {
        onExecuteDone: ({ result }) => {
          if (!isAsyncIterable(result)) observe(type, outcomeOf(result as Result));
        },
      };
    },
    onSubscribe: () => ({
      onSubscribeResult: ({ result }) =>
        observe('subscription', isAsyncIterable(result) ? 'ok' : outcomeOf(result as Result)),
    }),
  };
}

type Result = { data?: unknown; errors?: readonly unknown[] };
type Shown = { log: Log; maskErrors?: MaskErrors; introspection?: boolean };

function showErrors(options: Shown): Plugin {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      const { correlationId } = (serverContext as unknown as { held: Held<unknown> }).held;
      const show = <R>(one: R): R => {
        const { errors } = one as Result;
        return errors
          ? { ...one, errors: errors.map((error) => showError(error, correlationId, options)) }
          : one;
      };
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, show));
      else setResult(Array.isArray(result) ? result.map(show) : show(result));
    },
  };
}

/** What the caller sees of one error. Messages of GraphQL itself repeat the request, so they are replaced. */
function showError(error: unknown, correlationId: string, options: Shown): GraphQLError {
  const located = error instanceof GraphQLError ? error : null;
  const cause = rootCause(error);
  const place = { nodes: located?.nodes ?? null, path: located?.path ?? null };
  if (cause instanceof GraphQLError) {
    const message = options.introspection || isLimit(cause) ? cause.message : NOT_IN_SCHEMA;
    const { http } = cause.extensions;
    return new GraphQLError(message, {
      nodes: place.nodes,
      extensions: { code: 'BAD_REQUEST', correlationId, ...(http ? { http: { ...http, spec: false } } : {}) },
    });
  }
  const shown = (options.maskErrors ?? maskAllButHttpErrors)(cause);

  if (shown === null)
    options.log.error('resolver failed', { correlationId, code: 'INTERNAL', cause: codeOf(cause) });
  const { code, message, retryAfterS } = shown ?? { code: 'INTERNAL', message: INTERNAL };
  return new GraphQLError(message, {
    ...place,
    extensions: { code, correlationId, ...(retryAfterS === undefined ? {} : { retryAfterS }) },
  });
}

const NOT_IN_SCHEMA = 'The operation or its variables do not fit the schema of this endpoint.';
const INTERNAL = 'Something failed here: try again, and give the correlation id if it stays.';

/** Refusals by a limit hold numbers only. */
const isLimit = (error: GraphQLError): boolean =>
  /^Syntax Error: [A-Za-z ]+ limit of \d+ exceeded/.test(error.message);

function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}
