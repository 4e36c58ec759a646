/** Times of the exchange, with a clock that a test moves: back-off, urgent and uncovered, gaps after an hour and after a day. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProposedAct } from '#node/enquiries/propose-act.ts';
import { requireConversation } from '#node/enquiries/store.ts';
import { closeGaps } from '#node/exchange/close-gaps.ts';
import type { ExchangeContext } from '#node/exchange/context.ts';
import { makeDeliverer, nextTryMs } from '#node/exchange/deliver.ts';
import { makeLog } from '#platform/http/log.ts';
import { act } from '#tests/fixtures/act.ts';
import { enquiryBody } from '#tests/fixtures/act-bodies.ts';
import {
  sendMessage,
  stagesOf,
  startNetwork,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';
import { hostilePeer } from '#tests/fixtures/hostile-peer.ts';

vi.setConfig({ testTimeout: 120_000 });

let network: TestNetwork | null = null;
afterEach(async () => {
  await network?.close();
  network = null;
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The same exchange at another time. */
const at = (ctx: ExchangeContext, ms: number): ExchangeContext => ({
  ...ctx,
  surroundings: { ...ctx.surroundings, nowMs: () => ms },
});
const sent = (node: TestNode, id: string) =>
  node.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('back-off', () => {
  test('doubles from 5 s to an hour, give or take a fifth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), (attempts) => {
        const base = Math.min(HOUR_MS, 5000 * 2 ** attempts);
        const waitMs = nextTryMs(attempts);
        expect(waitMs).toBeGreaterThanOrEqual(base * 0.8);
        expect(waitMs).toBeLessThanOrEqual(base * 1.2);
      }),
    );
    // Not all at one moment, when a peer comes back.
    expect(new Set(Array.from({ length: 50 }, () => nextTryMs(9))).size).toBeGreaterThan(5);
  });

  test('is kept in the database, and grows with each try that reaches nobody', async () => {
    network = await startNetwork(false);
    const { a, wire } = network;
    await wire.set('cut');
    const id = await sendMessage(a, 'xb');
    await expect
      .poll(async () => (await sent(a, id).catch(() => null))?.attempts, { timeout: 60_000 })
      .toBe(1);
    // From here on only this test's clock moves it.
    await a.stop();
    let { next_attempt_at: due } = await sent(a, id);
    for (const attempts of [1, 2, 3, 4]) {
      const early = makeDeliverer(at(a.ctx, due - 1), new AbortController().signal);
      await early.round();
      await early.settled();
      expect((await sent(a, id)).attempts).toBe(attempts);
      const round = makeDeliverer(at(a.ctx, due), new AbortController().signal);
      await round.round();
      await round.settled();
      const row = await sent(a, id);
      expect(row.attempts).toBe(attempts + 1);
      const base = 5000 * 2 ** attempts;
      expect(row.next_attempt_at - due).toBeGreaterThanOrEqual(base * 0.8);
      expect(row.next_attempt_at - due).toBeLessThanOrEqual(base * 1.2);
      due = row.next_attempt_at;
    }
    await wire.set('whole');
    await a.restart();
    await a.db.updateTable('outbox').set({ next_attempt_at: 0 }).execute();
    a.current().wake.deliver();
    await a.until(() => stagesOf(a, id).includes('delivered'));
  });
});

test('an urgent message leaves after five seconds that no checkpoint has covered, and nothing routine does', async () => {
  network = await startNetwork(false);
  const { a, b } = network;
  await a.ctx.sequencer.stop();
  const urgent = await sendMessage(a, 'xb', { lane: 'urgent', type: 'URG@1', goodForMs: 9 * HOUR_MS });
  const routine = await sendMessage(a, 'xb', { goodForMs: 9 * HOUR_MS });
  const isSealed = async (id: string) => (await sent(a, id).catch(() => null)) !== null;
  await expect
    .poll(async () => (await isSealed(urgent)) && isSealed(routine), { timeout: 60_000 })
    .toBe(true);
  // In an hour, so that the node's own rounds find it not due before that.
  const sealedAtMs = Date.now() + HOUR_MS;
  await a.db.updateTable('outbox').set({ sealed_at: sealedAtMs }).execute();
  const deliverAt = async (ms: number) => {
    const { round, settled } = makeDeliverer(at(a.ctx, ms), new AbortController().signal);
    await round();
    await settled();
  };
  await deliverAt(sealedAtMs + 4999);
  expect(b.applied).toEqual([]);
  await deliverAt(sealedAtMs + 5000);
  expect(b.applied.map(({ id }) => id)).toEqual([urgent]);
  await a.until(() => stagesOf(a, urgent).includes('delivered'));
  await deliverAt(sealedAtMs + HOUR_MS);
  expect(b.applied.map(({ id }) => id)).toEqual([urgent]);
  const place = async (id: string) => {
    const { audit_id } = await sent(a, id);
    const query = a.db.selectFrom('audit_entry').select('idx').where('id', '=', audit_id!);
    return (await query.executeTakeFirstOrThrow()).idx;
  };
  expect(await place(urgent)).toBeNull();
  // Covered as soon as the sequencer is back, and then the routine one may leave too.
  await a.stop();
  await a.restart();
  await a.db.updateTable('outbox').set({ next_attempt_at: 0, claimed_until: 0 }).execute();
  a.current().wake.deliver();
  await a.until(() => stagesOf(a, routine).includes('delivered'));
  expect(await place(urgent)).not.toBeNull();
});

