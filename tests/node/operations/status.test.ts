/** What a node tells its operator, on a running exchange with a gateway. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeNextKeys } from '#deploy/network/make-keys.ts';
import { KeyFile, openIdentity } from '#node/identity.ts';
import { describeKeys } from '#node/operations/keys.ts';
import { makeNodeMetrics } from '#node/operations/metrics.ts';
import { readReadiness } from '#node/operations/readiness.ts';
import { readStatus, type StatusContext } from '#node/operations/status.ts';
import { makeMetrics } from '#platform/operations/registry.ts';
import {
  random,
  sendMessage,
  stagesOf,
  startNetwork,
  type TestNetwork,
} from '#tests/fixtures/exchange-network.ts';

vi.setConfig({ testTimeout: 60_000 });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork(true);
});
afterAll(() => network.close());

const statusContext = (aheadMs = 0): StatusContext => ({
  // With no more rights than the operator's status has.
  db: network.a.enquiries.doors.operations,
  identity: network.a.ctx.identity,
  trust: network.a.ctx.trust,
  dataFolder: null,
  nowMs: () => Date.now() + aheadMs,
});
const warningsAt = async (aheadMs: number) =>
  (await readStatus(statusContext(aheadMs))).warnings.map(({ code, about }) =>
    about ? `${code} ${about}` : code,
  );

describe('the status', () => {
  it('of a quiet node needs no look; contacts come from what was signed and answered', async () => {
    const { a, b } = network;
    const ids = [await sendMessage(a, 'xb'), await sendMessage(b, 'xa')] as const;
    await a.until(() => stagesOf(a, ids[0]).includes('delivered'));
    await b.until(() => stagesOf(b, ids[1]).includes('delivered'));
    await a.ctx.contacts.flush();
    const status = await readStatus(statusContext());
    expect(status).toMatchObject({
      state: 'xa',
      standing: 'active',
      list: { ver: 1, freshness: 'fresh' },
      warnings: [],
    });
    const [xb, xc] = status.peers;
    expect([xb!.state, xc!.state]).toEqual(['xb', 'xc']);
    for (const at of [xb!.contact.heardAtMs, xb!.contact.reachedAtMs, status.mailbox.readAtMs])
      expect(Date.now() - at!).toBeLessThan(60_000);
    expect([xc!.contact.heardAtMs, xc!.push]).toEqual([null, false]);
    expect(status.log.witnesses.map(({ name }) => name)).toEqual([
      'focalnet.example/gateway',
      'focalnet.example/xb',
      'focalnet.example/xc',
    ]);
  });

  it('shows what waits, by lane and by how far it came, and since when', async () => {
    const { a, c } = network;
    await c.stop();
    const [urgent, routine] = [
      await sendMessage(a, 'xc', { lane: 'urgent', type: 'URG@1' }),
      await sendMessage(a, 'xc'),
    ];
    await a.until(() => [urgent, routine].every((id) => stagesOf(a, id).includes('relayed')));
    const { peers } = await readStatus(statusContext());
    const lanes = peers.find(({ state }) => state === 'xc')!.lanes;
    expect(lanes).toMatchObject([
      { lane: 'urgent', unsealed: 0, ready: 0, relayed: 1 },
      { lane: 'routine', unsealed: 0, ready: 0, relayed: 1 },
    ]);
    expect(Date.now() - lanes[0]!.oldestAtMs!).toBeLessThan(60_000);
    expect(await warningsAt(11 * 60_000)).toContain('QUEUE_OLD xc');
    await c.restart();
    await a.until(() => [urgent, routine].every((id) => stagesOf(a, id).includes('delivered')));
    expect(await warningsAt(7 * HOUR_MS)).not.toContain('QUEUE_OLD xc');
  });

  it('warns of keys and list 30 days before their end, of gaps, silence and an unread mailbox', async () => {
    const { a } = network;
    const exp = network.list.nodes[0]!.sig[0]!.exp * 1000;
    const untilEnd = exp - Date.now();
    expect(await warningsAt(untilEnd - 31 * DAY_MS)).not.toContain('KEY_ENDS xa#sig-1');
    expect(await warningsAt(untilEnd - 29 * DAY_MS)).toEqual(
      expect.arrayContaining(['KEY_ENDS xa#sig-1', 'LIST_ENDS', 'MAILBOX_UNREAD']),
    );
    await a.db.updateTable('in_lane').set({ gap_since: Date.now() }).where('lane', '=', 'routine').execute();
    expect(await warningsAt(HOUR_MS / 2)).not.toContain('LANE_GAP xb');
    expect(await warningsAt(HOUR_MS + 60_000)).toContain('LANE_GAP xb');
    await a.db.updateTable('in_lane').set({ gap_since: null }).execute();
    a.ctx.contacts.failed('xb', 'UNREACHABLE');
    await new Promise((resolve) => setImmediate(resolve));
    await a.ctx.contacts.flush();
    expect(await warningsAt(2 * HOUR_MS)).not.toContain('PEER_SILENT xb');
    expect(await warningsAt(2 * DAY_MS)).toContain('PEER_SILENT xb');
    const status = await readStatus(statusContext());
    expect(status.peers[0]!.contact.failure).toBe('UNREACHABLE');
  });

  it('warns where the mail server takes no mails, and counts how often', async () => {
    const { a } = network;
    const registry = makeMetrics();
    makeNodeMetrics(registry).follow(statusContext(), a.ctx.sequencer, a.db);
    const fail = async (failures: number) => {
      await a.db.updateTable('mail_server').set({ failures }).execute();
      const { text } = await registry.scrape();
      return [await warningsAt(0), text.match(/^focalnet_mail_server_failures .*/m)?.[0]];
    };
    const line = (count: number) => `focalnet_mail_server_failures ${count}`;
    expect(await fail(2)).toEqual([expect.not.arrayContaining(['MAILS']), line(2)]);
    expect(await fail(3)).toEqual([expect.arrayContaining(['MAILS']), line(3)]);
    expect(await fail(0)).toEqual([expect.not.arrayContaining(['MAILS']), line(0)]);
  });

  it('warns of an alert that nobody has confirmed for half an hour, until somebody has', async () => {
    const { a } = network;
    const registry = makeMetrics();
    makeNodeMetrics(registry).follow(statusContext(29 * 60_000), a.ctx.sequencer, a.db);
    const late = makeMetrics();
    makeNodeMetrics(late).follow(statusContext(31 * 60_000), a.ctx.sequencer, a.db);
    const look = async () => {
      const shown = [registry, late].map(async (one) => (await one.scrape()).text);
      const lines = await Promise.all(
        shown.map(async (text) => (await text).match(/^focalnet_alerts_unheard .*/m)?.[0]),
      );
      return [lines, (await warningsAt(31 * 60_000)).includes('ALERT_UNHEARD')];
    };
    const open = { thread: null, message_id: null, proposal_id: null, assigned_to: null };
    const closed = { closed_at: null, closed_by: null, reason: null };
    const alerts = ['theirs', 'ours'].map((detail) => ({
      ...{ id: `task-${detail}`, kind: 'call-duty-phone' as const, detail, ...open, ...closed },
      ...{ opened_at: Date.now(), due_at: Date.now() },
    }));
    await a.db.insertInto('task').values(alerts).execute();
    const lines = (early: number, now: number) => [early, now].map((n) => `focalnet_alerts_unheard ${n}`);
    expect(await look()).toEqual([lines(0, 1), true]);
    await a.db.deleteFrom('task').execute();
    expect(await look()).toEqual([lines(0, 0), false]);
  });

  it('says when others see another time', async () => {
    const { a } = network;
    for (const party of ['gateway', 'xb'])
      a.ctx.contacts.clock(party, { offsetMs: 400_000, atMs: Date.now() });
    await a.ctx.contacts.flush();
    expect(await readStatus(statusContext())).toMatchObject({
      clockOffsetMs: 400_000,
      warnings: [{ code: 'CLOCK' }],
    });
    const sequencer = { hasFailed: () => false };
    const ready = () => readReadiness(statusContext(), import.meta.filename, sequencer);
    expect(await ready()).toMatchObject({ clock: false, keys: true });
    await a.db.updateTable('contact').set({ clock_at: null, clock_offset_ms: null }).execute();
    expect(await ready()).toEqual({
      database: true,
      migrations: true,
      disk: true,
      keys: true,
      clock: true,
      list: 1,
      log: true,
    });
    expect(await readReadiness(statusContext(), '/no/such/file', sequencer)).toMatchObject({ keys: false });
    expect(
      await readReadiness(statusContext(), import.meta.filename, { hasFailed: () => true }),
    ).toMatchObject({ log: false });
  });

  it('knows keys that the list does not name', async () => {
    const { a } = network;
    const next = await openIdentity(
      KeyFile.parse(await makeNextKeys(network.keys.get('xa')!, random, Date.now())),
    );
    const keys = await describeKeys(next, a.ctx.trust.current(), Date.now());
    const seen = keys.map(({ purpose, inUse, listed, warning }) => [purpose, inUse, listed, warning]);
    expect(seen).toEqual([
      ['sig', true, false, 'unlisted'],
      ['sig', false, true, null],
      ['pgp', true, false, 'unlisted'],
      ['pgp', false, true, null],
      ['log', true, true, null],
      ['wit', true, true, null],
    ]);
  });

  it('holds no id of a message', async () => {
    const { a } = network;
    const text = JSON.stringify(await readStatus(statusContext()));
    const ids = await a.db.selectFrom('outbox').select('id').execute();
    expect(ids.length).toBeGreaterThan(0);
    for (const { id } of ids) expect(text).not.toContain(id);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

describe('metrics', () => {
  it('show counts of the exchange and the status, with States of the list and codes of our tables only', async () => {
    const registry = makeMetrics();
    const metrics = makeNodeMetrics(registry);
    const { sequencer } = network.a.ctx;
    metrics.follow(statusContext(), sequencer, network.a.db);
    const { count } = metrics;
    count('deliveries', { peer: 'xb', place: 'peer', outcome: 'taken' });
    count('refusals', { direction: 'out', code: 'LIST_BEHIND' });
    const read = async () => (await registry.scrape()).text;
    const series = (text: string) =>
      text.split('\n').filter((line) => /^focalnet_(?:deliveries|refusals|receipts|received)/.test(line))
        .length;
    for (const peer of ['xz', 'Canary']) {
      count('deliveries', { peer, place: 'peer', outcome: 'taken' });
      count('receipts', { peer, stage: peer });
      count('received', { peer, lane: peer, outcome: 'known' });
      count('refusals', { direction: 'in', code: peer });
    }
    const first = await read();
    for (let i = 0; i < 100; i++) count('refusals', { direction: 'in', code: `CANARY_${i}` });
    const text = await read();
    expect(series(text)).toBe(series(first));
    expect(text).not.toMatch(/canary|xz/i);
    for (const line of [
      'focalnet_deliveries_total{peer="xb",place="peer",outcome="taken"} 1',
      'focalnet_refusals_total{direction="out",code="LIST_BEHIND"} 1',
      'focalnet_refusals_total{direction="in",code="other"} 102',
      'focalnet_standing_active 1',
      'focalnet_list_version 1',
      'focalnet_log_witness_silent{witness="focalnet.example/xc"} 0',
      'focalnet_queue_messages{peer="xc",lane="urgent",stage="relayed"} 0',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^focalnet_log_size [1-9]/m);
    expect(text).toMatch(/^focalnet_last_contact_timestamp_seconds\{party="xb",direction="in"\} 1[0-9]{9}/m);
  });

  it('are counted by the exchange itself', async () => {
    const { a, b } = network;
    const counted: [string, object][] = [];
    await b.stop();
    await b.restart();
    const counting = b.ctx as { count: unknown };
    counting.count = (name: string, labels: object) => void counted.push([name, labels]);
    b.refuse.set('CLS@1', 'ACT_NOT_ALLOWED');
    const ids = [await sendMessage(a, 'xb'), await sendMessage(a, 'xb', { type: 'CLS@1' })] as const;
    await a.until(
      () => stagesOf(a, ids[0]).includes('delivered') && stagesOf(a, ids[1]).includes('rejected'),
    );
    const answer = await sendMessage(b, 'xa');
    await b.until(() => stagesOf(b, answer).includes('delivered'));
    for (const expected of [
      ['received', { peer: 'xa', lane: 'routine', outcome: 'applied' }],
      ['received', { peer: 'xa', lane: 'routine', outcome: 'rejected' }],
      ['refusals', { direction: 'in', code: 'ACT_NOT_ALLOWED' }],
      ['deliveries', { peer: 'xa', place: 'peer', outcome: 'taken' }],
      ['receipts', { peer: 'xa', stage: 'delivered' }],
    ])
      expect(counted).toContainEqual(expected);
  });
});
