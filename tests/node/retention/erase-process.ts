/** A worker of retention in a process of its own, for being killed: says when so many are written and stays in the last of them. */
import { once } from 'node:events';
import type pg from 'pg';
import { applyRetention } from '#node/retention/apply-retention.ts';
import { openErasedList } from '#node/retention/erased-list.ts';
import { defaultPolicy } from '#node/retention/policy.ts';
import { openDoors } from '#node/storage/doors.ts';
import { openTestVault, random } from '../../fixtures/vault.ts';

type Order = { database: string; vault: string; nowMs: number; staysAt?: number };
const [order] = (await once(process, 'message')) as [Order];
const config: pg.PoolConfig = {
  ...(JSON.parse(process.env.FOCALNET_TEST_POSTGRES!) as pg.PoolConfig),
  database: order.database,
};
const nowMs = () => order.nowMs;
const { vault } = await openTestVault('xb', { nowMs, file: order.vault });
const list = openErasedList(order.vault);
let done = 0;
await applyRetention({
  doors: openDoors(config, nowMs),
  surroundings: { nowMs, random, vault },
  changes: { publish: () => {} },
  wakeSealer: () => {},
  policy: defaultPolicy,
  erased: {
    ...list,
    add: async (subject) => {
      await list.add(subject);
      // Everything of this one is written, and nothing committed.
      if (++done === (order.staysAt ?? 2)) {
        process.send!('working');
        await new Promise(() => {});
      }
    },
  },
});
