/**
 * Attachment parts on their way in: put by the peer or fetched from the gateway, opened one at a time, so that memory holds
 * one part whatever the size of the file.
 */
import { createHash } from 'node:crypto';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { PeerError } from '#platform/http/peer-error.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { Attachment, MessageDocument } from '#schema/protocol/document.ts';
import type { Profile } from '#schema/protocol/envelope.ts';
import { MessageId } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { openPart } from '#schema/seal/open.ts';
import { openPartWriter } from '../attachments/parts.ts';
import { sealedAttachment } from '../attachments/tables.ts';
import { type Operation, runOperation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import type { ExchangeContext } from './context.ts';

/** What one peer may have put here without a message that claims it: room for the largest message there can be. */
const UNCLAIMED_BYTES = limits.partsPerDocument * limits.sealedPartBytes;

/**
 * Stores one sealed part a peer has put; the same part again changes nothing.
 * @throws ProtocolError MALFORMED, TOO_LARGE, BLOB_MISMATCH, OVERLOADED
 */
export async function putPart(
  ctx: ExchangeContext,
  part: { peer: string; messageId: string; sha256: string; sealed: Uint8Array },
): Promise<void> {
  if (!MessageId.safeParse(part.messageId).success) throw new ProtocolError('MALFORMED');
  if (part.sealed.length > limits.sealedPartBytes) throw new ProtocolError('TOO_LARGE');
  if (createHash('sha256').update(part.sealed).digest('hex') !== part.sha256)
    throw new ProtocolError('BLOB_MISMATCH');
  const { bytes } = await ctx.db
    .selectFrom('inbound_part')
    .select(sql<number>`coalesce(sum(octet_length(sealed)), 0)::bigint`.as('bytes'))
    .where('peer', '=', part.peer)
    .executeTakeFirstOrThrow();
  if (bytes + part.sealed.length > UNCLAIMED_BYTES) throw new ProtocolError('OVERLOADED');
  const { numInsertedOrUpdatedRows } = await ctx.db
    .insertInto('inbound_part')
    .values({
      peer: part.peer,
      message_id: part.messageId,
      sha256: part.sha256,
      sealed: Buffer.from(part.sealed),
      at: ctx.surroundings.nowMs(),
    })
    .onConflict((c) => c.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return;
  const { doneBytes = 0, totalBytes = null } = ctx.transfers.of(part.messageId) ?? {};
  const done = doneBytes + part.sealed.length;
  ctx.transfers.note(part.messageId, { peer: part.peer, direction: 'in', doneBytes: done, totalBytes });
}

const AT_ONCE = 100;

/**
 * Removes sealed parts whose message never came within the time a message may take, and files that were opened for a message
 * which was not taken in that time either. What is held for a gap keeps its files.
 */
export async function forgetUnclaimedParts(ctx: ExchangeContext): Promise<void> {
  const before = ctx.surroundings.nowMs() - limits.ttlS * 1000;
  await ctx.db.deleteFrom('inbound_part').where('at', '<', before).execute();
  while ((await forgetUntaken(ctx, before)) === AT_ONCE) {}
}

function forgetUntaken(ctx: ExchangeContext, before: number): Promise<number> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const untaken = op.trx
      .selectFrom('attachment')
      .select('id')
      .where(isOfNoMessage)
      .where('created_at', '<', before)
      .where(
        sql<boolean>`not exists (select 1 from inbound where inbound.id = split_part(attachment.id, '.', 1) and state = 'held')`,
      )
      .limit(AT_ONCE)
      .forUpdate()
      .skipLocked();
    const gone = await op.trx.deleteFrom('attachment').where('id', 'in', untaken).returning('id').execute();
    const ids = gone.map(({ id }) => id).sort();
    if (ids.length > 0) await op.audit('attachment.removed-unused', { count: ids.length, ids });
    return ids.length;
  });
}

const attachmentId = ({ id }: { id: string }, position: number) => `${id}.${position}`;
const places = Array.from({ length: limits.attachmentsPerDocument }, (_, position) => position);

/** It came in, and no act has it. */
const isOfNoMessage = (eb: ExpressionBuilder<Database, 'attachment'>): Expression<SqlBool> =>
  eb.and([eb('message_id', 'is', null), eb('uploaded_by', 'is', null)]);

/** A message was refused or given up: nothing of its files stays, opened or sealed. In the transaction that says so. */
export async function forgetParts(op: Operation, peer: string, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return;
  await op.trx
    .deleteFrom('attachment')
    .where(isOfNoMessage)
    .where(
      'id',
      'in',
      messageIds.flatMap((id) => places.map((position) => attachmentId({ id }, position))),
    )
    .execute();
  await op.trx
    .deleteFrom('inbound_part')
    .where('peer', '=', peer)
    .where('message_id', 'in', [...messageIds])
    .execute();
}

