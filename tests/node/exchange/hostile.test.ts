/** What a listed State with good keys can send to harm a node: each is refused by a signed receipt, and nobody else waits. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { closeGaps } from '#node/exchange/close-gaps.ts';
import { forgetUnclaimedParts } from '#node/exchange/inbound-parts.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { act } from '#tests/fixtures/act.ts';
import { enquiryBody } from '#tests/fixtures/act-bodies.ts';
import {
  countRows,
  random,
  stagesOf,
  startNetwork,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';
import { type Answer, type Forged, type HostilePeer, hostilePeer } from '#tests/fixtures/hostile-peer.ts';

vi.setConfig({ testTimeout: 60_000 });

let network: TestNetwork;
let hostile: HostilePeer;
beforeAll(async () => {
  network = await startNetwork(true, { slices: true });
  hostile = hostilePeer(network.a);
}, 60_000);
afterAll(() => network.close());

/** What the signed receipts of a call say. */
const stagesIn = (answers: readonly Answer[]) =>
  answers.map(({ receipt, code }) => {
    if (receipt === null) return code;
    const { stage, code: why } = parseReceipt(receipt).value;
    return why ?? stage;
  });

/** Pushes one enquiry with such members to xb. @returns what its receipt says */
async function push(change: Record<string, unknown>): Promise<string | null> {
  const forged = await hostile.forge('xb', change);
  return stagesIn(await hostile.send(network.wire.url, [forged]))[0]!;
}

describe('numbers of acts', () => {
  const alert = { type: 'URG@1', lane: 'urgent', body: {} };
  test.each([
    ['no column holds it', { n: 2 ** 31 }],
    ['it would be two thousand million missing acts', { n: 2_000_000_000 }],
    ['above the limit', { n: limits.actNumber + 1 }],
    ['an alert, which no state of a conversation refuses', { n: 2_000_000_000, ...alert }],
    ['more seen than any conversation has', { seen: 2 ** 31 }],
  ])('%s: no document', async (_, change) => {
    expect(await push(change)).toBe('DOCUMENT_INVALID');
  });

  test('a number far beyond all that is missing is not allowed, and one behind a small gap is', async () => {
    expect(await push({ n: limits.actNumber })).toBe('ACT_NOT_ALLOWED');
    expect(await push({ n: limits.actsMissing + 2 })).toBe('ACT_NOT_ALLOWED');
    expect(await push({ n: limits.actsMissing + 1 })).toBe('delivered');
  });
});

/** An enquiry that a person of this node sends to a State. @returns its message, delivered */
async function enquire(from: TestNode, peer: string): Promise<string> {
  const proposed = { type: 'ENQ' as const, peer, body: enquiryBody() };
  const { messageId } = await act({ ...from, ctx: from.enquiries } as never, proposed);
  await from.until(() => stagesOf(from, messageId).includes('delivered'));
  return messageId;
}

/** What a node has signed about a message of xa: first and second receipt. */
async function signedAbout(node: TestNode, { id }: Forged) {
  const query = node.db.selectFrom('inbound').selectAll().where('peer', '=', 'xa').where('id', '=', id);
  const row = await query.executeTakeFirst();
  const said = (jws: string | null | undefined) =>
    jws && jws !== 'due' ? (parseReceipt(jws).value.code ?? parseReceipt(jws).value.stage) : null;
  return { state: row?.state, first: said(row?.receipt), second: said(row?.later_receipt) };
}

/** What waits for a gap has waited too long. */
async function waitTooLong(node: TestNode): Promise<void> {
  await node.db
    .updateTable('in_lane')
    .set({ gap_since: Date.now() - 11 * 60_000 })
    .where('gap_since', 'is not', null)
    .execute();
  await closeGaps(node.ctx);
}

const failures = async (node: TestNode) => {
  const query = node.db.selectFrom('audit_entry').select('detail').where('type', '=', 'message.failed');
  return (await query.orderBy('id').execute()).map(({ detail }) => JSON.parse(detail!));
};

