/**
 * What the operations of this slice work with: made once by `main.ts`, passed as a value.
 */
import type { MessageId, State } from '#schema/protocol/ids.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { Transfers } from '../exchange/transfers.ts';
import type { Surroundings } from '../operation.ts';
import type { Doors } from '../storage/doors.ts';
import type { Changes } from './changes.ts';

export interface EnquiryContext {
  readonly doors: Doors;
  /** The unit that gets what other States open here. */
  readonly intakeUnit: string;
  readonly surroundings: Surroundings;
  /** Milliseconds that stand for each step of `no-information-first` and `no-information-step`; demo and tests only. */
  readonly noInformationStepMs?: number | undefined;
  /** This node's State. */
  readonly state: State;
  /** Where people of this node reach it, an origin; undefined where it was told neither for signing in nor for mails. */
  readonly publicUrl?: string | undefined;
  /** The peer as the trust list in force describes it; undefined if it is not listed. */
  readonly peerProfile: (state: State) => ListedNode | undefined;
  /** Version of the trust list in force; 0 before the first. */
  readonly listVersion: () => number;
  /** Every listed peer, this node left out. */
  readonly peers: () => readonly ListedNode[];
  readonly changes: Changes;
  /** How far files have come on their way. */
  readonly transfers: Transfers;
  /** Wakes the sealer; called after a commit that released something. */
  readonly wakeSealer: () => void;
  /** Has what was decided to be erased erased now; called after the commit. */
  readonly wakeRetention?: (() => void) | undefined;
  /** Has those on duty told of a new alert; called after the commit. */
  readonly wakeCallOut: () => void;
  /** Asks the gateway now about a message that is to be taken back; where it cannot be reached it is asked again later. */
  readonly askRecall: (messageId: MessageId) => Promise<void>;
}
