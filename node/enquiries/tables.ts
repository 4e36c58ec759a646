/**
 * Tables of the enquiries slice: conversations, their acts, proposed releases, tasks of people, decisions of
 * supervisors. Times are epoch milliseconds. What a conversation says of itself is a cache of the fold over its
 * acts, there so that an inbox needs one query; the acts are the truth.
 */
import type { ColumnType, Generated, Kysely } from 'kysely';
import { sql } from 'kysely';
import { leavesByOne } from '#schema/conversation/message-types.ts';
import { conversationState } from '#schema/vocabulary/acts.ts';
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { forwardRoute } from '#schema/vocabulary/exchange.ts';
import { rolesThat } from '../access/permit.ts';
import { openToWork } from '../storage/walls.ts';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { conversationKey, OFFICE_KEY } from '../vault/subjects.ts';

// The database refuses what is in none of these lists, too: a new code needs a migration.
const sides = ['requester', 'requested'] as const;
export type Side = (typeof sides)[number];
const lanes = ['routine', 'urgent'] as const;

type StateCode = CodeOf<typeof conversationState>;

export interface ConversationTable {
  thread: string;
  peer: string;
  /** Whose conversation it is in this office. */
  unit: string;
  /** For named readers only: who, says the table `reader`. */
  eyes_only: boolean;
  /** This node's own side. */
  side: Side;
  state: ColumnType<string, StateCode, StateCode>;
  purpose: string | null;
  urgency: string;
  /** An urgent alert is open, or the enquiry says immediate danger. */
  danger: boolean;
  /** The peer waits for something from this office. */
  awaiting_us: boolean;
  /** Acts of the peer that nobody here has opened. */
  unread: number;
  urgent_unread: boolean;
  /** The next time limit this office must keep; null if none runs. */
  due_at: number | null;
  /** When the next limit of either side runs out of which nobody has been told; null if none runs. */
  alarm_at: number | null;
  opened_at: number;
  updated_at: number;
  last_read_at: number | null;
}

const deliveryStages = ['queued', 'relayed', 'delivered', 'opened', 'rejected', 'undelivered'] as const;
export type DeliveryStage = (typeof deliveryStages)[number];

export interface ActTable {
  message_id: string;
  thread: string;
  side: Side;
  n: number;
  seen: number;
  /** Code without version, e.g. `ENQ`. */
  type: string;
  version: number;
  lane: (typeof lanes)[number];
  /** Canonical JSON, sealed. */
  body: Buffer;
  /** Canonical JSON of the few facts the fold rests on; they stay when the body has been made unreadable. */
  facts: string;
  author_name: string;
  author_office: string;
  supersedes: string | null;
  /** When its author released it. */
  at: number;
  /** When the recipient's signed receipt says that it arrived. */
  delivered_at: number | null;
  /** Overtaken by a stronger act, or without effect where it stands; kept as evidence. */
  crossed: Generated<boolean>;
  /** The first person of this office who opened an act of the peer. */
  read_by: string | null;
  read_at: number | null;
  /** How far an act of ours has come; null for acts of the peer. */
  stage: DeliveryStage | null;
  stage_code: string | null;
  /** It does not hold its number: it certainly never took effect at the peer, or the same act was released anew under it. */
  void: Generated<boolean>;
  /** It was given up, but its bytes may have left: the peer may hold it, no other act may take its number, and proof makes it count. */
  in_doubt: Generated<boolean>;
  /** Who asked that it be taken back, when, and why (a code). */
  recalled_by: Generated<string | null>;
  recalled_at: Generated<number | null>;
  recall_reason: Generated<string | null>;
  /** The proposal it came of; null for acts of the peer. */
  proposal_id: string | null;
}

export const proposalStatuses = ['stopped', 'waiting', 'released', 'withdrawn', 'expired', 'stale'] as const;
export type ProposalStatus = (typeof proposalStatuses)[number];

/** Family tracing by others than States (PRACTICE.md A3), as routes of the vocabulary call them. */
export const tracingWays = ['iss', 'red-cross'] as const satisfies readonly CodeOf<typeof forwardRoute>[];
export type TracingWay = (typeof tracingWays)[number];