describe.each(['push', 'mailbox', 'gap'] as const)('what no table takes, by %s', (way) => {
  const target = () => (way === 'mailbox' ? network.c : network.b);
  /** Hands it over, and brings it to be applied. @returns what the node signed at last */
  async function bring(change: Record<string, unknown>): Promise<string | null> {
    const node = target();
    if (way === 'gap') hostile.skip('xb', 1);
    const forged = await hostile.forge(node.code, change);
    const url = way === 'mailbox' ? network.gatewayUrl : network.wire.url;
    await hostile.send(url, [forged]);
    const isDealtWith = async () => !['held', undefined].includes((await signedAbout(node, forged)).state);
    if (way === 'gap' && !(await isDealtWith())) await waitTooLong(node);
    await expect.poll(isDealtWith, { timeout: 20_000 }).toBe(true);
    node.ctx.wake.prove();
    const last = async () => {
      const { state, first, second } = await signedAbout(node, forged);
      return state === 'rejected' && first === 'delivered' ? second : first;
    };
    await expect.poll(last, { timeout: 20_000 }).not.toBeNull();
    return last();
  }

  const author = { name: 'Officer (invented)', office: 'focal point' };
  test.each([
    ['a name with U+0000', { author: { ...author, name: 'Officer\u0000' } }],
    ['an office with U+0000', { author: { ...author, office: '\u0000' } }],
    [
      'a file whose name has U+0000',
      {
        attachments: [
          { name: '\u0000', media: 'a/b', bytes: 1, parts: [{ sha256: 'ab'.repeat(32), bytes: 1 }] },
        ],
      },
    ],
    ['a number beyond 32 bits', { n: 2 ** 31, seen: 2 ** 31 }],
  ])('%s is no document', async (_, change) => {
    expect(await bring(change)).toBe('DOCUMENT_INVALID');
  });

  test('the id of a message this node has sent is no id for another', async () => {
    const id = await enquire(target(), 'xa');
    expect(await bring({ id, thread: id })).toBe('ACT_NOT_ALLOWED');
    // Nobody else has waited.
    await enquire(network[way === 'mailbox' ? 'b' : 'c'], target().code);
  });
});

test('two messages of one call under one number, or one id: the first is taken, the other kept as evidence', async () => {
  const before = await countRows(network.b, 'quarantine');
  const one = await hostile.forge('xb');
  hostile.skip('xb', -1);
  const twin = await hostile.forge('xb');
  const same = await hostile.forge('xb', { id: one.id });
  const answers = await hostile.send(network.wire.url, [one, one, twin, same]);
  expect(stagesIn(answers)).toEqual(['delivered', 'delivered', 'EQUIVOCATION', 'EQUIVOCATION']);
  expect(await countRows(network.b, 'quarantine')).toBe(before + 2);
  hostile.skip('xb', -1);
});

type Stumble = Parameters<TestNode['stumble']['set']>[1];

