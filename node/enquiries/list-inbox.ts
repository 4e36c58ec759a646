/**
 * The inbox: conversations newest first, filtered, a page at a time. One query whatever the size of the page.
 */
import { type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import type { Database } from '../storage/database.ts';
import { EnquiryError } from './enquiry-error.ts';
import { keepVisibleConversations } from './read-conversation.ts';
import type { ConversationRow } from './store.ts';

export interface InboxFilter {
  readonly state?: readonly string[] | undefined;
  readonly peer?: readonly string[] | undefined;
  readonly urgent?: boolean | undefined;
  readonly unread?: boolean | undefined;
  readonly overdue?: boolean | undefined;
  readonly awaitingUs?: boolean | undefined;
}

export interface InboxPage {
  readonly rows: readonly ConversationRow[];
  readonly hasNextPage: boolean;
}

export const MAX_PAGE = 100;
const USUAL_PAGE = 50;

/** Where a page ends: time of the last change and thread, as one opaque text. */
export const cursorOf = (row: Pick<ConversationRow, 'updated_at' | 'thread'>): string =>
  Buffer.from(`${row.updated_at}/${row.thread}`).toString('base64url');

/** @throws EnquiryError CURSOR_INVALID */
function readCursor(cursor: string): { updatedAt: number; thread: string } {
  const match = /^(\d{1,15})\/([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new EnquiryError('CURSOR_INVALID');
  return { updatedAt: Number(match[1]), thread: match[2]! };
}

/**
 * @param first at most 100
 * @param after cursor of the last row of the page before
 */
export async function listInbox(
  db: Transaction<Database>,
  actor: Actor,
  nowMs: number,
  filter: InboxFilter,
  page: { first: number; after?: string | undefined },
): Promise<InboxPage> {
  const first = Math.min(Math.max(page.first, 1), MAX_PAGE);
  // One of two, so that the text of the query is: with a limit that it does not know PostgreSQL plans it anew each time.
  const fetched = (first <= USUAL_PAGE ? USUAL_PAGE : MAX_PAGE) + 1;
  const after = page.after === undefined ? undefined : readCursor(page.after);
  const some = (query: Query) => newest(from(filtered(query, filter, nowMs), after), fetched);
  const rows = await newest(within(db, actor, some), fetched).execute();
  const visible = await keepVisibleConversations(db, actor, rows.slice(0, first), nowMs);
  return { rows: visible, hasNextPage: rows.length > first };
}

type Query = SelectQueryBuilder<Database, 'conversation', ConversationRow>;

/**
 * Where to look, so that an index leads there: in the person's unit and among what is theirs beyond it. It may name too much, and
 * then the policies take it out; too little would hide something, so a test compares it with the policy.
 * @param some the newest of a part
 */
function within(db: Transaction<Database>, actor: Actor, some: (query: Query) => Query): Query {
  const all = db.selectFrom('conversation').selectAll();
  if (actor.role === 'head') return some(all);
  const mine = all.where(
    'thread',
    '=',
    sql<string>`any(array(select app_my_threads() union all select app_my_readings()))`,
  );
  if (actor.role !== 'officer' && actor.role !== 'supervisor') return some(mine);
  const ofUnit = some(all.where('unit', '=', actor.unit));
  const beyond = some(mine.where('unit', '<>', actor.unit));
  const both = db
    .selectFrom(ofUnit.as('a'))
    .selectAll()
    .unionAll(db.selectFrom(beyond.as('b')).selectAll());
  return db.selectFrom(both.as('conversation')).selectAll() as Query;
}

function filtered(query: Query, filter: InboxFilter, nowMs: number): Query {
  const { state, peer, urgent, unread, awaitingUs, overdue } = filter;
  return query
    .$if(state !== undefined, (q) => q.where('state', '=', sql<string>`any(${[...(state ?? [])]}::text[])`))
    .$if(peer !== undefined, (q) => q.where('peer', '=', sql<string>`any(${[...(peer ?? [])]}::text[])`))
    .$if(urgent !== undefined, (q) =>
      q.where((eb) => {
        const isOpen = eb('state', '<>', 'CLOSED');
        const isUrgent = eb.or([eb.and([eb('urgency', '<>', 'routine'), isOpen]), eb('danger', '=', true)]);
        return urgent ? isUrgent : eb.not(isUrgent);
      }),
    )
    .$if(unread !== undefined, (q) => q.where('unread', unread ? '>' : '=', 0))
    .$if(awaitingUs !== undefined, (q) => q.where('awaiting_us', '=', awaitingUs!))
    .$if(overdue === true, (q) => q.where('due_at', '<', nowMs))
    .$if(overdue === false, (q) =>
      q.where((eb) => eb.or([eb('due_at', 'is', null), eb('due_at', '>=', nowMs)])),
    );
}

const from = (query: Query, after: ReturnType<typeof readCursor> | undefined): Query =>
  after === undefined
    ? query
    : query.where((eb) =>
        eb(eb.refTuple('updated_at', 'thread'), '<', eb.tuple(after.updatedAt, after.thread)),
      );

const newest = (query: Query, limit: number): Query =>
  query.orderBy('updated_at', 'desc').orderBy('thread', 'desc').limit(sql.lit(limit));
