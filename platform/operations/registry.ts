/**
 * Metrics of one process in the Prometheus text format, in a registry of their own. Every label has a fixed set of values: what is
 * not in it counts as `other`, so that nothing a caller sends can make a new series or end up in one.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The values a label may have; for what changes while the process runs, such as the States of the list, a function. */
export type Allowed = readonly string[] | (() => readonly string[]);
export type Labels<L extends string> = Readonly<Record<L, Allowed>>;

export interface Metrics {
  /** Adds to a counter. */
  readonly counter: <L extends string>(
    name: string,
    help: string,
    labels: Labels<L>,
  ) => (values: Readonly<Record<L, string>>, by?: number) => void;
  readonly gauge: <L extends string>(
    name: string,
    help: string,
    labels: Labels<L>,
  ) => {
    readonly set: (values: Readonly<Record<L, string>>, value: number) => void;
    /** Forgets all series: those that are not set again are gone. */
    readonly reset: () => void;
  };
  /** Observes seconds. */
  readonly histogram: <L extends string>(
    name: string,
    help: string,
    labels: Labels<L>,
    buckets: readonly number[],
  ) => (values: Readonly<Record<L, string>>, seconds: number) => void;
  /** What is computed when somebody looks; one that fails leaves its metrics as they were. */
  readonly onScrape: (refresh: () => Promise<void> | void) => void;
  /** The text of all of them, with its media type. */
  readonly scrape: () => Promise<{ text: string; contentType: string }>;
}

const PREFIX = 'focalnet_';
export const OTHER = 'other';

/** A registry with what every process tells of itself: memory, CPU, event loop, garbage collection. */
export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const refreshes: (() => Promise<void> | void)[] = [];
  const describe = <L extends string>(name: string, help: string, labels: Labels<L>) => ({
    name: `${PREFIX}${name}`,
    help,
    labelNames: Object.keys(labels) as L[],
    registers: [registry],
  });
  return {
    counter: (name, help, labels) => {
      const counter = new Counter(describe(name, help, labels));
      return (values, by = 1) => counter.inc(keepAllowed(labels, values), by);
    },
    gauge: (name, help, labels) => {
      const gauge = new Gauge(describe(name, help, labels));
      return {
        set: (values, value) => gauge.set(keepAllowed(labels, values), value),
        reset: () => gauge.reset(),
      };
    },
    histogram: (name, help, labels, buckets) => {
      const histogram = new Histogram({ ...describe(name, help, labels), buckets: [...buckets] });
      return (values, seconds) => histogram.observe(keepAllowed(labels, values), seconds);
    },
    onScrape: (refresh) => void refreshes.push(refresh),
    scrape: async () => {
      await Promise.all(refreshes.map(async (refresh) => refresh()).map((one) => one.catch(() => {})));
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

function keepAllowed<L extends string>(
  labels: Labels<L>,
  values: Readonly<Record<L, string>>,
): Record<L, string> {
  const kept = {} as Record<L, string>;
  for (const name of Object.keys(labels) as L[]) {
    const allowed: Allowed = labels[name];
    const known = typeof allowed === 'function' ? allowed() : allowed;
    kept[name] = known.includes(values[name]) ? values[name] : OTHER;
  }
  return kept;
}
