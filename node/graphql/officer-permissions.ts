/**
 * What a caller needs for each root field of the officers' endpoint. A field that is not here cannot be built: default deny.
 */
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { messageCodes } from '#schema/conversation/message-types.ts';
import { type Permission, requirePermission } from '../access/permit.ts';
import { mutationNames } from './mutation-names.ts';
import type { OfficerContext } from './officer-context.ts';

const READ: Permission = 'conversation.read';

const rootFields: Readonly<Record<string, Permission>> = {
  'Query.me': READ,
  'Query.inbox': READ,
  'Query.conversation': READ,
  'Query.proposal': READ,
  'Query.waitingProposals': READ,
  'Query.clearances': READ,
  'Query.tasks': READ,
  'Query.unreadUrgent': READ,
  'Query.peers': READ,
  'Query.questions': READ,
  'Query.labels': READ,
  'Subscription.conversationChanged': READ,
  'Subscription.inboxChanged': READ,
  // Who may approve, and who may not, depends on the proposal: the operations say.
  'Mutation.approveRelease': READ,
  'Mutation.confirmRelease': READ,
  'Mutation.withdrawProposal': READ,
  'Mutation.revokeClearance': READ,
  'Mutation.recallAct': READ,
  'Mutation.resubmitProposal': 'act.propose',
  'Mutation.markRead': 'act.mark-read',
  'Mutation.closeTask': 'task.close',
  'Mutation.askClearance': 'clearance.ask',
  'Mutation.grantClearance': 'clearance.grant',
  ...Object.fromEntries(
    messageCodes.map((type) => [`Mutation.${mutationNames[type]}`, 'act.propose' as const]),
  ),
};

export class UnscopedFieldError extends Error {
  override readonly name = 'UnscopedFieldError';
  readonly code = 'FIELD_NOT_SCOPED';
  constructor(field: string) {
    super(`${field} has no permission: add it to officer-permissions.ts.`);
  }
}

type Resolver = GraphQLFieldResolver<unknown, OfficerContext>;

/**
 * Puts the permission before every root resolver.
 * @throws UnscopedFieldError for a root field the table does not know
 */
export function scopeRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const permission = rootFields[`${root!.name}.${field.name}`];
      if (permission === undefined) throw new UnscopedFieldError(`${root!.name}.${field.name}`);
      if (field.resolve) field.resolve = guard(permission, field.resolve);
      if (field.subscribe) field.subscribe = guard(permission, field.subscribe);
    }
  }
  return schema;
}

function guard(permission: Permission, resolve: Resolver): Resolver {
  return (root, args, ctx, info) => {
    requirePermission(ctx.actor, permission);
    return resolve(root, args, ctx, info);
  };
}