/**
 * Makes sure that every part of a document's attachments is here and opens them into files that belong to no message yet.
 * @throws ProtocolError PARTS_MISSING when the peer has not put them all, here or at the gateway
 */
export async function fetchParts(
  ctx: ExchangeContext,
  document: MessageDocument,
  profile: Profile,
  via: 'push' | 'mailbox',
): Promise<void> {
  if (document.attachments.length === 0) return;
  await noteTotal(ctx, document);
  for (const [position, attachment] of document.attachments.entries()) {
    const id = attachmentId(document, position);
    const row = await ctx.db.selectFrom('attachment').select('id').where('id', '=', id).executeTakeFirst();
    if (row) continue;
    for (const { sha256 } of attachment.parts) await needPart(ctx, document, sha256, via);
    await openAttachment(ctx, document, attachment, { id, profile });
  }
}

/** What is known only now: how many bytes there are to come, and how many of them are here. */
async function noteTotal(ctx: ExchangeContext, { id, from, attachments }: MessageDocument): Promise<void> {
  const parts = new Map(attachments.flatMap((one) => one.parts.map(({ sha256, bytes }) => [sha256, bytes])));
  const query = ctx.db.selectFrom('inbound_part').select('sha256').where('peer', '=', from);
  const here = await query.where('message_id', '=', id).execute();
  const sum = (all: Iterable<number>) => [...all].reduce((total, bytes) => total + bytes, 0);
  ctx.transfers.note(id, {
    ...{ peer: from, direction: 'in' },
    doneBytes: sum(here.map(({ sha256 }) => parts.get(sha256) ?? 0)),
    totalBytes: sum(parts.values()),
  });
}

async function needPart(
  ctx: ExchangeContext,
  document: MessageDocument,
  sha256: string,
  via: string,
): Promise<void> {
  const here = await ctx.db
    .selectFrom('inbound_part')
    .select('sha256')
    .where('peer', '=', document.from)
    .where('message_id', '=', document.id)
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  if (here) return;
  if (via === 'push') throw new ProtocolError('PARTS_MISSING');
  const url = `${ctx.gatewayUrl}/parts/${document.to}/${document.id}/${sha256}`;
  const sealed = await ctx.client.get(url).catch((error: unknown) => {
    const gone = error instanceof PeerError && error.status === 404;
    throw gone ? new ProtocolError('PARTS_MISSING') : error;
  });
  await putPart(ctx, { peer: document.from, messageId: document.id, sha256, sealed });
}

/** Opens the parts of one file in order. The row comes last, so that a file cut short by a crash is opened anew. */
async function openAttachment(
  ctx: ExchangeContext,
  document: MessageDocument,
  attachment: Attachment,
  { id, profile }: { id: string; profile: Profile },
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  await ctx.db.transaction().execute(async (trx) => {
    const op = { trx, ...ctx.surroundings };
    const sealed = await sealColumns(op, sealedAttachment, { id }, { name: attachment.name });
    const head = { ...sealed, media: attachment.media, bytes: attachment.bytes, removed: '[]' };
    await trx
      .insertInto('attachment')
      .values({ id, ...head, sha256: '', created_at: ctx.surroundings.nowMs() })
      .execute();
    const write = await openPartWriter(op, id);
    for (const [n, part] of attachment.parts.entries()) {
      const { sealed } = await trx
        .selectFrom('inbound_part')
        .select('sealed')
        .where('peer', '=', document.from)
        .where('message_id', '=', document.id)
        .where('sha256', '=', part.sha256)
        .executeTakeFirstOrThrow();
      const plain = await openPart(sealed, part.sha256, {
        decryptWith: ctx.identity.sealing,
        senderCerts: ctx.trust.certificatesOf(document.from),
        profile,
      });
      hash.update(plain);
      bytes += plain.length;
      await write(trx, n, plain, n === attachment.parts.length - 1);
    }
    if (bytes !== attachment.bytes) throw new ProtocolError('INNER_MISMATCH', 'attachments');
    await trx
      .updateTable('attachment')
      .set({ sha256: hash.digest('hex') })
      .where('id', '=', id)
      .execute();
  });
}

/** Gives the opened files to their message and forgets the sealed parts, in the message's own transaction. */
export async function keepParts(op: Operation, document: MessageDocument): Promise<void> {
  if (document.attachments.length === 0) return;
  for (const position of document.attachments.keys()) {
    await op.trx
      .updateTable('attachment')
      .set({ message_id: document.id, position })
      .where('id', '=', attachmentId(document, position))
      .execute();
  }
  await op.trx
    .deleteFrom('inbound_part')
    .where('peer', '=', document.from)
    .where('message_id', '=', document.id)
    .execute();
}
