/**
 * An officer proposes an act: its body is read by its type's schema, the conversation is asked whether it may, the gates
 * whether it must not. What one person may send leaves at once; everything else waits for a second, or for the one it names. What
 * a gate stops is kept, and the log says so.
 */
import { mayBeProtectedFrom } from '#schema/conversation/gates.ts';
import { type MessageCode, messageRow, secondMayFollow } from '#schema/conversation/message-types.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { type Operation, type PersonalOperation, runAs } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import type { EnquiryContext } from './context.ts';
import { type Draft, readDraft } from './draft.ts';
import { markKeys, nameKeys } from './earlier-statements.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import { factsFrom, runGates } from './gates.ts';
import { askGuardians } from './hear-guardian.ts';
import { isForNamedReaders } from './named-readers.ts';
import { approvalTimes, type ProposalRow, releaseAct, SECOND_APPROVAL_MS } from './release-act.ts';
import { takePlace } from './replace-proposal.ts';
import type { SafetyStatement } from './safety-statement.ts';
import { proposalOf, requireLegalAdviser, sufficesAlone } from './second-person.ts';
import { isErased } from './store.ts';
import { sealedProposal } from './tables.ts';
import { makeRowId } from './task.ts';
import { askSecond, callSecond } from './waiting-proposal.ts';

export interface ProposedAct {
  readonly type: MessageCode;
  /** The conversation it belongs to; without it the act opens one. */
  readonly thread?: string | undefined;
  /** Needed where it opens a conversation. */
  readonly peer?: string | undefined;
  readonly body: unknown;
  readonly attachmentIds?: readonly string[] | undefined;
  readonly supersedes?: string | undefined;
  /** A proposal that has not left, which this one takes the place of. */
  readonly replaces?: string | undefined;
  readonly safety?: SafetyStatement | undefined;
}

export interface Proposed {
  readonly id: string;
  readonly thread: string;
  /** The message it became; null while it waits for a second person. */
  readonly messageId: string | null;
}

export type Submitted = { readonly proposed: Proposed } | { readonly refused: EnquiryError };

/**
 * Stores the proposal and, where one person suffices, releases it.
 * @throws AccessError NOT_PERMITTED; StorageError; EnquiryError NO_LEGAL_ADVISER, PEER_UNKNOWN, TYPE_NOT_UNDERSTOOD, BODY_INVALID,
 *   CONVERSATION_UNKNOWN, ACT_NOT_ALLOWED, GATE_CLOSED with every rule that stopped it, PROPOSAL_UNKNOWN, NOT_REPLACEABLE
 */
export async function proposeAct(
  ctx: EnquiryContext,
  actor: Actor,
  proposed: ProposedAct,
): Promise<Proposed> {
  requirePermission(actor, proposalOf(proposed.type));
  const submitted = await runAs(ctx, actor, (op) => proposeIn(ctx, op, proposed));
  // Thrown after the commit: that nothing left, and by which rule, stays in the log.
  if ('refused' in submitted) throw submitted.refused;
  return submitted.proposed;
}

async function insertProposal(ctx: EnquiryContext, op: Operation, row: ProposalRow): Promise<void> {
  const { body, safety, opens, guarded, peer } = row;
  const keys = opens && guarded ? nameKeys(peer, JSON.parse(body)) : [];
  const names = keys.length === 0 ? [] : await markKeys(ctx, keys);
  const sealed = await sealColumns(op, sealedProposal, row, { body, safety, withdraw_reason: null });
  await op.trx
    .insertInto('proposal')
    .values({ ...row, ...sealed, names })
    .execute();
}

