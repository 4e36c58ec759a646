/**
 * Every column of the database that holds words, bytes or lists: what is content and how it goes when its conversation, case file or
 * message is erased, and what stays. A test compares this with the catalogue of PostgreSQL, so that nobody adds a column whose content
 * would outlive its child's file: it belongs here first.
 */
import { type RawBuilder, sql } from 'kysely';

/** What of a table goes with a conversation or a file. */
export interface Content {
  readonly table: string;
  /** Column that names the conversation or the file. */
  readonly by: string;
  /** Columns that are emptied, with spaces between; without them the rows are removed. */
  readonly empties?: string;
  /** What else changes with them. */
  readonly also?: RawBuilder<unknown>;
  /** Which rows; all of them unless given. */
  readonly where?: RawBuilder<unknown>;
}

/** What both States say of erasing stays: it holds nothing of a child. */
const notOfErasing = sql`type <> 'ERS'`;

/** Of conversations and case files alike; a file's id may stand for a thread. */
export const ofThread: readonly Content[] = [
  { table: 'break_glass', by: 'thread', empties: 'reason' },
  { table: 'task', by: 'thread', empties: 'reason' },
  { table: 'complaint', by: 'about', empties: 'words answer' },
];

export const ofConversation: readonly Content[] = [
  ...ofThread,
  { table: 'act', by: 'thread', empties: 'body author_name author_office', where: notOfErasing },
  {
    table: 'proposal',
    by: 'thread',
    empties: 'body safety withdraw_reason proposer_name office digest',
    also: sql`guarded = false, names = '{}', attachment_ids = '{}', outside_by = null,
      status = case when status in ('waiting', 'stopped', 'stale') then 'expired' else status end`,
    where: notOfErasing,
  },
  {
    table: 'clearance',
    by: 'thread',
    empties: 'grounds revoke_reason asked_name granted_name revoked_name digest',
  },
  { table: 'disclosure', by: 'thread', empties: 'deferred_reason' },
  {
    table: 'local_request',
    by: 'thread',
    empties: 'service letter answers',
    // A letter that nobody has answered has no questions any more.
    also: sql`withdrawn_at = case when answered_at is null then coalesce(withdrawn_at, given_at) else withdrawn_at end`,
  },
  { table: 'milestone', by: 'thread' },
  { table: 'search_token', by: 'case_id' },
  { table: 'shown', by: 'thread' },
  { table: 'guardian_word', by: 'thread' },
  { table: 'case_match', by: 'thread' },
];

export const ofCase: readonly Content[] = [
  ...ofThread,
  { table: 'case_entry', by: 'case_id' },
  { table: 'search_token', by: 'case_id' },
  { table: 'imported_row', by: 'case_id' },
  { table: 'case_age', by: 'case_id' },
  { table: 'case_match', by: 'case_id' },
  { table: 'case_match', by: 'other_case' },
  { table: 'match_pending', by: 'source' },
];

/** The same of one message, by its id. */
export const ofMessage: readonly Content[] = [
  { table: 'act', by: 'message_id', empties: 'body author_name author_office' },
  {
    table: 'proposal',
    by: 'message_id',
    empties: 'body safety withdraw_reason proposer_name office digest',
    also: sql`guarded = false, names = '{}', attachment_ids = '{}'`,
  },
  { table: 'disclosure', by: 'message_id', empties: 'deferred_reason' },
  { table: 'match_pending', by: 'source' },
  { table: 'shown', by: 'source' },
];

/** Of an act of appointment, when its file goes or the last of its conversations. */
export const ofLink: readonly (Content & { readonly empties: string })[] = [
  { table: 'guardian_link', by: 'id', empties: 'content shown revoke_reason' },
  { table: 'guardian_link_version', by: 'link', empties: 'content' },
  { table: 'guardian_link_conflict', by: 'link', empties: 'reason' },
];

/** Content that goes in ways of its own (erase-content.ts), and by when. */
export const otherwise: Readonly<Record<string, { readonly columns: string; readonly goes: string }>> = {
  data_key: { columns: 'wrapped wrap_key', goes: 'the key ends; the row stays, so that none is made anew' },
  attachment: { columns: 'name sha256 removed uncleaned_reason media', goes: 'removed, with its key' },
  attachment_part: { columns: 'sealed', goes: 'removed with its file' },
  outbox: { columns: 'sealed', goes: 'emptied once it is on its way no more' },
  outbox_part: { columns: 'sealed sha256', goes: 'removed once it is on its way no more' },
  inbound_part: { columns: 'sealed sha256', goes: 'removed' },
  inbound: {
    columns: 'held',
    goes: 'unreadable with its key; emptied in its turn (node/exchange/in-lane.ts)',
  },
  quarantine: { columns: 'sealed', goes: 'emptied' },
  seal_request: { columns: 'content', goes: 'erasing waits until it has been sealed' },
  set_aside: { columns: 'sealed', goes: 'refused in its turn, or removed when its envelope ends' },
  retention_decision: { columns: 'reason', goes: 'sealed as nothing' },
  guardian_link: {
    columns: 'unsealed',
    goes: 'sealed when the node starts (node/access/seal-open-links.ts)',
  },
  guardian_link_version: { columns: 'unsealed', goes: 'with its link' },
  guardian_word: { columns: 'content', goes: 'removed, with its key' },
  shown: { columns: 'content', goes: 'removed, with its key' },
  shown_part: { columns: 'sealed', goes: 'removed with what it is a part of' },
  audit_entry: {
    columns: 'salt detail',
    goes: 'of files with them; all of them when the clock of log-details is over',
  },
};

