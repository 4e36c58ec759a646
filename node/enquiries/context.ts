/**
 * What the operations of this slice work with: made once by `main.ts`, passed as a value.
 */
import type { Kysely } from 'kysely';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { Changes } from './changes.ts';

export interface EnquiryContext {
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  /** This node's State. */
  readonly state: State;
  /** The peer as the trust list in force describes it; undefined if it is not listed. */
  readonly peerProfile: (state: State) => ListedNode | undefined;
  /** Every listed peer, this node left out. */
  readonly peers: () => readonly ListedNode[];
  readonly changes: Changes;
  /** Wakes the sealer; called after a commit that released something. */
  readonly wakeSealer: () => void;
  /** Asks the gateway now about a message that is to be taken back; where it cannot be reached it is asked again later. */
  readonly askRecall: (messageId: MessageId) => Promise<void>;
}
