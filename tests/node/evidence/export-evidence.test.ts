/**
 * Bundles of a real exchange: exported by both sides, verified from bytes and anchor alone, and damaged in every way.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyConversation } from '#node/enquiries/release-act.ts';
import { insertAct } from '#node/enquiries/store.ts';
import {
  type EvidenceContext,
  evidenceReady,
  exportEvidence,
  findMyMessages,
  makeBundle,
  type Selection,
} from '#node/evidence/export-evidence.ts';
import { makeReceipts, takeReceipts } from '#node/exchange/receipts.ts';
import { runOperation } from '#node/operation.ts';
import { eraseConversation } from '#node/retention/erase-content.ts';
import { digestOfMessages } from '#schema/conversation/erasures.ts';
import { type Bundle, encodeBundle, parseBundle } from '#schema/evidence/bundle.ts';
import { formatVerdict, type Verification, verifyBundle } from '#schema/evidence/verify.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { makeAnchor } from '#schema/jws/trust-list.ts';
import type { MessageEnvelope } from '#schema/protocol/envelope.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import {
  pause,
  sendMessage,
  stagesOf,
  startNetwork,
  type TestNetwork,
  type TestNode,
} from '#tests/fixtures/exchange-network.ts';
import { makeTestNetwork } from '#tests/fixtures/network.ts';

const SECRET = 'INVENTED secret of nobody';
const bundleOf = async (ctx: EvidenceContext, selection: Selection) =>
  (await makeBundle(ctx, selection)).bytes;

let network: TestNetwork;
let anchor: Anchor;
let ids: string[];
let ofSender: Uint8Array<ArrayBuffer>;
let ofRecipient: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  network = await startNetwork(true);
  const { a, b } = network;
  ids = [];
  for (const text of [SECRET, 'INVENTED second']) {
    const id = await sendMessage(a, 'xb', { text });
    await a.until(() => stagesOf(a, id).includes('delivered'));
    ids.push(id);
  }
  await Promise.all([untilReady(a, ids), untilReady(b, ids)]);
  ofSender = await bundleOf(a.ctx, { messageIds: ids });
  ofRecipient = await bundleOf(b.ctx, { messageIds: ids });
  const { list } = await a.db.selectFrom('trust_list').select('list').executeTakeFirstOrThrow();
  anchor = await makeAnchor(list);
});
afterAll(() => network.close());

/** Proofs arrive by the work of several nodes; the database is what says so. */
async function untilReady(node: TestNode, messageIds: readonly string[]): Promise<void> {
  while (!(await evidenceReady(node.ctx, messageIds)).ready) await pause(50);
}

function change(bytes: Uint8Array, edit: (bundle: Bundle) => void): Uint8Array<ArrayBuffer> {
  const bundle = structuredClone(parseBundle(bytes));
  edit(bundle);
  return encodeBundle(bundle);
}

const failures = ({ lines }: Verification) => lines.filter(({ ok }) => ok === false);
const said = ({ lines }: Verification, ok: boolean | null) =>
  lines.filter((line) => line.ok === ok).map(({ what }) => what);

describe('bundles of both sides', () => {
  test("the sender's is proved from the anchor", async () => {
    const result = await verifyBundle(ofSender, anchor);
    expect(failures(result)).toEqual([]);
    expect(result.verdict).toBe('PROVED');
    const proved = said(result, true).join('\n');
    expect(proved).toContain(`xa signed message ${ids[0]} to xb, number 1 in lane routine, on 2`);
    expect(proved).toContain('The log of xa holds, as entry');
    expect(proved).toContain('that the message was delivered to xb');
    expect(proved).toContain('The log of xb holds the entry this receipt names');
    expect(proved).toContain('xb opened exactly the content that the log of xa commits to.');
    expect(proved).toContain('follows number 1 of xa directly');
    expect(said(result, null).join('\n')).toContain(`That a person at xb read message ${ids[0]}.`);
    expect(result.lines.some(({ code }) => code === 'NOT_YET_WITNESSED')).toBe(false);
  });

  test("the recipient's is proved from the anchor, and opens the recipient's entries", async () => {
    const result = await verifyBundle(ofRecipient, anchor);
    expect(failures(result)).toEqual([]);
    expect(result.verdict).toBe('PROVED');
    expect(said(result, true).filter((what) => what.includes('says the same as the receipt'))).toHaveLength(
      2,
    );
    expect(said(result, null).join('\n')).toContain(`When the log of xa took in message ${ids[0]}`);
  });

  test('without an anchor they are internally consistent at most', async () => {
    for (const bytes of [ofSender, ofRecipient]) {
      const result = await verifyBundle(bytes, null);
      expect(result.verdict).toBe('INTERNALLY CONSISTENT');
      expect(result.lines.some(({ ok, code }) => ok === null && code === 'NO_ANCHOR')).toBe(true);
    }
  });

  test('the anchor of another network refuses them', async () => {
    const { anchor: other } = await makeTestNetwork();
    const result = await verifyBundle(ofSender, other);
    expect(result.verdict).toBe('FAILED');
    expect(failures(result)).toMatchObject([{ code: 'ANCHOR_MISMATCH', where: 'lists[0]' }]);
  });

  test('no plaintext of a message is in them', () => {
    for (const bytes of [ofSender, ofRecipient]) {
      const text = Buffer.from(bytes).toString();
      for (const form of [SECRET, Buffer.from(SECRET).toString('base64url').slice(4, -4)]) {
        expect(text).not.toContain(form);
      }
      expect(text).not.toContain('Officer (invented)');
    }
  });

  test('formatted, they say line by line what is proved', async () => {
    const text = formatVerdict(await verifyBundle(ofSender, anchor));
    for (const line of text.trimEnd().split('\n').slice(0, -2))
      expect(line).toMatch(/^(proved|not proved) {2}/);
    expect(text.endsWith('\nPROVED\n')).toBe(true);
  });
});

