/**
 * The inbox: conversations newest first, filtered, a page at a time. One query whatever the size of the page.
 */
import type { Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import type { Database } from '../storage/database.ts';
import { EnquiryError } from './enquiry-error.ts';
import { keepVisible } from './read-conversation.ts';
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
  let query = db.selectFrom('conversation').selectAll();
  if (filter.state) query = query.where('state', 'in', [...filter.state, '']);
  if (filter.peer) query = query.where('peer', 'in', [...filter.peer, '']);
  if (filter.urgent !== undefined) {
    const urgent = filter.urgent;
    query = query.where((eb) => {
      const isUrgent = eb.or([eb('urgency', '<>', 'routine'), eb('danger', '=', true)]);
      return urgent ? isUrgent : eb.not(isUrgent);
    });
  }
  if (filter.unread !== undefined) query = query.where('unread', filter.unread ? '>' : '=', 0);
  if (filter.awaitingUs !== undefined) query = query.where('awaiting_us', '=', filter.awaitingUs);
  if (filter.overdue !== undefined) {
    query = filter.overdue
      ? query.where('due_at', '<', nowMs)
      : query.where((eb) => eb.or([eb('due_at', 'is', null), eb('due_at', '>=', nowMs)]));
  }
  if (page.after !== undefined) {
    const { updatedAt, thread } = readCursor(page.after);
    query = query.where((eb) => eb(eb.refTuple('updated_at', 'thread'), '<', eb.tuple(updatedAt, thread)));
  }
  const rows = await query
    .orderBy('updated_at', 'desc')
    .orderBy('thread', 'desc')
    .limit(first + 1)
    .execute();
  const visible = await keepVisible(db, actor, rows.slice(0, first), nowMs);
  return { rows: visible, hasNextPage: rows.length > first };
}
