/**
 * Reading a stored file part by part.
 */
import type { Kysely } from 'kysely';
import type { Database } from '../storage/database.ts';

/** The n-th part of a stored file, at most 4 MiB; null past the last. An empty file has one empty part. */
export async function readPart(
  db: Kysely<Database>,
  attachmentId: string,
  n: number,
): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom('attachment_part')
    .select('plain')
    .where('attachment_id', '=', attachmentId)
    .where('n', '=', n)
    .executeTakeFirst();
  return row?.plain ?? null;
}
