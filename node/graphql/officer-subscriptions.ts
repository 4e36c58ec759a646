/**
 * Tells officers that something changed, so that nobody has to ask again and again. Events are hints: each reads anew, under
 * the permission of the moment. That a stream ends with its session is seen to by node/access/sessions.ts.
 */
import { setTimeout } from 'node:timers/promises';
import type { OutputRef } from '@pothos/core';
import { keepVisible } from '../enquiries/read-conversation.ts';
import type { ConversationRow } from '../enquiries/store.ts';
import type { Transfer } from '../exchange/transfers.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { type OfficerContext, readWhole } from './officer-context.ts';

export function defineSubscriptions(
  builder: OfficerBuilder,
  { Conversation, Transfer }: { Conversation: OutputRef<ConversationRow>; Transfer: OutputRef<Transfer> },
): void {
  builder.subscriptionType({
    fields: (t) => ({
      conversationChanged: t.field({
        type: Conversation,
        description:
          'The conversation, now and whenever an act, a receipt, a proposal or a task changed it, or its files went on.',
        args: { thread: t.arg.id({ required: true }) },
        subscribe: (_root, { thread }, ctx) => watchThread(ctx, String(thread)),
        resolve: (_event, { thread }, ctx) => readWhole(ctx, String(thread)),
      }),
      arrivingChanged: t.field({
        type: [Transfer],
        description: 'Files that other States are sending: now, and at most once a second while they come.',
        subscribe: (_root, _args, ctx) => watchArriving(ctx),
        resolve: (_event, _args, { enquiries }) => enquiries.transfers.arriving(),
      }),
      inboxChanged: t.field({
        type: 'String',
        description: 'Thread that changed; empty where something may have been missed: read the inbox anew.',
        subscribe: (_root, _args, ctx) => watchInbox(ctx),
        resolve: (thread) => thread as string,
      }),
    }),
  });
}

/**
 * At once, so that nothing between asking and watching is missed; then at each change, for as long as this person may see it.
 * One answer and no more for what they may not see: that it changes would tell that it is there.
 */
async function* watchThread(ctx: OfficerContext, thread: string): AsyncGenerator<string, void> {
  const changes = ctx.enquiries.changes.watch(ctx.signal);
  yield thread;
  if (!(await maySee(ctx, thread))) return;
  for await (const changed of changes) {
    if (changed !== thread && changed !== '') continue;
    if (!(await maySee(ctx, thread))) return;
    yield thread;
  }
}

const ARRIVING_EVERY_MS = 1000;

/** At once, and then whenever something came, however many files come together. */
async function* watchArriving({ enquiries, signal, recheck }: OfficerContext): AsyncGenerator<true, void> {
  let rouse = () => {};
  let hasChanged = true;
  const wake = () => {
    hasChanged = true;
    rouse();
  };
  const stop = enquiries.transfers.listen((_id, { direction }) => direction === 'in' && wake());
  signal.addEventListener('abort', wake);
  try {
    while (!signal.aborted) {
      if (hasChanged) {
        hasChanged = false;
        await recheck();
        yield true;
        await setTimeout(ARRIVING_EVERY_MS, undefined, { signal }).catch(() => {});
      } else {
        await new Promise<void>((resolve) => {
          rouse = resolve;
          if (hasChanged || signal.aborted) resolve();
        });
      }
    }
  } finally {
    stop();
    signal.removeEventListener('abort', wake);
  }
}

/** Threads that changed and that this person may see. */
async function* watchInbox(ctx: OfficerContext): AsyncGenerator<string, void> {
  for await (const changed of ctx.enquiries.changes.watch(ctx.signal)) {
    if (changed === '' || (await maySee(ctx, changed))) yield changed;
  }
}

/** As whoever the session's person is by now. Looking whether one may look shows nothing: it leaves no record. */
async function maySee({ enquiries, recheck }: OfficerContext, thread: string): Promise<boolean> {
  const actor = await recheck();
  const nowMs = enquiries.surroundings.nowMs();
  return enquiries.doors.withActor(
    actor,
    async (trx) => (await keepVisible(trx, actor, [{ thread }], nowMs)).length > 0,
  );
}
