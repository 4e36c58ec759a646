/**
 * What was given to local services in a conversation, and what came back. The database shows it to who sees the conversation.
 */
import type { Selectable, Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import { LocalAnswers } from './answer-questions.ts';
import type { LocalRequestTable } from './tables.ts';

export type LocalRequestRow = Selectable<LocalRequestTable>;
export type ReadAnswers = LocalAnswers;

/** The last first, at most 100. */
export function listLocalRequests(trx: Transaction<Database>, thread: string): Promise<LocalRequestRow[]> {
  const query = trx.selectFrom('local_request').selectAll().where('thread', '=', thread);
  return query.orderBy('given_at', 'desc').orderBy('id').limit(100).execute();
}

/** Null while nothing has come back. */
export const readAnswers = ({ answers }: Pick<LocalRequestRow, 'answers'>): ReadAnswers | null =>
  answers === null ? null : LocalAnswers.parse(JSON.parse(answers));
