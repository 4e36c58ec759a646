/** A trust list is as fresh as the word of others on the gateway's log, and not as the gateway's answers. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, it, test, vi } from 'vitest';
import type { GatewayDatabase } from '#gateway/tables.ts';
import { refreshList } from '#node/exchange/refresh-list.ts';
import { watchedAtMs } from '#node/exchange/watched-at.ts';
import { readLatestCheckpoint } from '#platform/log/read-log.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import type { Keyring } from '#schema/jws/keyring.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { addSignatureLines, formatNoteSigner, formatVkey, readNoteSigner } from '#schema/log/note.ts';
import { limits } from '#schema/protocol/limits.ts';
import { startNetwork, type TestNetwork } from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;
let network: TestNetwork | undefined;
afterEach(async () => {
  await network?.close();
  network = undefined;
});

/** What the gateway serves, if each of these had signed its log so many hours ago. */
async function watched(hoursAgo: Record<string, number>, quorum: number): Promise<number | null> {
  const nowMs = Date.now();
  const makeKey = async (party: string, type: 1 | 4) =>
    readNoteSigner(await formatNoteSigner(`invented.example/${party}`, type, randomBytes(32)));
  const log = await makeKey('gateway', 1);
  const note = await signCheckpoint(
    { origin: log.name, size: 3, rootHash: randomBytes(32), extensions: [] },
    log,
  );
  const nodes = await Promise.all(
    ['xa', 'xb', 'xc', 'xd'].map(async (node) => ({ node, key: await makeKey(node, 4) })),
  );
  const lines = await Promise.all(
    nodes.flatMap(({ node, key }) => {
      const ago = hoursAgo[node];
      return ago === undefined
        ? []
        : [cosignCheckpoint(note, key, Math.floor((nowMs - ago * HOUR_MS) / 1000))];
    }),
  );
  const listed = await Promise.all(
    nodes.map(async ({ node, key }) => {
      const status = node === 'xd' ? 'suspended' : 'active';
      return { node, status, wit: await formatVkey(key) };
    }),
  );
  const keyring = { gateway: { log: await formatVkey(log) }, nodes: listed, policy: { quorum } };
  const at = await watchedAtMs(addSignatureLines(note, lines), keyring as unknown as Keyring, 'xa', nowMs);
  return at === null ? null : Math.round((nowMs - at) / HOUR_MS);
}

it.each<[Record<string, number>, number, number | null]>([
  [{ xa: 0, xb: 3, xc: 30 }, 2, 3],
  [{ xa: 0, xb: 3, xc: 30 }, 3, 30],
  // One's own word, and that of a State that is suspended, show nothing.
  [{ xa: 0, xd: 0 }, 2, null],
  [{ xa: 0 }, 1, null],
  [{ xb: 5 }, 1, 5],
  [{ xb: 5 }, 3, null],
  [{}, 1, null],
  // A clock may be a little fast.
  [{ xb: -limits.skewS / 2 / 3600 }, 1, 0],
  [{ xb: -1 }, 1, null],
])('signed %j hours ago, a quorum of %i had seen the log %j hours ago', async (ago, quorum, seen) => {
  expect(await watched(ago, quorum)).toBe(seen);
});

test('a gateway that gives old answers again confirms no list; others who sign a log that stands still do', async () => {
  network = await startNetwork(true);
  const { a, b, c, keys } = network;
  const gateway = openDatabase<GatewayDatabase>(network.gatewayDatabase!);
  const monthAgo = Date.now() - 31 * 24 * HOUR_MS;
  try {
    const origin = `${keys.get('xa')!.net}/gateway`;
    const latest = async () => (await readLatestCheckpoint(gateway))!;
    const signed = async () =>
      gateway
        .selectFrom('cosignature')
        .select('witness')
        .where('origin', '=', origin)
        .where('size', '=', (await latest()).size)
        .execute();
    await expect.poll(async () => (await signed()).length, { timeout: 30_000 }).toBe(3);
    await Promise.all([a.stop(), b.stop(), c.stop()]);
    const { note, size } = await latest();
    for (const [, { wit }] of keys) {
      const key = await readNoteSigner(wit);
      const line = await cosignCheckpoint(note, key, Math.floor(monthAgo / 1000));
      await gateway
        .updateTable('cosignature')
        .set({ line })
        .where('origin', '=', origin)
        .where('witness', '=', key.name)
        .execute();
    }
    await a.db.updateTable('trust_list').set({ confirmed_at: monthAgo }).execute();
    await a.restart();
    await refreshList(a.current());
    expect([a.current().trust.version(), a.current().trust.freshness()]).toEqual([1, 'expired']);
    // It is hours since xb signed it.
    const at = new Date(Date.now() - 7 * HOUR_MS);
    await b.db.updateTable('cosignature').set({ at }).where('origin', '=', origin).execute();
    await b.restart();
    await expect.poll(() => a.current().trust.freshness(), { timeout: 30_000 }).toBe('fresh');
    expect((await latest()).size).toBe(size);
    await c.restart();
  } finally {
    await gateway.destroy();
  }
});
