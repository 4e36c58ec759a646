/**
 * Tables of the gateway beside its log: trust lists, mailboxes, parts. Nothing in them can be opened here.
 */
import { type ColumnType, type Kysely, sql } from 'kysely';
import type { LogTables } from '#platform/log/migration.ts';
import * as log from '#platform/log/migration.ts';

/** Computed by the database from the blob, so that counting reads no blob. */
type Computed = ColumnType<number, never, never>;

export interface ListTable {
  ver: number;
  list: string;
  audit_id: number;
}

/** The last number given out in one recipient's lane, and up to where items were removed because their time was over. */
export interface MailboxHeadTable {
  recipient: string;
  lane: 'urgent' | 'routine';
  last: number;
  trimmed: number;
}

/** What waits: a message, a control message, or a receipt. */
export interface MailboxItemTable {
  recipient: string;
  lane: 'urgent' | 'routine';
  cursor: number;
  kind: 'message' | 'control' | 'receipt';
  /** Id of the message; for a receipt, of the message it is about. */
  message_id: string;
  sender: string;
  envelope: string | null;
  sealed: Buffer | null;
  bytes: Computed;
  receipt: string | null;
  expires_at: number;
  /** Whether its recipient was shown it: from then on it cannot be recalled. */
  pulled: boolean;
}

/** Every message ever taken, as hashes: a second time gets the same receipt. */
export interface RelayedTable {
  sender: string;
  message_id: string;
  recipient: string;
  lane: 'urgent' | 'routine';
  seq: number;
  /** SHA-256 of the envelope, and of the sealed blob. */
  env: string;
  sealed: string;
  receipt: string;
  audit_id: number;
  state: 'held' | 'receipted' | 'recalled' | 'expired';
}

/** A message recalled before it came: if it comes, it is not taken. */
export interface RecalledAheadTable {
  sender: string;
  message_id: string;
  at: number;
}

export interface PartTable {
  recipient: string;
  message_id: string;
  sha256: string;
  sender: string;
  sealed: Buffer;
  bytes: Computed;
  expires_at: number;
}

/** Signed envelopes that contradict one taken before: evidence against their sender. */
export interface EquivocationTable {
  env: string;
  sender: string;
  /** Hash of the envelope it contradicts. */
  first: string;
  envelope: string;
  at: number;
}

/** A list validly signed by the authorities that contradicts the one of its version in force. */
export interface ForkedListTable {
  hash: string;
  ver: number;
  list: string;
  at: number;
}

export interface NonceTable {
  kid: string;
  nonce: string;
  until_s: number;
}

export type GatewayDatabase = LogTables & {
  list: ListTable;
  mailbox_head: MailboxHeadTable;
  mailbox_item: MailboxItemTable;
  relayed: RelayedTable;
  recalled_ahead: RecalledAheadTable;
  part: PartTable;
  equivocation: EquivocationTable;
  forked_list: ForkedListTable;
  nonce: NonceTable;
};

async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table list (ver bigint primary key, list text not null, audit_id bigint not null)`,
    sql`create table mailbox_head (
      recipient text, lane text, last bigint not null, trimmed bigint not null default 0, primary key (recipient, lane))`,
    sql`create table mailbox_item (
      recipient text, lane text, cursor bigint, kind text not null, message_id text not null, sender text not null, envelope text,
      sealed bytea, bytes int not null generated always as (coalesce(octet_length(sealed), 0)) stored,
      receipt text, expires_at bigint not null, pulled boolean not null default false, primary key (recipient, lane, cursor))`,
    sql`create index mailbox_item_message on mailbox_item (message_id)`,
    sql`create index mailbox_item_sender on mailbox_item (sender) include (bytes) where kind in ('message', 'control')`,
    sql`create index mailbox_item_expiry on mailbox_item (expires_at)`,
    sql`create table relayed (
      sender text, message_id text, recipient text not null, lane text not null, seq bigint not null, env text not null,
      sealed text not null, receipt text not null, audit_id bigint not null, state text not null,
      primary key (sender, message_id), unique (sender, recipient, lane, seq))`,
    sql`create table recalled_ahead (
      sender text, message_id text, at bigint not null, primary key (sender, message_id))`,
    sql`create table part (
      recipient text not null, message_id text, sha256 text, sender text, sealed bytea not null,
      bytes int not null generated always as (octet_length(sealed)) stored,
      expires_at bigint not null, primary key (sender, message_id, sha256))`,
    sql`create index part_recipient on part (recipient, message_id, sha256)`,
    sql`create index part_expiry on part (expires_at)`,
    sql`create index part_sender on part (sender) include (bytes)`,
    sql`create table equivocation (
      env text primary key, sender text not null, first text not null, envelope text not null, at bigint not null)`,
    sql`create table forked_list (hash text primary key, ver bigint not null, list text not null, at bigint not null)`,
    // Unlogged: it need outlive a process, not PostgreSQL; nonces pass for minutes, and every call is idempotent.
    sql`create unlogged table nonce (kid text, nonce text, until_s bigint not null, primary key (kid, nonce))`,
    sql`create index nonce_until on nonce (until_s)`,
    // What is sealed does not compress: trying would only cost time.
    sql`alter table mailbox_item alter column sealed set storage external`,
    sql`alter table part alter column sealed set storage external`,
  ];
  for (const statement of statements) await statement.execute(db);
}

export const migrations = { '001-log': log, '002-gateway': { up } };
