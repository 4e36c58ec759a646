/**
 * The audit trail as auditors read it: who did or was shown what kind of thing, when, in which role and for what purpose. Picks
 * from each entry what says that, and leaves the rest.
 */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import { AuditError } from './audit-error.ts';

export interface TrailEntry {
  /** In the order of the queue; names the entry within this node. */
  readonly id: number;
  /** Its place in the log; null until it has one. */
  readonly place: number | null;
  readonly type: string;
  readonly atMs: number;
  /** The person's id; null for what the node did by itself, or once the detail is erased. */
  readonly actor: string | null;
  readonly role: string | null;
  readonly unit: string | null;
  readonly purpose: string | null;
  /** Root fields that were asked for. */
  readonly fields: readonly string[];
  /** Random names of conversations: they say nothing to somebody who cannot open them. */
  readonly threads: readonly string[];
  /** How many rows of what kind were shown. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface TrailFilter {
  readonly types?: readonly string[] | undefined;
  readonly actors?: readonly string[] | undefined;
  /** Inclusive, milliseconds since 1970. */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
}

/** Members of a detail that name whoever acted, the one who acted last first. */
export const ACTOR_KEYS = ['actor', 'by', 'approver', 'proposer', 'person'] as const;

export const MAX_TRAIL_PAGE = 500;

export const cursorOf = ({ atMs, id }: Pick<TrailEntry, 'atMs' | 'id'>): string =>
  Buffer.from(`${atMs}/${id}`).toString('base64url');

/** @throws AuditError CURSOR_INVALID */
function readCursor(cursor: string): { atMs: number; id: number } {
  const match = /^(\d{1,15})\/(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new AuditError('CURSOR_INVALID');
  return { atMs: Number(match[1]), id: Number(match[2]) };
}

type Row = { id: number; type: string; at: number; detail: string | null; idx: number | null };

/** Newest first. @param page at most 500; `after` is the cursor of the last entry of the page before @throws AuditError */
export async function listTrail(
  trx: Transaction<Database>,
  filter: TrailFilter,
  page: { readonly first: number; readonly after?: string | undefined },
): Promise<{ entries: TrailEntry[]; hasNextPage: boolean }> {
  const first = Math.min(Math.max(page.first, 1), MAX_TRAIL_PAGE);
  const conditions = matching(filter);
  if (page.after !== undefined) {
    const { atMs, id } = readCursor(page.after);
    conditions.push(sql`(at, id) < (${toTime(atMs)}::timestamptz, ${id})`);
  }
  const { rows } = await sql<Row>`select id, type, at, detail, idx from audit_entry
    where ${sql.join(conditions, sql` and `)} order by at desc, id desc limit ${first + 1}`.execute(trx);
  return { entries: rows.slice(0, first).map(toEntry), hasNextPage: rows.length > first };
}

/** Oldest first, those after `id` up to `lastId`: for an export that reads in steps. */
export async function readTrail(
  trx: Transaction<Database>,
  filter: TrailFilter,
  step: {
    readonly after: { readonly atMs: number; readonly id: number } | null;
    readonly lastId: number;
    readonly limit: number;
  },
): Promise<TrailEntry[]> {
  const conditions = [...matching(filter), sql`id <= ${step.lastId}`];
  if (step.after)
    conditions.push(sql`(at, id) > (${toTime(step.after.atMs)}::timestamptz, ${step.after.id})`);
  const { rows } = await sql<Row>`select id, type, at, detail, idx from audit_entry
    where ${sql.join(conditions, sql` and `)} order by at, id limit ${step.limit}`.execute(trx);
  return rows.map(toEntry);
}

/** How many there are now, and the last of them all. */
export async function countTrail(
  trx: Transaction<Database>,
  filter: TrailFilter,
): Promise<{ count: number; lastId: number }> {
  const { rows } = await sql<{ count: number; lastId: number | null }>`
    select count(*) as count, max(id) as "lastId" from audit_entry
    where ${sql.join(matching(filter), sql` and `)}`.execute(trx);
  return { count: rows[0]!.count, lastId: rows[0]!.lastId ?? 0 };
}

function matching({ types, actors, fromMs, toMs }: TrailFilter): RawBuilder<unknown>[] {
  const conditions = [sql`true`];
  if (fromMs !== undefined) conditions.push(sql`at >= ${toTime(fromMs)}::timestamptz`);
  if (toMs !== undefined) conditions.push(sql`at < ${toTime(toMs)}::timestamptz`);
  if (types) conditions.push(sql`type = any(${[...types]}::text[])`);
  if (actors)
    conditions.push(sql`exists (select 1 from jsonb_each_text(detail::jsonb) d
      where d.key = any(${[...ACTOR_KEYS]}::text[]) and d.value = any(${[...actors]}::text[]))`);
  return conditions;
}

const toTime = (ms: number): string => new Date(ms).toISOString();

function toEntry({ id, type, at, detail, idx }: Row): TrailEntry {
  const known = (detail === null ? {} : JSON.parse(detail)) as Record<string, unknown>;
  const text = (key: string) => (typeof known[key] === 'string' ? known[key] : null);
  const texts = (key: string) => (Array.isArray(known[key]) ? (known[key] as string[]) : []);
  const thread = text('thread');
  return {
    id,
    place: idx,
    type,
    atMs: at,
    actor: ACTOR_KEYS.map(text).find((one) => one !== null) ?? null,
    role: text('role'),
    unit: text('unit'),
    purpose: text('purpose'),
    fields: texts('fields'),
    threads: thread === null ? texts('threads') : [thread],
    rows: (known.rows ?? {}) as Record<string, number>,
  };
}
