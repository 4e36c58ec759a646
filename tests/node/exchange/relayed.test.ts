import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewayDatabase } from '#gateway/tables.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import {
  countRows,
  readFile,
  sendMessage,
  stagesOf,
  startNetwork,
  storeFile,
  type TestNetwork,
} from '#tests/fixtures/exchange-network.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork(true);
});
afterAll(() => network.close());

test('a node with no open port gets its messages from the mailbox, and the sender its receipts', async () => {
  const { a, c } = network;
  const file = Buffer.alloc(5 * 1024 * 1024, 'INVENTED ');
  await storeFile(a, 'file', file);
  const id = await sendMessage(a, 'xc', { files: ['file'] });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  expect(stagesOf(a, id)).toEqual(['relayed', 'delivered']);
  expect(c.applied.map((document) => document.id)).toContain(id);
  expect((await readFile(c, `${id}.0`)).equals(file)).toBe(true);
});

test('a node with no open port answers, and a quorum of witnesses makes the receipt provable', async () => {
  const { a, c } = network;
  const id = await sendMessage(c, 'xa');
  await c.until(() => stagesOf(c, id).includes('delivered'));
  expect(a.applied.map((document) => document.id)).toContain(id);
  let proof: string | null = null;
  while (proof === null) {
    const row = await c.db
      .selectFrom('outbox')
      .select('receipt_proof')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    proof = row.receipt_proof;
    if (proof === null) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { checkpoint } = JSON.parse(proof) as { checkpoint: string };
  expect(checkpoint.match(/^— focalnet\.example\//gmu)!.length).toBeGreaterThanOrEqual(3);
});

test('an urgent message overtakes fifty routine ones that wait in the mailbox', async () => {
  const { a, c } = network;
  await c.stop();
  const routine = await Promise.all(Array.from({ length: 50 }, () => sendMessage(a, 'xc')));
  await a.until(() => routine.every((id) => stagesOf(a, id).includes('relayed')));
  const urgent = await sendMessage(a, 'xc', { lane: 'urgent', type: 'URG@1' });
  await a.until(() => stagesOf(a, urgent).includes('relayed'));
  await c.restart();
  await a.until(() => [...routine, urgent].every((id) => stagesOf(a, id).includes('delivered')));
  const order = c.applied.map((document) => document.id);
  expect(order.indexOf(urgent)).toBe(0);
});

test('what waits in the mailbox is not tried at the peer before what is urgent there', async () => {
  const { a, b, wire } = network;
  await b.stop();
  await wire.set('cut');
  const dueAt = async (id: string) =>
    (
      await a.db
        .selectFrom('outbox')
        .select('next_attempt_at')
        .where('id', '=', id)
        .where('state', '=', 'relayed')
        .executeTakeFirst()
    )?.next_attempt_at ?? 0;
  const before = await sendMessage(a, 'xb');
  await expect.poll(() => dueAt(before), { timeout: 20_000 }).toBeGreaterThan(0);
  const urgent = await sendMessage(a, 'xb', { lane: 'urgent', type: 'URG@1' });
  await expect.poll(() => dueAt(urgent), { timeout: 20_000 }).toBeGreaterThan(0);
  // It has been tried often, and waits long.
  await a.db
    .updateTable('outbox')
    .set({ attempts: 9, next_attempt_at: 0 })
    .where('id', '=', urgent)
    .execute();
  a.ctx.wake.deliver();
  const soon = Date.now() + 600_000;
  await expect.poll(() => dueAt(urgent), { timeout: 20_000 }).toBeGreaterThan(soon);
  const after = await sendMessage(a, 'xb');
  await expect.poll(() => dueAt(after), { timeout: 20_000 }).toBeGreaterThan(soon);
  expect(await dueAt(before)).toBeGreaterThanOrEqual(await dueAt(urgent));
  await b.restart();
  await wire.set('whole');
  await a.until(() => [before, urgent, after].every((id) => stagesOf(a, id).includes('delivered')));
  expect(b.applied[0]!.id).toBe(urgent);
});

test('a message whose part is missing holds up nothing behind it, and is taken when the part is there', async () => {
  const { a, c } = network;
  await c.stop();
  await storeFile(a, 'parted', Buffer.alloc(1000, 'INVENTED '));
  const parted = await sendMessage(a, 'xc', { files: ['parted'] });
  await a.until(() => stagesOf(a, parted).includes('relayed'));
  const gateway = openDatabase<GatewayDatabase>(network.gatewayDatabase!);
  const parts = await gateway.selectFrom('part').selectAll().execute();
  await gateway.deleteFrom('part').execute();
  const urgent = await sendMessage(a, 'xc', { lane: 'urgent', type: 'URG@1' });
  await a.until(() => stagesOf(a, urgent).includes('relayed'));
  c.refuse.set('CLS@1', 'ACT_NOT_ALLOWED');
  const behind = await sendMessage(a, 'xc', { type: 'CLS@1' });
  await c.restart();
  await a.until(() => [urgent, behind].every((id) => stagesOf(a, id).includes('delivered')));
  await expect.poll(() => countRows(c, 'set_aside'), { timeout: 20_000 }).toBe(1);
  expect(stagesOf(a, parted)).not.toContain('delivered');

  await gateway
    .insertInto('part')
    .values(parts.map(({ bytes: _, ...part }) => part))
    .execute();
  await gateway.destroy();
  await c.db.updateTable('set_aside').set({ next_at: 0 }).execute();
  await sendMessage(a, 'xc');
  await a.until(() => stagesOf(a, parted).includes('delivered'));
  expect((await readFile(c, `${parted}.0`)).length).toBe(1000);
  // What waited behind it, and is refused now, has a second receipt that says so.
  await a.until(() => stagesOf(a, behind).includes('rejected'));
  expect(stagesOf(a, behind).slice(-2)).toEqual(['delivered', 'rejected']);
  const sent = await a.db.selectFrom('outbox').selectAll().where('id', '=', behind).executeTakeFirstOrThrow();
  expect(sent.state).toBe('rejected');
  expect(parseReceipt(sent.later_receipt!).value).toMatchObject({
    stage: 'rejected',
    code: 'ACT_NOT_ALLOWED',
  });
  await expect.poll(() => countRows(c, 'set_aside'), { timeout: 20_000 }).toBe(0);
});

test('a mailbox that ends before the cursor is read from its start', async () => {
  const { a, c } = network;
  await c.stop();
  await c.db.updateTable('mailbox_cursor').set({ urgent: 9000, routine: 9000 }).execute();
  const id = await sendMessage(a, 'xc');
  await c.restart();
  await a.until(() => stagesOf(a, id).includes('delivered'));
});

test('a peer that stalls holds up nobody else', async () => {
  const { a, b } = network;
  const first = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, first).includes('delivered'));
  const stalled = await b.db.transaction().execute(async (trx) => {
    await trx.selectFrom('in_lane').selectAll().forUpdate().execute();
    const id = await sendMessage(a, 'xb');
    const waits = async () =>
      (
        await sql<{
          n: number;
        }>`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          trx,
        )
      ).rows[0]!.n;
    await expect.poll(waits, { timeout: 10_000 }).toBeGreaterThan(0);
    const other = await sendMessage(a, 'xc');
    await a.until(() => stagesOf(a, other).includes('delivered'));
    expect(stagesOf(a, id)).toEqual([]);
    return id;
  });
  await a.until(() => stagesOf(a, stalled).includes('delivered'));
});
