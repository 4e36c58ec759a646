/**
 * An officer takes back an act of this office that has not reached its recipient (PRACTICE.md A14): it still waits here, or
 * unread in the gateway's mailbox. What has reached it cannot be taken back, only answered for.
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { recallReason } from '#schema/vocabulary/acts.ts';
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { type Stopped, stopMessage } from '../exchange/recall-message.ts';
import { type Operation, type PersonalOperation, runAs, runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { noteUndelivered } from './note-undelivered.ts';
import { noteBreach } from './revive-act.ts';
import { type ActHead, lockConversation } from './store.ts';
import { mayTakeBack } from './withdraw-proposal.ts';

export type RecallReason = CodeOf<typeof recallReason>;

/** What became of a recall, as far as it is known now; the sentence an officer reads. */
export const recallOutcomes = {
  'taken-back':
    'Nobody there has received it, and nobody will. It can be released anew, or its proposal withdrawn.',
  asked:
    'It has left, and nothing signed says yet where it is. The mailbox is asked to delete it unread and the recipient not to take it. The answer follows here; if it matters at once, telephone the recipient.',
  'too-late':
    'It is with the recipient. Send a withdrawal (withdrawEnquiry), a stand-still (standStill) or a correction (proposeSupplement). If it went to the wrong State none of these undoes it: it is a breach, and with that reason the register has an entry; tell your supervisor at once.',
} as const;

export type RecallOutcome = keyof typeof recallOutcomes;

/**
 * Who proposed it or may decide on it takes it back. Asking again says how it stands.
 * @throws AccessError NOT_PERMITTED; EnquiryError ACT_UNKNOWN
 */
export async function recallAct(
  ctx: EnquiryContext,
  actor: Actor,
  messageId: string,
  reason: RecallReason,
): Promise<RecallOutcome> {
  await runAs(ctx, actor, (op) => requireOwn(op, messageId));
  // The exchange's own rows are no person's: what this one may is settled above.
  const stopped = await runOperation(ctx.doors.exchange, ctx.surroundings, async (op) => {
    // The exchange's rows first, then the conversation, as where a receipt comes in.
    const what = await stopMessage(op, messageId as MessageId);
    await noteRecall(ctx, op, actor, { messageId, reason, what });
    return what;
  });
  if (stopped === 'asked') await ctx.askRecall(messageId as MessageId);
  return runAs(ctx, actor, async (op) => {
    const act = await readAct(op, messageId);
    const outcome = outcomeOf(act);
    if (outcome === 'too-late')
      await noteBreach(op, { ...act, recall_reason: reason, recalled_by: actor.id });
    return outcome;
  });
}

async function readAct(op: Operation, messageId: string): Promise<ActHead> {
  const act = await op.trx
    .selectFrom('act')
    .selectAll()
    .where('message_id', '=', messageId)
    .where('stage', 'is not', null)
    .executeTakeFirst();
  if (!act) throw new EnquiryError('ACT_UNKNOWN');
  return act;
}

async function requireOwn(op: PersonalOperation, messageId: string): Promise<void> {
  const act = await readAct(op, messageId);
  await op.require('conversation.read', act.thread);
  const proposal = await op.trx
    .selectFrom('proposal')
    .select(['proposer', 'type'])
    .where('id', '=', act.proposal_id ?? '')
    .executeTakeFirst();
  if (!proposal || !mayTakeBack(op.actor, proposal)) throw new AccessError('NOT_PERMITTED');
}

async function noteRecall(
  ctx: EnquiryContext,
  op: Operation,
  actor: Actor,
  recall: { messageId: string; reason: RecallReason; what: Stopped },
): Promise<void> {
  const { messageId, reason, what } = recall;
  const act = await op.trx
    .selectFrom('act')
    .select('thread')
    .where('message_id', '=', messageId)
    .executeTakeFirstOrThrow();
  await lockConversation(op.trx, act.thread);
  await op.audit('act.recall-asked', { messageId, thread: act.thread, reason, found: what, actor: actor.id });
  if (what === 'decided') return;
  await op.trx
    .updateTable('act')
    .set({ recalled_by: actor.id, recalled_at: op.nowMs, recall_reason: reason })
    .where('message_id', '=', messageId)
    .execute();
  if (what === 'unread') await noteUndelivered(ctx, op, messageId as MessageId, 'recalled', false);
  op.afterCommit(() => ctx.changes.publish(act.thread));
}

function outcomeOf({ stage, in_doubt }: ActHead): RecallOutcome {
  if (stage === 'undelivered') return in_doubt ? 'asked' : 'taken-back';
  return stage === 'queued' || stage === 'relayed' ? 'asked' : 'too-late';
}
