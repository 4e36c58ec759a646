import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '#gateway/main.ts';
import { proveInclusion } from '#platform/log/prove.ts';
import { readLatestCheckpoint } from '#platform/log/read-log.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { signRecall } from '#schema/jws/recall.ts';
import { parseReceipt, receiptMatches, verifyReceipt } from '#schema/jws/receipt.ts';
import { verifyInclusion } from '#schema/log/tree.ts';
import { decodeHex } from '#schema/protocol/base64.ts';
import { type MessageEnvelope, Recall } from '#schema/protocol/envelope.ts';
import {
  codeOf,
  deliver,
  deliverAll,
  type GatewayNetwork,
  type Message,
  makeGatewayNetwork,
  makeMessage,
  makeReceipt,
  nowS,
  type Party,
  postReceipts,
  pull,
  reOf,
  sha256,
} from './start-network.ts';

let network: GatewayNetwork;
let gateway: Gateway;
let url: string;
let xa: Party;
let xb: Party;
let xc: Party;

beforeAll(async () => {
  network = await makeGatewayNetwork();
  gateway = await network.start();
  url = gateway.url;
  ({ xa, xb, xc } = network.parties);
});
afterAll(() => network.close());

/** Takes everything out of a party's mailbox, so that tests do not meet each other's messages. */
async function empty(party: Party, sender: Party): Promise<{ urgent: number; routine: number }> {
  const after = { urgent: 0, routine: 0 };
  for (;;) {
    const { items } = await pull(url, party, after);
    if (items.length === 0) return after;
    for (const item of items) after[item.lane] = Math.max(after[item.lane], item.cursor);
    const messages = items.flatMap(({ envelope }) => (envelope ? [parseEnvelope(envelope)] : []));
    const receipts = messages
      .filter(({ value }) => value.class === 'msg' && value.from === (sender.code as string))
      .map(({ value, hash }) => makeReceipt(party, { value, env: hash }));
    if (receipts.length > 0) await postReceipts(url, party, await Promise.all(receipts));
  }
}