describe('an export', () => {
  test('refuses ids that are not known here', async () => {
    const nobody = '01980000-0000-7000-8000-000000000000';
    await expect(bundleOf(network.a.ctx, { messageIds: [nobody] })).rejects.toMatchObject({
      code: 'NOTHING_TO_EXPORT',
    });
    await expect(bundleOf(network.a.ctx, { messageIds: [ids[0]!, nobody] })).rejects.toMatchObject({
      code: 'MESSAGE_UNKNOWN',
    });
    expect(await evidenceReady(network.a.ctx, [nobody])).toEqual({
      ready: false,
      missing: [{ messageId: nobody, what: 'message' }],
    });
  });

  test('does not pass on a proof that does not verify', async () => {
    const { a } = network;
    const read = () =>
      a.db.selectFrom('outbox').select('receipt_proof').where('id', '=', ids[0]!).executeTakeFirstOrThrow();
    const { receipt_proof: kept } = await read();
    const damaged = JSON.parse(kept!) as { index: number };
    damaged.index += 1;
    const set = (proof: string) =>
      a.db.updateTable('outbox').set({ receipt_proof: proof }).where('id', '=', ids[0]!).execute();
    await set(JSON.stringify(damaged));
    const bundle = parseBundle(await bundleOf(a.ctx, { messageIds: [ids[0]!] }));
    expect(bundle.messages[0]!.receipts.every(({ proof }) => proof === null)).toBe(true);
    await set(kept!);
  });

  test('still proves what hashes prove once salt and detail are erased', async () => {
    const { b } = network;
    const id = await sendMessage(network.a, 'xb');
    await network.a.until(() => stagesOf(network.a, id).includes('delivered'));
    await untilReady(b, [id]);
    await sql`update audit_entry set salt = null, detail = null
      where id = (select audit_id from inbound where id = ${id})`.execute(b.db);
    const result = await verifyBundle(await bundleOf(b.ctx, { messageIds: [id] }), anchor);
    expect(result.verdict).toBe('PROVED');
    expect(result.lines.find(({ code }) => code === 'ERASED')).toMatchObject({ ok: null });
    expect(said(result, true).join('\n')).toContain('The log of xb holds the entry this receipt names');
  });
});

