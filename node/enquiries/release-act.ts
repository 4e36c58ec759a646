/**
 * A proposal becomes an act: numbered, stored, handed to the sealer, in the caller's transaction. Whether it may, the caller
 * has checked; nothing here asks again.
 */
import type { Selectable } from 'kysely';
import type { Act } from '#schema/conversation/acts.ts';
import { limitMs } from '#schema/conversation/calendar.ts';
import { factsOf } from '#schema/conversation/facts.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import { ConversationError, judgeAsAuthored } from '#schema/conversation/rules.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import { type MessageId, makeMessageId, type State, type ThreadId } from '#schema/protocol/ids.ts';
import { recordDisclosure } from '../access/disclosures.ts';
import { heedNamed, namedInAct } from '../access/named-in-acts.ts';
import { openBreachOf } from '../access/report-breach.ts';
import { neutralName } from '../attachments/clean.ts';
import { sealedAttachment } from '../attachments/tables.ts';
import { type Outgoing, requestSealing } from '../exchange/request-sealing.ts';
import type { Operation } from '../operation.ts';
import { settleErasure } from '../retention/answer-erasure.ts';
import { type Opened, sealColumns } from '../vault/sealed-columns.ts';
import { isAboutHeldOrAccused, isAlarm } from './alarm.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError } from './enquiry-error.ts';
import { leavesAtMs } from './leaves-at.ts';
import { admitReaders } from './named-readers.ts';
import { numberAct, numberAgain } from './number-act.ts';
import { refreshConversation } from './refresh-conversation.ts';
import { type ActHead, counts, insertAct, readActHeads, toActs } from './store.ts';
import type { ProposalTable, Side } from './tables.ts';
import { moveTasks, openTask, settleProposalTasks, settleTasks } from './task.ts';
import { tellOtherPeers } from './tell-other-peers.ts';

export type ProposalRow = Opened<Selectable<ProposalTable>, 'body' | 'safety' | 'withdraw_reason'>;

type Second = { readonly id: string; readonly role: string };

/** How long an approval holds, in milliseconds (PRACTICE.md A14). */
export const approvalTimes = {
  routine: limitMs('approval-routine'),
  urgent: limitMs('approval-urgent'),
} as const;

/** Within this a second person must have approved what one person sent in imminent danger (SECURITY.md, Access). */
export const SECOND_APPROVAL_MS = limitMs('second-approval');

/**
 * Releases a proposal whose conversation is locked.
 * @param lane of the moment: an alert may have come since it was proposed
 * @param second person who approved; null where one person suffices
 * @returns the id of the message
 */
export async function releaseAct(
  ctx: EnquiryContext,
  op: Operation,
  proposed: ProposalRow,
  lane: Lane,
  second: Second | null,
): Promise<MessageId> {
  const proposal = { ...proposed, lane };
  const readers = [proposal.proposer, ...(second ? [second.id] : [])];
  if (proposal.eyes_only) await admitReaders(op, proposal.thread, readers, proposal.proposer);
  const side = await ensureConversation(op, proposal);
  const messageId = makeMessageId(op.nowMs, op.random(10));
  const body = JSON.parse(proposal.body) as Record<string, unknown>;
  const type = proposal.type as MessageCode;
  const facts = factsOf(type, body as never);
  const atMs = await leavesAtMs(ctx, op, { ...proposal, side });
  const { n, seen } = await takeNumber(op, proposal, { id: messageId, side, type, atMs, facts });
  await insertAct(op, {
    message_id: messageId,
    thread: proposal.thread,
    side,
    n,
    seen,
    type,
    version: proposal.version,
    lane: proposal.lane,
    body: proposal.body,
    facts: new TextDecoder().decode(encodeCanonical(facts)),
    author_name: proposal.proposer_name,
    author_office: proposal.office,
    supersedes: proposal.supersedes,
    at: atMs,
    delivered_at: null,
    read_by: null,
    read_at: null,
    stage: 'queued',
    stage_code: null,
    proposal_id: proposal.id,
    notice: proposal.notice,
  });
  await claimAttachments(op, proposal, messageId);
  // That something was erased is said by the erasure itself, when it is true.
  const waits =
    type === 'ERS' &&
    (await settleErasure(ctx, op, {
      thread: proposal.thread,
      messageId,
      body,
      by: second?.id ?? proposal.proposer,
    }));
  const outgoing: Outgoing = {
    messageId,
    peer: proposal.peer as State,
    lane: proposal.lane,
    type: `${type}@${proposal.version}`,
    thread: proposal.thread as ThreadId,
    n,
    seen,
    ...(proposal.supersedes === null ? {} : { supersedes: proposal.supersedes as MessageId }),
    author: { name: proposal.proposer_name, office: proposal.office },
    body,
    attachmentIds: proposal.attachment_ids,
    approvedUntilMs: atMs + approvalTimes[proposal.lane],
    notBeforeMs: atMs > op.nowMs ? atMs : undefined,
    notice: proposal.notice,
  };
  if (!waits) await requestSealing(op, outgoing);
  await recordRelease(op, proposal, { messageId, n, seen, second });
  if (proposal.message_id !== null) await moveTasks(op, [proposal.message_id], messageId);
  const decided = { proposalId: proposal.id, by: second?.id ?? proposal.proposer, reason: 'released' };
  await settleProposalTasks(op, { ...decided, kind: 'approval-waits' });
  await openReleaseTasks(op, proposal, messageId, { type, facts, second });
  await heedNamed(op, proposal.thread, namedInAct(messageId, type, body));
  await refreshConversation(op, ctx, proposal.thread);
  op.afterCommit(ctx.wakeSealer);
  return messageId;
}

