/**
 * Tables of the exchange: what waits to be sealed, what waits to be delivered, what came in. Times are epoch milliseconds.
 */

import type { Generated, Kysely } from 'kysely';
import { sql } from 'kysely';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { conversationKey } from '../vault/subjects.ts';

/** A released act on its way to the sealer. */
export interface SealRequestTable {
  id: Generated<number>;
  message_id: string;
  peer: string;
  lane: 'routine' | 'urgent';
  /** The conversation it belongs to. */
  thread: string;
  /** Canonical JSON of everything the sealed document says that the sealer does not add itself; sealed at rest until then. */
  content: Buffer;
  /** Attachments to seal in parts, in order, by their id in this node. */
  attachment_ids: string[];
  /** After this the release must be confirmed anew before it may leave (PRACTICE.md A14). */
  approved_until: number;
  /** It is not sealed before. */
  not_before: Generated<number>;
  requested_at: number;
}

/** The next number and the last hash of what this node sends in one lane to one peer. */
export interface OutLaneTable {
  peer: string;
  lane: 'routine' | 'urgent';
  next_seq: number;
  prev: string;
}

/** Where a message can be handed over. */
export type Place = 'peer' | 'gateway';

export type OutboxState =
  | 'ready'
  | 'relayed'
  | 'delivered'
  | 'rejected'
  | 'expired'
  | 'stale'
  /** The gateway holds it, and its release is over: it is not sent until a person confirms it. */
  | 'unconfirmed'
  /** Nothing of it is sent any more; the gateway is being asked to delete it. */
  | 'recalling'
  | 'recalled'
  /** Its recipient has left the network. */
  | 'left';

/** Sealed bytes, stored once and sent unchanged until a signed receipt or the end of their time. */
export interface OutboxTable {
  id: string;
  peer: string;
  class: 'msg' | 'ctl';
  lane: 'routine' | 'urgent';
  seq: number | null;
  envelope: string;
  env: string;
  sealed: Buffer;
  doc: string;
  /** The audit entry that must be covered by a checkpoint before it leaves; none for control messages without receipts. */
  audit_id: number | null;
  state: OutboxState;
  sealed_at: number;
  approved_until: number;
  expires_at: number;
  attempts: number;
  next_attempt_at: number;
  /** While this lies ahead, a deliverer is at work on it. */
  claimed_until: number;
  /** Where its bytes may have gone: `peer`, `gateway`. Noted before the first of them leaves. */
  sent_to: Generated<Place[]>;
  /** It was given up, and the peer has not been told yet that its number will never come. */
  tombstone_due: Generated<boolean>;
  relayed_receipt: string | null;
  receipt: string | null;
  later_receipt: string | null;
  /** Proof of the receipt's leaf in the recipient's log: index, hashes, checkpoint. */
  receipt_proof: string | null;
}

/** One sealed attachment part; deleted once the message is delivered. */
export interface OutboxPartTable {
  message_id: string;
  attachment: number;
  n: number;
  sha256: string;
  bytes: number;
  sealed: Buffer;
  /** Where it has been put already. */
  put_to: Place[];
}

/** Highest seq of a lane up to which everything from a peer has arrived and been applied. */
export interface InLaneTable {
  peer: string;
  lane: 'routine' | 'urgent';
  applied: number;
  /** Since when what arrived is held because something before it is missing. */
  gap_since: number | null;
  resend_asked_at: number | null;
}

/** A number that was passed over because it had not come in time. */
export interface MissingNumberTable {
  peer: string;
  lane: 'routine' | 'urgent';
  seq: number;
  since: number;
}

export type InboundState = 'applied' | 'held' | 'rejected' | 'tombstone';

/** Every message ever received, remembered for ever as hashes; its document until it is applied. */
export interface InboundTable {
  peer: string;
  id: string;
  lane: 'routine' | 'urgent';
  seq: number;
  env: string;
  envelope: string;
  state: InboundState;
  code: string | null;
  /** Canonical JSON of a document held for a gap, or because it could not be applied; sealed. */
  held: Buffer | null;
  /** Its conversation, while it is held. */
  held_thread: string | null;
  /** How often it could not be applied although its turn had come, and when it is tried next; null while it was not. */
  held_tries: Generated<number>;
  held_next_at: Generated<number | null>;
  received_at: number;
  receipt: string | null;
  audit_id: number | null;
  later_receipt: string | null;
  /** Whether the log proof of the receipt has been sent to the peer. */
  proved: Generated<boolean>;
}

/** Two different messages with one id or number, both signed: kept as evidence. */
export interface QuarantineTable {
  id: Generated<number>;
  peer: string;
  code: string;
  envelope: string;
  sealed: Buffer;
  at: number;
}

/** Sealed parts put here by a peer, until their message is opened. */
export interface InboundPartTable {
  peer: string;
  message_id: string;
  sha256: string;
  sealed: Buffer;
  at: number;
}

