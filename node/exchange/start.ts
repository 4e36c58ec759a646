/**
 * Puts the exchange together: trust, sequencer, and the loops that seal, deliver, pull, prove and witness.
 */

import type { Kysely } from 'kysely';
import type pg from 'pg';
import { codeOf } from '#platform/http/http-error.ts';
import type { Log } from '#platform/http/log.ts';
import { PeerError } from '#platform/http/peer-error.ts';
import type { SignedClient } from '#platform/http/signed-client.ts';
import { type Sequencer, startSequencer } from '#platform/log/sequence.ts';
import { type Loop, startLoop } from '#platform/loop.ts';
import { startRefusals } from '#platform/refusals.ts';
import { openCheckpoint } from '#schema/log/checkpoint.ts';
import { LogError } from '#schema/log/log-error.ts';
import type { NoteVerifierKey } from '#schema/log/note.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import type { Identity } from '../identity.ts';
import type { Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { closeGaps } from './close-gaps.ts';
import { makeContacts } from './contacts.ts';
import type { ExchangeContext } from './context.ts';
import type { Count } from './count.ts';
import { makeDeliverer } from './deliver.ts';
import type { MessageHandler } from './handler.ts';
import { forgetUnclaimedParts } from './inbound-parts.ts';
import { proveReceipts } from './prove-receipts.ts';
import { pullMailbox } from './pull-mailbox.ts';
import { askRecalls } from './recall-message.ts';
import { refreshList } from './refresh-list.ts';
import { sealPending } from './seal-pending.ts';
import type { Transfers } from './transfers.ts';
import { openTrust } from './trust.ts';
import { witnessLogs } from './witness-logs.ts';

export interface ExchangeOptions {
  readonly db: Kysely<Database>;
  /** For connections of the exchange's own. */
  readonly database: pg.PoolConfig;
  readonly identity: Identity;
  readonly anchor: Anchor;
  readonly gatewayUrl: string;
  readonly client: SignedClient;
  readonly surroundings: Surroundings;
  readonly handler: MessageHandler;
  readonly log: Log;
  readonly transfers: Transfers;
  /** For metrics; nothing is counted without them. */
  readonly count?: Count;
  readonly onBatch?: (entries: number) => void;
}

export interface Exchange {
  readonly ctx: ExchangeContext;
  readonly sequencer: Sequencer;
  readonly close: () => Promise<void>;
}

const MAILBOX_CHANGED = 'subscription { mailboxChanged }';
const CHECKPOINT_CHANGED = 'subscription { checkpointChanged }';
const SUBSCRIBE_AGAIN_MS = 2_000;
const FLUSH_CONTACTS_MS = 5_000;
/** Checkpoints may come many a second, and cosigning one is news for the others: one look in so long is enough. */
const WITNESS_GAP_MS = 400;

/** Starts the exchange. It works as far as it can at once, and the rest when the gateway and peers are within reach. */
export async function startExchange(options: ExchangeOptions): Promise<Exchange> {
  const { db, identity, surroundings, client, gatewayUrl, log } = options;
  const loops: Record<string, Loop> = {};
  const wake = (name: string) => () => loops[name]?.wake();
  const trust = await openTrust(db, options.anchor, identity, surroundings);
  const sequencer = startSequencer({
    connection: options.database,
    key: identity.log,
    clock: surroundings.nowMs,
    askLastCosigned: () => askLastCosigned(client, gatewayUrl, identity.log),
    onCheckpoint: () => {
      wake('deliver')();
      wake('witness')();
    },
    onError: (error) => log.error('sequencer-failed', { code: codeOf(error) }),
    ...(options.onBatch && { onBatch: options.onBatch }),
  });
  const count = options.count ?? (() => {});
  const refusals = startRefusals({
    db,
    ...surroundings,
    log,
    onCount: (code) => count('refusals', { direction: 'in', code }),
  });
  const ctx: ExchangeContext = {
    db,
    surroundings,
    identity,
    trust,
    client,
    sequencer,
    handler: options.handler,
    gatewayUrl,
    log,
    refusals,
    contacts: makeContacts(db, surroundings.nowMs),
    transfers: options.transfers,
    count,
    wake: {
      seal: wake('seal'),
      deliver: wake('deliver'),
      pull: wake('pull'),
      recall: wake('recall'),
      prove: wake('prove'),
      list: wake('list'),
      witness: wake('witness'),
    },
  };
  const start = (name: string, round: () => Promise<number | null>, options?: { minGapMs: number }) => {
    loops[name] = startLoop(round, (error) => log.warn(`${name}-failed`, { code: codeOf(error) }), options);
  };
  start('list', () => refreshList(ctx));
  start('seal', () => sealPending(ctx));
  const closing = new AbortController();
  const deliverer = makeDeliverer(ctx, closing.signal);
  start('deliver', deliverer.round);
  start('pull', () => pullMailbox(ctx));
  start('recall', () => askRecalls(ctx));
  start('prove', () => proveReceipts(ctx));
  start('witness', () => witnessLogs(ctx), { minGapMs: WITNESS_GAP_MS });
  start('gaps', async () => {
    await forgetUnclaimedParts(ctx);
    return closeGaps(ctx);
  });
  start('contacts', async () => {
    await ctx.contacts.flush();
    return FLUSH_CONTACTS_MS;
  });
  const streams = [
    follow(ctx, MAILBOX_CHANGED, wake('pull'), closing.signal),
    follow(ctx, CHECKPOINT_CHANGED, wake('witness'), closing.signal),
  ];
  return {
    ctx,
    sequencer,
    close: async () => {
      closing.abort();
      await Promise.all([...streams, ...Object.values(loops).map((loop) => loop.close())]);
      await deliverer.settled();
      await refusals.close();
      await ctx.contacts.flush().catch(() => {});
      await sequencer.stop();
    },
  };
}

/** Follows an event stream of the gateway; each event and each new connection wakes somebody. */
async function follow(
  ctx: ExchangeContext,
  subscription: string,
  onEvent: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = ctx.client.subscribe(`${ctx.gatewayUrl}/graphql`, subscription, {
        signal,
        onOpen: onEvent,
      });
      for await (const _ of events) onEvent();
    } catch (error) {
      if (!(error instanceof PeerError)) ctx.log.warn('stream-failed', { code: codeOf(error) });
    }
    await pause(SUBSCRIBE_AGAIN_MS, signal);
  }
}

/** Waits, or returns at once when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

/**
 * What the gateway holds of this node's log: after a restore from an old backup nothing smaller may be signed. Where the
 * gateway is away, signing goes on: cosignatures never gate the work, and a fork would be seen by the next witness.
 */
async function askLastCosigned(client: SignedClient, gatewayUrl: string, ownLog: NoteVerifierKey) {
  try {
    const { checkpoints } = await client.graphql<{ checkpoints: { origin: string; note: string }[] }>(
      `${gatewayUrl}/graphql`,
      'query { checkpoints { origin note } }',
    );
    const own = checkpoints.find((posted) => posted.origin === ownLog.name);
    if (!own) return null;
    // Only this node's key can have signed it: a gateway that invents one stops nothing.
    const { size, rootHash } = await openCheckpoint(own.note, ownLog);
    return { size, root: rootHash };
  } catch (error) {
    if (error instanceof PeerError || error instanceof LogError) return null;
    throw error;
  }
}
