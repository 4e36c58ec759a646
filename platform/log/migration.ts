/**
 * Tables of the log store. Roles and grants are the business of whoever owns the database; what each needs:
 * writers INSERT on audit_entry; the sequencer SELECT and UPDATE (idx) there, all but DELETE on log_*; who keeps
 * cosignatures UPDATE (cosigners) on log_checkpoint and witness_step; erasure UPDATE (salt, detail) on audit_entry; nobody DELETE on anything here.
 */
import { type Generated, type QueryExecutorProvider, sql } from 'kysely';

/** Columns of `bigint` come back as text unless the connection parses them. */
type BigIntColumn = string | number;

/** The tables as Kysely knows them, for databases that have further tables and join these. */
export type LogTables = {
  audit_entry: {
    id: Generated<BigIntColumn>;
    type: string;
    at: Date | string;
    bytes: Uint8Array;
    leaf: Uint8Array;
    salt: Uint8Array | null;
    detail: string | null;
    idx: BigIntColumn | null;
  };
  log_node: { level: number; idx: BigIntColumn; hash: Uint8Array };
  log_checkpoint: {
    size: BigIntColumn;
    old_size: BigIntColumn;
    root: Uint8Array;
    note: string;
    cosigners: Generated<string[]>;
    at: Date | string;
  };
  log_head: { singleton: Generated<boolean>; size: BigIntColumn; frontier: Uint8Array[] };
  cosignature: { origin: string; size: BigIntColumn; witness: string; line: string; at: Date | string };
  witnessed: { origin: string; size: BigIntColumn; root: Uint8Array; note: string };
  witness_step: {
    origin: string;
    old_size: BigIntColumn;
    new_size: BigIntColumn;
    proof: Uint8Array[];
    note: string;
    cosigners: Generated<string[]>;
  };
  fork_evidence: {
    id: Generated<BigIntColumn>;
    origin: string;
    size: BigIntColumn;
    note_a: string;
    note_b: string;
    at: Date | string;
  };
};

const STATEMENTS = [
  // `idx` is the place in the tree, null until sequenced. `bytes` is what the log publishes, `salt` and
  // `detail` (canonical JSON) open its commitment and are set to null, both together, to erase.
  sql`create table audit_entry (
    id bigint generated always as identity primary key,
    type text not null,
    at timestamptz(3) not null,
    bytes bytea not null,
    leaf bytea not null unique check (octet_length(leaf) = 32),
    salt bytea,
    detail text,
    idx bigint unique check (idx >= 0),
    check ((salt is null) = (detail is null))
  )`,
  sql`create index audit_entry_waiting on audit_entry (id) where idx is null`,
  // Every complete subtree: level 0 holds leaf hashes.
  sql`create table log_node (
    level int not null check (level between 0 and 53),
    idx bigint not null check (idx >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (level, idx)
  )`,
  // `old_size` is the checkpoint before, 0 for the first, and `cosigners` has whose cosignatures were kept: so that
  // the full check finds what was deleted.
  sql`create table log_checkpoint (
    size bigint primary key check (size >= 0),
    old_size bigint not null check (old_size < size),
    root bytea not null check (octet_length(root) = 32),
    note text not null,
    cosigners text[] not null default '{}',
    at timestamptz(3) not null
  )`,
  // One row: size and roots of the complete subtrees, largest first.
  sql`create table log_head (
    singleton boolean primary key default true check (singleton),
    size bigint not null check (size >= 0),
    frontier bytea[] not null
  )`,
  sql`insert into log_head (size, frontier) values (0, '{}')`,
  sql`create table cosignature (
    origin text not null,
    size bigint not null,
    witness text not null,
    line text not null,
    at timestamptz(3) not null,
    primary key (origin, size, witness)
  )`,
  // The last checkpoint of each other log that this party cosigned, and the way to it.
  sql`create table witnessed (
    origin text primary key,
    size bigint not null check (size >= 0),
    root bytea not null check (octet_length(root) = 32),
    note text not null
  )`,
  sql`create table witness_step (
    origin text not null,
    old_size bigint not null,
    new_size bigint not null check (new_size > old_size),
    proof bytea[] not null,
    note text not null,
    cosigners text[] not null default '{}',
    primary key (origin, old_size),
    unique (origin, new_size)
  )`,
  sql`create table fork_evidence (
    id bigint generated always as identity primary key,
    origin text not null,
    size bigint not null,
    note_a text not null,
    note_b text not null,
    at timestamptz(3) not null
  )`,
  sql`create unique index fork_evidence_once on fork_evidence (origin, size, md5(note_a), md5(note_b))`,
];

/** Makes the tables, in the current schema. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
