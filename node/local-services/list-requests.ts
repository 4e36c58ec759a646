/**
 * What was given to local services in a conversation, and what came back. The database shows it to who sees the conversation.
 */
import type { Selectable } from 'kysely';
import { type Opened, openRows, type Reader } from '../vault/sealed-columns.ts';
import { LocalAnswers } from './answer-questions.ts';
import { type LocalRequestTable, sealedLocalRequest } from './tables.ts';

export type LocalRequestRow = Opened<Selectable<LocalRequestTable>, 'service' | 'letter' | 'answers'>;
export type ReadAnswers = LocalAnswers;

/** The last first, at most 100. */
export async function listLocalRequests(reader: Reader, thread: string): Promise<LocalRequestRow[]> {
  const query = reader.trx.selectFrom('local_request').selectAll().where('thread', '=', thread);
  const rows = await query.orderBy('given_at', 'desc').orderBy('id').limit(100).execute();
  return openRows(reader, sealedLocalRequest, rows);
}

/** Null while nothing has come back. */
export const readAnswers = ({ answers }: Pick<LocalRequestRow, 'answers'>): ReadAnswers | null =>
  answers === null ? null : LocalAnswers.parse(JSON.parse(answers));