describe('damage', () => {
  /** Nearly all of `lists` is one signed payload of certificates: there a sample will do. */
  function sampleOffsets(bytes: Uint8Array): number[] {
    const messages = Buffer.from(bytes).indexOf('"messages":[');
    const dense = (offset: number) => offset < 200 || offset > messages - 300;
    const step = Number(process.env.FOCALNET_DAMAGE_STEP ?? 5);
    return [...bytes.keys()].filter((offset) => offset % (dense(offset) ? step : 40 * step) === 0);
  }

  test('any changed bit at any place fails, and it is said where', async () => {
    const one = [ofSender, ofRecipient].map((bytes) =>
      change(bytes, (bundle) => {
        bundle.messages = [bundle.messages[0]!];
      }),
    );
    for (const bytes of one) {
      const check = async (offset: number) => {
        const damaged = Uint8Array.from(bytes);
        damaged[offset] = bytes[offset]! ^ (1 << ((offset + (offset >> 3)) % 8));
        const result = await verifyBundle(damaged, anchor);
        const placed = failures(result).every(({ where, code }) => where !== undefined && code !== undefined);
        if (result.verdict !== 'FAILED' || !placed) expect.fail(`byte ${offset}: ${formatVerdict(result)}`);
      };
      const offsets = sampleOffsets(bytes);
      expect(offsets.length).toBeGreaterThan(500);
      // A few at a time: what takes long is waiting for the signature checks.
      for (let at = 0; at < offsets.length; at += 16)
        await Promise.all(offsets.slice(at, at + 16).map(check));
    }
  }, 300_000);

  test('a byte put in or lost anywhere fails', async () => {
    for (let offset = 0; offset < ofSender.length; offset += 503) {
      const head = ofSender.subarray(0, offset);
      const longer = Buffer.concat([head, Buffer.from(' '), ofSender.subarray(offset)]);
      const shorter = Buffer.concat([head, ofSender.subarray(offset + 1)]);
      for (const bytes of [longer, shorter])
        expect((await verifyBundle(bytes, anchor)).verdict).toBe('FAILED');
    }
  });

  test('a damaged byte is named by its offset where the form breaks', async () => {
    const damaged = Uint8Array.from(ofSender);
    damaged[1] = 0x20;
    expect(failures(await verifyBundle(damaged, anchor))).toMatchObject([
      { code: 'NOT_CANONICAL', where: 'byte 1' },
    ]);
  });

  test('receipts of another message', async () => {
    const swapped = change(ofSender, ({ messages }) => {
      [messages[0]!.receipts, messages[1]!.receipts] = [messages[1]!.receipts, messages[0]!.receipts];
    });
    const result = await verifyBundle(swapped, anchor);
    expect(result.verdict).toBe('FAILED');
    expect(failures(result)[0]).toMatchObject({ code: 'RECEIPT_OF_OTHER', where: 'messages[0].receipts[0]' });
  });

  test('the proof of another leaf', async () => {
    const sealed = change(ofSender, ({ messages }) => {
      messages[0]!.sealed!.proof = messages[1]!.sealed!.proof;
    });
    expect(failures(await verifyBundle(sealed, anchor))).toMatchObject([
      { code: expect.stringMatching(/ROOT_MISMATCH|PROOF_LENGTH/), where: 'messages[0].sealed' },
    ]);
    const receipts = change(ofRecipient, ({ messages }) => {
      messages[0]!.receipts[0]!.proof = messages[1]!.receipts[0]!.proof;
    });
    expect((await verifyBundle(receipts, anchor)).verdict).toBe('FAILED');
  });

  test('the log entry of another message', async () => {
    const whole = change(ofSender, ({ messages }) => {
      messages[0]!.sealed = messages[1]!.sealed;
    });
    expect(failures(await verifyBundle(whole, anchor))).toMatchObject([
      { code: 'LEAF_OF_OTHER', where: 'messages[0].sealed' },
    ]);
    const opening = change(ofSender, ({ messages }) => {
      messages[0]!.sealed!.opening = messages[1]!.sealed!.opening;
    });
    expect(failures(await verifyBundle(opening, anchor))).toMatchObject([{ code: 'COMMITMENT_MISMATCH' }]);
  });

  test('the checkpoint of another log, and a line that no listed key made', async () => {
    const other = change(ofSender, ({ messages }) => {
      const delivered = messages[0]!.receipts.find(({ proof }) => proof !== null)!;
      messages[0]!.sealed!.proof.checkpoint = delivered.proof!.checkpoint;
    });
    expect((await verifyBundle(other, anchor)).verdict).toBe('FAILED');
    const spare = change(ofSender, ({ messages }) => {
      const { proof } = messages[0]!.sealed!;
      const unknown = Buffer.alloc(76, 7).toString('base64');
      proof.checkpoint += `\u2014 ${parseBundle(ofSender).net}/xz ${unknown}\n`;
    });
    expect(failures(await verifyBundle(spare, anchor))).toMatchObject([
      { code: 'LINE_UNCHECKED', where: 'messages[0].sealed' },
    ]);
  });

  test('a message twice, and what was left out, does not pass as more or break the rest', async () => {
    const twice = change(ofSender, ({ messages }) => messages.push(messages[0]!));
    expect(failures(await verifyBundle(twice, anchor))).toMatchObject([{ code: 'DUPLICATE' }]);
    const bare = change(ofSender, (bundle) => {
      bundle.messages = [{ envelope: bundle.messages[0]!.envelope, sealed: null, receipts: [] }];
    });
    const result = await verifyBundle(bare, anchor);
    expect(result.verdict).toBe('PROVED');
    expect(said(result, null).join('\n')).toContain('no receipt of xb is here');
  });
});