test('missing numbers are asked for after an hour and each hour again, and after a day the log lines alarm', async () => {
  network = await startNetwork(false);
  const { a, b, wire } = network;
  const peer = hostilePeer(a);
  peer.skip('xb', 2);
  await peer.send(wire.url, [await peer.forge('xb')]);
  expect(b.applied).toEqual([]);
  const { gap_since: since } = await b.db
    .selectFrom('in_lane')
    .select('gap_since')
    .where('peer', '=', 'xa')
    .executeTakeFirstOrThrow();
  // Its own rounds end here; what it asks stays in its outbox.
  await b.stop();
  const lines: string[] = [];
  const log = makeLog('xb', 'error', { write: (line) => lines.push(line) });
  const lookAt = (ms: number) => closeGaps({ ...at(b.ctx, since! + ms), log });
  const asked = async () => {
    const query = b.db.selectFrom('outbox').select('id').where('class', '=', 'ctl').where('peer', '=', 'xa');
    return (await query.execute()).length;
  };
  const before = await asked();
  await lookAt(10 * MINUTE_MS);
  expect(b.applied).toEqual([]);
  await lookAt(10 * MINUTE_MS + 1);
  expect(b.applied).toHaveLength(1);
  await lookAt(HOUR_MS);
  expect((await asked()) - before).toBe(0);
  await lookAt(HOUR_MS + 1);
  await lookAt(2 * HOUR_MS);
  expect((await asked()) - before).toBe(1);
  await lookAt(2 * HOUR_MS + 2);
  expect((await asked()) - before).toBe(2);
  await lookAt(24 * HOUR_MS);
  expect(lines).toEqual([]);
  await lookAt(25 * HOUR_MS + 1);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: 'lane-gap', party: 'xa', lane: 'routine', count: 2 },
  ]);
  await b.restart();
});

test('forwarding, and an answer that nothing was found, travel between two nodes, and both hold the same', async () => {
  network = await startNetwork(false, { slices: true });
  const { a, b } = network;
  const as = (node: TestNode) => ({ ...node, ctx: node.enquiries }) as never;
  const release = async (from: TestNode, to: TestNode, proposed: ProposedAct) => {
    const { thread, messageId } = await act(as(from), proposed);
    await from.until(() => stagesOf(from, messageId).includes('delivered'));
    expect(to.applied.map(({ id }) => id)).toContain(messageId);
    return thread;
  };
  const handling = { ...enquiryBody().handling, onward: 'ask-first' as const };
  const thread = await release(a, b, { type: 'ENQ', peer: 'xb', body: enquiryBody({ handling }) });
  const states = () =>
    Promise.all([a, b].map(async (node) => (await requireConversation(node.db, thread)).state));
  const part = { text: 'INVENTED: all of it', language: 'en' };
  const leave = { use: 'pass-to-authority', part, shownTo: ['Youth office'] };
  await release(b, a, { type: 'USE', thread, body: { ...leave, phase: 'ask' } });
  await release(a, b, { type: 'USE', thread, body: { ...leave, phase: 'answer', re: 1, result: 'granted' } });
  const forward = { route: 'local-service', office: 'Youth office', boundByOurLimits: true };
  await release(b, a, { type: 'FWD', thread, body: forward });
  expect(await states()).toEqual(['FORWARDED', 'FORWARDED']);
  await release(b, a, { type: 'NEG', thread, body: { result: 'nothing-found', searched: ['S0'] } });
  expect(await states()).toEqual(['ANSWERED', 'ANSWERED']);
  const forwarded = a.applied.find(({ type }) => type === 'FWD@1')!;
  expect(forwarded).toMatchObject({ thread, n: 2, body: forward });
});