async function count(table: string, where = sql`true`): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::int as n from ${sql.table(table)} where ${where}`.execute(network.db);
  return rows[0]!.n;
}

const recall = async (party: Party, message: Message, to = xb.code): Promise<string> => {
  const payload = Recall.parse({ v: 1, id: message.id, from: party.code, to, at: nowS() });
  const answer = await party.client.graphql<{ recall: string }>(
    `${url}/graphql`,
    'mutation($recall: String!) { recall(recall: $recall) }',
    { recall: await signRecall(payload, party.sig) },
  );
  return answer.recall;
};

describe('deliver', () => {
  it('holds a message and promises so by a receipt that its log covers', async () => {
    const message = await makeMessage(xa, 'xb');
    const [jws] = await deliverAll(url, xa, [message]);
    const receipt = await verifyReceipt(parseReceipt(jws!), network.keyring, nowS());
    expect(receipt.value).toMatchObject({ stage: 'relayed', from: 'gateway', re: message.id });
    const sent = { value: message.value as MessageEnvelope, hash: message.env };
    expect(receiptMatches(receipt, sent)).toBe(true);
    const entry = await network.db
      .selectFrom('audit_entry')
      .selectAll()
      .where('leaf', '=', Buffer.from(decodeHex(receipt.value.log.leaf)))
      .executeTakeFirstOrThrow();
    const { size, root } = (await readLatestCheckpoint(network.db))!;
    const proof = await proveInclusion(network.db, Number(entry.idx), size);
    verifyInclusion(entry.leaf, Number(entry.idx), size, proof, root);
    expect(JSON.parse(entry.detail!)).toMatchObject({ re: message.id, env: message.env, stage: 'relayed' });
    await empty(xb, xa);
  });

  it('answers the same bytes with the same receipt, whatever became of the message', async () => {
    const message = await makeMessage(xa, 'xb');
    const first = await deliverAll(url, xa, [message]);
    expect(await deliverAll(url, xa, [message])).toEqual(first);
    await empty(xb, xa);
    expect(await deliverAll(url, xa, [message])).toEqual(first);
    expect((await pull(url, xb, await empty(xb, xa))).items).toEqual([]);
  });

  it('answers a message that stands twice in one call twice, and holds it once', async () => {
    const message = await makeMessage(xa, 'xb');
    const other = await makeMessage(xa, 'xb');
    const receipts = await deliverAll(url, xa, [message, other, message]);
    expect(receipts[2]).toBe(receipts[0]);
    const { items } = await pull(url, xb);
    expect(items.map(({ envelope }) => envelope)).toEqual([message.envelope, other.envelope]);
    await empty(xb, xa);
  });

  it('keeps a second message with the same id or number as evidence and refuses it', async () => {
    const first = await makeMessage(xa, 'xb');
    if (first.value.class !== 'msg') throw new Error('unreachable');
    const before = await count('audit_entry', sql`type = 'message.equivocation'`);
    const sameId = await makeMessage(xa, 'xb', { id: first.id, seq: first.value.seq + 1 });
    const sameSeq = await makeMessage(xa, 'xb', { seq: first.value.seq });
    await deliverAll(url, xa, [first]);
    const results = await deliver(url, xa, [sameId, sameSeq, first]);
    expect(results.map(({ code }) => code)).toEqual(['EQUIVOCATION', 'EQUIVOCATION', null]);
    expect(await count('audit_entry', sql`type = 'message.equivocation'`)).toBe(before + 2);
    expect(await count('equivocation', sql`env in (${sameId.env}, ${sameSeq.env})`)).toBe(2);
    expect((await pull(url, xb)).items.map(({ envelope }) => envelope)).toEqual([first.envelope]);
    await empty(xb, xa);
    const twins = await Promise.all([
      makeMessage(xa, 'xb', { seq: 9000 }),
      makeMessage(xa, 'xb', { seq: 9000 }),
    ]);
    expect((await deliver(url, xa, twins)).map(({ code }) => code)).toEqual([null, 'EQUIVOCATION']);
    await empty(xb, xa);
  });

  it('refuses each bad message by its own code and takes the good ones beside it', async () => {
    const good = await makeMessage(xa, 'xb');
    const make = (options = {}) => makeMessage(xa, 'xb', { seq: 8000, ...options });
    const flipped = await make();
    const swapped = { ...(await make()), sealed: randomBytes(1500).toString('base64') };
    const altered = { ...flipped, envelope: `${flipped.envelope.slice(0, -3)}AAA` };
    const notText = { ...(await make()), sealed: '%%%' };
    const others = await makeMessage(xc, 'xb');
    const nobody = await make();
    const unknown = await makeMessage(xa, 'zz', { seq: 8000 });
    const results = await deliver(url, xa, [
      swapped,
      altered,
      notText,
      others,
      { ...nobody, envelope: 'a.b.c' },
      unknown,
      good,
    ]);
    expect(results.map(({ code }) => code)).toEqual([
      'BLOB_MISMATCH',
      'BAD_SIGNATURE',
      'BLOB_MISMATCH',
      'SENDER_UNKNOWN',
      'MALFORMED',
      'WRONG_RECIPIENT',
      null,
    ]);
    expect(results.every(({ code, message }) => code === null || (message ?? '').length > 10)).toBe(true);
    expect((await pull(url, xb)).items.map(({ envelope }) => envelope)).toEqual([good.envelope]);
    await empty(xb, xa);
  });

  it('refuses more than 64 messages and unsigned calls', async () => {
    const message = await makeMessage(xa, 'xb', { seq: 7000 });
    const many = Array.from({ length: 65 }, () => message);
    expect(await codeOf(deliver(url, xa, many))).toBe('TOO_LARGE');
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
      body: JSON.stringify({ query: '{ mailbox(afterUrgent: 0, afterRoutine: 0, first: 1) { trimmed } }' }),
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'SIGNATURE_MISSING' } }] });
    const large = JSON.stringify({
      query: '{ checkpoints { size } }',
      variables: { x: 'x'.repeat(8_000_000) },
    });
    const refused = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
      body: large,
    });
    expect(refused.status).toBe(413);
  });

  it('takes 64 of the largest messages in one call', async () => {
    const messages = await Promise.all(
      Array.from({ length: 64 }, () => makeMessage(xa, 'xb', { bytes: randomBytes(264 * 1024) })),
    );
    const receipts = await deliverAll(url, xa, messages);
    expect(receipts.map(reOf)).toEqual(messages.map(({ id }) => id));
    await empty(xb, xa);
  });

  it('stops a sender at its quota of messages and of bytes, control messages counted, and tells it when to return', async () => {
    const flood = (kind: string, sealed: number, rows: number) =>
      sql`
      insert into mailbox_item (recipient, lane, cursor, kind, message_id, sender, envelope, sealed, expires_at)
      select 'zz', 'routine', n, ${kind}, 'flood-' || n, 'xc', 'x', convert_to(repeat('x', ${sealed}), 'utf8'), 9e15::bigint
      from generate_series(1, ${rows}::int) n`.execute(network.db);
    const drain = () => sql`delete from mailbox_item where recipient = 'zz'`.execute(network.db);
    for (const kind of ['message', 'control']) {
      await flood(kind, 1, 20_000);
      const message = await makeMessage(xc, 'xb');
      const [result] = await deliver(url, xc, [message]);
      expect(result).toMatchObject({ code: 'OVERLOADED' });
      expect(result!.retryAfterS).toBeGreaterThan(0);
      await drain();
      expect((await deliver(url, xc, [message]))[0]!.code).not.toBe('OVERLOADED');
    }
    // What is kept for urgent messages, routine ones do not take.
    await flood('message', 1, 19_500);
    const routine = await makeMessage(xc, 'xb');
    const urgent = await makeMessage(xc, 'xb', { lane: 'urgent' });
    const [refused, taken] = await deliver(url, xc, [routine, urgent]);
    expect(refused!.code).toBe('OVERLOADED');
    expect(taken!.code).not.toBe('OVERLOADED');
    await drain();
    const held = await makeMessage(xc, 'xb');
    const [receipt] = await deliverAll(url, xc, [held]);
    await flood('message', 1, 20_000);
    expect(await deliverAll(url, xc, [held])).toEqual([receipt]);
    await drain();
    await empty(xb, xc);
  });
});

describe('mailbox', () => {
  it('gives urgent items first, each lane in order, and pages by cursor', async () => {
    const after = await empty(xb, xa);
    const routine = await Promise.all([1, 2, 3].map(() => makeMessage(xa, 'xb')));
    const urgent = await Promise.all([1, 2].map(() => makeMessage(xa, 'xb', { lane: 'urgent' })));
    await deliverAll(url, xa, [...routine, ...urgent]);
    const all = await pull(url, xb, after);
    expect(all.trimmed).toBe(false);
    expect(all.items.map(({ envelope }) => envelope)).toEqual(
      [...urgent, ...routine].map((one) => one.envelope),
    );
    expect(all.items.map(({ sealed }) => sealed)).toEqual([...urgent, ...routine].map((one) => one.sealed));
    const page = await pull(url, xb, after, 3);
    expect(page.items.map(({ lane }) => lane)).toEqual(['urgent', 'urgent', 'routine']);
    const next = { urgent: page.items[1]!.cursor, routine: page.items[2]!.cursor };
    expect((await pull(url, xb, next)).items.map(({ envelope }) => envelope)).toEqual(
      routine.slice(1).map((one) => one.envelope),
    );
    // Pulling deletes nothing.
    expect(await pull(url, xb, after)).toEqual(all);
    await empty(xb, xa);
  });

  it('shows each party its own mailbox only', async () => {
    const message = await makeMessage(xa, 'xb');
    await deliverAll(url, xa, [message]);
    expect(JSON.stringify(await pull(url, xc))).not.toContain(message.envelope);
    await empty(xb, xa);
  });

  it('refuses a cursor that was never given out', async () => {
    expect(await codeOf(pull(url, xc, { urgent: 1_000_000 }))).toBe('CURSOR_FUTURE');
    expect(await codeOf(pull(url, xc, { routine: 1_000_000 }))).toBe('CURSOR_FUTURE');
  });

  it('forgets control messages and receipts once the cursor has passed them, messages never', async () => {
    const after = await empty(xb, xa);
    const control = await makeMessage(xa, 'xb', { class: 'ctl' });
    const message = await makeMessage(xa, 'xb');
    const [first, second] = await deliver(url, xa, [control, message]);
    expect(first).toMatchObject({ id: control.id, receipt: null, code: null });
    expect(second!.id).toBe(message.id);
    const { items } = await pull(url, xb, after);
    expect(items.map(({ envelope }) => envelope)).toEqual([control.envelope, message.envelope]);
    await pull(url, xb, { ...after, routine: items[1]!.cursor });
    expect((await pull(url, xb, after)).items.map(({ envelope }) => envelope)).toEqual([message.envelope]);
    await empty(xb, xa);
  });
});

describe('receipts', () => {
  it('clear the message and reach its sender in the lane of the message', async () => {
    const afterB = await empty(xb, xa);
    const afterA = await empty(xa, xb);
    const urgent = await makeMessage(xa, 'xb', { lane: 'urgent' });
    const routine = await makeMessage(xa, 'xb');
    await deliverAll(url, xa, [urgent, routine]);
    const receipts = [await makeReceipt(xb, urgent), await makeReceipt(xb, routine, 'rejected')];
    expect(await postReceipts(url, xb, receipts)).toEqual([null, null]);
    expect((await pull(url, xb, afterB)).items).toEqual([]);
    const { items } = await pull(url, xa, afterA);
    expect(items.map(({ lane, kind, receipt }) => [lane, kind, receipt])).toEqual([
      ['urgent', 'receipt', receipts[0]],
      ['routine', 'receipt', receipts[1]],
    ]);
    const { rows } = await sql<{ detail: string }>`
      select detail from audit_entry where type = 'message.cleared' order by id desc limit 2`.execute(
      network.db,
    );
    expect(rows.map(({ detail }) => JSON.parse(detail).receipt).sort()).toEqual(receipts.map(sha256).sort());
    // Posting again changes nothing.
    await postReceipts(url, xb, receipts);
    expect((await pull(url, xa, afterA)).items).toEqual(items);
  });

  it('of anybody but the recipient, about other bytes, or for nothing held change nothing', async () => {
    const message = await makeMessage(xa, 'xb');
    await deliverAll(url, xa, [message]);
    const otherBytes = await makeReceipt(xb, { ...message, env: sha256('other') });
    const strangers = await makeReceipt(xc, message);
    const never = await makeReceipt(xb, await makeMessage(xa, 'xb', { seq: 6000 }));
    const broken = `${(await makeReceipt(xb, message)).slice(0, -3)}AAA`;
    const [relayed] = await deliverAll(url, xa, [message]);
    expect(await postReceipts(url, xb, [otherBytes, never, broken, relayed!, 'x'])).toEqual([
      'EQUIVOCATION',
      'UNKNOWN',
      'BAD_SIGNATURE',
      'SENDER_UNKNOWN',
      'MALFORMED',
    ]);
    expect(await postReceipts(url, xc, [strangers, await makeReceipt(xb, message)])).toEqual([
      'UNKNOWN',
      'SENDER_UNKNOWN',
    ]);
    expect((await pull(url, xb)).items.map(({ envelope }) => envelope)).toContain(message.envelope);
    await empty(xb, xa);
  });
});

describe('recall', () => {
  it('deletes what was not pulled, unread, with its parts', async () => {
    const after = await empty(xb, xa);
    const message = await makeMessage(xa, 'xb');
    const part = randomBytes(100);
    await xa.client.put(`${url}/parts/xb/${message.id}/${sha256(part)}`, part);
    await deliverAll(url, xa, [message]);
    expect(await recall(xa, message)).toBe('recalled');
    expect((await pull(url, xb, after)).items).toEqual([]);
    expect(await codeOf(xb.client.get(`${url}/parts/xb/${message.id}/${sha256(part)}`))).toBe('NOT_FOUND');
    // It does not come back, and the answer does not promise what is gone.
    const [again] = await deliver(url, xa, [message]);
    expect(again).toMatchObject({ receipt: null, code: 'RECALLED' });
    expect((await pull(url, xb, after)).items).toEqual([]);
    expect(await recall(xa, message)).toBe('recalled');
  });

  it('comes too late for what was pulled, and knows what it never held', async () => {
    const message = await makeMessage(xa, 'xb');
    await deliverAll(url, xa, [message]);
    await pull(url, xb);
    expect(await recall(xa, message)).toBe('already-pulled');
    await empty(xb, xa);
    expect(await recall(xa, message)).toBe('already-pulled');
    expect(await recall(xa, await makeMessage(xa, 'xb', { seq: 5000 }))).toBe('unknown');
  });

  it('of what has not come yet keeps it from being taken, and its parts', async () => {
    const message = await makeMessage(xa, 'xb');
    const part = randomBytes(100);
    const path = `${url}/parts/xb/${message.id}/${sha256(part)}`;
    await xa.client.put(path, part);
    expect(await recall(xa, message)).toBe('unknown');
    expect(await codeOf(xb.client.get(path))).toBe('NOT_FOUND');
    const theirs = await makeMessage(xc, 'xb', { id: message.id, seq: 3001 });
    const [own] = await deliver(url, xa, [message]);
    expect(own).toMatchObject({ receipt: null, code: 'RECALLED' });
    await deliverAll(url, xc, [theirs]);
    expect((await pull(url, xb)).items.map(({ envelope }) => envelope)).toEqual([theirs.envelope]);
    await empty(xb, xc);
  });

  it('and the message itself at the same moment: recalled, or unknown and never taken', async () => {
    const after = await empty(xb, xa);
    for (let round = 0; round < 20; round++) {
      const message = await makeMessage(xa, 'xb');
      const [outcome] = await Promise.all([recall(xa, message), deliver(url, xa, [message])]);
      expect(['recalled', 'unknown']).toContain(outcome);
      expect((await pull(url, xb, after)).items).toEqual([]);
    }
  });

  it("is the sender's alone", async () => {
    const message = await makeMessage(xa, 'xb');
    await deliverAll(url, xa, [message]);
    expect(await recall(xc, message)).toBe('unknown');
    const own = await signRecall(
      Recall.parse({ v: 1, id: message.id, from: 'xa', to: 'xb', at: nowS() }),
      xa.sig,
    );
    const query = 'mutation($recall: String!) { recall(recall: $recall) }';
    expect(await codeOf(xc.client.graphql(`${url}/graphql`, query, { recall: own }))).toBe('SENDER_UNKNOWN');
    expect((await pull(url, xb)).items.map(({ envelope }) => envelope)).toContain(message.envelope);
    await empty(xb, xa);
  });

  it('and a pull at the same moment never both have the message', async () => {
    const after = await empty(xb, xa);
    for (let round = 0; round < 20; round++) {
      const message = await makeMessage(xa, 'xb');
      await deliverAll(url, xa, [message]);
      const [outcome, page] = await Promise.all([recall(xa, message), pull(url, xb, after)]);
      const seen = page.items.some(({ envelope }) => envelope === message.envelope);
      expect([outcome, seen]).toEqual(seen ? ['already-pulled', true] : ['recalled', false]);
      await empty(xb, xa);
    }
  });
});

describe('parts', () => {
  it('come from the sender and go to the recipient alone, until the receipt', async () => {
    const message = await makeMessage(xa, 'xb');
    const part = randomBytes(4 * 1024 * 1024 + 8 * 1024);
    const path = `${url}/parts/xb/${message.id}/${sha256(part)}`;
    await xa.client.put(path, part);
    await xa.client.put(path, part);
    await deliverAll(url, xa, [message]);
    expect(Buffer.from(await xb.client.get(path)).equals(part)).toBe(true);
    expect(await codeOf(xc.client.get(path))).toBe('NOT_FOUND');
    expect(await codeOf(xa.client.get(path))).toBe('NOT_FOUND');
    expect((await fetch(path)).status).toBe(401);
    expect((await fetch(path, { method: 'PUT', body: 'x' })).status).toBe(401);
    await postReceipts(url, xb, [await makeReceipt(xb, message)]);
    expect(await codeOf(xb.client.get(path))).toBe('NOT_FOUND');
  });

  it('with another hash, name or size are refused', async () => {
    const part = randomBytes(100);
    const put = (path: string, body = part) => codeOf(xa.client.put(`${url}/parts/${path}`, body));
    const { id } = await makeMessage(xa, 'xb', { seq: 4000 });
    expect(await put(`xb/${id}/${sha256('other')}`)).toBe('BLOB_MISMATCH');
    expect(await put(`zz/${id}/${sha256(part)}`)).toBe('WRONG_RECIPIENT');
    expect(await put(`xb/not-an-id/${sha256(part)}`)).toBe('MALFORMED');
    const large = randomBytes(4 * 1024 * 1024 + 8 * 1024 + 1);
    expect(await put(`xb/${id}/${sha256(large)}`, large)).toBe('BODY_TOO_LARGE');
  });

  it('of one sender cannot be replaced or cleared by another', async () => {
    const message = await makeMessage(xa, 'xb');
    const part = randomBytes(100);
    const path = `${url}/parts/xb/${message.id}/${sha256(part)}`;
    await xc.client.put(path, part);
    await xa.client.put(path, part);
    const theirs = await makeMessage(xc, 'xb', { id: message.id, seq: 3000 });
    await deliverAll(url, xa, [message]);
    await deliverAll(url, xc, [theirs]);
    expect(await recall(xc, theirs)).toBe('recalled');
    expect(Buffer.from(await xb.client.get(path)).equals(part)).toBe(true);
    expect((await pull(url, xb)).items.map(({ envelope }) => envelope)).toEqual([message.envelope]);
    await empty(xb, xa);
  });
});
