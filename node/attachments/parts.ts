/**
 * Stored files in parts of at most 4 MiB, so that no file is ever whole in memory: read for sealing and handing out, written on
 * arrival.
 */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { limits } from '#schema/protocol/limits.ts';
import type { Database } from '../storage/database.ts';

/** The n-th part of a stored file, counted from 0; null past the last. An empty file has one empty part. */
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

/** Numbers and sizes (bytes) of the stored parts, in order. */
export function partsOf(db: Kysely<Database>, attachmentId: string): Promise<{ n: number; bytes: number }[]> {
  return db
    .selectFrom('attachment_part')
    .select((eb) => ['n', eb.fn<number>('octet_length', ['plain']).as('bytes')])
    .where('attachment_id', '=', attachmentId)
    .orderBy('n')
    .execute();
}

/** The file part by part. @param read the n-th part, null past the last */
export async function* streamParts(
  read: (n: number) => Promise<Uint8Array | null>,
): AsyncGenerator<Uint8Array> {
  for (let n = 0; ; n++) {
    const part = await read(n);
    if (part === null) return;
    yield part;
  }
}

/** Stores one part. */
export async function writePart(
  db: Kysely<Database>,
  attachmentId: string,
  n: number,
  plain: Uint8Array,
): Promise<void> {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length);
  await db.insertInto('attachment_part').values({ attachment_id: attachmentId, n, plain: bytes }).execute();
}

/** Cuts a stream of pieces of any size into parts of the wire's part size; only the last is shorter. */
export async function* cutParts(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(limits.partBytes);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + part.length - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < part.length) continue;
      yield part;
      part = new Uint8Array(limits.partBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** Records size and hash of what is stored; until then the attachment counts as incomplete. */
export async function finishAttachment(
  db: Kysely<Database>,
  id: string,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of streamParts((n) => readPart(db, id, n))) {
    hash.update(part);
    bytes += part.length;
  }
  const sha256 = hash.digest('hex');
  await db.updateTable('attachment').set({ bytes, sha256 }).where('id', '=', id).execute();
  return { bytes, sha256 };
}