/** The same in the caller's transaction, for a person who may propose; what a gate stopped is thrown by the caller after it. */
export async function proposeIn(
  ctx: EnquiryContext,
  op: PersonalOperation,
  proposed: ProposedAct,
): Promise<Submitted> {
  const { actor } = op;
  const draft = await readDraft(ctx, op, {
    ...proposed,
    author: { name: actor.name, office: actor.office },
  });
  if (!draft.opens) await op.require(proposalOf(draft.type), draft.thread);
  if (draft.type === 'REF') await requireLegalAdviser(op);
  const replaces = proposed.replaces ?? null;
  const notice = draft.type === 'ERS' || (!draft.opens && (await isErased(op, draft.thread)));
  const row = { ...toRow(op, actor, draft), replaces, notice };
  if (replaces !== null) await takePlace(op, row, replaces);
  await insertProposal(ctx, op, row);
  return submit(ctx, op, actor, draft, row);
}

/** Puts a stored proposal before the gates; past them it waits, or leaves if one person suffices. */
export async function submit(
  ctx: EnquiryContext,
  op: Operation,
  actor: Actor,
  draft: Draft,
  row: ProposalRow,
): Promise<Submitted> {
  const { id, thread, peer, type, digest } = row;
  const { stoppedBy } = await runGates(ctx, factsFrom(ctx, op, draft.type), draft, row);
  op.afterCommit(() => ctx.changes.publish(thread));
  if (stoppedBy.length > 0) {
    await setStatus(op, id, 'stopped');
    await recordStop(op, actor, row, stoppedBy);
    return { refused: new EnquiryError('GATE_CLOSED', stoppedBy, id) };
  }
  await setStatus(op, id, 'waiting');
  await op.audit('act.proposed', { proposal: id, thread, peer, type, digest, actor: actor.id });
  const leaves = sufficesAlone(actor, row) || maySendInDanger(actor, draft);
  const waits = !leaves || row.second_due_at !== null;
  if (!leaves) await askGuardians(op, row, draft);
  if (waits) await callSecond(op, row, row.second_due_at ?? row.expires_at, actor.id);
  if (!leaves) await askSecond(op, row, row.expires_at);
  const messageId = leaves ? await releaseAct(ctx, op, row, draft.lane, null) : null;
  return { proposed: { id, thread, messageId } };
}

/** One person sends an alert and a second one follows; a local case worker does not. */
const maySendInDanger = (actor: Actor, { type, body }: Draft): boolean =>
  actor.role !== 'case-worker' && secondMayFollow(type, body);

async function setStatus(op: Operation, id: string, status: ProposalRow['status']): Promise<void> {
  await op.trx.updateTable('proposal').set({ status }).where('id', '=', id).execute();
}

/** The entry that says which rule stopped what: no entry of a release follows, so nothing of it left. */
export async function recordStop(
  op: Operation,
  actor: Actor,
  row: ProposalRow,
  stoppedBy: readonly StoppedBy[],
): Promise<void> {
  const { id, type, peer, thread, digest } = row;
  const gates = [...new Set(stoppedBy.map((one) => one.gate ?? one.rule))];
  await op.audit('act.stopped', { proposal: id, type, peer, thread, digest, gates, actor: actor.id });
}

function toRow(op: Operation, actor: Actor, draft: Draft): ProposalRow {
  const { type, lane } = draft;
  const mayFollow = secondMayFollow(type, draft.body);
  return {
    id: makeRowId('proposal', op.random),
    unit: actor.unit,
    eyes_only: isForNamedReaders(type, draft.body),
    thread: draft.thread,
    notice: false,
    peer: draft.peer,
    opens: draft.opens,
    type,
    version: messageRow(type).version,
    lane,
    body: text(draft.body),
    attachment_ids: draft.files.map((file) => file.id),
    supersedes: draft.supersedes,
    digest: draft.digest,
    safety: text(draft.safety),
    guarded:
      draft.safety !== null &&
      (draft.safety.childIsHere !== 'no' ||
        mayBeProtectedFrom(draft.safety.asylum, draft.peer.toUpperCase())),
    names: [],
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
    replaces: null,
    outside_by: null,
    withdraw_reason: null,
    second_due_at: mayFollow ? op.nowMs + SECOND_APPROVAL_MS : null,
  };
}

const text = (value: unknown): string => new TextDecoder().decode(encodeCanonical(value));
