/**
 * Metrics of the audit log: its growth, its sequencer, and how far behind checkpoints and witnesses are.
 */
import type { LogStatus } from './log-status.ts';
import type { Metrics } from './registry.ts';

export interface LogMetrics {
  /** Told of each batch the sequencer has integrated, with the number of its entries. */
  readonly batch: (entries: number) => void;
  readonly show: (status: LogStatus, sequencer: { isLeading(): boolean; hasFailed(): boolean }) => void;
}

/** @param witnesses names of all who may cosign, by the list in force */
export function observeLog(metrics: Metrics, witnesses: () => readonly string[]): LogMetrics {
  const batches = metrics.counter(
    'sequencer_batches_total',
    'Batches of entries given their place in the log.',
    {},
  );
  const entries = metrics.counter('sequencer_entries_total', 'Entries given their place in the log.', {});
  const leading = metrics.gauge(
    'sequencer_leading',
    '1 where this process writes the log, 0 where it stands by.',
    {},
  );
  const failed = metrics.gauge('sequencer_failed', '1 where signing has stopped for good.', {});
  const size = metrics.gauge('log_size', 'Entries of the log under a checkpoint.', {});
  const waiting = metrics.gauge('log_waiting_entries', 'Entries that no checkpoint covers yet.', {});
  const oldest = metrics.gauge(
    'log_oldest_waiting_timestamp_seconds',
    'Time of the oldest entry that no checkpoint covers; 0 where all are covered.',
    {},
  );
  const behind = metrics.gauge(
    'log_uncosigned_entries',
    'Entries under a checkpoint that the quorum of witnesses has not cosigned.',
    {},
  );
  const cosigned = metrics.gauge(
    'log_cosigned_timestamp_seconds',
    'Time of the last checkpoint that the quorum has cosigned; 0 for none.',
    {},
  );
  const silent = metrics.gauge(
    'log_witness_silent',
    '1 for a witness that owes a cosignature for ten minutes.',
    {
      witness: witnesses,
    },
  );
  return {
    batch: (count) => {
      batches({});
      entries({}, count);
    },
    show: (status, sequencer) => {
      leading.set({}, sequencer.isLeading() ? 1 : 0);
      failed.set({}, sequencer.hasFailed() ? 1 : 0);
      size.set({}, status.size);
      waiting.set({}, status.waiting);
      oldest.set({}, (status.oldestWaitingAtMs ?? 0) / 1000);
      behind.set({}, status.size - status.cosignedSize);
      cosigned.set({}, (status.cosignedAtMs ?? 0) / 1000);
      silent.reset();
      for (const one of status.witnesses) silent.set({ witness: one.name }, one.silent ? 1 : 0);
    },
  };
}