test('an opened receipt proves that a person opened the message', async () => {
  const { a, b } = network;
  const id = ids[0]!;
  const row = await b.db.selectFrom('inbound').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const { doc } = parseReceipt(row.receipt!).value;
  const message = parseEnvelope(row.envelope).value as MessageEnvelope;
  const subject = { message, env: row.env, sealed: message.sealed.sha256, stage: 'opened', doc } as const;
  const opened = await runOperation(b.db, b.ctx.surroundings, async (op) => {
    const [made] = await makeReceipts(b.ctx, op, [subject]);
    await op.trx.updateTable('inbound').set({ later_receipt: made!.receipt }).where('id', '=', id).execute();
    return made!.receipt;
  });
  expect(await takeReceipts(a.ctx, [opened])).toBe(1);
  for (const node of [a, b]) {
    const result = await verifyBundle(await bundleOf(node.ctx, { messageIds: [id] }), anchor);
    expect(result.verdict).toBe('PROVED');
    expect(said(result, true).join('\n')).toContain('that a person at xb opened the message');
    expect(said(result, null).join('\n')).not.toContain(`That a person at xb read message ${id}`);
  }
});

test('what was erased is proved as before, by both sides, and nothing of what it said is in the proof', async () => {
  const { a, b } = network;
  const id = await sendMessage(a, 'xb', { text: SECRET });
  await a.until(() => stagesOf(a, id).includes('delivered'));
  await Promise.all([a, b].map((node) => untilReady(node, [id])));
  for (const [node, isOwn] of [
    [a, true],
    [b, false],
  ] as const) {
    const { surroundings, doors } = node.enquiries;
    const thread = id as string;
    const conversation = { ...emptyConversation(1), thread, peer: isOwn ? 'xb' : 'xa', unit: 'national' };
    await node.db
      .insertInto('conversation')
      .values({ ...conversation, side: isOwn ? 'requester' : 'requested' })
      .execute();
    await runOperation(node.db, surroundings, (op) =>
      insertAct(op, {
        ...{ message_id: id, thread, side: 'requester', n: 1, seen: 0, type: 'ENQ', version: 1 },
        ...{ lane: 'routine', body: JSON.stringify({ text: SECRET }), facts: '{}', at: 1 },
        ...{ author_name: 'INVENTED', author_office: 'INVENTED', supersedes: null, delivered_at: 1 },
        ...{ read_by: null, read_at: null, stage: isOwn ? 'delivered' : null, stage_code: null },
        ...{ proposal_id: null, notice: false },
      }),
    );
    const erased = await runOperation(doors.retention, surroundings, (op) => eraseConversation(op, thread));
    expect(erased).toMatchObject({ messages: [id], digest: digestOfMessages([id]) });
    const { body } = await node.db
      .selectFrom('act')
      .select('body')
      .where('message_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(body).toHaveLength(0);
    expect(await evidenceReady(node.ctx, [id])).toMatchObject({ ready: true });
    // As a person takes it, by the conversation of which nothing can be read any more.
    const ctx = { ...node.enquiries, db: node.ctx.db, identity: node.ctx.identity };
    const sam = node.person('sam', 'supervisor');
    const bytes = await exportEvidence(ctx, sam, thread, await findMyMessages(ctx, sam, thread));
    const result = await verifyBundle(bytes, anchor);
    expect([failures(result), result.verdict]).toEqual([[], 'PROVED']);
    expect(said(result, true).join('\n')).toContain(`xa signed message ${id} to xb`);
    expect(said(result, true).join('\n')).toContain('that the message was delivered to xb');
    expect(Buffer.from(bytes).toString('latin1')).not.toContain(SECRET);
    // One byte of it makes it fail as before.
    const damaged = change(bytes, ({ messages: [first] }) => {
      const [taken] = first!.receipts;
      taken!.receipt = taken!.receipt.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    });
    expect((await verifyBundle(damaged, anchor)).verdict).toBe('FAILED');
  }
  const { rows } = await sql`select 1 from outbox where id = ${id} and sealed <> ''`.execute(a.db);
  expect(rows).toEqual([]);
});

/** Last, because the node is stopped for it. */
test('a bundle of a message still in the outbox says what is not there yet', async () => {
  const { a } = network;
  const id = await sendMessage(a, 'xb');
  await a.until(() => stagesOf(a, id).includes('delivered'));
  await untilReady(a, [id]);
  // The same message as it stood before its receipt came, and before any witness had looked.
  await a.stop();
  await sql`delete from cosignature`.execute(a.db);
  await a.db
    .updateTable('outbox')
    .set({ relayed_receipt: null, receipt: null, receipt_proof: null })
    .where('id', '=', id)
    .execute();
  const { missing } = await evidenceReady(a.ctx, [id]);
  expect(missing.map(({ what }) => what)).toEqual(['sealed-proof', 'receipt']);
  const result = await verifyBundle(await bundleOf(a.ctx, { messageIds: [id] }), anchor);
  expect(result.verdict).toBe('PROVED');
  expect(result.lines.find(({ code }) => code === 'NOT_YET_WITNESSED')).toMatchObject({ ok: null });
  expect(said(result, null).join('\n')).toContain(`That xb received message ${id}`);
});