export interface ProposalTable {
  id: string;
  thread: string;
  peer: string;
  /** Unit of who proposed it. */
  unit: string;
  /** It makes its conversation one for named readers only. */
  eyes_only: boolean;
  /** The act opens the conversation. */
  opens: boolean;
  type: string;
  version: number;
  /** As the conversation stood when it was last submitted, or left. */
  lane: (typeof lanes)[number];
  /** Canonical JSON, sealed. */
  body: Buffer;
  attachment_ids: string[];
  supersedes: string | null;
  /** SHA-256 hex over the canonical form of everything that would leave. */
  digest: string;
  /** Canonical JSON of what the proposer stated for the gates: harm test, protection need (gates.ts), sealed. Never leaves. */
  safety: Buffer;
  /** It states that the child is, or may be, under the protection of this State. */
  guarded: Generated<boolean>;
  /** Under which names of children such a draft is found, keyed with the node's index key (earlier-statements.ts). */
  names: Generated<Buffer[]>;
  proposer: string;
  proposer_name: string;
  proposer_role: string;
  office: string;
  proposed_at: number;
  expires_at: number;
  approver: string | null;
  approver_role: string | null;
  approved_at: number | null;
  status: ProposalStatus;
  /** The act it became. */
  message_id: string | null;
  /** The proposal that this one came for: whoever approves is shown what has changed since. */
  replaces: string | null;
  /** Taken back since the family is traced outside State channels: by whom. */
  outside_by: Generated<TracingWay | null>;
  /** Why it was taken back, in the words of who did, sealed. It never leaves. */
  withdraw_reason: Generated<Buffer | null>;
  /** A second approval that must follow a release by one person (an urgent alert), until this time. */
  second_due_at: number | null;
}

export const taskKinds = [
  'call-duty-phone',
  'safety-review',
  'account-owed',
  'missing-notice',
  'second-approval-due',
  'incident',
  'undelivered',
  'expired-release',
  'arrived-after-all',
  'clearance-asked',
  'escalation',
  'local-answer',
  'approval-waits',
  'proposal-lapsed',
  // Of people (node/access): each names what it is about and the unit it is for.
  'need-review',
  'need-overdue',
  'reading-review',
  'many-readings',
  'work-left',
  'deferral-review',
  'conversation-moved',
  'breach',
  'breach-due',
  'breach-overdue',
  'disclosure-waits',
  'many-searches',
  // Of a case file (node/cases).
  'measure-against-child',
  'possible-match',
  // Of what a guardian said (node/representation).
  'guardian-said',
  // Of who represents a child (node/access/link-tables.ts).
  'guardian-conflict',
  'representative-ended',
  // The child of a file may soon be an adult, or is.
  'reaching-18',
  'adult-consents',
  // Another State should be told: a draft is ready.
  'notice-draft',
  // A child said something of who represents it (node/complaints).
  'child-complaint',
] as const;
export type TaskKind = (typeof taskKinds)[number];

export interface TaskTable {
  id: string;
  kind: TaskKind;
  thread: string | null;
  message_id: string | null;
  proposal_id: string | null;
  /** A code that says more, e.g. why a message did not arrive. */
  detail: string | null;
  /** Names what it is about where that may be told of once only: closing the task does not open it again. */
  once: string | null;
  opened_at: number;
  due_at: number;
  assigned_to: string | null;
  /** For who decides in this unit and for nobody else; null where everybody who sees what it is about sees it. */
  unit: string | null;
  /** What it is about where that is no message: a person, an opening in need, a review. */
  about: string | null;
  /** Who caused it, and may see that it is there. */
  opened_by: string | null;
  closed_at: number | null;
  closed_by: string | null;
  /** In words of who closed it, or a code; sealed. */
  reason: Buffer | null;
}

/** As the gates of the kernel know them. */
export const clearanceKinds = ['asylum', 'presence', 'family-contact', 'place'] as const;
export type ClearanceKind = (typeof clearanceKinds)[number];

export interface ClearanceTable {
  id: string;
  kind: ClearanceKind;
  /** The stopped proposal it was asked for. */
  proposal_id: string;
  thread: string;
  /** The only State it is good for. */
  peer: string;
  /** Digest of the only proposal it is good for; null where it covers the conversation. */
  digest: string | null;
  /** Why, in words of the person who asks; sealed. */
  grounds: Buffer;
  asked_by: string;
  asked_name: string;
  asked_role: string;
  asked_at: number;
  granted_by: string | null;
  granted_name: string | null;
  granted_role: string | null;
  granted_at: number | null;
  expires_at: number;
  /** Refused, where nobody had granted it; taken back, where somebody had. */
  revoked_by: string | null;
  revoked_name: string | null;
  revoked_at: number | null;
  /** Sealed. */
  revoke_reason: Buffer | null;
}

