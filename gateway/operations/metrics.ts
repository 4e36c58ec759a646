/**
 * The gateway's metrics: what waits in mailboxes, what was refused, how long relaying takes. Labels are States of the list in force
 * and codes of our own tables; nothing of a message.
 */
import type { Kysely } from 'kysely';
import { checkCodes } from '#platform/http/signed-request.ts';
import type { Sequencer } from '#platform/log/sequence.ts';
import { readLogStatus } from '#platform/operations/log-status.ts';
import { observePool, observeStorage } from '#platform/operations/observe-database.ts';
import { type HttpMetrics, observeHttp } from '#platform/operations/observe-http.ts';
import { type LogMetrics, observeLog } from '#platform/operations/observe-log.ts';
import type { Metrics } from '#platform/operations/registry.ts';
import { readStorage } from '#platform/operations/storage.ts';
import type { Keyring } from '#schema/jws/keyring.ts';
import { requestCodes } from '#schema/jws/request.ts';
import { codes } from '#schema/protocol/codes.ts';
import type { GatewayDatabase } from '../tables.ts';
import { readMailboxes } from './mailboxes.ts';

export interface GatewayCount {
  /** A message handed over to be held; the outcome is a code of `deliver`, or `taken`. */
  readonly taken: (outcome: string) => void;
  /** Input that no listed key has signed, or a refused request. */
  readonly refused: (code: string) => void;
  /** From taking a message to its recipient's receipt, milliseconds. */
  readonly relayed: (lane: string, ms: number) => void;
}

export interface GatewayMetrics {
  readonly http: HttpMetrics;
  readonly count: GatewayCount;
  readonly batch: LogMetrics['batch'];
  /** From now on mailboxes and log are read at each scrape. */
  readonly follow: (running: {
    db: Kysely<GatewayDatabase>;
    /** Null before the first list. */
    keyring: () => Keyring | null;
    origin: string;
    /** Id of the key that signs receipts. */
    kid: string;
    sequencer: Pick<Sequencer, 'isLeading' | 'hasFailed'>;
    dataFolder: string | null;
    nowMs: () => number;
  }) => void;
}

const CODES = [...new Set<string>([...codes, ...requestCodes, ...checkCodes])];
/** Seconds: from a node that is awake to one that is away for a week. */
const RELAY_BUCKETS = [1, 5, 30, 300, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600];

export function makeGatewayMetrics(metrics: Metrics): GatewayMetrics {
  let keyring: () => Keyring | null = () => null;
  const states = () => keyring()?.nodes.map(({ node }) => node as string) ?? [];
  const witnesses = () => states().map((state) => `${keyring()?.net}/${state}`);
  const log = observeLog(metrics, witnesses);
  const storage = observeStorage(metrics);
  const version = metrics.gauge('list_version', 'Version of the trust list in force; 0 for none.', {});
  const ends = metrics.gauge('list_expires_timestamp_seconds', 'When the list in force ends.', {});
  const key = metrics.gauge('key_expires_timestamp_seconds', 'When the key in use ends.', {
    purpose: ['sig'],
  });
  const showMailboxes = makeMailboxGauges(metrics, states);
  return {
    http: observeHttp(metrics, ['gateway']),
    count: makeCount(metrics),
    batch: log.batch,
    follow: ({ db, origin, kid, sequencer, dataFolder, nowMs, ...running }) => {
      keyring = running.keyring;
      observePool(metrics, db);
      metrics.onScrape(async () => {
        const list = keyring();
        const active = list?.nodes
          .filter(({ status }) => status === 'active')
          .map(({ node }) => `${list.net}/${node}`);
        const quorum = list?.policy.quorum ?? 1;
        log.show(
          await readLogStatus(db, { origin, expected: active ?? [], quorum, nowMs: nowMs() }),
          sequencer,
        );
        storage(await readStorage(db, dataFolder));
        showMailboxes(await readMailboxes(db, nowMs()));
        version.set({}, list?.ver ?? 0);
        ends.set({}, list?.exp ?? 0);
        const own = list?.gateway.sig.find((one) => one.kid === kid);
        if (own) key.set({ purpose: 'sig' }, own.revoked?.since ?? own.exp);
      });
    },
  };
}

function makeCount(metrics: Metrics): GatewayCount {
  const taken = metrics.counter('relay_taken_total', 'Messages handed over to be held, by outcome.', {
    outcome: ['taken', 'PENDING', 'RECALLED', ...codes],
  });
  const refused = metrics.counter('refusals_total', 'Input that no listed key has signed, by code.', {
    code: CODES,
  });
  const seconds = metrics.histogram(
    'relay_seconds',
    "From taking a message to its recipient's receipt.",
    { lane: ['urgent', 'routine'] },
    RELAY_BUCKETS,
  );
  return {
    taken: (outcome) => taken({ outcome }),
    refused: (code) => refused({ code }),
    relayed: (lane, ms) => seconds({ lane }, Math.max(0, ms) / 1000),
  };
}

function makeMailboxGauges(metrics: Metrics, states: () => string[]) {
  const held = metrics.gauge('mailbox_held_items', 'What waits in mailboxes.', {
    recipient: states,
    lane: ['urgent', 'routine'],
    kind: ['message', 'control', 'receipt'],
  });
  const bytes = metrics.gauge('mailbox_held_bytes', 'Sealed bytes that wait, attachment parts left out.', {
    recipient: states,
  });
  const expiry = metrics.gauge(
    'mailbox_next_expiry_timestamp_seconds',
    'When the next message of a mailbox runs out of time; 0 for none.',
    { recipient: states, lane: ['urgent', 'routine'] },
  );
  const quota = metrics.gauge(
    'quota_used_bytes',
    'What a sender has waiting, with parts; the quota is 4 GiB.',
    {
      sender: states,
    },
  );
  return ({ lanes, senders }: Awaited<ReturnType<typeof readMailboxes>>) => {
    for (const gauge of [held, bytes, expiry, quota]) gauge.reset();
    for (const recipient of new Set(lanes.map((lane) => lane.recipient))) {
      const own = lanes.filter((lane) => lane.recipient === recipient);
      bytes.set(
        { recipient },
        own.reduce((sum, lane) => sum + lane.bytes, 0),
      );
    }
    for (const { recipient, lane, kind, items, expiresAtMs } of lanes) {
      held.set({ recipient, lane, kind }, items);
      if (kind === 'message') expiry.set({ recipient, lane }, expiresAtMs / 1000);
    }
    for (const { sender, bytes: used } of senders) quota.set({ sender }, used);
  };
}
