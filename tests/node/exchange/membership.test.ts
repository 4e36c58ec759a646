/** States join, are suspended, resume, get new keys and leave, while the network runs. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import {
  addNode,
  removeNode,
  resumeNode,
  rotateKeys,
  suspendNode,
  updateNode,
} from '#deploy/network/change-list.ts';
import { makeNextKeys, makePartyKeys } from '#deploy/network/make-keys.ts';
import { draftNextList } from '#deploy/network/make-list.ts';
import { publicHalfOf } from '#deploy/network/public-keys.ts';
import { parseReceipt, verifyReceipt } from '#schema/jws/receipt.ts';
import { hashList, parseList } from '#schema/jws/trust-list.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { run } from '#tests/deploy/run-command.ts';
import {
  countRows,
  random,
  sendMessage,
  stagesOf,
  startNetwork,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 120_000 });
const nowS = () => Math.floor(Date.now() / 1000);

let network: TestNetwork;
let folder: string;
let list: TrustList;
let d: TestNode;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-membership-'));
  network = await startNetwork(true);
  list = network.list;
});
afterAll(async () => {
  await network.close();
  await rm(folder, { recursive: true });
});

/** Signs and publishes the list that a change makes of the one in force. */
async function publish(change: (list: TrustList) => TrustList): Promise<void> {
  list = change(draftNextList(list, list.nodes, Date.now()));
  const path = join(folder, `list-${list.ver}.json`);
  await writeFile(path, await network.sign(list));
  const published = await run(['list', 'publish', '--list', path, '--gateway', network.gatewayUrl]);
  expect(published).toMatchObject({ code: 0, out: expect.stringContaining(`List ${list.ver} is in force`) });
}

/** Until these nodes hold the list in force; it must be witnessed before they take it. */
async function awaitList(...nodes: TestNode[]): Promise<void> {
  const look = () => {
    for (const { ctx } of nodes) ctx.wake.list();
    return nodes.map(({ ctx }) => ctx.trust.version());
  };
  await expect.poll(look, { timeout: 60_000, interval: 300 }).toEqual(nodes.map(() => list.ver));
}

const arrives = (from: TestNode, id: MessageId) => from.until(() => stagesOf(from, id).includes('delivered'));

async function receiptOf(node: TestNode, id: MessageId): Promise<string> {
  const row = await node.db.selectFrom('outbox').select('receipt').where('id', '=', id).executeTakeFirst();
  return row!.receipt!;
}

test('a fourth State joins a running network and exchanges messages with the others', async () => {
  const { a, b, c } = network;
  const keys = await makePartyKeys(NET, 'xd', random, Date.now());
  const joining = network.join('xd', keys);
  const half = await publicHalfOf(keys);
  await publish((next) => addNode(next, { keys: half, profile: inventedProfiles.xc, urls: [] }, nowS()));
  d = await joining;
  await awaitList(a, b, c, d);
  const there = await sendMessage(a, 'xd');
  await arrives(a, there);
  const back = await sendMessage(d, 'xb');
  await arrives(d, back);
  expect(d.applied.map(({ id }) => id)).toContain(there);
  expect(b.applied.map(({ id }) => id)).toContain(back);
  const fetched = join(folder, 'fetched.json');
  await run(['list', 'fetch', '--gateway', network.gatewayUrl, '--out', fetched]);
  expect(hashList(parseList(await readFile(fetched, 'utf8')).value)).toBe(hashList(list));
});

test('what is for a suspended State waits, or becomes a task; what it sends is refused; its receipts still count', async () => {
  const { a, b, c } = network;
  const before = await sendMessage(a, 'xb');
  await arrives(a, before);
  await c.stop();
  const underWay = await sendMessage(b, 'xc');
  await b.until(() => stagesOf(b, underWay).includes('relayed'));
  await publish((next) => suspendNode(next, 'xb'));
  await awaitList(a, b, d);

  const waits = await sendMessage(a, 'xb');
  const dated = await sendMessage(a, 'xb', { goodForMs: 1500 });
  const own = await sendMessage(b, 'xa');
  await a.until(() => a.undelivered.some(({ messageId }) => messageId === dated));
  expect(a.undelivered).toContainEqual({ messageId: dated, reason: 'stale', mayHaveArrived: false });
  expect(await countRows(a, 'seal_request')).toBe(1);
  expect([a.ctx.trust.maySendTo('xb'), b.ctx.trust.standing()]).toEqual([false, 'suspended']);
  expect(await countRows(b, 'seal_request')).toBe(1);

  // c learns of the suspension before it reads its mailbox, in which a message of xb waits.
  const row = await a.db
    .selectFrom('trust_list')
    .selectAll()
    .where('ver', '=', list.ver)
    .executeTakeFirstOrThrow();
  await c.db.insertInto('trust_list').values(row).execute();
  await c.restart();
  const refused = () =>
    c.db.selectFrom('inbound').select('code').where('id', '=', underWay).executeTakeFirst();
  await expect.poll(refused, { timeout: 20_000 }).toEqual({ code: 'SENDER_SUSPENDED' });
  expect(c.applied).toEqual([]);

  const receipt = await verifyReceipt(
    parseReceipt(await receiptOf(a, before)),
    a.ctx.trust.current(),
    nowS(),
  );
  expect(receipt.value).toMatchObject({ from: 'xb', stage: 'delivered' });

  await publish((next) => resumeNode(next, 'xb'));
  await awaitList(a, b, c, d);
  await arrives(a, waits);
  await arrives(b, own);
  await b.until(() => stagesOf(b, underWay).includes('rejected'));
  expect(b.receipts).toContainEqual({ messageId: underWay, stage: 'rejected', code: 'SENDER_SUSPENDED' });
});

