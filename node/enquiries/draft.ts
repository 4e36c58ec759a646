/**
 * What would leave, read and judged: once when it is proposed, again when it is approved, again when it is confirmed.
 */
import type { Side } from '#schema/conversation/acts.ts';
import { type Conversation, foldConversation } from '#schema/conversation/conversation.ts';
import { type Facts, factsOf } from '#schema/conversation/facts.ts';
import { laneOf, type MessageCode, messageRow, wireName } from '#schema/conversation/message-types.ts';
import { mayAct } from '#schema/conversation/rules.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import { makeMessageId, type State } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { StorageError } from '../attachments/storage-error.ts';
import { sealedAttachment } from '../attachments/tables.ts';
import type { Operation } from '../operation.ts';
import { showing } from '../reading.ts';
import { erasureFault } from '../retention/answer-erasure.ts';
import { openRows } from '../vault/sealed-columns.ts';
import { answerFaultsOf } from './check-answers.ts';
import type { EnquiryContext } from './context.ts';
import { EnquiryError, type StoppedBy } from './enquiry-error.ts';
import { type Body, parseBody } from './parse-body.ts';
import { type AttachmentRow, describeFile, digestOf, type Leaving } from './preview.ts';
import type { ProposedAct } from './propose-act.ts';
import type { ProposalRow } from './release-act.ts';
import { SafetyStatement } from './safety-statement.ts';
import {
  type ActRow,
  type ConversationRow,
  findConversation,
  type Leave,
  leavesOf,
  readActRows,
  toActs,
  warningsOf,
} from './store.ts';

export interface Draft {
  readonly type: MessageCode;
  readonly peer: string;
  readonly node: ListedNode;
  readonly thread: string;
  /** The act would open the conversation. */
  readonly opens: boolean;
  readonly side: Side;
  readonly conversation: Conversation;
  /** A warning in the conversation forbids revealing where the child is. */
  readonly locationHidden: boolean;
  readonly warnings: ReturnType<typeof warningsOf>;
  /** Leave of the asking State to pass on. */
  readonly leaves: readonly Leave[];
  /** An act of ours has reached the peer, or one of theirs us. */
  readonly peerHoldsCase: boolean;
  /** The body of the enquiry the conversation is about; of this draft if it is one. */
  readonly enquiry: Body | null;
  /** The one it would take now. */
  readonly lane: Lane;
  readonly body: Body;
  readonly facts: Facts;
  readonly files: readonly AttachmentRow[];
  readonly supersedes: string | null;
  readonly safety: SafetyStatement | null;
  /** Of everything that would leave: what a second person approves, and what a clearance is bound to. */
  readonly digest: string;
}

/** Where what a draft refers to is read from. */
export interface DraftSources {
  readonly conversation: (thread: string) => Promise<ConversationRow | undefined>;
  /** As readActRows gives them. */
  readonly acts: (thread: string) => Promise<readonly ActRow[]>;
  readonly files: (ids: readonly string[]) => Promise<readonly AttachmentRow[]>;
}

/** What reading a draft needs: an operation, which locks what it reads, or what a page has gathered to be looked at. */
type Reader = Pick<Operation, 'nowMs' | 'random'> &
  (Pick<Operation, 'trx' | 'vault'> | { readonly sources: DraftSources });

/** One after the other, conversation and files locked for the rest of the transaction. */
const locking = ({ trx, vault }: Pick<Operation, 'trx' | 'vault'>): DraftSources => ({
  conversation: (thread) => findConversation(trx, thread, true),
  acts: (thread) => readActRows({ trx, vault }, [thread]),
  files: async (ids) => {
    const query = trx
      .selectFrom('attachment')
      .selectAll()
      .where('id', 'in', [...ids]);
    return openRows({ trx, vault }, sealedAttachment, await query.forUpdate().execute());
  },
});

type Proposed = ProposedAct & {
  readonly author: Leaving['author'];
  readonly owner?: string;
  /** This node itself chose the thread when the act was first proposed. */
  readonly isStored?: true;
};

/**
 * Reads a proposed act against everything it refers to, with the conversation and its files locked by an operation.
 * @throws EnquiryError PEER_UNKNOWN, PEER_SUSPENDED, SELF_SUSPENDED, TYPE_NOT_UNDERSTOOD, BODY_INVALID, CONVERSATION_UNKNOWN, ACT_UNKNOWN, ACT_NOT_ALLOWED; StorageError
 */
