/**
 * Takes a file from an officer: cleaned in memory, or, where a supervisor answers for it, as it is and streamed.
 */
import type { Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import { requirePermission } from '../access/permit.ts';
import { requestNotice } from '../notices/request-notice.ts';
import { type Operation, type Personal, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { cleanAttachment, neutralName, type Removal, type Warning } from './clean.ts';
import { cutParts, finishAttachment, markLast, openPartWriter } from './parts.ts';
import { StorageError } from './storage-error.ts';
import { sealedAttachment } from './tables.ts';

/** Largest file a supervisor may release uncleaned, in bytes. */
export const MAX_UNCLEANED_BYTES = 4 * 1024 ** 3;

export interface StoredAttachment {
  readonly id: string;
  readonly name: string;
  readonly media: string;
  readonly bytes: number;
  readonly removed: readonly Removal[];
  readonly warnings: readonly Warning[];
}

type Store = Personal;

/**
 * Cleans and stores a file.
 * @throws AttachmentError what cleaning refuses; AccessError NOT_PERMITTED
 */
export async function storeAttachment(
  store: Store,
  actor: Actor,
  file: { bytes: Uint8Array; declaredMedia: string },
): Promise<StoredAttachment> {
  requirePermission(actor, 'attachment.store');
  const cleaned = await cleanAttachment(file);
  return runAs(store, actor, async (op) => {
    const id = makeAttachmentId(op.random);
    const row = {
      id,
      media: cleaned.media,
      removed: JSON.stringify(cleaned.removed),
      uncleaned_reason: null,
    };
    await insertUpload(op, actor, row);
    const write = await openPartWriter(op, id);
    let n = 0;
    for await (const { part, isLast } of markLast(cutParts([cleaned.bytes])))
      await write(op.trx, n++, part, isLast);
    const { bytes, sha256 } = await finishAttachment(op, id);
    await auditStored(op, actor, 'attachment.stored', {
      id,
      bytes,
      sha256,
      removed: cleaned.removed.map((one) => one.kind),
    });
    const { removed, warnings, media } = cleaned;
    return { id, name: neutralName(1, media), media, bytes, removed, warnings };
  });
}

/**
 * Stores a file as it is, a part at a time in statements of their own: a transaction as long as an upload of 4 GiB would
 * hold back the whole database. Until the last statement the row counts as incomplete and can go nowhere.
 * @throws AccessError NOT_PERMITTED, STEP_UP_NEEDED; StorageError REASON_MISSING, ATTACHMENT_EMPTY
 */
export async function storeUncleaned(
  store: Store,
  actor: Actor,
  file: { pieces: AsyncIterable<Uint8Array>; declaredMedia: string; reason: string },
): Promise<StoredAttachment> {
  requireAllowed(actor, 'attachment.store-uncleaned', {}, store.surroundings.nowMs());
  const reason = file.reason.trim();
  if (reason.length < 10) throw new StorageError('REASON_MISSING');
  const id = makeAttachmentId(store.surroundings.random);
  const media = readMedia(file.declaredMedia);
  const each = <T>(work: (trx: Transaction<Database>) => Promise<T>) => store.doors.withActor(actor, work);
  const row = { id, media, removed: '[]', uncleaned_reason: reason };
  const write = await runAs(store, actor, async (op) => {
    await insertUpload(op, actor, row);
    return openPartWriter(op, id);
  });
  try {
    let n = 0;
    for await (const { part, isLast } of markLast(cutParts(file.pieces)))
      await each((trx) => write(trx, n++, part, isLast));
    if (n === 0) throw new StorageError('ATTACHMENT_EMPTY');
    const bytes = await runAs(store, actor, async (op) => {
      const finished = await finishAttachment(op, id);
      await auditStored(op, actor, 'attachment.stored-uncleaned', { id, ...finished });
      await requestNotice(op, { roles: ['auditor'] }, 'digest');
      return finished.bytes;
    });
    return { id, name: neutralName(1, media), media, bytes, removed: [], warnings: [] };
  } catch (error) {
    await each((trx) => trx.deleteFrom('attachment').where('id', '=', id).execute());
    throw error;
  }
}

const makeAttachmentId = (random: (bytes: number) => Uint8Array): string =>
  `att-${Buffer.from(random(16)).toString('hex')}`;

/** What a document may say of a file: a plain media type, or nothing. */
function readMedia(declared: string): string {
  const bare = declared.split(';', 1)[0]!.trim().toLowerCase();
  return /^[a-z]+\/[a-z0-9.+-]+$/.test(bare) && bare.length <= 100 ? bare : 'application/octet-stream';
}

async function insertUpload(
  op: Operation,
  actor: Actor,
  row: { id: string; media: string; removed: string; uncleaned_reason: string | null },
): Promise<void> {
  const { id, uncleaned_reason } = row;
  const name = neutralName(1, row.media);
  const sealed = await sealColumns(op, sealedAttachment, { id }, { name, uncleaned_reason });
  await op.trx
    .insertInto('attachment')
    .values({
      ...row,
      ...sealed,
      message_id: null,
      position: null,
      bytes: 0,
      sha256: '',
      uploaded_by: actor.id,
      created_at: op.nowMs,
    })
    .execute();
}

async function auditStored(
  op: Operation,
  actor: Actor,
  type: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await op.audit(type, { ...detail, actor: actor.id });
}
