import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestSealing } from '#node/exchange/request-sealing.ts';
import { runOperation } from '#node/operation.ts';
import { checkLog } from '#platform/log/fsck.ts';
import { type MessageId, makeMessageId, type State, type ThreadId } from '#schema/protocol/ids.ts';
import { countRows, random, startPair, type TestNode } from '#tests/fixtures/exchange-pair.ts';

let pair: Awaited<ReturnType<typeof startPair>>;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.close());

async function send(from: TestNode, to: TestNode, options: { type?: string; text?: string; files?: string[]; lane?: 'urgent' } = {}) {
  const id = makeMessageId(Date.now(), random(10));
  await runOperation(from.db, from.ctx.surroundings, async (op) => {
    await requestSealing(op, {
      messageId: id,
      peer: to.code as State,
      lane: options.lane ?? 'routine',
      type: options.type ?? 'ENQ@1',
      thread: id as unknown as ThreadId,
      n: 1,
      seen: 0,
      author: { name: 'Officer (invented)', office: 'xa' },
      body: { text: options.text ?? 'INVENTED' },
      attachmentIds: options.files ?? [],
      approvedUntilMs: Date.now() + 3_600_000,
    });
    op.afterCommit(from.ctx.wake.seal);
  });
  return id;
}

const stagesOf = (node: TestNode, id: MessageId) => node.receipts.filter((r) => r.messageId === id).map((r) => r.stage);

test('a message arrives once, with a signed receipt that both logs hold', async () => {
  const { a, b } = pair;
  const id = await send(a, b, { text: 'имя اسم name' });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  expect(b.applied.filter((document) => document.id === id)).toHaveLength(1);
  expect(b.applied.at(-1)!.body).toEqual({ text: 'имя اسم name' });
  for (const node of [a, b]) {
    const checked = await checkLog(node.db, node.ctx.identity.log, null);
    expect(checked).toMatchObject({ ok: true, firstBad: null });
  }
});

test('many messages at once arrive in order, each once', async () => {
  const { a, b } = pair;
  const ids = await Promise.all(Array.from({ length: 150 }, (_, i) => send(a, b, { text: `message ${i}` })));
  await a.until(() => ids.every((id) => stagesOf(a, id).includes('delivered')));
  const seqs = b.applied.filter((document) => ids.includes(document.id)).map((document) => document.seq);
  expect(seqs).toHaveLength(150);
  expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
});

test('an act that the slice refuses comes back as a signed rejection and uses up its number', async () => {
  const { a, b } = pair;
  b.refuse.set('CLS@1', 'ACT_NOT_ALLOWED');
  const refused = await send(a, b, { type: 'CLS@1' });
  await a.until(() => stagesOf(a, refused).includes('rejected'));
  expect(a.receipts.find((r) => r.messageId === refused)?.code).toBe('ACT_NOT_ALLOWED');
  const next = await send(a, b);
  await a.until(() => stagesOf(a, next).includes('delivered'));
});

test('the same bytes again get the same receipt and are applied once', async () => {
  const { a, b } = pair;
  const id = await send(a, b);
  await a.until(() => stagesOf(a, id).includes('delivered'));
  const row = await a.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const listed = a.ctx.trust.peer('xb')!;
  const before = b.applied.length;
  const { deliver } = await a.ctx.client.graphql<{ deliver: { receipt: string }[] }>(
    `${listed.urls[0]}/graphql`,
    'mutation ($m: [DeliveryInput!]!) { deliver(messages: $m) { receipt } }',
    { m: [{ envelope: row.envelope, sealed: row.sealed.toString('base64') }] },
  );
  expect(deliver[0]!.receipt).toBe(row.receipt);
  expect(b.applied).toHaveLength(before);
});

test('a file of several parts arrives whole, and no sealed part stays behind on either side', async () => {
  const { a, b } = pair;
  const file = Buffer.concat([Buffer.alloc(9 * 1024 * 1024, 'INVENTED '), Buffer.from('end')]);
  const part = 4 * 1024 * 1024;
  await a.db
    .insertInto('attachment')
    .values({ id: 'file', name: 'attachment-1.pdf', media: 'application/pdf', bytes: file.length, sha256: '', removed: '[]', created_at: 0 })
    .execute();
  for (let n = 0; n * part < file.length; n++) {
    const plain = file.subarray(n * part, (n + 1) * part);
    await a.db.insertInto('attachment_part').values({ attachment_id: 'file', n, plain }).execute();
  }
  const id = await send(a, b, { files: ['file'] });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  const parts = await b.db
    .selectFrom('attachment_part')
    .select('plain')
    .where('attachment_id', '=', `${id}.0`)
    .orderBy('n')
    .execute();
  const received = Buffer.concat(parts.map(({ plain }) => plain));
  expect(createHash('sha256').update(received).digest('hex')).toBe(createHash('sha256').update(file).digest('hex'));
  expect(await countRows(b, 'inbound_part')).toBe(0);
  expect(await countRows(a, 'outbox_part')).toBe(0);
});
