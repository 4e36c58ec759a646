/**
 * The way out of a slice: a released act becomes a request to the sealer, in the slice's own transaction.
 */
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Lane } from '#schema/protocol/envelope.ts';
import type { MessageId, State, ThreadId } from '#schema/protocol/ids.ts';
import type { Operation } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { sealedRequest } from './tables.ts';

/** What a slice says of a message; the sealer adds id numbers of the lane, times, nonce, padding and parts. */
export interface Outgoing {
  readonly messageId: MessageId;
  readonly peer: State;
  readonly lane: Lane;
  /** e.g. `ENQ@1` */
  readonly type: string;
  readonly thread: ThreadId;
  readonly n: number;
  readonly seen: number;
  readonly supersedes?: MessageId;
  readonly author: { readonly name: string; readonly office: string };
  readonly body: Record<string, unknown>;
  /** Sealed at rest apart from its conversation. */
  readonly notice?: boolean;
  /** Ids of attachments of this node, in the order the body refers to them. */
  readonly attachmentIds: readonly string[];
  /** Epoch milliseconds after which the release must be confirmed anew. */
  readonly approvedUntilMs: number;
  /** Epoch milliseconds before which it is not sealed, so that nobody can read from the time when it was decided. */
  readonly notBeforeMs?: number | undefined;
}

/** Queues a released act for sealing. It leaves after this transaction commits and the log covers it. */
export async function requestSealing(op: Operation, outgoing: Outgoing): Promise<void> {
  const { messageId, peer, lane, attachmentIds, approvedUntilMs, notBeforeMs = 0, ...rest } = outgoing;
  const { notice = false, ...content } = rest;
  const request = { message_id: messageId, thread: content.thread, notice };
  const text = new TextDecoder().decode(encodeCanonical(content));
  const sealed = await sealColumns(op, sealedRequest, request, { content: text });
  await op.trx
    .insertInto('seal_request')
    .values({
      ...request,
      peer,
      lane,
      ...sealed,
      attachment_ids: [...attachmentIds],
      approved_until: approvedUntilMs,
      requested_at: op.nowMs,
      not_before: notBeforeMs,
    })
    .execute();
}
