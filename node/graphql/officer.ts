/**
 * The endpoint of a State's own officers: GraphQL, its subscriptions, and the streaming routes for files. Every caller is a
 * person with a session.
 */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { MaskErrors } from '#platform/http/http-error.ts';
import type { Route } from '#platform/http/route.ts';
import { SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import { limits } from '#schema/protocol/limits.ts';
import { onlyFor } from '../access/authenticate.ts';
import { AttachmentError } from '../attachments/clean.ts';
import { attachmentRoutes } from '../attachments/routes.ts';
import { StorageError } from '../attachments/storage-error.ts';
import { CaseError } from '../cases/case-error.ts';
import { DutyError } from '../duty/duty-error.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { EnquiryError } from '../enquiries/enquiry-error.ts';
import { SafetyStatement } from '../enquiries/safety-statement.ts';
import { interchangeRoutes } from '../interchange/routes.ts';
import { LocalError } from '../local-services/local-error.ts';
import { MatchingError } from '../matching/matching-error.ts';
import { VaultError } from '../vault/vault-error.ts';
import { guardFields } from './guard-fields.ts';
import { defineAct, defineBodies, defineTask } from './officer-act-types.ts';
import { makeOfficerBuilder } from './officer-builder.ts';
import { defineCases } from './officer-cases.ts';
import { defineClearance } from './officer-clearance-types.ts';
import { defineClock } from './officer-clock-types.ts';
import { defineComplaints } from './officer-complaints.ts';
import { makeOfficerContext, type OfficerContext } from './officer-context.ts';
import { defineConversation, defineProposal } from './officer-conversation-types.ts';
import { defineDuty } from './officer-duty.ts';
import { defineGuardianLinks } from './officer-guardian-links.ts';
import { defineMatching } from './officer-matching.ts';
import { defineMutations } from './officer-mutations.ts';
import { defineOutside } from './officer-outside.ts';
import { defineOversight } from './officer-oversight.ts';
import { definePeople } from './officer-people.ts';
import { officerFields } from './officer-permissions.ts';
import { defineQueries } from './officer-queries.ts';
import { defineRepresentation } from './officer-representation.ts';
import { definePeer, defineShared } from './officer-shared-types.ts';
import { defineSubscriptions } from './officer-subscriptions.ts';
import { type PeopleOptions, peopleRoute } from './people-endpoint.ts';

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
  const Clock = defineClock(builder);
  const Conversation = defineConversation(builder, { Act, Task, Proposal, Peer, Clock, Warning });
  const types = { Conversation, Proposal, Peer, Task, Clearance, ClearanceKind, Transfer: shared.Transfer };
  defineQueries(builder, types);
  defineMutations(builder, derivation, types);
  definePeople(builder, types);
  defineOversight(builder);
  defineOutside(builder);
  defineDuty(builder, Proposal);
  defineGuardianLinks(builder, derivation, Proposal);
  defineRepresentation(builder, derivation, Proposal);
  const CaseFile = defineCases(builder, derivation, { ...shared, Conversation, Task });
  defineMatching(builder, derivation, { CaseFile, Conversation });
  defineComplaints(builder);
  defineSubscriptions(builder, types);
  const schema = lexicographicSortSchema(builder.toSchema());
  return guardFields(schema, officerFields(derivation.outputNames()));
}

/** The schema as text, for `schema/officer.graphql`. */
export const printOfficerSdl = (): string => `${printSchema(buildSchema())}\n`;

/** Bodies are deep and long; an enquiry read in full must pass, a thousandfold of it must not. */
const OFFICER_LIMITS = { depth: 14, aliases: 30, tokens: 4000, cost: 100_000, directives: 10 };

export interface OfficerOptions extends PeopleOptions {
  readonly enquiries: EnquiryContext;
}

/** The routes of the officers' server. */
export function officerRoutes({ enquiries, ...options }: OfficerOptions): Route[] {
  const graphql = peopleRoute<OfficerContext>(
    {
      audience: 'officer',
      path: '/graphql',
      schema: buildSchema(),
      makeContext: (caller) => makeOfficerContext(enquiries, caller),
      maskErrors: showOfficerErrors,
      limits: OFFICER_LIMITS,
      maxBodyBytes: 2 * limits.documentBytes,
    },
    enquiries,
    options,
  );
  const authenticate = onlyFor('officer', options.authenticate);
  return [
    graphql,
    ...attachmentRoutes({ ...enquiries, authenticate }),
    ...interchangeRoutes(enquiries, authenticate),
  ];
}

/** Their words are for whoever called; each says its status. */
const written = [EnquiryError, StorageError, DutyError, LocalError, CaseError, VaultError] as const;

/** Refusals of the slices are written for officers; everything else stays inside. */
export const showOfficerErrors: MaskErrors = (error) => {
  if (error instanceof AttachmentError || error instanceof MatchingError)
    return { status: 422, code: error.code, message: error.message };
  const isWritten = written.some((kind) => error instanceof kind);
  if (!isWritten) return null;
  const { status, code, message } = error as InstanceType<(typeof written)[number]>;
  return { status, code, message };
};
