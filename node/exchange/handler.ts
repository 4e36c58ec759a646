/**
 * What the exchange asks of the slice that understands messages. The exchange never imports a slice: `main.ts` hands it over.
 */
import type { MessageDocument } from '#schema/protocol/document.ts';
import type { Stage } from '#schema/protocol/envelope.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Operation } from '../operation.ts';

export interface NotedReceipt {
  readonly stage: Stage;
  /** Why it was rejected. */
  readonly code: string | undefined;
  /** When its signer says that it happened, epoch milliseconds. */
  readonly atMs: number;
}

export type UndeliveredReason = 'expired' | 'stale' | 'recalled' | 'unsealable' | 'not-understood' | 'left';

export interface MessageHandler {
  /**
   * Applies an opened message in the transaction that also holds its receipt, or later where it waited for those before it.
   * Checks first and writes afterwards: it throws ProtocolError with a permanent code before its first write.
   * @param receivedAtMs the time its receipt names, epoch milliseconds: what both States hold
   */
  readonly apply: (op: Operation, document: MessageDocument, receivedAtMs: number) => Promise<void>;
  /** The peer or the gateway has signed a receipt for a message of ours. */
  readonly noteReceipt: (op: Operation, messageId: MessageId, receipt: NotedReceipt) => Promise<void>;
  /**
   * A message of ours was given up: its time ran out, its release grew stale, it was recalled, it cannot be sealed, the
   * recipient's node no longer lists its type, or the recipient has left the network.
   * @param mayHaveArrived its bytes may have left, and no receipt says what became of them; one may still come
   */
  readonly noteUndelivered: (
    op: Operation,
    messageId: MessageId,
    reason: UndeliveredReason,
    mayHaveArrived: boolean,
  ) => Promise<void>;
  /** The gateway holds a message of ours whose release is over: a person confirms it or takes it back. */
  readonly noteUnconfirmed: (op: Operation, messageId: MessageId) => Promise<void>;
}