/** The side this node has in the conversation; one that the act opens is made here, and we are who asks. */
async function ensureConversation(op: Operation, proposal: ProposalRow): Promise<Side> {
  if (proposal.opens) {
    await op.trx
      .insertInto('conversation')
      .values({
        ...emptyConversation(op.nowMs),
        thread: proposal.thread,
        peer: proposal.peer,
        side: 'requester',
        unit: proposal.unit,
        eyes_only: proposal.eyes_only,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const { side } = await op.trx
    .selectFrom('conversation')
    .select('side')
    .where('thread', '=', proposal.thread)
    .executeTakeFirstOrThrow();
  return side;
}

/** Columns of a conversation before its first act is folded. */
export const emptyConversation = (nowMs: number) => ({
  state: 'DRAFT' as const,
  eyes_only: false,
  purpose: null,
  urgency: 'routine',
  danger: false,
  awaiting_us: false,
  unread: 0,
  urgent_unread: false,
  due_at: null,
  alarm_at: null,
  opened_at: nowMs,
  updated_at: nowMs,
  last_read_at: null,
});

async function takeNumber(op: Operation, proposal: ProposalRow, act: Omit<Act, 'n' | 'seen'>) {
  const rows = await readActHeads(op.trx, [proposal.thread]);
  // What is in doubt keeps its number, also where the same act was released anew under it and refused.
  const own = rows.filter((row) => row.side === act.side && (!row.void || row.in_doubt));
  const held = toActs(rows);
  const taken = own.map((row) => row.n);
  const inDoubt = own.findLast((row) => row.in_doubt && row.proposal_id === proposal.id);
  const again = inDoubt && numberAgain(held, taken, act, inDoubt.n);
  if (inDoubt && again) await freeNumber(op, inDoubt);
  const numbering = again ?? numberAct(held, taken, act);
  // What the peer will ask of it: an act that it would reject never leaves.
  try {
    judgeAsAuthored(held, { ...act, ...numbering });
  } catch (error) {
    if (!(error instanceof ConversationError)) throw error;
    throw new EnquiryError('ACT_NOT_ALLOWED', [{ rule: error.rule, explanation: error.message }]);
  }
  return numbering;
}

/** The same act takes the number of the messages it replaces: the peer takes one and refuses the others. */
async function freeNumber(op: Operation, inDoubt: ActHead): Promise<void> {
  await op.trx
    .updateTable('act')
    .set({ void: true })
    .where('proposal_id', '=', inDoubt.proposal_id)
    .where('n', '=', inDoubt.n)
    .execute();
}

async function claimAttachments(op: Operation, proposal: ProposalRow, messageId: string): Promise<void> {
  const files = await op.trx
    .selectFrom('attachment')
    .select(['id', 'media'])
    .where('id', 'in', proposal.attachment_ids.length > 0 ? proposal.attachment_ids : [''])
    .execute();
  for (const { id, media } of files) {
    const position = proposal.attachment_ids.indexOf(id);
    const name = neutralName(position + 1, media);
    const sealed = await sealColumns(op, sealedAttachment, { id }, { name });
    await op.trx
      .updateTable('attachment')
      .set({ message_id: messageId, position, ...sealed })
      .where('id', '=', id)
      .execute();
  }
}

async function recordRelease(
  op: Operation,
  proposal: ProposalRow,
  act: { messageId: string; n: number; seen: number; second: Second | null },
): Promise<void> {
  const { messageId, n, seen, second } = act;
  await op.trx
    .updateTable('proposal')
    .set({
      status: 'released',
      lane: proposal.lane,
      message_id: messageId,
      ...(second && { approver: second.id, approver_role: second.role, approved_at: op.nowMs }),
    })
    .where('id', '=', proposal.id)
    .execute();
  const { id, thread, peer, type, lane, digest, proposer } = proposal;
  const approver = second?.id ?? null;
  // A demand to erase tells the other State nothing.
  if (type !== 'ERS') await recordDisclosure(op, { messageId, thread, peer, type, proposer, approver });
  await op.audit('act.released', {
    proposal: id,
    messageId,
    thread,
    peer,
    type,
    lane,
    n,
    seen,
    digest,
    proposer,
    approver,
  });
}

/** What a person must see to after this act has left. */
async function openReleaseTasks(
  op: Operation,
  proposal: ProposalRow,
  messageId: string,
  act: Pick<Act, 'type' | 'facts'> & { readonly second: Second | null },
): Promise<void> {
  const about = { thread: proposal.thread, messageId, proposalId: proposal.id };
  // PRACTICE.md A13: a controlled child, or a complicit parent, "withdraws".
  if (act.type === 'WDR') await openTask(op, { ...about, kind: 'safety-review' });
  if (act.type === 'WDR') await noteSentInError(op, proposal, messageId);
  if (isAlarm(act)) await openTask(op, { ...about, kind: 'call-duty-phone', detail: 'ours' });
  if (act.type === 'MIS' && act.facts.phase === 'opened')
    await tellOtherPeers(op, proposal.thread, messageId, proposal.proposer);
  if (isAboutHeldOrAccused(act.type, JSON.parse(proposal.body)))
    await openTask(op, { ...about, kind: 'measure-against-child' });
  await settleAccounts(op, proposal, act);
  if (proposal.second_due_at !== null && proposal.approver === null && act.second === null) {
    await openTask(op, {
      ...about,
      kind: 'second-approval-due',
      dueAtMs: proposal.second_due_at,
      except: [proposal.proposer],
    });
  }
}

/** Withdrawn as sent in error: what this office has sent there is with a State that should not have it. */
async function noteSentInError(op: Operation, proposal: ProposalRow, messageId: string): Promise<void> {
  const { thread, proposer } = proposal;
  const { reason } = JSON.parse(proposal.body) as { reason?: string };
  if (reason !== 'sent-in-error') return;
  const rows = await readActHeads(op.trx, [thread]);
  const sent = rows.filter((row) => row.stage !== null && (counts(row) || row.in_doubt));
  const [first, ...others] = sent.map((row) => row.message_id).filter((id) => id !== messageId);
  if (first === undefined) return;
  await openBreachOf(op, { messageIds: [first, ...others], thread, by: proposer, cause: 'sent-in-error' });
}

/** An account given settles the task to give it; that we answer an alarm shows that a person has read it. */
async function settleAccounts(
  op: Operation,
  proposal: ProposalRow,
  act: Pick<Act, 'type' | 'facts'>,
): Promise<void> {
  if (act.facts.re === undefined) return;
  const answered = await op.trx
    .selectFrom('act')
    .select('message_id')
    .where('thread', '=', proposal.thread)
    .where('n', '=', act.facts.re)
    .where('stage', 'is', null)
    .execute();
  const settled = {
    messageIds: answered.map((row) => row.message_id),
    by: proposal.proposer,
    reason: 'answered',
  };
  if (act.type === 'STP') await settleTasks(op, { ...settled, kind: 'account-owed' });
  await settleTasks(op, { ...settled, kind: 'call-duty-phone' });
}
