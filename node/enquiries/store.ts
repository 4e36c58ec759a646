/**
 * Queries of conversations and acts. The rows of acts are the truth; what a conversation row says is made from them here.
 */
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import type { Act } from '#schema/conversation/acts.ts';
import type { SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import type { Facts } from '#schema/conversation/facts.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { type Opened, openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import { conversationKey } from '../vault/subjects.ts';
import { EnquiryError } from './enquiry-error.ts';
import { type ActTable, type ConversationTable, sealedAct } from './tables.ts';

export type Db = Kysely<Database> | Transaction<Database>;
/** An act without its words: all that the fold, numbers and receipts need, and no key. */
export type ActHead = Omit<Selectable<ActTable>, 'body'>;
export type ActRow = Opened<Selectable<ActTable>, 'body'>;
export type ConversationRow = Selectable<ConversationTable>;

/** Locks a conversation for the rest of the transaction, so that acts are added one after the other. */
export async function lockConversation(
  trx: Transaction<Database>,
  thread: string,
): Promise<ConversationRow | undefined> {
  return findConversation(trx, thread, true);
}

/** The row, locked or only read. */
export async function findConversation(
  trx: Transaction<Database>,
  thread: string,
  lock: boolean,
): Promise<ConversationRow | undefined> {
  return trx
    .selectFrom('conversation')
    .selectAll()
    .where('thread', '=', thread)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
}

/** @throws EnquiryError CONVERSATION_UNKNOWN */
export async function requireConversation(db: Db, thread: string): Promise<ConversationRow> {
  const row = await db.selectFrom('conversation').selectAll().where('thread', '=', thread).executeTakeFirst();
  if (!row) throw new EnquiryError('CONVERSATION_UNKNOWN');
  return row;
}

/** Every act of these conversations with its words, those of no effect included, in order of number. @throws VaultError */
export async function readActRows(reader: Reader, threads: readonly string[]): Promise<ActRow[]> {
  if (threads.length === 0) return [];
  return openRows(reader, sealedAct, await actsOf(reader.trx, threads).selectAll().execute());
}

/** The same without words. */
export async function readActHeads(db: Db, threads: readonly string[]): Promise<ActHead[]> {
  return threads.length === 0 ? [] : actsOf(db, threads).select(HEAD).execute();
}

const actsOf = (db: Db, threads: readonly string[]) =>
  db
    .selectFrom('act')
    .where('thread', 'in', [...threads])
    .orderBy('n')
    .orderBy('message_id');

const HEAD = [
  ...(['message_id', 'thread', 'side', 'n', 'seen', 'type', 'version', 'lane', 'facts'] as const),
  ...(['author_name', 'author_office', 'supersedes', 'at', 'delivered_at', 'crossed'] as const),
  ...(['read_by', 'read_at', 'stage', 'stage_code', 'void', 'in_doubt'] as const),
  ...(['recalled_by', 'recalled_at', 'recall_reason', 'notice', 'proposal_id'] as const),
] as const satisfies readonly (keyof ActHead)[];

/** Whether both States hold the act, or may come to hold it: what will not arrive has no part in the conversation. */
export const counts = (row: Pick<ActHead, 'stage'>): boolean =>
  row.stage !== 'rejected' && row.stage !== 'undelivered';

/** A row as the fold reads it. */
export function toAct(row: ActHead): Act {
  return {
    id: row.message_id,
    side: row.side,
    n: row.n,
    seen: row.seen,
    type: row.type as MessageCode,
    atMs: row.at,
    ...(row.delivered_at === null ? {} : { deliveredAtMs: row.delivered_at }),
    facts: JSON.parse(row.facts) as Facts,
  };
}

/** The acts the fold reads. */
export const toActs = (rows: readonly ActHead[]): Act[] => rows.filter(counts).map(toAct);

/** Warnings of every act that counts, each once. A withdrawal takes none of them back (PRACTICE.md A13). */
export function warningsOf(rows: readonly ActRow[]): readonly SafetyWarning[] {
  const all = rows
    .filter((row) => counts(row) && row.body !== '')
    .flatMap((row) => (JSON.parse(row.body) as { warnings?: readonly SafetyWarning[] }).warnings ?? []);
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** Whether what was said in it can be read by nobody any more; what comes yet is kept apart (`notice`). */
export async function isErased({ trx }: Pick<Operation, 'trx'>, thread: string): Promise<boolean> {
  const query = trx.selectFrom('data_key').select('erased_at').where('subject', '=', conversationKey(thread));
  return (await query.executeTakeFirst())?.erased_at != null;
}

/** Whether a message of this id is an act here already, whoever's. */
export async function isActKnown(trx: Transaction<Database>, messageId: string): Promise<boolean> {
  const query = trx.selectFrom('act').select('message_id').where('message_id', '=', messageId);
  return (await query.executeTakeFirst()) !== undefined;
}

export type Leave = { readonly shownTo: readonly string[]; readonly country?: string | undefined };

/** What the asking State has given leave to pass on: the bodies that the other side had named, and their State. */
export function leavesOf(rows: readonly ActRow[]): readonly Leave[] {
  type Use = { phase: string; re?: number; use: string; result?: string } & Leave;
  const uses = rows
    .filter((row) => counts(row) && row.type === 'USE' && row.body !== '')
    .map(({ side, n, body }) => ({ side, n, ...(JSON.parse(body) as Use) }));
  return uses
    .filter(({ side, result }) => side === 'requester' && result?.startsWith('granted'))
    .flatMap(({ re }) => uses.filter((ask) => ask.side === 'requested' && ask.n === re))
    .filter(({ use }) => use === 'pass-to-authority')
    .map(({ shownTo, country }) => ({ shownTo, country }));
}

/** @throws VaultError */
export async function insertAct(
  op: Pick<Operation, 'trx' | 'vault'>,
  act: Omit<Insertable<ActTable>, 'body' | 'notice'> & { readonly body: string; readonly notice: boolean },
): Promise<void> {
  const sealed = await sealColumns(op, sealedAct, act, { body: act.body });
  await op.trx
    .insertInto('act')
    .values({ ...act, ...sealed })
    .execute();
}
