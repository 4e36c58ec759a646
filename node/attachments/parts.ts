/**
 * Stored files in parts of at most 4 MiB, so that no file is ever whole in memory: read for sealing and handing out, written on
 * arrival. At rest all parts of a file are one sealed stream (vault/stream.ts): none can be left out, cut off or moved.
 */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { limits } from '#schema/protocol/limits.ts';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { Reader } from '../vault/sealed-columns.ts';
import {
  HEADER_BYTES,
  makeSalt,
  PIECE_BYTES,
  readSalt,
  SEALED_PIECE_BYTES,
  type StreamKey,
} from '../vault/stream.ts';
import { attachmentKey, type Place } from '../vault/vault.ts';
import { VaultError } from '../vault/vault-error.ts';

/** Pieces of the sealed stream in a part of full size: the n-th part begins with the piece n times as many. */
const PIECES_PER_PART = limits.partBytes / PIECE_BYTES;

const placeOf = (id: string): Place => ({
  table: 'attachment_part',
  column: 'sealed',
  row: id,
  subject: attachmentKey(id),
  version: 1,
});

/**
 * The n-th part of a stored file, counted from 0; null past the last. An empty file has one empty part.
 * @throws VaultError MOVED_OR_ALTERED also for a file that parts are missing of
 */
export async function readPart(
  { trx, vault }: Reader,
  attachmentId: string,
  n: number,
): Promise<Uint8Array | null> {
  const [row, next] = await trx
    .selectFrom('attachment_part')
    .select(['n', 'sealed'])
    .where('attachment_id', '=', attachmentId)
    .where('n', 'in', [n, n + 1])
    .orderBy('n')
    .execute();
  if (row?.n !== n) {
    // That parts are missing behind another, that one's seal says.
    if (row || (n === 0 && (await sizeOf(trx, attachmentId)) > 0)) throw new VaultError('MOVED_OR_ALTERED');
    return null;
  }
  const keys = await vault.forReading(trx, [attachmentKey(attachmentId)]);
  const stream = keys.stream(placeOf(attachmentId), readSalt(row.sealed));
  return openPieces(stream, row.sealed.subarray(HEADER_BYTES), n * PIECES_PER_PART, next === undefined);
}

async function sizeOf(db: Kysely<Database>, id: string): Promise<number> {
  const query = db.selectFrom('attachment').select('bytes').where('id', '=', id);
  return Number((await query.executeTakeFirst())?.bytes ?? 0);
}

function openPieces(stream: StreamKey, sealed: Uint8Array, first: number, isEnd: boolean): Buffer {
  const count = Math.max(1, Math.ceil(sealed.length / SEALED_PIECE_BYTES));
  const pieces = Array.from({ length: count }, (_, i) =>
    stream.open(
      first + i,
      isEnd && i === count - 1,
      sealed.subarray(i * SEALED_PIECE_BYTES, (i + 1) * SEALED_PIECE_BYTES),
    ),
  );
  return Buffer.concat(pieces);
}

function sealPieces(stream: StreamKey, plain: Uint8Array, first: number, isEnd: boolean): Buffer {
  const count = Math.max(1, Math.ceil(plain.length / PIECE_BYTES));
  const pieces = Array.from({ length: count }, (_, i) =>
    stream.seal(first + i, isEnd && i === count - 1, plain.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES)),
  );
  return Buffer.concat([stream.header, ...pieces]);
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

export type PartWriter = (
  db: Kysely<Database>,
  n: number,
  plain: Uint8Array,
  isLast: boolean,
) => Promise<void>;

/**
 * A writer of the parts of one new file. The attachment's row is there, or comes in this transaction, and its key is made in it.
 * @throws VaultError KEY_UNAVAILABLE
 */
export async function openPartWriter(
  { trx, vault, random }: Pick<Operation, 'trx' | 'vault' | 'random'>,
  attachmentId: string,
): Promise<PartWriter> {
  const keys = await vault.forWriting(trx, [attachmentKey(attachmentId)]);
  const stream = keys.stream(placeOf(attachmentId), makeSalt(random));
  return async (db, n, plain, isLast) => {
    const sealed = sealPieces(stream, plain, n * PIECES_PER_PART, isLast);
    await db.insertInto('attachment_part').values({ attachment_id: attachmentId, n, sealed }).execute();
  };
}

/** Each part with whether it is the last: only the one after it says so. */
export async function* markLast<T>(parts: AsyncIterable<T>): AsyncGenerator<{ part: T; isLast: boolean }> {
  let held: { part: T } | null = null;
  for await (const part of parts) {
    if (held) yield { ...held, isLast: false };
    held = { part };
  }
  if (held) yield { ...held, isLast: true };
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
  reader: Reader,
  id: string,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of streamParts((n) => readPart(reader, id, n))) {
    hash.update(part);
    bytes += part.length;
  }
  const sha256 = hash.digest('hex');
  await reader.trx.updateTable('attachment').set({ bytes, sha256 }).where('id', '=', id).execute();
  return { bytes, sha256 };
}
