/**
 * A photograph or a paper of a child's file: uploaded first (node/attachments), and from the entry on that names it seen with the case
 * file, kept as long as that, and sent to nobody as it lies there.
 */
import { type SqlBool, sql } from 'kysely';
import { StorageError } from '../attachments/storage-error.ts';
import type { PersonalOperation } from '../operation.ts';
import type { NewEntry } from './store.ts';

/**
 * Puts what an entry names with the file that holds the entry. One of a conversation stays there and goes with it.
 * @throws StorageError ATTACHMENT_UNKNOWN, ATTACHMENT_USED, ATTACHMENT_INCOMPLETE
 */
export async function keepFile(
  { trx, actor }: PersonalOperation,
  caseId: string,
  { value }: Pick<NewEntry, 'value'>,
): Promise<void> {
  const { attachment: id } = (value ?? {}) as { attachment?: string };
  if (id === undefined) return;
  const query = trx.selectFrom('attachment').select(['message_id', 'case_id', 'sha256', 'uploaded_by']);
  const row = await query.where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) throw new StorageError('ATTACHMENT_UNKNOWN');
  if (row.sha256 === '') throw new StorageError('ATTACHMENT_INCOMPLETE');
  if (row.message_id !== null || row.case_id === caseId) return;
  if (row.case_id !== null || row.uploaded_by !== actor.id || (await isInDraft(trx, id)))
    throw new StorageError('ATTACHMENT_USED');
  await trx.updateTable('attachment').set({ case_id: caseId }).where('id', '=', id).execute();
}

/** It leaves with that, and is erased with it. */
async function isInDraft(trx: PersonalOperation['trx'], id: string): Promise<boolean> {
  const query = trx
    .selectFrom('proposal')
    .select('id')
    .where(sql<SqlBool>`id = any(array(select app_drafts_with(${id})))`);
  return (await query.executeTakeFirst()) !== undefined;
}