/** What of these tables is kept sealed, all under the key of the conversation. */
export const sealedAct: SealedColumns<Pick<ActTable, 'message_id' | 'thread'>, 'body'> = {
  table: 'act',
  columns: ['body'],
  row: ({ message_id }) => message_id,
  subject: ({ thread }) => conversationKey(thread),
};
export const sealedProposal: SealedColumns<
  Pick<ProposalTable, 'id' | 'thread'>,
  'body' | 'safety' | 'withdraw_reason'
> = {
  table: 'proposal',
  columns: ['body', 'safety', 'withdraw_reason'],
  row: ({ id }) => id,
  subject: ({ thread }) => conversationKey(thread),
};
export const sealedClearance: SealedColumns<
  Pick<ClearanceTable, 'id' | 'thread'>,
  'grounds' | 'revoke_reason'
> = {
  table: 'clearance',
  columns: ['grounds', 'revoke_reason'],
  row: ({ id }) => id,
  subject: ({ thread }) => conversationKey(thread),
};
export const sealedTask: SealedColumns<Pick<TaskTable, 'id' | 'thread'>, 'reason'> = {
  table: 'task',
  columns: ['reason'],
  row: ({ id }) => id,
  subject: ({ thread }) => (thread === null ? OFFICE_KEY : conversationKey(thread)),
};

export interface EnquiryTables {
  conversation: ConversationTable;
  act: ActTable;
  proposal: ProposalTable;
  task: TaskTable;
  clearance: ClearanceTable;
}

/** The codes as an SQL list. */
const among = (codes: readonly string[]) => sql.raw(`(${codes.map((code) => `'${code}'`).join(', ')})`);

/** Types that one person may let leave; of an alert a second person is asked afterwards. */