/** What stays, and why: ids, codes, times, hashes of sealed bytes, signed envelopes and receipts; staff; the office's own registers. */
export const stays: Readonly<Record<string, string>> = {
  // That it was there, and what both States can prove.
  act: 'message_id thread side type lane facts supersedes read_by stage stage_code recalled_by recall_reason proposal_id',
  assignment: 'id thread assignee given_by',
  alert_call: 'task person',
  attachment: 'id message_id case_id uploaded_by',
  attachment_part: 'attachment_id',
  audit_entry: 'type bytes leaf',
  break_glass: 'id thread person category reviewed_by finding unit',
  case_conversation: 'case_id thread linked_by',
  case_entry: 'id case_id file_id author sealed',
  case_file: 'id unit opened_by closed_by closing joined_into',
  case_match: 'id case_id other_case thread child verdict decided_by',
  case_join: 'id from_case into_case proposer approver undone_by',
  clearance: 'id kind proposal_id thread peer asked_by asked_role granted_by granted_role revoked_by',
  conversation: 'thread peer unit side state purpose urgency',
  data_key: 'subject',
  disclosure: 'message_id thread peer type proposer approver legal_basis purpose deferred_ground deferred_by',
  imported_row: 'unit file case_id',
  inbound: 'peer id lane env envelope state code receipt later_receipt held_thread',
  inbound_part: 'peer message_id',
  local_request: 'id thread token_hash pin_hash language given_by',
  match_pending: 'kind source',
  milestone: 'thread stage',
  outbox:
    'id peer class lane envelope env doc state sent_to relayed_receipt receipt later_receipt receipt_proof',
  outbox_part: 'message_id put_to',
  outside_disclosure: 'id thread body ground given stated_by approver withdrawn_by',
  proposal:
    'id thread peer unit type lane attachment_ids names supersedes proposer proposer_role approver approver_role status message_id replaces outside_by',
  quarantine: 'peer code envelope',
  reader: 'thread person admitted_by',
  retention: 'kind id rule ground answer',
  retention_decision: 'id kind about_kind about unit ground authority proposer approver ended_by',
  search_token: 'token case_id',
  seal_request: 'message_id peer lane attachment_ids thread',
  set_aside: 'env envelope',
  task: 'id kind thread message_id proposal_id detail once assigned_to closed_by unit about opened_by',
  // Registers the law asks for, of the office and sealed under its key; no file of a child.
  breach: 'id unit kind peer message_ids account reported_by opened_for',
  breach_note: 'id breach step how text by',
  hand_over: 'id from_person to_person unit given_by note',
  reading_review: 'id unit week apart persons sample reviewed_by finding note',
  // Staff, sessions, the log, the exchange, figures: nothing of a child.
  contact: 'party failure',
  cosignature: 'origin witness line',
  deputy: 'id person unit given_by',
  duty_shift: 'id unit person set_by',
  fork_evidence: 'origin note_a note_b',
  in_lane: 'peer lane',
  log_checkpoint: 'root note cosigners',
  log_head: 'frontier',
  log_node: 'hash',
  login: 'state_hash browser_hash nonce verifier return_to program session',
  logout_token: 'jti_hash',
  mailbox_cursor: 'mailbox',
  migration: 'name',
  missing_number: 'peer lane',
  notice: 'person kind',
  notice_state: 'person kind sent_day gave_up_code',
  out_lane: 'peer lane prev',
  person: 'id issuer subject name role unit office email language disabled_by disabled_reason',
  program_code: 'code_hash person sid acr',
  session: 'id_hash person audience sid acr',
  signed_release: 'period content signature released_by approved_by',
  trust_list: 'list proof',
  witness_step: 'origin proof note cosigners',
  witnessed: 'origin root note',
  // Whom an authority appointed, and complaints: what they say has keys of its own.
  case_age: 'case_id',
  complaint: 'id about receipt_hash answered_by',
  complaint_card: 'id about token_hash code_hash language printed_by',
  guardian_link: 'id person threads digest authors approver revoked_by kind case_id',
  guardian_look: 'about entry',
  guardian_link_conflict: 'id link about ground digest settled_by',
  guardian_link_version: 'link digest by',
  // What guardians are shown and say: the rows go with their conversation, and so does their key.
  followed: 'thread id side',
  guardian_hold: 'person thread',
  guardian_word: 'id thread person kind about answered_by result',
  shown: 'id thread kind source shown_by due_on',
  shown_part: 'shown',
};
