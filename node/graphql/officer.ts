/**
 * The endpoint of a State's own officers: GraphQL, its subscriptions, and the streaming routes for files. Every caller is a
 * person with a session.
 */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { createGraphql, type ObserveOperation, type Operation } from '#platform/http/graphql.ts';
import { HttpError, type MaskErrors } from '#platform/http/http-error.ts';
import type { Log } from '#platform/http/log.ts';
import type { HttpRequest, Route } from '#platform/http/route.ts';
import { SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import { limits } from '#schema/protocol/limits.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { AttachmentError } from '../attachments/clean.ts';
import { attachmentRoutes } from '../attachments/routes.ts';
import { StorageError } from '../attachments/storage-error.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { EnquiryError } from '../enquiries/enquiry-error.ts';
import { SafetyStatement } from '../enquiries/safety-statement.ts';
import { defineAct, defineBodies, defineTask } from './officer-act-types.ts';
import { makeOfficerBuilder } from './officer-builder.ts';
import { defineClearance } from './officer-clearance-types.ts';
import { defineClock } from './officer-clock-types.ts';
import { makeOfficerContext, type OfficerContext } from './officer-context.ts';
import { defineConversation, defineProposal } from './officer-conversation-types.ts';
import { defineGuardianLinks } from './officer-guardian-links.ts';
import { defineMutations } from './officer-mutations.ts';
import { defineOversight } from './officer-oversight.ts';
import { definePeople } from './officer-people.ts';
import { scopeRootFields } from './officer-permissions.ts';
import { defineQueries } from './officer-queries.ts';
import { definePeer, defineShared } from './officer-shared-types.ts';
import { defineSubscriptions } from './officer-subscriptions.ts';

/** Says who calls. @throws AccessError SIGN_IN_NEEDED, SESSION_OVER, WRONG_ENDPOINT */
export type Authenticate = (request: HttpRequest) => Promise<Actor>;

function buildSchema(): GraphQLSchema {
  const { builder, derivation } = makeOfficerBuilder();
  const shared = defineShared(builder);
  const Peer = definePeer(builder);
  const ActBody = defineBodies(builder, derivation);
  const Warning = derivation.output(SafetyWarning, 'SafetyWarning');
  const Act = defineAct(builder, { ...shared, ActBody });
  const Task = defineTask(builder, Peer);
  const Safety = derivation.output(SafetyStatement, 'SafetyStatement');
  const { Clearance, ClearanceKind } = defineClearance(builder);
  const Proposal = defineProposal(builder, { ...shared, Peer, ActBody, Safety, Clearance });
  const Conversation = defineConversation(builder, {
    Act,
    Task,
    Proposal,
    Peer,
    Clock: defineClock(builder),
    Warning,
  });
  const types = { Conversation, Proposal, Peer, Task, Clearance, ClearanceKind };
  defineQueries(builder, types);
  defineMutations(builder, derivation, types);
  definePeople(builder, types);
  defineOversight(builder);
  defineGuardianLinks(builder, derivation);
  defineSubscriptions(builder, Conversation);
  return scopeRootFields(lexicographicSortSchema(builder.toSchema()));
}

/** The schema as text, for `schema/officer.graphql`. */
export const printOfficerSdl = (): string => `${printSchema(buildSchema())}\n`;

/** Bodies are deep and long; an enquiry read in full must pass, a thousandfold of it must not. */
const OFFICER_LIMITS = { depth: 14, aliases: 30, tokens: 4000, cost: 100_000, directives: 10 };

export interface OfficerOptions {
  readonly enquiries: EnquiryContext;
  readonly authenticate: Authenticate;
  readonly log: Log;
  /** For metrics. */
  readonly observe?: ObserveOperation;
  /** For development: the schema may be asked for its own description. */
  readonly introspection?: boolean;
}

/** The routes of the officers' server. */
export function officerRoutes(options: OfficerOptions): Route[] {
  const { enquiries, authenticate, log } = options;
  const graphql = createGraphql<OfficerContext>({
    schema: buildSchema(),
    context: async (request) =>
      makeOfficerContext(enquiries, await asHttp(authenticate(request)), request.signal),
    around: readRecorded,
    eachEvent: ({ actor, signal }) => makeOfficerContext(enquiries, actor, signal),
    log,
    maskErrors: showOfficerErrors,
    limits: OFFICER_LIMITS,
    maxBodyBytes: 2 * limits.documentBytes,
    introspection: options.introspection ?? false,
    ...(options.observe && { observe: options.observe }),
  });
  return [
    { method: 'POST', path: '/graphql', handle: graphql },
    ...attachmentRoutes({ ...enquiries, authenticate }),
  ];
}

/** One act, one request; and nothing that was read is answered before the record of reading it is committed. */
async function readRecorded(
  { kind, fields, context }: Operation<OfficerContext>,
  run: () => Promise<unknown>,
) {
  if (kind === 'mutation' && (fields.length !== 1 || fields[0] === '...'))
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

async function asHttp(actor: Promise<Actor>): Promise<Actor> {
  try {
    return await actor;
  } catch (error) {
    if (error instanceof AccessError) throw new HttpError(error.status, error.code, error.message);
    throw error;
  }
}

/** Refusals of the slices are written for officers; everything else stays inside. */
export const showOfficerErrors: MaskErrors = (error) => {
  if (error instanceof HttpError) return error;
  if (error instanceof AttachmentError) return { status: 422, code: error.code, message: error.message };
  if (error instanceof EnquiryError || error instanceof AccessError || error instanceof StorageError) {
    return { status: error.status, code: error.code, message: error.message };
  }
  return null;
};
