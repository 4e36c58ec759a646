/**
 * Sealed attachment parts, put by a sender before its message and fetched by the recipient alone.
 */
import { createHash } from 'node:crypto';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { MessageId, Sha256Hex } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { GatewayContext } from '../context.ts';
import { URGENT_RESERVE } from './judge-batch.ts';
import { readRoom } from './quota.ts';

export interface PartName {
  readonly to: string;
  readonly messageId: string;
  readonly sha256: string;
}

/** Stores one part; the same again changes nothing. @throws ProtocolError */
export async function putPart(
  ctx: GatewayContext,
  sender: string,
  name: PartName,
  sealed: Uint8Array,
): Promise<void> {
  requireName(ctx, name);
  if (sealed.length > limits.sealedPartBytes) throw new ProtocolError('TOO_LARGE');
  if (createHash('sha256').update(sealed).digest('hex') !== name.sha256)
    throw new ProtocolError('BLOB_MISMATCH');
  const room = (await readRoom(ctx.db, sender)).bytes - URGENT_RESERVE.bytes;
  if (room < sealed.length) throw new ProtocolError('OVERLOADED');
  await ctx.db
    .insertInto('part')
    .values({
      recipient: name.to,
      message_id: name.messageId,
      sha256: name.sha256,
      sender,
      sealed: Buffer.from(sealed),
      expires_at: ctx.nowMs() + limits.ttlS * 1000,
    })
    .onConflict((c) => c.doNothing())
    .execute();
}

/** A part for its recipient; null for anybody else, and where there is none: the two look the same. */
export async function getPart(
  ctx: GatewayContext,
  caller: string,
  name: PartName,
): Promise<Uint8Array | null> {
  if (name.to !== caller) return null;
  const row = await ctx.db
    .selectFrom('part')
    .select('sealed')
    .where('recipient', '=', caller)
    .where('message_id', '=', name.messageId)
    .where('sha256', '=', name.sha256)
    .executeTakeFirst();
  return row?.sealed ?? null;
}

function requireName(ctx: GatewayContext, { to, messageId, sha256 }: PartName): void {
  if (ctx.keyring().node(to) === undefined) throw new ProtocolError('WRONG_RECIPIENT');
  if (!MessageId.safeParse(messageId).success || !Sha256Hex.safeParse(sha256).success)
    throw new ProtocolError('MALFORMED');
}