describe('an error of ours while a message is applied', () => {
  const ERROR: Stumble = (trx) => sql`select 1 / 0`.execute(trx);

  test('pushed: it is kept and tried again, the peer goes on, and so does everybody else', async () => {
    const { b, c } = network;
    b.stumble.set('PRG@1', ERROR);
    const before = await failures(b);
    const bad = await hostile.forge('xb', { type: 'PRG@1' });
    const next = await hostile.forge('xb');
    const answers = await hostile.send(network.wire.url, [bad, next]);
    expect(stagesIn(answers)).toEqual(['UNAVAILABLE', 'delivered']);
    await enquire(c, 'xb');
    expect(await signedAbout(b, next)).toMatchObject({ state: 'held' });
    expect(stagesIn(await hostile.send(network.wire.url, [bad]))).toEqual(['UNAVAILABLE']);
    const kept = () => b.db.selectFrom('set_aside').selectAll().execute();
    const [row] = await kept();
    expect(row).toMatchObject({ envelope: bad.envelope, sealed: bad.sealed });
    // Once, however often it is tried; and nothing of what it says.
    expect((await failures(b)).slice(before.length)).toEqual([{ id: bad.id, from: 'xa', env: row!.env }]);
    b.stumble.clear();
    await b.db.updateTable('set_aside').set({ next_at: 0 }).execute();
    b.ctx.wake.pull();
    await expect.poll(async () => (await kept()).length, { timeout: 20_000 }).toBe(0);
    // It is judged now, and what waited behind it has its turn.
    expect(await signedAbout(b, bad)).toMatchObject({ state: 'rejected', first: 'BODY_INVALID' });
    expect(await signedAbout(b, next)).toMatchObject({ state: 'applied' });
  });

  test('in the mailbox: what is behind it, and what others sent, is taken; it waits its time', async () => {
    const { b, c } = network;
    c.stumble.set('PRG@1', ERROR);
    const bad = await hostile.forge('xc', { type: 'PRG@1' });
    const alert = await hostile.forge('xc', { lane: 'urgent' });
    await hostile.send(network.gatewayUrl, [bad, alert]);
    await enquire(b, 'xc');
    await enquire(b, 'xc');
    await expect
      .poll(() => signedAbout(c, alert), { timeout: 20_000 })
      .toMatchObject({ state: 'applied', first: 'delivered' });
    expect(await countRows(c, 'set_aside')).toBe(1);
    c.stumble.clear();
    await c.db.updateTable('set_aside').set({ next_at: 0 }).execute();
    c.ctx.wake.pull();
    await expect.poll(() => countRows(c, 'set_aside'), { timeout: 20_000 }).toBe(0);
    expect(await signedAbout(c, bad)).toMatchObject({ first: 'BODY_INVALID' });
  });

  test('behind a gap: gap care goes on for every lane, and it is tried again until its time is over', async () => {
    const { b } = network;
    b.stumble.set('PRG@1', ERROR);
    hostile.skip('xb', 1);
    const bad = await hostile.forge('xb', { type: 'PRG@1' });
    const worse = await hostile.forge('xb', { type: 'PRG@1' });
    const behind = await hostile.forge('xb');
    const answers = await hostile.send(network.wire.url, [bad, worse, behind]);
    expect(stagesIn(answers)).toEqual(['delivered', 'delivered', 'delivered']);
    const before = await failures(b);
    await waitTooLong(b);
    expect(await signedAbout(b, bad)).toMatchObject({ state: 'held' });
    expect(await signedAbout(b, behind)).toMatchObject({ state: 'applied' });
    expect((await failures(b)).length - before.length).toBe(2);
    // Not before its time, and then once more.
    await closeGaps(b.ctx);
    const tries = async ({ id }: Forged) =>
      (await b.db.selectFrom('inbound').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
        .held_tries;
    expect(await tries(bad)).toBe(1);
    await b.db.updateTable('inbound').set({ held_next_at: 0 }).where('state', '=', 'held').execute();
    await closeGaps(b.ctx);
    expect(await tries(bad)).toBe(2);
    expect((await failures(b)).length - before.length).toBe(2);
    const inAnHour = {
      ...b.ctx,
      surroundings: { ...b.ctx.surroundings, nowMs: () => Date.now() + 3_700_000 },
    };
    await closeGaps(inAnHour);
    b.ctx.wake.prove();
    // Its time is over: its sender is told that it never took effect.
    await expect
      .poll(() => signedAbout(b, bad), { timeout: 20_000 })
      .toEqual({ state: 'rejected', first: 'delivered', second: 'EXPIRED' });
    b.stumble.clear();
  });

  test('a database that goes away is no fault of a message: all of it is pulled again', async () => {
    const { c } = network;
    const before = await failures(c);
    c.stumble.set('URG@1', async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(c.db);
    });
    const alert = await hostile.forge('xc', { lane: 'urgent', type: 'URG@1' });
    const cursor = async () =>
      (await c.db.selectFrom('mailbox_cursor').select('urgent').executeTakeFirst())?.urgent ?? 0;
    const at = await cursor();
    await hostile.send(network.gatewayUrl, [alert]);
    // As long as its database goes away, nothing is signed and nothing set aside.
    await expect
      .poll(() => c.handed.filter((id) => id === alert.id).length, { timeout: 20_000 })
      .toBeGreaterThan(1);
    expect(await signedAbout(c, alert)).toMatchObject({ state: undefined });
    expect(await countRows(c, 'set_aside')).toBe(0);
    expect(await cursor()).toBe(at);
    c.stumble.clear();
    await expect
      .poll(() => signedAbout(c, alert), { timeout: 20_000 })
      .toMatchObject({ first: 'BODY_INVALID' });
    expect(await failures(c)).toEqual(before);
    await expect.poll(cursor, { timeout: 20_000 }).toBeGreaterThan(at);
  });
});

