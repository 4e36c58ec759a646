/**
 * Reading as a person: the row and the right to it, in the person's own transaction. That it was read is recorded by whoever
 * opened that transaction (node/reading.ts).
 */
import type { Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import { asColleague, readStandings } from '../access/standing.ts';
import type { Database } from '../storage/database.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ConversationRow } from './store.ts';

/** @throws EnquiryError CONVERSATION_UNKNOWN, for what is not there and for what this person may not see */
export async function readConversation(
  trx: Transaction<Database>,
  actor: Actor,
  thread: string,
  nowMs: number,
): Promise<ConversationRow> {
  const row = await trx
    .selectFrom('conversation')
    .selectAll()
    .where('thread', '=', thread)
    .executeTakeFirst();
  const [seen] = row ? await keepVisibleConversations(trx, actor, [row], nowMs) : [];
  if (!seen) throw new EnquiryError('CONVERSATION_UNKNOWN');
  return seen;
}

/** Rows of these that the policy lets the person see: the first wall, where the database's own is the second. */
export async function keepVisible<R extends { thread: string }>(
  trx: Transaction<Database>,
  actor: Actor,
  rows: readonly R[],
  nowMs: number,
): Promise<R[]> {
  const standings = await readStandings(trx, [...new Set(rows.map(({ thread }) => thread))]);
  return rows.filter(({ thread }) => {
    const standing = standings.get(thread);
    return standing !== undefined && decide(actor, 'conversation.read', { standing }, nowMs).allow;
  });
}

/** The same for conversations: how the person stands is looked up only where unit and role do not say enough. */
export async function keepVisibleConversations(
  trx: Transaction<Database>,
  actor: Actor,
  rows: readonly ConversationRow[],
  nowMs: number,
): Promise<ConversationRow[]> {
  const isPlain = ({ unit, eyes_only }: ConversationRow) =>
    decide(actor, 'conversation.read', { standing: asColleague(unit, eyes_only) }, nowMs).allow;
  const plain = new Set(rows.filter(isPlain));
  if (plain.size === rows.length) return [...rows];
  const doubtful = rows.filter((row) => !plain.has(row));
  const others = new Set(await keepVisible(trx, actor, doubtful, nowMs));
  return rows.filter((row) => plain.has(row) || others.has(row));
}
