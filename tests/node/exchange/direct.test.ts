import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetUnclaimedParts } from '#node/exchange/inbound-parts.ts';
import { requestOpenedReceipt } from '#node/exchange/request-opened.ts';
import { runOperation } from '#node/operation.ts';
import { checkLog } from '#platform/log/fsck.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import {
  countRows,
  random,
  readFile,
  sendMessage,
  stagesOf,
  startNetwork,
  storeFile,
  type TestNetwork,
} from '#tests/fixtures/exchange-network.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork(false);
});
afterAll(() => network.close());

test('a message arrives once, with a signed receipt, and both logs are whole', async () => {
  const { a, b } = network;
  const id = await sendMessage(a, 'xb', { text: 'имя اسم name' });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  expect(b.applied.filter((document) => document.id === id)).toHaveLength(1);
  expect(b.applied.at(-1)!.body).toEqual({ text: 'имя اسم name' });
  const { receipt } = await a.db
    .selectFrom('outbox')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(b.arrivedAtMs.get(id)).toBe(parseReceipt(receipt!).value.at * 1000);
  for (const node of [a, b]) {
    expect(await checkLog(node.db, node.ctx.identity.log, null)).toMatchObject({ ok: true, firstBad: null });
  }
});

test('what is held is sealed at its time and not before, and holds up nothing that comes after it', async () => {
  const { a, b } = network;
  const notBeforeMs = Date.now() + 2500;
  const held = await sendMessage(a, 'xb', { notBeforeMs });
  const free = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, free).includes('delivered'));
  await a.until(() => stagesOf(a, held).includes('delivered'));
  const iatOf = (id: string) => b.applied.find((document) => document.id === id)!;
  expect(iatOf(held).iat * 1000).toBeGreaterThanOrEqual(Math.floor(notBeforeMs / 1000) * 1000);
  expect(iatOf(free).seq).toBeLessThan(iatOf(held).seq);
});

test('many messages at once arrive in order, each once', async () => {
  const { a, b } = network;
  const ids = await Promise.all(
    Array.from({ length: 150 }, (_, i) => sendMessage(a, 'xb', { text: `message ${i}` })),
  );
  await a.until(() => ids.every((id) => stagesOf(a, id).includes('delivered')));
  const seqs = b.applied.filter((document) => ids.includes(document.id)).map((document) => document.seq);
  expect(seqs).toHaveLength(150);
  expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
});

test('an act that the slice refuses comes back as a signed rejection and uses up its number', async () => {
  const { a, b } = network;
  b.refuse.set('CLS@1', 'ACT_NOT_ALLOWED');
  const refused = await sendMessage(a, 'xb', { type: 'CLS@1' });
  await a.until(() => stagesOf(a, refused).includes('rejected'));
  expect(a.receipts.find((receipt) => receipt.messageId === refused)?.code).toBe('ACT_NOT_ALLOWED');
  const next = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, next).includes('delivered'));
});

test('the same bytes again get the same receipt and are applied once', async () => {
  const { a, b } = network;
  const id = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, id).includes('delivered'));
  const row = await a.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const url = a.ctx.trust.peer('xb')!.urls[0];
  const before = b.applied.length;
  const { deliver } = await a.ctx.client.graphql<{ deliver: { receipt: string }[] }>(
    `${url}/graphql`,
    'mutation ($m: [DeliveryInput!]!) { deliver(messages: $m) { receipt } }',
    { m: [{ envelope: row.envelope, sealed: row.sealed.toString('base64') }] },
  );
  expect(deliver[0]!.receipt).toBe(row.receipt);
  expect(b.applied).toHaveLength(before);
});

test('a file of several parts arrives whole, and no sealed part stays behind on either side', async () => {
  const { a, b } = network;
  const file = Buffer.concat([Buffer.alloc(9 * 1024 * 1024, 'INVENTED '), Buffer.from('end')]);
  await storeFile(a, 'file', file);
  const id = await sendMessage(a, 'xb', { files: ['file'] });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  expect((await readFile(b, `${id}.0`)).equals(file)).toBe(true);
  expect(await countRows(b, 'inbound_part')).toBe(0);
  expect(await countRows(a, 'outbox_part')).toBe(0);
});

test('a released act that cannot be sealed is passed over, told of, and holds up nothing behind it', async () => {
  const { a } = network;
  const before = await sendMessage(a, 'xb');
  const poison = await sendMessage(a, 'xb', { text: 'INVENTED '.repeat(40_000) });
  const missing = await sendMessage(a, 'xb', { files: ['no-such-file'] });
  const after = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, after).includes('delivered'));
  await a.until(() => stagesOf(a, before).includes('delivered'));
  expect(a.undelivered.slice(-2)).toEqual([
    { messageId: poison, reason: 'unsealable', mayHaveArrived: false },
    { messageId: missing, reason: 'unsealable', mayHaveArrived: false },
  ]);
});

test('that a person has opened an urgent message comes back as a second receipt', async () => {
  const { a, b } = network;
  const id = await sendMessage(a, 'xb', { lane: 'urgent', type: 'URG@1' });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  await runOperation(b.db, b.ctx.surroundings, (op) => requestOpenedReceipt(op, id));
  b.ctx.wake.prove();
  await a.until(() => stagesOf(a, id).includes('opened'));
  const sent = await a.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const [first, second] = [sent.receipt!, sent.later_receipt!].map((jws) => parseReceipt(jws).value);
  expect(second).toMatchObject({ stage: 'opened', doc: first!.doc });
});

test('a part that no message claims is named by an id, and goes when their time is over', async () => {
  const { a, b } = network;
  const url = `${a.ctx.trust.peer('xb')!.urls[0]}/parts/xb`;
  const part = Buffer.from('INVENTED');
  const hash = createHash('sha256').update(part).digest('hex');
  const put = (id: string) =>
    a.ctx.client.put(`${url}/${id}/${hash}`, part).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    );
  const id = makeMessageId(Date.now(), random(10));
  expect(await put('no-id')).toBe('MALFORMED');
  expect(await put(id)).toBe('taken');
  const { ctx } = b;
  const later = {
    ...ctx,
    surroundings: { ...ctx.surroundings, nowMs: () => Date.now() + 31 * 24 * 3_600_000 },
  };
  await forgetUnclaimedParts(ctx);
  expect(await countRows(b, 'inbound_part')).toBe(1);
  await forgetUnclaimedParts(later);
  expect(await countRows(b, 'inbound_part')).toBe(0);
});