test('the gateway gives a suspended State nothing and takes nothing from it but receipts; the list it may read', async () => {
  const { a, b, c } = network;
  await publish((next) => suspendNode(next, 'xc'));
  await awaitList(a, b, c, d);
  const { client } = c.ctx;
  const code = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: { code: string }) => error.code,
    );
  const ask = (query: string) => client.graphql(`${network.gatewayUrl}/graphql`, query);
  expect(await code(ask('{ mailbox(afterUrgent: 0, afterRoutine: 0, first: 9) { trimmed } }'))).toBe(
    'SENDER_SUSPENDED',
  );
  const part = randomBytes(100);
  const name = `${makeMessageId(Date.now(), random(10))}/${createHash('sha256').update(part).digest('hex')}`;
  for (const url of [network.gatewayUrl, b.ctx.trust.peer('xb')!.urls[0]!])
    expect(await code(client.put(`${url}/parts/xb/${name}`, part))).toBe('SENDER_SUSPENDED');
  expect(await code(client.get(`${network.gatewayUrl}/parts/xc/${name}`))).toBe('SENDER_SUSPENDED');
  expect(await ask('{ trustList { ver } }')).toEqual({ trustList: { ver: list.ver } });
  expect(await ask('mutation { postReceipts(receipts: []) { code } }')).toEqual({ postReceipts: [] });
  await publish((next) => resumeNode(next, 'xc'));
  await awaitList(a, b, c, d);
  const id = await sendMessage(a, 'xc');
  await arrives(a, id);
});

test('what a peer no longer understands when it would be sealed is not sent, and what it does understand is', async () => {
  const { a, b, c } = network;
  await publish((next) => suspendNode(next, 'xb'));
  await awaitList(a, b, c, d);
  const understood = await sendMessage(a, 'xb');
  const newer = await sendMessage(a, 'xb', { type: 'STA@1' });
  await publish((next) => updateNode(resumeNode(next, 'xb'), 'xb', { types: ['ENQ@1'] }));
  await awaitList(a, b, c, d);
  await arrives(a, understood);
  expect(a.undelivered).toContainEqual({ messageId: newer, reason: 'not-understood', mayHaveArrived: false });
  // Nothing of it left: its number in the lane was not used.
  const next = await sendMessage(a, 'xb');
  await arrives(a, next);
  const seqs = b.applied.slice(-2).map(({ seq }) => seq);
  expect(seqs[1]! - seqs[0]!).toBe(1);
});

test('a node that was set back to older software refuses for good, signed, and the sender is told why', async () => {
  const { a, b } = network;
  b.refuse.set('ENQ@1', 'TYPE_UNKNOWN');
  const id = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, id).includes('rejected'));
  expect(a.receipts).toContainEqual({ messageId: id, stage: 'rejected', code: 'TYPE_UNKNOWN' });
  b.refuse.clear();
});

test('with its keys lost a State sends nothing until it has the new ones, and the old ones are good for nothing', async () => {
  const { a, b, c } = network;
  const thief = a.ctx.client;
  const next = await makeNextKeys(network.keys.get('xa')!, random, Date.now());
  const half = await publicHalfOf(next);
  await publish((draft) => rotateKeys(draft, half, { nowS: nowS(), lost: 'invented' }));
  await awaitList(b, c, d);
  await expect.poll(() => b.ctx.trust.maySendTo('xa')).toBe(true);
  // Its requests are refused, the list among them: the operator starts it with the new keys.
  const stolen = thief.graphql(`${b.ctx.trust.peer('xb')!.urls[0]}/graphql`, '{ list }');
  await expect(stolen).rejects.toMatchObject({ code: 'KEY_NOT_VALID' });
  await a.stop();
  await a.restart(next);
  await awaitList(a);
  expect(a.ctx.trust.standing()).toBe('active');
  const ids = [await sendMessage(a, 'xb'), await sendMessage(b, 'xa')] as const;
  await arrives(a, ids[0]);
  await arrives(b, ids[1]);
});

test('what is for a State that has left becomes a task; what it signed can still be verified', async () => {
  const { a, b, c } = network;
  const before = await sendMessage(a, 'xd');
  await arrives(a, before);
  await d.stop();
  const held = await sendMessage(a, 'xd');
  await a.until(() => stagesOf(a, held).includes('relayed'));
  await publish((next) => removeNode(next, 'xd'));
  await awaitList(a, b, c);
  const late = await sendMessage(a, 'xd');
  await a.until(() => a.undelivered.filter(({ reason }) => reason === 'left').length === 2);
  expect(a.undelivered).toContainEqual({ messageId: held, reason: 'left', mayHaveArrived: true });
  expect(a.undelivered).toContainEqual({ messageId: late, reason: 'left', mayHaveArrived: false });
  const receipt = await verifyReceipt(
    parseReceipt(await receiptOf(a, before)),
    a.ctx.trust.current(),
    nowS(),
  );
  expect(receipt.value.from).toBe('xd');
  const id = await sendMessage(a, 'xb');
  await arrives(a, id);
});
