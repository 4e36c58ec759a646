/**
 * Whether one sealed message may be held for its recipient: the sender's signature and the blob's hash. All that a relay can
 * check; touches no mailbox.
 */
import { createHash } from 'node:crypto';
import { parseEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { type Code, ProtocolError } from '#schema/protocol/codes.ts';
import type { Envelope } from '#schema/protocol/envelope.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type GatewayContext, nowS } from '../context.ts';

export interface Delivery {
  readonly envelope: string;
  /** The sealed document, base64. */
  readonly sealed: string;
}

/** A message in order, from the caller. `env`: SHA-256 of the envelope. */
export type Checked = { envelope: Envelope; env: string; jws: string; sealed: Buffer };
export type Refused = { id: string | null; code: Code };

const MAX_BASE64_CHARS = Math.ceil(limits.sealedBytes / 3) * 4;

/** Checks one message of an authenticated caller; never throws for what the message holds. */
export async function checkEnvelope(
  ctx: GatewayContext,
  caller: string,
  delivery: Delivery,
): Promise<Checked | Refused> {
  let id: string | null = null;
  try {
    const unverified = parseEnvelope(delivery.envelope);
    id = unverified.value.id;
    const { value, jws, hash } = await verifyEnvelope(unverified, ctx.keyring(), nowS(ctx));
    if (value.from !== caller) throw new ProtocolError('SENDER_UNKNOWN');
    const recipient = ctx.keyring().node(value.to);
    if (recipient === undefined || recipient.status === 'left') throw new ProtocolError('WRONG_RECIPIENT');
    return { envelope: value, env: hash, jws, sealed: readBlob(delivery.sealed, value) };
  } catch (error) {
    if (error instanceof ProtocolError) return { id, code: error.code };
    throw error;
  }
}

function readBlob(text: string, { sealed: named }: Envelope): Buffer {
  if (text.length > MAX_BASE64_CHARS) throw new ProtocolError('TOO_LARGE');
  const sealed = Buffer.from(text, 'base64');
  const sha256 = createHash('sha256').update(sealed).digest('hex');
  if (sealed.length !== named.bytes || sha256 !== named.sha256) throw new ProtocolError('BLOB_MISMATCH');
  return sealed;
}
