import { expect, it } from 'vitest';
import type { GatewayContext } from '#gateway/context.ts';
import { makeExpiry } from '#gateway/relay/expire.ts';

it('throws nothing away while the clock is set an hour and more ahead of where it was', async () => {
  const told: string[] = [];
  let aheadMs = 0;
  // Touching the database fails: there is none.
  const ctx = {
    nowMs: () => Date.now() + aheadMs,
    out: { error: (event: string) => told.push(event) },
  } as unknown as GatewayContext;
  const expire = makeExpiry(ctx);
  aheadMs = 2 * 3_600_000;
  expect(await expire()).toBeGreaterThan(0);
  expect(told).toEqual(['clock-jumped']);
  aheadMs = 0;
  await expect(expire()).rejects.toThrow(TypeError);
});