/** Creates the tables of the enquiries slice. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table conversation (
      thread text primary key, peer text not null, unit text not null, eyes_only boolean not null default false,
      side text not null, state text not null,
      purpose text, urgency text not null, danger boolean not null, awaiting_us boolean not null, unread int not null,
      urgent_unread boolean not null, due_at bigint, alarm_at bigint, opened_at bigint not null, updated_at bigint not null, last_read_at bigint,
      constraint conversation_side check (side in ${among(sides)}),
      constraint conversation_state check (state in ${among(conversationState.codes)}))`,
    sql`create index conversation_inbox on conversation (updated_at desc, thread desc)`,
    sql`create index conversation_unit on conversation (unit, updated_at desc, thread desc)`,
    sql`create index conversation_due on conversation (due_at) where due_at is not null`,
    sql`create index conversation_alarm on conversation (alarm_at) where alarm_at is not null`,
    sql`create table act (
      message_id text primary key, thread text not null references conversation, side text not null, n int not null, seen int not null,
      type text not null, version int not null, lane text not null, body text not null,
      facts text not null, author_name text not null,
      author_office text not null, supersedes text, at bigint not null, delivered_at bigint, crossed boolean not null default false,
      read_by text, read_at bigint, stage text, stage_code text, void boolean not null default false,
      in_doubt boolean not null default false, recalled_by text, recalled_at bigint, recall_reason text, proposal_id text,
      constraint act_side check (side in ${among(sides)}), constraint act_lane check (lane in ${among(lanes)}),
      constraint act_stage check (stage in ${among(deliveryStages)}))`,
    sql`create unique index act_number on act (thread, side, n) where not void`,
    sql`create index act_proposal on act (proposal_id) where proposal_id is not null`,
    sql`create index act_thread on act (thread, n, message_id)`,
    sql`create index act_unreceipted on act (at) where stage in ('queued', 'relayed')`,
    sql`create index act_unread on act (at) where read_at is null and stage is null`,
    sql`create table proposal (
      id text primary key, thread text not null, peer text not null, unit text not null, eyes_only boolean not null default false,
      opens boolean not null, type text not null, version int not null,
      lane text not null, body text not null, attachment_ids text[] not null, supersedes text, digest text not null, safety text not null, guarded boolean not null default false,
      proposer text not null, proposer_name text not null, proposer_role text not null, office text not null,
      proposed_at bigint not null, expires_at bigint not null, approver text, approver_role text, approved_at bigint,
      status text not null, message_id text, replaces text references proposal, second_due_at bigint, outside_by text, withdraw_reason text,
      constraint proposal_outside_by check (outside_by is null or (status = 'withdrawn' and outside_by in ${among(tracingWays)})),
      constraint proposal_two_persons check (approver is null or approver <> proposer),
      constraint proposal_approval check ((approver is null) = (approved_at is null)),
      constraint proposal_with_role check ((approver is null) = (approver_role is null) and (approver_role is null or case type
        when 'REF' then approver_role in ${among(rolesThat('act.approve-refusal'))} else approver_role in ${among(rolesThat('act.approve'))} end)),
      constraint proposal_second_person check (approver is not null or status <> 'released' or type in ${among(leavesByOne)}),
      constraint proposal_refusal_by_two_sides check (type <> 'REF' or approver_role is null
        or (proposer_role in ('supervisor', 'head') and approver_role = 'legal-adviser')),
      constraint proposal_message check (message_id is not null or status not in ('released', 'stale')),
      constraint proposal_lane check (lane in ${among(lanes)}),
      constraint proposal_status check (status in ${among(proposalStatuses)}))`,
    sql`create index proposal_thread on proposal (thread)`,
    sql`create index proposal_guarded on proposal (peer) where opens and guarded`,
    sql`create index proposal_open on proposal (expires_at) where status = 'waiting'`,
    sql`create index proposal_second on proposal (proposed_at) where status = 'stale' or (status = 'released' and second_due_at is not null and approver is null)`,
    sql`create index proposal_message on proposal (message_id) where message_id is not null`,
    sql`create table task (
      id text primary key, kind text not null, thread text, message_id text, proposal_id text, detail text, once text unique, opened_at bigint not null,
      due_at bigint not null, assigned_to text, closed_at bigint, closed_by text, reason text,
      constraint task_kind check (kind in ${among(taskKinds)}),
      constraint task_closed_by_a_person check ((closed_at is null) = (closed_by is null)),
      constraint task_closed_with_a_reason check ((closed_at is null) = (reason is null)))`,
    sql`create index task_open on task (due_at) where closed_at is null`,
    sql`create index task_thread on task (thread) where thread is not null`,
    sql`create table clearance (
      id text primary key, kind text not null, proposal_id text not null references proposal, thread text not null, peer text not null,
      digest text, grounds text not null, asked_by text not null, asked_name text not null, asked_role text not null, asked_at bigint not null,
      granted_by text, granted_name text, granted_role text, granted_at bigint, expires_at bigint not null,
      revoked_by text, revoked_name text, revoked_at bigint, revoke_reason text,
      constraint clearance_kind check (kind in ${among(clearanceKinds)}),
      constraint clearance_digest check ((digest is null) = (kind = 'family-contact')),
      constraint clearance_two_persons check (granted_by is null or granted_by <> asked_by),
      constraint clearance_asylum_by_two_sides check (kind <> 'asylum' or (asked_role in ('supervisor', 'head')
        and (granted_role is null or granted_role = 'legal-adviser'))),
      constraint clearance_granted check ((granted_by is null) = (granted_at is null)),
      constraint clearance_revoked check ((revoked_by is null) = (revoked_at is null) and (revoked_at is null) = (revoke_reason is null)))`,
    sql`create index clearance_thread on clearance (thread)`,
    sql`create index clearance_asked on clearance (asked_at)`,
  ];
  for (const statement of statements) await statement.execute(db);
}

/** Statements are found by the names of the children, and read by the node itself for everybody. */
export async function upStatements(db: Kysely<unknown>): Promise<void> {
  await sql`alter table proposal add column names bytea[] not null default '{}'`.execute(db);
  await sql`drop index proposal_guarded`.execute(db);
  await sql`create index proposal_guarded on proposal using gin (names) where opens and guarded`.execute(db);
  await openToWork(db, 'app_exchange', 'clearance', 'select (kind, peer, digest, granted_by, revoked_at)');
}