/** A message that could not be taken yet, out of the mailbox, or pushed and met by an error of ours. */
export interface SetAsideTable {
  /** SHA-256 of the envelope, hex. */
  env: string;
  envelope: string;
  sealed: string;
  tries: Generated<number>;
  next_at: number;
}

export interface CursorTable {
  mailbox: string;
  urgent: number;
  routine: number;
}

export interface TrustListTable {
  ver: number;
  list: string;
  proof: string | null;
  accepted_at: number;
  /** When it was last seen to be in force: a quorum had signed the gateway's log then. */
  confirmed_at: number;
}

/** What of these tables is kept sealed, under the key of the conversation. */
export const sealedRequest: SealedColumns<Pick<SealRequestTable, 'message_id' | 'thread'>, 'content'> = {
  table: 'seal_request',
  columns: ['content'],
  row: ({ message_id }) => message_id,
  subject: ({ thread }) => conversationKey(thread),
};
export const sealedHeld: SealedColumns<Pick<InboundTable, 'peer' | 'id' | 'held_thread'>, 'held'> = {
  table: 'inbound',
  columns: ['held'],
  row: ({ peer, id }) => JSON.stringify([peer, id]),
  subject: ({ held_thread }) => conversationKey(held_thread ?? ''),
};

export interface ExchangeTables {
  seal_request: SealRequestTable;
  out_lane: OutLaneTable;
  outbox: OutboxTable;
  outbox_part: OutboxPartTable;
  in_lane: InLaneTable;
  missing_number: MissingNumberTable;
  inbound: InboundTable;
  quarantine: QuarantineTable;
  inbound_part: InboundPartTable;
  set_aside: SetAsideTable;
  mailbox_cursor: CursorTable;
  trust_list: TrustListTable;
}

/** Creates the tables of the exchange. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table seal_request (
      id bigint generated always as identity primary key, message_id text not null unique, peer text not null, lane text not null,
      content text not null, attachment_ids text[] not null, approved_until bigint not null, requested_at bigint not null,
      not_before bigint not null default 0)`,
    sql`create table out_lane (peer text, lane text, next_seq bigint not null, prev text not null, primary key (peer, lane))`,
    sql`create table outbox (
      id text primary key, peer text not null, class text not null, lane text not null, seq bigint, envelope text not null, env text not null,
      sealed bytea not null, doc text not null, audit_id bigint, state text not null, sealed_at bigint not null, approved_until bigint not null,
      expires_at bigint not null, attempts int not null default 0, next_attempt_at bigint not null, claimed_until bigint not null default 0,
      sent_to text[] not null default '{}', tombstone_due boolean not null default false, relayed_receipt text, receipt text, later_receipt text, receipt_proof text, unique (peer, lane, seq))`,
    sql`create index outbox_open on outbox (peer, lane, seq) where state in ('ready', 'relayed')`,
    sql`create index outbox_recalling on outbox (next_attempt_at) where state = 'recalling'`,
    sql`create index outbox_tombstone on outbox (peer, lane, seq) where tombstone_due`,
    sql`create table outbox_part (
      message_id text, attachment int, n int, sha256 text not null, bytes int not null, sealed bytea not null,
      put_to text[] not null default '{}', primary key (message_id, attachment, n))`,
    sql`create table in_lane (
      peer text, lane text, applied bigint not null, gap_since bigint, resend_asked_at bigint, primary key (peer, lane))`,
    sql`create table missing_number (
      peer text, lane text, seq bigint, since bigint not null, primary key (peer, lane, seq))`,
    sql`create table inbound (
      peer text, id text, lane text not null, seq bigint not null, env text not null, envelope text not null, state text not null, code text,
      held text, held_tries int not null default 0, held_next_at bigint, received_at bigint not null, receipt text, audit_id bigint, later_receipt text, proved boolean not null default false,
      primary key (peer, id), unique (peer, lane, seq))`,
    sql`create index inbound_held_again on inbound (held_next_at) where held_next_at is not null`,
    sql`create index inbound_unproved on inbound (peer, audit_id) where not proved and receipt is not null`,
    sql`create table quarantine (
      id bigint generated always as identity primary key, peer text not null, code text not null, envelope text not null, sealed bytea not null,
      at bigint not null)`,
    sql`create table inbound_part (
      peer text, message_id text, sha256 text, sealed bytea not null, at bigint not null, primary key (peer, message_id, sha256))`,
    sql`create table set_aside (
      env text primary key, envelope text not null, sealed text not null, tries int not null default 0, next_at bigint not null)`,
    sql`create table mailbox_cursor (mailbox text primary key, urgent bigint not null, routine bigint not null)`,
    sql`create table trust_list (ver bigint primary key, list text not null, proof text, accepted_at bigint not null, confirmed_at bigint not null)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