describe('files of a message that is not taken', () => {
  const plaintext = async (node: TestNode, id: string) => {
    const query = node.db.selectFrom('attachment').select('id').where('id', 'like', `${id}.%`);
    return (await query.execute()).map((row) => row.id);
  };
  const sealedParts = (node: TestNode) => countRows(node, 'inbound_part');
  const newId = () => makeMessageId(Date.now(), random(10));

  test.each([
    ['the conversation does not allow it', { n: 9, seen: 99 }, 'ACT_NOT_ALLOWED'],
    ['its type is unknown', { type: 'XYZ@1' }, 'TYPE_UNKNOWN'],
  ])('go with the refusal: %s', async (_, change, code) => {
    const id = newId();
    const file = await hostile.putFile(network.wire.url, 'xb', id, 'INVENTED');
    const body = enquiryBody({ attachments: [{ index: 0, kind: 'document' }] as never });
    const forged = await hostile.forge('xb', { id, body, attachments: [file], ...change });
    expect(stagesIn(await hostile.send(network.wire.url, [forged]))).toEqual([code]);
    expect(await plaintext(network.b, id)).toEqual([]);
    expect(await sealedParts(network.b)).toBe(0);
  });

  test('go also where a later file of it contradicts, and where it was held for a gap', async () => {
    const { b } = network;
    const id = newId();
    const files = [
      await hostile.putFile(network.wire.url, 'xb', id, 'INVENTED one'),
      { ...(await hostile.putFile(network.wire.url, 'xb', id, 'INVENTED two')), bytes: 1 },
    ];
    const forged = await hostile.forge('xb', { id, attachments: files });
    expect(stagesIn(await hostile.send(network.wire.url, [forged]))).toEqual(['INNER_MISMATCH']);
    expect(await plaintext(b, id)).toEqual([]);
    const early = newId();
    hostile.skip('xb', 1);
    const file = await hostile.putFile(network.wire.url, 'xb', early, 'INVENTED');
    const held = await hostile.forge('xb', { id: early, type: 'XYZ@1', attachments: [file] });
    expect(stagesIn(await hostile.send(network.wire.url, [held]))).toEqual(['delivered']);
    expect(await plaintext(b, early)).toEqual([`${early}.0`]);
    // However old: it may still be taken.
    const inTwoMonths = { ...b.ctx.surroundings, nowMs: () => Date.now() + 60 * 24 * 3_600_000 };
    await forgetUnclaimedParts({ ...b.ctx, surroundings: inTwoMonths });
    expect(await plaintext(b, early)).toEqual([`${early}.0`]);
    await waitTooLong(b);
    expect(await signedAbout(b, held)).toMatchObject({ state: 'rejected' });
    expect(await plaintext(b, early)).toEqual([]);
  });

  test('go after 30 days where its other parts never came', async () => {
    const { b } = network;
    const id = newId();
    const first = await hostile.putFile(network.wire.url, 'xb', id, 'INVENTED one');
    const missing = { ...first, parts: [{ sha256: 'ab'.repeat(32), bytes: 9 }] };
    const forged = await hostile.forge('xb', { id, attachments: [first, missing] });
    expect(stagesIn(await hostile.send(network.wire.url, [forged]))).toEqual(['PARTS_MISSING']);
    expect(await plaintext(b, id)).toEqual([`${id}.0`]);
    await forgetUnclaimedParts(b.ctx);
    expect(await plaintext(b, id)).toEqual([`${id}.0`]);
    const later = { ...b.ctx.surroundings, nowMs: () => Date.now() + 31 * 24 * 3_600_000 };
    await forgetUnclaimedParts({ ...b.ctx, surroundings: later });
    expect(await plaintext(b, id)).toEqual([]);
    const query = b.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('type', '=', 'attachment.removed-unused');
    expect((await query.execute()).map(({ detail }) => JSON.parse(detail!))).toEqual([
      { count: 1, ids: [`${id}.0`] },
    ]);
  });
});
