/**
 * Attachment parts on their way out: sealed one at a time before their message is, so that memory holds one part whatever
 * the size of the file.
 */
import type { Selectable } from 'kysely';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { Attachment } from '#schema/protocol/document.ts';
import type { State } from '#schema/protocol/ids.ts';
import { sealPart } from '#schema/seal/seal.ts';
import { readPart } from '../attachments/parts.ts';
import { sealedAttachment } from '../attachments/tables.ts';
import type { Operation } from '../operation.ts';
import { openRows } from '../vault/sealed-columns.ts';
import type { ExchangeContext } from './context.ts';
import type { SealRequestTable } from './tables.ts';

type Request = Pick<Selectable<SealRequestTable>, 'message_id' | 'peer' | 'attachment_ids'>;

/** Seals the parts of a message one by one, each in a statement of its own: memory stays at one part, a restart goes on. */
export async function sealParts(ctx: ExchangeContext, request: Request): Promise<void> {
  if (request.attachment_ids.length === 0) return;
  const reader = { trx: ctx.db, vault: ctx.surroundings.vault };
  const sealing = ctx.trust.sealingFor(request.peer as State);
  for (const [attachment, attachmentId] of request.attachment_ids.entries()) {
    const done = await ctx.db
      .selectFrom('outbox_part')
      .select((eb) => eb.fn.countAll<number>().as('parts'))
      .where('message_id', '=', request.message_id)
      .where('attachment', '=', attachment)
      .executeTakeFirstOrThrow();
    for (let n = Number(done.parts); ; n++) {
      const plain = await readPart(reader, attachmentId, n);
      if (plain === null) break;
      const sealed = await sealPart(plain, sealing);
      await ctx.db
        .insertInto('outbox_part')
        .values({
          message_id: request.message_id,
          attachment,
          n,
          sha256: sealed.sha256,
          bytes: sealed.bytes.length,
          sealed: Buffer.from(sealed.bytes),
          put_to: [],
        })
        .onConflict((c) => c.doNothing())
        .execute();
    }
  }
}

/** The attachment lists of the documents: names, media, sizes, and the hashes of the sealed parts. */
export async function attachmentsOf(
  op: Operation,
  requests: readonly Request[],
): Promise<Map<string, Attachment[]>> {
  const withFiles = requests.filter((request) => request.attachment_ids.length > 0);
  const lists = new Map<string, Attachment[]>();
  for (const request of withFiles) {
    const parts = await op.trx
      .selectFrom('outbox_part')
      .select(['attachment', 'n', 'sha256', 'bytes'])
      .where('message_id', '=', request.message_id)
      .orderBy('attachment')
      .orderBy('n')
      .execute();
    const files = await openRows(
      op,
      sealedAttachment,
      await op.trx.selectFrom('attachment').selectAll().where('id', 'in', request.attachment_ids).execute(),
    );
    lists.set(
      request.message_id,
      request.attachment_ids.map((id, index) => {
        const file = files.find((row) => row.id === id);
        if (!file) throw new ProtocolError('DOCUMENT_INVALID', 'attachments');
        const own = parts.filter((part) => part.attachment === index);
        return {
          name: file.name,
          media: file.media,
          bytes: file.bytes,
          parts: own.map(({ sha256, bytes }) => ({ sha256, bytes })),
        };
      }),
    );
  }
  return lists;
}
