/** A gateway that comes back from an old backup: nodes find it out, and no mail it had promised to hold is lost. */
import { afterEach, expect, test, vi } from 'vitest';
import type { GatewayDatabase } from '#gateway/tables.ts';
import { readLatestCheckpoint } from '#platform/log/read-log.ts';
import { readWitnessed } from '#platform/log/witness.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { parseVkey } from '#schema/log/note.ts';
import { copyDatabase } from '#tests/fixtures/database.ts';
import {
  sendMessage,
  stagesOf,
  startNetwork,
  storeFile,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 90_000 });

let network: TestNetwork;
afterEach(() => network.close());

const witnessedBy = async (node: TestNode) => {
  const { name } = parseVkey(node.ctx.trust.current().gateway.log);
  return (await readWitnessed(node.db, name))?.size ?? 0;
};

test('what it has forgotten is offered to it again, with its files, and its mailbox read anew', async () => {
  network = await startNetwork(true);
  const { a, c, gateway } = network;
  const before = await sendMessage(a, 'xc');
  await a.until(() => stagesOf(a, before).includes('delivered'));
  await gateway.stop();
  const backup = await copyDatabase(network.gatewayDatabase!);
  await gateway.start(network.gatewayDatabase!);

  // Since the backup nothing has come for xa: only the gateway's log tells that it was restored.
  await c.stop();
  await storeFile(a, 'file', Buffer.from('INVENTED'));
  const lost = [await sendMessage(a, 'xc', { files: ['file'] }), await sendMessage(a, 'xc')];
  const urgent = await sendMessage(a, 'xc', { lane: 'urgent', type: 'URG@1' });
  await a.until(() => [...lost, urgent].every((id) => stagesOf(a, id).includes('relayed')));
  // The backup is behind what xa has cosigned.
  const restored = openDatabase<GatewayDatabase>(backup.config);
  const { size } = (await readLatestCheckpoint(restored))!;
  await restored.destroy();
  await expect.poll(() => witnessedBy(a), { timeout: 30_000 }).toBeGreaterThan(size);

  await gateway.stop();
  await gateway.start(backup.config);
  await c.restart();
  await a.until(() => [...lost, urgent].every((id) => stagesOf(a, id).includes('delivered')));
  expect(c.applied.map(({ id }) => id)).toEqual([urgent, ...lost]);
  await gateway.stop();
  await backup.drop();
});
