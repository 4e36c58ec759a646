/**
 * A node's metrics: what the exchange counts, and what its status says, as Prometheus has it. Labels are States of the list in force
 * and codes of our own tables.
 */
import { localPeerCodes } from '#platform/http/peer-error.ts';
import { checkCodes } from '#platform/http/signed-request.ts';
import type { Sequencer } from '#platform/log/sequence.ts';
import { observePool, observeStorage } from '#platform/operations/observe-database.ts';
import { type HttpMetrics, observeHttp } from '#platform/operations/observe-http.ts';
import { type LogMetrics, observeLog } from '#platform/operations/observe-log.ts';
import type { Metrics } from '#platform/operations/registry.ts';
import { requestCodes } from '#schema/jws/request.ts';
import { codes } from '#schema/protocol/codes.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import type { Count } from '../exchange/count.ts';
import type { Trust } from '../exchange/trust.ts';
import { readStatus, type Status, type StatusContext, warningCodes, witnessesOf } from './status.ts';

const LANES = ['urgent', 'routine'];
/** Of messages, of our own calls, and of requests that are refused before anything of them is read. */
const CODES = [...new Set<string>([...codes, 'RECALLED', ...localPeerCodes, ...requestCodes, ...checkCodes])];

export interface NodeMetrics {
  readonly http: HttpMetrics;
  readonly count: Count;
  readonly batch: LogMetrics['batch'];
  /** From now on the status is read at each scrape. */
  readonly follow: (
    ctx: StatusContext,
    sequencer: Pick<Sequencer, 'isLeading' | 'hasFailed'>,
    /** Whose connections are counted. */
    pool: StatusContext['db'],
  ) => void;
}

export function makeNodeMetrics(metrics: Metrics): NodeMetrics {
  let trust: Trust | null = null;
  let witnesses: readonly string[] = [];
  const peers = () =>
    trust && trust.version() > 0 ? trust.current().nodes.map(({ node }) => node as string) : [];
  const parties = () => [...peers(), GATEWAY];
  const log = observeLog(metrics, () => witnesses);
  const show = makeGauges(metrics, peers, parties);
  const storage = observeStorage(metrics);
  return {
    http: observeHttp(metrics, ['officer', 'machine']),
    count: makeCount(metrics, peers, parties),
    batch: log.batch,
    follow: (ctx, sequencer, pool) => {
      trust = ctx.trust;
      observePool(metrics, pool);
      metrics.onScrape(async () => {
        const status = await readStatus(ctx);
        witnesses = witnessesOf(ctx.identity, ctx.trust.version() > 0 ? ctx.trust.current() : null).expected;
        log.show(status.log, sequencer);
        storage(status.storage);
        show(status);
      });
    },
  };
}

function makeCount(metrics: Metrics, peers: () => string[], parties: () => string[]): Count {
  const counters = {
    deliveries: metrics.counter('deliveries_total', 'Messages handed over, each time it was tried.', {
      peer: peers,
      place: ['peer', GATEWAY],
      outcome: ['taken', 'pending', 'refused', 'unreachable'],
    }),
    refusals: metrics.counter(
      'refusals_total',
      'Refusals by code: of what we sent, and of what was sent to us.',
      {
        direction: ['in', 'out'],
        code: CODES,
      },
    ),
    receipts: metrics.counter('receipts_total', 'Signed receipts for messages of ours.', {
      peer: parties,
      stage: ['relayed', 'delivered', 'opened', 'rejected'],
    }),
    received: metrics.counter('received_total', 'Messages of others, each time one was handed over.', {
      peer: peers,
      lane: LANES,
      outcome: ['applied', 'held', 'rejected', 'known', 'contradicts', 'failed'],
    }),
  };
  return (name, labels, by) => (counters[name] as (values: object, by?: number) => void)(labels, by);
}

