import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { request } from 'node:http';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { signRequest } from '#schema/jws/request.ts';
import { MessageDocument } from '#schema/protocol/document.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import { readCertificate, readSealingKey } from '#schema/seal/keys.ts';
import { openDocument } from '#schema/seal/open.ts';
import { sealDocument, sealPart } from '#schema/seal/seal.ts';
import { endSpawned, spawnGateway } from './spawn-gateway.ts';
import {
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
  random,
  sha256,
} from './start-network.ts';

let network: GatewayNetwork;
let xa: Party;
let xb: Party;

beforeEach(async () => {
  network = await makeGatewayNetwork();
  ({ xa, xb } = network.parties);
});
afterEach(async () => {
  await endSpawned();
  await network.close();
});

/** Everything in the mailbox, page by page. */
async function pullAll(url: string, party: Party): Promise<string[]> {
  const after = { urgent: 0, routine: 0 };
  const envelopes: string[] = [];
  for (;;) {
    const { items } = await pull(url, party, after);
    if (items.length === 0) return envelopes;
    for (const item of items) after[item.lane] = Math.max(after[item.lane], item.cursor);
    envelopes.push(...items.flatMap(({ envelope }) => envelope ?? []));
  }
}

describe('two gateways on one database', () => {
  it('are one gateway: messages, receipts, events and nonces', async () => {
    const [one, two] = await Promise.all([network.start(), network.start()]);
    const aborter = new AbortController();
    let isOpen: () => void = () => {};
    const open = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    const follow = { signal: aborter.signal, onOpen: () => isOpen() };
    const event = xb.client.subscribe(`${two.url}/graphql`, 'subscription { mailboxChanged }', follow).next();
    await open;
    const message = await makeMessage(xa, 'xb');
    const receipts = await deliverAll(one.url, xa, [message]);
    await event;
    aborter.abort();
    const { items } = await pull(two.url, xb);
    expect(items.map(({ envelope }) => envelope)).toEqual([message.envelope]);
    expect(await deliverAll(two.url, xa, [message])).toEqual(receipts);
    await postReceipts(two.url, xb, [await makeReceipt(xb, message)]);
    expect((await pull(one.url, xa)).items.map(({ kind }) => kind)).toEqual(['receipt']);
  });

  it('take no call twice', async () => {
    const [one, two] = await Promise.all([network.start(), network.start()]);
    const body = Buffer.from(
      JSON.stringify({ query: '{ mailbox(afterUrgent: 0, afterRoutine: 0, first: 1) { trimmed } }' }),
    );
    // Behind one name, as a balancer would have it.
    const host = new URL(one.url).host;
    const target = { method: 'POST', authority: host, path: '/graphql', query: '', body };
    const signed = await signRequest(
      { ...target, nowS: nowS(), nonce: randomBytes(18).toString('base64url') },
      xa.sig,
    );
    const headers = { 'content-type': 'application/json', 'x-focalnet': '1', ...signed };
    const send = (url: string) =>
      new Promise<number>((resolve, reject) => {
        const outgoing = request(
          `${url}/graphql`,
          { method: 'POST', headers: { ...headers, host } },
          (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    expect([await send(one.url), await send(two.url), await send(one.url)]).toEqual([200, 401, 401]);
  });

  it('lose and double nothing when both are used at once by many', async () => {
    const gateways = await Promise.all([network.start(), network.start()]);
    const parties = [xa, network.parties.xc];
    const sent: Message[] = [];
    for (const party of parties) {
      for (let i = 0; i < 60; i++)
        sent.push(await makeMessage(party, 'xb', { lane: i % 3 === 0 ? 'urgent' : 'routine' }));
    }
    const read: number[] = [];
    // A reader that goes on from its cursor must meet everything, though writers interleave.
    const seen = new Set<string>();
    const after = { urgent: 0, routine: 0 };
    const readOnce = async () => {
      const { items } = await pull(gateways[read.length % 2]!.url, xb, after, 7);
      for (const item of items) {
        expect(item.cursor).toBeGreaterThan(after[item.lane]);
        after[item.lane] = item.cursor;
        seen.add(item.envelope!);
      }
      read.push(items.length);
    };
    const writers = parties.flatMap((party) =>
      gateways.map(async (gateway, which) => {
        const own = sent
          .filter(({ value }) => value.from === (party.code as string))
          .filter((_, i) => i % 2 === which);
        for (let i = 0; i < own.length; i += 5) await deliverAll(gateway.url, party, own.slice(i, i + 5));
      }),
    );
    let writing = true;
    const written = Promise.all(writers).finally(() => {
      writing = false;
    });
    while (writing) await readOnce();
    await written;
    do await readOnce();
    while (read.at(-1)! > 0);
    expect(seen.size).toBe(sent.length);
  });
});

describe('expiry', () => {
  it('removes what was not fetched in time, says so, and logs it', async () => {
    const gateway = await network.start();
    const part = randomBytes(50);
    const brief = await makeMessage(xa, 'xb', { lifeS: 2 });
    await xa.client.put(`${gateway.url}/parts/xb/${brief.id}/${sha256(part)}`, part);
    const lasting = await makeMessage(xa, 'xb');
    await deliverAll(gateway.url, xa, [brief, lasting]);
    // In the past, as if time had gone by: the gateway that starts next finds it due.
    await sql`update mailbox_item set expires_at = 1 where message_id = ${brief.id}`.execute(network.db);
    await sql`update part set expires_at = 1`.execute(network.db);
    const hidden = await pull(gateway.url, xb);
    expect(hidden.items.map(({ envelope }) => envelope)).toEqual([lasting.envelope]);
    const next = await network.start();
    const expired = () =>
      sql<{ n: number }>`
      select count(*)::int as n from audit_entry where type = 'message.expired' and idx is not null`.execute(
        network.db,
      );
    for (;;) {
      if ((await expired()).rows[0]!.n === 1) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const page = await pull(next.url, xb);
    expect([page.trimmed, page.items.map(({ envelope }) => envelope)]).toEqual([true, [lasting.envelope]]);
    expect((await pull(next.url, xb, { routine: page.items[0]!.cursor })).trimmed).toBe(false);
    const { rows } = await sql`select 1 from part`.execute(network.db);
    expect(rows).toEqual([]);
    // A late receipt that came another way still reaches the sender.
    expect(await postReceipts(next.url, xb, [await makeReceipt(xb, brief)])).toEqual([null]);
    expect((await pull(next.url, xa)).items.map(({ kind }) => kind)).toEqual(['receipt']);
  });
});

describe('refusals', () => {
  it('are counted, and summed up in the log', async () => {
    const gateway = await network.start();
    const message = await makeMessage(xa, 'xb');
    await deliver(gateway.url, xa, [
      { ...message, envelope: `${message.envelope.slice(0, -3)}AAA` },
      { ...message, envelope: 'x' },
    ]);
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-focalnet': '1', 'content-type': 'application/json', signature: 'x' },
    });
    await gateway.close();
    const { rows } = await sql<{
      detail: string;
    }>`select detail from audit_entry where type = 'refused.hourly'`.execute(network.db);
    expect(rows.map(({ detail }) => JSON.parse(detail))).toEqual([
      { BAD_SIGNATURE: 1, MALFORMED: 1, SIGNATURE_MISSING: 1 },
    ]);
  });
});

describe('a gateway killed in the middle of deliver', () => {
  it('has either promised, logged and kept a message, or knows nothing of it', async () => {
    const sent: Message[] = [];
    const promised = new Map<string, string>();
    for (let kill = 0; kill < 3; kill++) {
      const gateway = await spawnGateway(network.config);
      let alive = true;
      const write = async () => {
        while (alive) {
          const batch = await Promise.all(Array.from({ length: 16 }, () => makeMessage(xa, 'xb')));
          sent.push(...batch);
          const results = await deliver(gateway.url, xa, batch).catch(() => []);
          for (const { id, receipt } of results) if (receipt !== null) promised.set(id!, receipt);
        }
      };
      const writer = write();
      await deliverAll(gateway.url, network.parties.xc, [await makeMessage(network.parties.xc, 'xa')]);
      await new Promise((resolve) => setTimeout(resolve, randomInt(300)));
      alive = false;
      await gateway.end('SIGKILL');
      await writer;
      await expectWhole();
    }
    expect(promised.size).toBeGreaterThan(0);
    const gateway = await network.start();
    for (let i = 0; i < sent.length; i += 64) {
      for (const receipt of await deliverAll(gateway.url, xa, sent.slice(i, i + 64))) {
        const { re } = parseReceipt(receipt).value;
        expect(promised.get(re) ?? receipt).toBe(receipt);
      }
    }
    const envelopes = await pullAll(gateway.url, xb);
    expect(envelopes.length).toBe(sent.length);
    expect(new Set(envelopes)).toEqual(new Set(sent.map(({ envelope }) => envelope)));
  }, 300_000);

  /** Promise, log entry, item in the mailbox: of each message all three, or none. */
  async function expectWhole(): Promise<void> {
    const { rows } = await sql<{ promises: number; entries: number; items: number; whole: number }>`
      select (select count(*)::int from relayed) as promises,
             (select count(*)::int from audit_entry where type = 'message.relayed') as entries,
             (select count(*)::int from mailbox_item where kind = 'message') as items,
             (select count(*)::int from relayed r
              join audit_entry e on e.id = r.audit_id
              join mailbox_item i on i.sender = r.sender and i.message_id = r.message_id
              where e.detail::jsonb ->> 're' = r.message_id) as whole`.execute(network.db);
    const { promises, entries, items, whole } = rows[0]!;
    expect([entries, items, whole]).toEqual([promises, promises, promises]);
  }
});

describe('a canary sealed in a message and its attachment', () => {
  it('is nowhere in the database nor in the memory of the gateway', async () => {
    const canary = `Canary-${randomBytes(12).toString('hex')}`;
    const gateway = await spawnGateway(network.config);
    const { message, part } = await sealCanary(canary);
    await xa.client.put(`${gateway.url}/parts/xb/${message.id}/${sha256(part)}`, part);
    await deliverAll(gateway.url, xa, [message]);
    const { items } = await pull(gateway.url, xb);
    expect(
      Buffer.from(await xb.client.get(`${gateway.url}/parts/xb/${message.id}/${sha256(part)}`)).equals(
        Buffer.from(part),
      ),
    ).toBe(true);
    const forms = (text: string) => [
      text,
      Buffer.from(text).toString('hex'),
      Buffer.from(text).toString('base64').slice(0, -4),
    ];
    const database = await dumpDatabase();
    const memory = await readMemory(gateway.pid);
    // The search finds what is there: ids of messages are.
    expect(database).toContain(message.id);
    expect(memory.includes(Buffer.from(message.id))).toBe(true);
    for (const form of forms(canary)) {
      expect(database.includes(form)).toBe(false);
      expect(memory.includes(Buffer.from(form))).toBe(false);
      expect(memory.includes(Buffer.from(form, 'utf16le'))).toBe(false);
    }
    await gateway.end('SIGTERM');
    // And it was in there: the recipient finds it.
    const envelope = await verifyEnvelope(parseEnvelope(items[0]!.envelope!), network.keyring, nowS());
    const opened = await openDocument(envelope, new Uint8Array(Buffer.from(items[0]!.sealed!, 'base64')), {
      decryptWith: [await readSealingKey(xb.keys.pgp![0]!.privateKey)],
      senderCerts: [await readCertificate(xa.keys.pgp![0]!.certificate)],
    });
    expect(JSON.stringify(opened.value)).toContain(canary);
  }, 120_000);

  async function sealCanary(canary: string): Promise<{ message: Message; part: Uint8Array }> {
    const options = {
      signWith: await readSealingKey(xa.keys.pgp![0]!.privateKey),
      encryptTo: [await readCertificate(xb.keys.pgp![0]!.certificate)],
      profile: 'p4' as const,
    };
    const id = makeMessageId(Date.now(), random(10));
    const iat = nowS();
    const part = await sealPart(Buffer.from(`${canary} `.repeat(100)), options);
    const {
      pad: _pad,
      rcpt: _rcpt,
      ...document
    } = MessageDocument.parse({
      v: 1,
      id,
      from: 'xa',
      to: 'xb',
      rcpt: ['0'.repeat(40)],
      iat,
      exp: iat + 3600,
      nonce: randomBytes(32).toString('base64url'),
      pad: '',
      class: 'msg',
      lane: 'routine',
      seq: 1,
      type: 'ENQ@1',
      thread: id,
      n: 1,
      seen: 0,
      author: { name: canary, office: canary },
      body: { note: canary },
      attachments: [
        {
          name: 'a.txt',
          media: 'text/plain',
          bytes: 100,
          parts: [{ sha256: part.sha256, bytes: part.bytes.length }],
        },
      ],
    });
    const sealed = await sealDocument(document, options);
    const message = await makeMessage(xa, 'xb', { id, iat, seq: 1, bytes: Buffer.from(sealed.bytes) });
    return { message, part: part.bytes };
  }

  /** Every row of every table as text; bytea comes as hex. */
  async function dumpDatabase(): Promise<string> {
    const tables = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public'`.execute(
      network.db,
    );
    let dump = '';
    for (const { name } of tables.rows) {
      const { rows } = await sql<{ line: string }>`select t::text as line from ${sql.table(name)} t`.execute(
        network.db,
      );
      dump += rows.map(({ line }) => line).join('\n');
    }
    return dump;
  }

  /** All writable memory of a process, as a core dump would hold it. */
  async function readMemory(pid: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const memory = await open(`/proc/${pid}/mem`, 'r');
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (!from || !to) continue;
      const start = Number.parseInt(from, 16);
      const length = Number.parseInt(to, 16) - start;
      const piece = Buffer.alloc(length);
      // Some mappings cannot be read by anybody.
      const bytesRead = await memory.read({ buffer: piece, position: start, length }).then(
        (done) => done.bytesRead,
        () => 0,
      );
      pieces.push(piece.subarray(0, bytesRead));
    }
    await memory.close();
    return Buffer.concat(pieces);
  }
});
