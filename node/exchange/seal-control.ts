/**
 * Control messages between nodes: sealed like every other, but unnumbered, unlogged and without a receipt.
 */
import { createHash } from 'node:crypto';
import { signEnvelope } from '#schema/jws/envelope.ts';
import { encodeBase64Url } from '#schema/protocol/base64.ts';
import type { Control } from '#schema/protocol/document.ts';
import { makeMessageId, type State } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { sealDocument } from '#schema/seal/seal.ts';
import type { Operation } from '../operation.ts';
import { type ExchangeContext, nowS } from './context.ts';

/**
 * Seals a control message; it is unnumbered and not logged.
 * @param coveredWith an audit entry that the node's own checkpoint must cover before it leaves, as receipts need
 */
export async function sealControl(
  ctx: ExchangeContext,
  op: Operation,
  peer: State,
  control: Control,
  coveredWith: number | null = null,
): Promise<void> {
  if (!ctx.trust.maySendTo(peer)) return;
  const sealing = ctx.trust.sealingFor(peer);
  const iat = nowS(ctx.surroundings);
  const exp = iat + limits.ttlS;
  const head = {
    v: 1 as const,
    class: 'ctl' as const,
    id: makeMessageId(op.nowMs, op.random(10)),
    from: ctx.identity.state,
    to: peer,
    iat,
    exp,
  };
  const document = { ...head, nonce: encodeBase64Url(op.random(32)), control };
  const sealed = await sealDocument(document, sealing);
  const blob = {
    fmt: 'openpgp' as const,
    profile: sealing.profile,
    bytes: sealed.bytes.length,
    sha256: sealed.sha256,
  };
  const envelope = await signEnvelope(
    { ...head, list: ctx.trust.current().ver, sealed: blob },
    ctx.identity.sig,
  );
  await op.trx
    .insertInto('outbox')
    .values({
      id: head.id,
      peer,
      class: 'ctl',
      lane: 'routine',
      seq: null,
      envelope,
      env: createHash('sha256').update(envelope).digest('hex'),
      sealed: Buffer.from(sealed.bytes),
      doc: sealed.docHash,
      audit_id: coveredWith,
      state: 'ready',
      sealed_at: op.nowMs,
      approved_until: exp * 1000,
      expires_at: exp * 1000,
      attempts: 0,
      next_attempt_at: op.nowMs,
      claimed_until: 0,
    })
    .execute();
  op.afterCommit(ctx.wake.deliver);
}
