/**
 * Everything a running node tells its operator, put together: what it counts, whether it is ready, and the listener that shows it.
 */
import type { Kysely } from 'kysely';
import type { Log } from '#platform/http/log.ts';
import type { Served } from '#platform/http/serve.ts';
import type { Sequencer } from '#platform/log/sequence.ts';
import type { Address } from '#platform/operations/address.ts';
import { makeMetrics } from '#platform/operations/registry.ts';
import { serveOperations } from '#platform/operations/serve-operations.ts';
import type { Database } from '../storage/database.ts';
import { makeNodeMetrics, type NodeMetrics } from './metrics.ts';
import { readReadiness } from './readiness.ts';
import { readStatus, type StatusContext } from './status.ts';

export interface Operations extends Pick<NodeMetrics, 'http' | 'count' | 'batch'> {
  /** Once there is something to tell of. */
  readonly attach: (
    ctx: StatusContext & {
      /** Whose connections are counted. */
      pool: Kysely<Database>;
      keysPath: string;
      /** Whether what is kept at rest can be opened now. */
      isVaultReady: () => Promise<boolean>;
      sequencer: Sequencer;
      /** How sending notices by mail goes, in a word. */
      mails: () => string;
    },
  ) => {
    readonly readiness: () => Promise<Record<string, boolean | number | string>>;
    /** Null where no address is configured. */
    readonly serve: (address: Address | null, log: Log) => Promise<Served | null>;
  };
}

export function openOperations(): Operations {
  const registry = makeMetrics();
  const { http, count, batch, follow } = makeNodeMetrics(registry);
  return {
    http,
    count,
    batch,
    attach: (ctx) => {
      follow(ctx, ctx.sequencer, ctx.pool);
      const readiness = async () => ({
        ...(await readReadiness(ctx, ctx.keysPath, ctx.sequencer)),
        vault: await ctx.isVaultReady(),
        mails: ctx.mails(),
      });
      const told = { metrics: registry, readiness, status: () => readStatus(ctx) };
      return {
        readiness,
        serve: async (address, log) => address && serveOperations(address, { ...told, log }),
      };
    },
  };
}
