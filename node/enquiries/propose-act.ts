/**
 * An officer proposes an act: its body is read by its type's schema, the conversation is asked whether it may, the gates
 * whether it must not. What one person may send leaves at once; everything else waits for a second.
 */
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { type Operation, runOperation } from '../operation.ts';
import type { EnquiryContext } from './context.ts';
import { type Draft, judgeDraft, readDraft } from './draft.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import { digestOf } from './preview.ts';
import { approvalTimes, type ProposalRow, releaseAct, SECOND_APPROVAL_MS } from './release-act.ts';
import type { SafetyStatement } from './safety-statement.ts';
import { makeRowId } from './task.ts';

export interface ProposedAct {
  readonly type: MessageCode;
  /** The conversation it belongs to; without it the act opens one. */
  readonly thread?: string | undefined;
  /** Needed where it opens a conversation. */
  readonly peer?: string | undefined;
  readonly body: unknown;
  readonly attachmentIds?: readonly string[] | undefined;
  readonly supersedes?: string | undefined;
  readonly safety?: SafetyStatement | undefined;
}

type Outcome =
  | { readonly kind: 'stopped'; readonly by: readonly StoppedBy[] }
  | { readonly kind: 'proposed'; readonly id: string; readonly messageId: string | null };

/**
 * Stores the proposal and, where one person suffices, releases it.
 * @throws AccessError NOT_PERMITTED; StorageError; EnquiryError PEER_UNKNOWN, TYPE_NOT_UNDERSTOOD, BODY_INVALID,
 *   CONVERSATION_UNKNOWN, ACT_NOT_ALLOWED, GATE_CLOSED with every rule that stopped it
 */
export async function proposeAct(
  ctx: EnquiryContext,
  actor: Actor,
  proposed: ProposedAct,
): Promise<{ id: string; messageId: string | null }> {
  requirePermission(actor, 'act.propose');
  const outcome = await runOperation(ctx.db, ctx.surroundings, async (op): Promise<Outcome> => {
    const draft = await readDraft(ctx, op, {
      ...proposed,
      author: { name: actor.name, office: actor.office },
    });
    const { stoppedBy } = await judgeDraft(ctx, op, draft);
    if (stoppedBy.length === 0) return store(ctx, op, actor, draft);
    await recordStop(op, actor, draft, stoppedBy);
    return { kind: 'stopped', by: stoppedBy };
  });
  // Thrown after the commit: that nothing left, and by which rule, stays in the log.
  if (outcome.kind === 'stopped') throw new EnquiryError('GATE_CLOSED', outcome.by);
  return { id: outcome.id, messageId: outcome.messageId };
}

/** The entry that proves which rule stopped what, and so that nothing of it left. */
export async function recordStop(
  op: Operation,
  actor: Actor,
  draft: Draft,
  by: readonly StoppedBy[],
): Promise<void> {
  const { type, peer, thread, leaving } = draft;
  const gates = by.map((one) => one.rule);
  await op.audit('act.stopped', { type, peer, thread, digest: digestOf(leaving), gates, actor: actor.id });
}

async function store(ctx: EnquiryContext, op: Operation, actor: Actor, draft: Draft): Promise<Outcome> {
  const row = toRow(op, actor, draft);
  await op.trx.insertInto('proposal').values(row).execute();
  const { id, thread, peer, type, digest } = row;
  await op.audit('act.proposed', { proposal: id, thread, peer, type, digest, actor: actor.id });
  const { persons, secondWithinHours } = messageRow(draft.type);
  const alone = persons === 1 || secondWithinHours !== undefined;
  const messageId: MessageId | null = alone ? await releaseAct(ctx, op, row, null) : null;
  if (!alone) op.afterCommit(() => ctx.changes.publish(thread));
  return { kind: 'proposed', id, messageId };
}

function toRow(op: Operation, actor: Actor, draft: Draft): ProposalRow {
  const { type, lane } = draft;
  const mayFollow = messageRow(type).secondWithinHours !== undefined;
  return {
    id: makeRowId('proposal', op.random),
    thread: draft.thread,
    peer: draft.peer,
    opens: draft.opens,
    type,
    version: messageRow(type).version,
    lane,
    body: text(draft.body),
    attachment_ids: draft.files.map((file) => file.id),
    supersedes: draft.supersedes,
    digest: digestOf(draft.leaving),
    safety: text(draft.safety ?? null),
    proposer: actor.id,
    proposer_name: actor.name,
    proposer_role: actor.role,
    office: actor.office,
    proposed_at: op.nowMs,
    expires_at: op.nowMs + approvalTimes[lane],
    approver: null,
    approver_role: null,
    approved_at: null,
    status: 'waiting',
    message_id: null,
    second_due_at: mayFollow ? op.nowMs + SECOND_APPROVAL_MS : null,
  };
}

const text = (value: unknown): string => new TextDecoder().decode(encodeCanonical(value));
