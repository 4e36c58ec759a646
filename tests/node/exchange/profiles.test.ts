/** Sealing profiles between running nodes: p6 where both can, p4 elsewhere, and what no key seals becomes a person's task. */
import { generateKey } from 'openpgp';
import { afterEach, expect, test, vi } from 'vitest';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import {
  readFile,
  sendMessage,
  stagesOf,
  startNetwork,
  storeFile,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 180_000 });

let network: TestNetwork;
afterEach(() => network.close());

const profileOf = async (node: TestNode, id: string) => {
  const query = node.db.selectFrom('outbox').select('envelope').where('id', '=', id);
  return parseEnvelope((await query.executeTakeFirstOrThrow()).envelope).value.sealed.profile;
};
const isDelivered = (node: TestNode, id: string) =>
  node.until(() => stagesOf(node, id).includes('delivered'));

test('two nodes with p6 keys use them, and each still writes p4 to a node that has none', async () => {
  const both = ['p4', 'p6'] as const;
  network = await startNetwork(true, { profiles: { xa: both, xb: both } });
  const { a, b, c } = network;
  const file = Buffer.alloc(5 * 1024 * 1024, 'INVENTED ');
  await storeFile(a, 'file', file);
  const there = await sendMessage(a, 'xb', { files: ['file'], text: 'INVENTED there' });
  await isDelivered(a, there);
  expect(b.applied.at(-1)!.body).toEqual({ text: 'INVENTED there' });
  expect((await readFile(b, `${there}.0`)).equals(file)).toBe(true);
  const back = await sendMessage(b, 'xa');
  await isDelivered(b, back);
  const aside = await sendMessage(a, 'xc');
  await isDelivered(a, aside);
  const answer = await sendMessage(c, 'xb');
  await isDelivered(c, answer);
  const used = [profileOf(a, there), profileOf(b, back), profileOf(a, aside), profileOf(c, answer)];
  expect(await Promise.all(used)).toEqual(['p6', 'p6', 'p4', 'p4']);
});

test('what no certificate of the peer seals is given up, told of, and holds up nothing for others', async () => {
  network = await startNetwork(true);
  const { a, c } = network;
  const before = await sendMessage(a, 'xc');
  await isDelivered(a, before);
  // It can be read, and was good for a second on the day it was made.
  const expired = await generateKey({
    userIDs: [{ name: 'focal point xb' }],
    date: new Date(Date.now() - 86_400_000),
    keyExpirationTime: 1,
    type: 'ecc',
    curve: 'curve25519Legacy',
    format: 'object',
  });
  const json = await network.nextList(({ nodes }) => {
    nodes[1]!.pgp = [{ fpr: expired.publicKey.getFingerprint(), cert: expired.publicKey.armor() }];
  });
  const publish = 'mutation ($list: String!) { publishList(list: $list) }';
  await a.ctx.client.graphql(`${network.gatewayUrl}/graphql`, publish, { list: json });
  for (const node of [a, c]) await node.ctx.trust.accept(json, null);
  const hopeless = [await sendMessage(a, 'xb'), await sendMessage(a, 'xb')];
  // A tombstone cannot be sealed for it either.
  const tombstone = { tombstone_due: true, peer: 'xb' };
  await a.db.updateTable('outbox').set(tombstone).where('id', '=', before).execute();
  const other = await sendMessage(a, 'xc');
  await isDelivered(a, other);
  await a.until(() => a.undelivered.length === 2);
  expect(a.undelivered).toEqual(
    hopeless.map((messageId) => ({ messageId, reason: 'unsealable', mayHaveArrived: false })),
  );
  const behind = await sendMessage(a, 'xc');
  await isDelivered(a, behind);
});