function makeGauges(
  metrics: Metrics,
  peers: () => string[],
  parties: () => string[],
): (status: Status) => void {
  const lane = { peer: peers, lane: LANES };
  const queue = metrics.gauge(
    'queue_messages',
    'Messages that wait: for sealing, for delivery, at the gateway.',
    {
      ...lane,
      stage: ['unsealed', 'ready', 'relayed'],
    },
  );
  const oldest = metrics.gauge(
    'queue_oldest_seconds',
    'Age of the oldest message that waits; 0 for none.',
    lane,
  );
  const gap = metrics.gauge(
    'lane_gap_seconds',
    'Since when a message of theirs is missing; 0 for none.',
    lane,
  );
  const contact = metrics.gauge('last_contact_timestamp_seconds', 'Last contact with a party; 0 for never.', {
    party: parties,
    direction: ['in', 'out'],
  });
  const plain = (name: string, help: string) => metrics.gauge(name, help, {});
  const setAside = plain('mailbox_set_aside_messages', 'Messages of the mailbox that cannot be taken yet.');
  const read = plain('mailbox_read_timestamp_seconds', 'When the mailbox was last read; 0 for never.');
  const version = plain('list_version', 'Version of the trust list in force; 0 for none.');
  const confirmed = plain('list_confirmed_timestamp_seconds', 'When the list was last seen to be in force.');
  const ends = plain('list_expires_timestamp_seconds', 'When the list in force ends.');
  const active = plain('standing_active', '1 where this State takes part and its keys are good.');
  const offset = plain('clock_offset_seconds', "Others' clocks less ours; 0 where too few have said.");
  const key = metrics.gauge('key_expires_timestamp_seconds', 'When the key in use ends.', {
    purpose: ['sig'],
  });
  const mails = plain(
    'mail_server_failures',
    'Failures of the mail server in a row; 0 where it takes mails.',
  );
  const unheard = plain(
    'alerts_unheard',
    'Alerts of other States that nobody here has confirmed for half an hour.',
  );
  const warnings = metrics.gauge('warnings', 'What `focalnet node status` warns of, by code.', {
    code: warningCodes,
  });
  return (status) => {
    for (const gauge of [queue, oldest, gap, contact, key, warnings]) gauge.reset();
    for (const { state: peer, lanes, contact: at } of status.peers) {
      for (const one of lanes) {
        const labels = { peer, lane: one.lane };
        for (const stage of ['unsealed', 'ready', 'relayed'] as const)
          queue.set({ ...labels, stage }, one[stage]);
        oldest.set(labels, secondsSince(status.atMs, one.oldestAtMs));
        gap.set(labels, secondsSince(status.atMs, one.gapSinceMs));
      }
      contact.set({ party: peer, direction: 'in' }, (at.heardAtMs ?? 0) / 1000);
      contact.set({ party: peer, direction: 'out' }, (at.reachedAtMs ?? 0) / 1000);
    }
    contact.set({ party: GATEWAY, direction: 'out' }, (status.gateway.reachedAtMs ?? 0) / 1000);
    setAside.set({}, status.mailbox.setAside);
    mails.set({}, status.mailFailures);
    unheard.set({}, status.unheardAlerts);
    read.set({}, (status.mailbox.readAtMs ?? 0) / 1000);
    version.set({}, status.list?.ver ?? 0);
    confirmed.set({}, (status.list?.confirmedAtMs ?? 0) / 1000);
    ends.set({}, (status.list?.expiresAtMs ?? 0) / 1000);
    active.set({}, status.standing === 'active' ? 1 : 0);
    offset.set({}, (status.clockOffsetMs ?? 0) / 1000);
    for (const { purpose, inUse, endsMs } of status.keys)
      if (inUse && endsMs !== null) key.set({ purpose }, endsMs / 1000);
    for (const code of warningCodes)
      warnings.set({ code }, status.warnings.filter((one) => one.code === code).length);
  };
}

const secondsSince = (nowMs: number, thenMs: number | null): number =>
  thenMs === null ? 0 : Math.max(0, nowMs - thenMs) / 1000;
