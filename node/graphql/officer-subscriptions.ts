/**
 * Tells officers that something changed, so that nobody has to ask again and again. Events are hints: each reads anew, under
 * the permission of the moment.
 */
import type { OutputRef } from '@pothos/core';
import type { ConversationRow } from '../enquiries/store.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { makeOfficerContext, type OfficerContext, readWhole } from './officer-context.ts';

export function defineSubscriptions(builder: OfficerBuilder, Conversation: OutputRef<ConversationRow>): void {
  builder.subscriptionType({
    fields: (t) => ({
      conversationChanged: t.field({
        type: Conversation,
        description: 'The conversation, now and whenever an act, a receipt, a proposal or a task changed it.',
        args: { thread: t.arg.id({ required: true }) },
        subscribe: (_root, { thread }, ctx) => watchThread(ctx, String(thread)),
        resolve: (_event, { thread }, ctx) => {
          refreshLoaders(ctx);
          return readWhole(ctx, String(thread));
        },
      }),
      inboxChanged: t.field({
        type: 'String',
        description: 'Thread that changed; empty where something may have been missed: read the inbox anew.',
        subscribe: (_root, _args, ctx) => ctx.enquiries.changes.watch(ctx.signal),
        resolve: (thread) => thread as string,
      }),
    }),
  });
}

/** At once, so that nothing between asking and watching is missed; then at each change. */
async function* watchThread(ctx: OfficerContext, thread: string): AsyncGenerator<string, void> {
  const changes = ctx.enquiries.changes.watch(ctx.signal);
  yield thread;
  for await (const changed of changes) if (changed === thread || changed === '') yield thread;
}

/** Loaders remember for one request; a subscription is one request that lasts, so each event needs fresh ones. */
function refreshLoaders(ctx: OfficerContext): void {
  Object.assign(ctx, makeOfficerContext(ctx.enquiries, ctx.actor, ctx.signal));
}
