/**
 * What the parts of the gateway share: one value per process, made by main.ts.
 */
import type { Kysely } from 'kysely';
import type { Log } from '#platform/http/log.ts';
import type { Sequencer } from '#platform/log/sequence.ts';
import type { Refusals } from '#platform/refusals.ts';
import type { Keyring } from '#schema/jws/keyring.ts';
import type { SigningKey } from '#schema/jws/keys.ts';
import type { NoteSigner } from '#schema/log/note.ts';
import type { GatewayCount } from './operations/metrics.ts';
import type { GatewayDatabase } from './tables.ts';
import type { Teller } from './tell.ts';

export interface GatewayContext {
  readonly db: Kysely<GatewayDatabase>;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Cryptographically secure random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly sig: SigningKey;
  /** Signs the gateway's own checkpoints; its name is the log's origin, e.g. `focalnet.example/gateway`. */
  readonly log: NoteSigner;
  readonly wit: NoteSigner;
  readonly sequencer: Pick<Sequencer, 'wake' | 'waitForCover' | 'hasFailed'>;
  /** Counts what came without a listed key's signature. */
  readonly refusals: Refusals;
  /** Log lines. */
  readonly out: Log;
  /** For metrics. */
  readonly count: GatewayCount;
  /** Keys of the list in force. @throws DirectoryError NO_LIST */
  readonly keyring: () => Keyring;
  /** Tells all processes of the gateway, and through them subscribers, that something changed; after the commit. */
  readonly tell: Teller['tell'];
}

/** Seconds since 1970. */
export const nowS = ({ nowMs }: { nowMs: () => number }): number => Math.floor(nowMs() / 1000);
