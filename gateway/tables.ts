/**
 * Tables of the gateway beside its log: trust lists, mailboxes, parts. Nothing in them can be opened here.
 */
import { type Kysely, sql } from 'kysely';
import type { LogTables } from '#platform/log/migration.ts';
import * as log from '#platform/log/migration.ts';

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
  env: string;
  receipt: string;
  audit_id: number;
  state: 'held' | 'receipted' | 'recalled' | 'expired';
}

export interface PartTable {
  recipient: string;
  message_id: string;
  sha256: string;
  sender: string;
  sealed: Buffer;
  expires_at: number;
}

export type GatewayDatabase = LogTables & {
  list: ListTable;
  mailbox_head: MailboxHeadTable;
  mailbox_item: MailboxItemTable;
  relayed: RelayedTable;
  part: PartTable;
};

async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table list (ver bigint primary key, list text not null, audit_id bigint not null)`,
    sql`create table mailbox_head (
      recipient text, lane text, last bigint not null, trimmed bigint not null default 0, primary key (recipient, lane))`,
    sql`create table mailbox_item (
      recipient text, lane text, cursor bigint, kind text not null, message_id text not null, sender text not null, envelope text,
      sealed bytea, receipt text, expires_at bigint not null, pulled boolean not null default false, primary key (recipient, lane, cursor))`,
    sql`create index mailbox_item_message on mailbox_item (message_id)`,
    sql`create index mailbox_item_sender on mailbox_item (sender) where kind = 'message'`,
    sql`create index mailbox_item_expiry on mailbox_item (expires_at)`,
    sql`create table relayed (
      sender text, message_id text, recipient text not null, env text not null, receipt text not null, audit_id bigint not null,
      state text not null, primary key (sender, message_id))`,
    sql`create table part (
      recipient text, message_id text, sha256 text, sender text not null, sealed bytea not null, expires_at bigint not null,
      primary key (recipient, message_id, sha256))`,
    sql`create index part_expiry on part (expires_at)`,
    sql`create index part_sender on part (sender)`,
  ];
  for (const statement of statements) await statement.execute(db);
}

export const migrations = { '001-log': log, '002-gateway': { up } };
