/**
 * What every part of the exchange works with: made once by `main.ts`, passed as a value.
 */
import type { Kysely } from 'kysely';
import type { Log } from '#platform/http/log.ts';
import type { SignedClient } from '#platform/http/signed-client.ts';
import type { Sequencer } from '#platform/log/sequence.ts';
import type { Refusals } from '#platform/refusals.ts';
import type { Identity } from '../identity.ts';
import type { Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { Contacts } from './contacts.ts';
import type { Count } from './count.ts';
import type { MessageHandler } from './handler.ts';
import type { Transfers } from './transfers.ts';
import type { Trust } from './trust.ts';

export interface ExchangeContext {
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  readonly identity: Identity;
  readonly trust: Trust;
  readonly client: SignedClient;
  readonly sequencer: Sequencer;
  readonly handler: MessageHandler;
  readonly gatewayUrl: string;
  readonly log: Log;
  /** Counts what was refused and left no receipt. */
  readonly refusals: Refusals;
  readonly contacts: Contacts;
  readonly transfers: Transfers;
  /** For metrics. */
  readonly count: Count;
  /** Work to look at again: called after commits, on receipts, on checkpoints. */
  readonly wake: {
    readonly seal: () => void;
    readonly deliver: () => void;
    readonly pull: () => void;
    readonly recall: () => void;
    readonly prove: () => void;
    readonly list: () => void;
    readonly witness: () => void;
  };
}

/** Whole seconds since 1970, as the wire counts time. */
export const nowS = (surroundings: Surroundings): number => Math.floor(surroundings.nowMs() / 1000);