export async function readDraft(ctx: EnquiryContext, op: Reader, proposed: Proposed): Promise<Draft> {
  const { type } = proposed;
  // Erasing is asked for and answered also where nobody reads the words any more.
  const reader = 'sources' in op || type !== 'ERS' ? op : { ...op, vault: showing(op.vault) };
  const sources = 'sources' in reader ? reader.sources : locking(reader);
  const known = proposed.thread === undefined ? undefined : await sources.conversation(proposed.thread);
  if (proposed.thread !== undefined && !known && !proposed.isStored)
    throw new EnquiryError('CONVERSATION_UNKNOWN');
  if (known && proposed.peer !== undefined && proposed.peer !== known.peer)
    throw new EnquiryError('BODY_INVALID', [
      { rule: 'peer', explanation: 'This conversation is with another State.' },
    ]);
  const peer = known?.peer ?? proposed.peer ?? '';
  const node = requirePeer(ctx, peer, type);
  const attachmentIds = proposed.attachmentIds ?? [];
  const parsed = parseBody(type, proposed.body, attachmentIds.length);
  if (!parsed.ok) throw new EnquiryError('BODY_INVALID', parsed.fields);
  const { body } = parsed;
  const facts = factsOf(type, body as never);
  const files = await readFiles(sources, attachmentIds, proposed.owner ?? null);
  const thread = proposed.thread ?? makeMessageId(op.nowMs, op.random(10));
  // What the gateway holds already is judged as if it had not left.
  const rows = (await sources.acts(thread)).filter(({ message_id }) => message_id !== proposed.owner);
  const conversation = foldConversation(toActs(rows));
  const side = known?.side ?? 'requester';
  const peerHoldsCase = rows.some(
    (row) => row.stage === null || row.stage === 'delivered' || row.stage === 'opened',
  );
  const verdict = mayAct(conversation, side, type, facts);
  if (!verdict.ok)
    throw new EnquiryError('ACT_NOT_ALLOWED', [{ rule: verdict.rule, explanation: verdict.explanation }]);
  const erasing = type === 'ERS' ? erasureFault(rows, toActs(rows), side, body) : null;
  if (erasing !== null) throw new EnquiryError('BODY_INVALID', [{ rule: 'erased', explanation: erasing }]);
  const faults = answerFaultsOf(rows, { type, side, body });
  if (faults.length > 0)
    throw new EnquiryError(
      'BODY_INVALID',
      faults.map(({ path, explanation }) => ({ rule: path, explanation })),
    );
  const asked = rows.find((row) => row.type === 'ENQ' && row.body !== '');
  const enquiry = type === 'ENQ' ? body : asked ? (JSON.parse(asked.body) as Body) : null;
  const supersedes = proposed.supersedes ?? null;
  if (supersedes !== null && !rows.some((row) => row.message_id === supersedes && row.side === side))
    throw new EnquiryError('ACT_UNKNOWN');
  const digest = digestOf({
    peer,
    thread,
    type,
    version: messageRow(type).version,
    body,
    supersedes,
    author: proposed.author,
    attachments: files.map(describeFile),
  });
  const safety = proposed.safety === undefined ? null : SafetyStatement.parse(proposed.safety);
  const warnings = warningsOf(rows);
  const read = {
    type,
    peer,
    node,
    thread,
    opens: !known,
    side,
    conversation,
    locationHidden: warnings.some((warning) => warning.code === 'do-not-reveal-location'),
    warnings,
    leaves: leavesOf(rows),
    peerHoldsCase,
    enquiry,
    lane: laneNow(type, facts, conversation),
    body,
    facts,
  };
  return { ...read, files, supersedes, safety, digest };
}

/** The lane an act takes as the conversation stands: an alert lifts what is proposed after it, and what waits already. */
export function laneNow(type: MessageCode, facts: Facts, { urgency, danger }: Conversation): Lane {
  return laneOf(type, danger || (facts.urgency ?? urgency) !== 'routine');
}

/** The draft of a stored proposal, as things stand now. @throws as readDraft */
export function redraft(ctx: EnquiryContext, op: Reader, row: ProposalRow): Promise<Draft> {
  const safety = JSON.parse(row.safety) as SafetyStatement | null;
  return readDraft(ctx, op, {
    type: row.type as MessageCode,
    thread: row.thread,
    peer: row.peer,
    isStored: true,
    body: JSON.parse(row.body),
    attachmentIds: row.attachment_ids,
    author: { name: row.proposer_name, office: row.office },
    ...(row.supersedes === null ? {} : { supersedes: row.supersedes }),
    ...(safety === null ? {} : { safety }),
    ...(row.message_id === null ? {} : { owner: row.message_id }),
  });
}

function requirePeer(ctx: EnquiryContext, peer: string, type: MessageCode): ListedNode {
  const node = peer === ctx.state ? undefined : ctx.peerProfile(peer as State);
  if (!node || node.status === 'left') throw new EnquiryError('PEER_UNKNOWN');
  if (node.status === 'suspended') throw new EnquiryError('PEER_SUSPENDED', otherWays(node));
  if (ctx.peerProfile(ctx.state)?.status === 'suspended')
    throw new EnquiryError('SELF_SUSPENDED', otherWays(node));
  if (!node.types.includes(wireName(type))) throw new EnquiryError('TYPE_NOT_UNDERSTOOD', otherWays(node));
  return node;
}

/** How the office there is reached when the network does not reach it. */
const otherWays = ({ profile }: ListedNode): StoppedBy[] =>
  profile.dutyPhones.map(({ number, hours, languages }) => ({
    rule: 'duty-telephone',
    explanation: `${number}, ${hours} (${languages.join(', ')})`,
  }));

/** @param owner message that already holds the files, where it is released anew */
async function readFiles(
  sources: DraftSources,
  ids: readonly string[],
  owner: string | null,
): Promise<AttachmentRow[]> {
  if (ids.length === 0) return [];
  if (ids.length > limits.attachmentsPerDocument) throw new StorageError('TOO_MANY_ATTACHMENTS');
  const rows = await sources.files(ids);
  return ids.map((id) => {
    const row = rows.find((one) => one.id === id);
    // What came from abroad has no uploader here: it is passed on only as a file of one's own.
    // What lies in a case file stays there as it is.
    if (!row || row.uploaded_by === null || row.case_id !== null)
      throw new StorageError('ATTACHMENT_UNKNOWN');
    if (row.sha256 === '') throw new StorageError('ATTACHMENT_INCOMPLETE');
    if (row.message_id !== null && row.message_id !== owner) throw new StorageError('ATTACHMENT_USED');
    return row;
  });
}
