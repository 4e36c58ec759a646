// What goes wrong with what is kept: the keys are away (case 62), ciphertext was moved (63), the disk is full (54), content was
// erased. Always a typed error, nothing in the open, nothing lost, nothing half.
import { rename } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readPart } from '#node/attachments/parts.ts';
import { storeAttachment } from '#node/attachments/store-attachment.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { rouseAside } from '#node/exchange/set-aside.ts';
import { runOperation } from '#node/operation.ts';
import { conversationKey } from '#node/vault/subjects.ts';
import { act } from '#tests/fixtures/act.ts';
import { calm, enquiryBody, withdrawalBody } from '#tests/fixtures/act-bodies.ts';
import { startNetwork, type TestNetwork, type TestNode } from '#tests/fixtures/exchange-network.ts';
import { carry, type LoopNode, startLoopNode } from '#tests/fixtures/loopback.ts';
import { type OfficerServer, serveOfficers } from '#tests/fixtures/officer-client.ts';
import { openTestVault, type TestVault } from '#tests/fixtures/vault.ts';

vi.setConfig({ testTimeout: 120_000 });

const clock = { ms: Date.parse('2027-01-11T09:00:00Z') };
const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});
const open = async (code: 'xa' | 'xb' = 'xa'): Promise<LoopNode> => {
  const node = await startLoopNode(code, clock);
  toClose.push(node.close);
  return node;
};
const serveFor = async (node: LoopNode): Promise<OfficerServer> => {
  const here = await serveOfficers(node);
  toClose.push(here.close);
  return here;
};

const takeAway = ({ path }: TestVault) => rename(path, `${path}.away`);
const bringBack = ({ path }: TestVault) => rename(`${path}.away`, path);
const countOf = async (node: Pick<LoopNode, 'db'>, table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(
    node.db,
  );
  return rows[0]!.n;
};
const READ = `query($thread: ID!) { conversation(thread: $thread) { state acts { rendered { value } } } }`;
const ask = (node: LoopNode) => act(node, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
/** Opened keys are held for some minutes: that long is over. */
const letHeldKeysGo = () => {
  clock.ms += 3_600_000;
};

describe('the key provider is away, or has other keys (case 62)', () => {
  test.each([
    ['away', null],
    ['another file in its place', 'other'],
  ])('%s: nothing is served and nothing is written; afterwards all is there', async (_, other) => {
    const xa = await open();
    const here = await serveFor(xa);
    const { thread } = await ask(xa);
    letHeldKeysGo();
    await takeAway(xa.vault);
    const stranger = other === null ? null : await openTestVault('xa', {});
    if (stranger) await rename(stranger.path, xa.vault.path);
    const before = await countOf(xa, 'audit_entry');
    const answer = await here.ask(xa.person('sam', 'head'), READ, { thread });
    expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['KEY_UNAVAILABLE']);
    expect(JSON.stringify(answer)).not.toMatch(/Юсуф|يوسف|family-situation/);
    await expect(ask(xa)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    expect([await countOf(xa, 'proposal'), await countOf(xa, 'act')]).toEqual([1, 1]);
    // The record of a reading that showed nothing may stand; nothing else was written.
    expect((await countOf(xa, 'audit_entry')) - before).toBeLessThanOrEqual(1);
    await bringBack(xa.vault);
    await stranger?.close();
    const again = await here.ask(xa.person('sam', 'head'), READ, { thread });
    expect(again.errors).toEqual([]);
    expect(JSON.stringify(again.data)).toContain('Юсуф');
  });

  test('what comes in meanwhile is answered UNAVAILABLE, kept by its sender or set aside, and applied afterwards', async () => {
    const network: TestNetwork = await startNetwork(true, { slices: true });
    toClose.push(network.close);
    const { a, b, c } = network;
    await Promise.all([takeAway(b.vault), takeAway(c.vault)]);
    const send = async (peer: string) => {
      const asked = { type: 'ENQ' as const, peer, body: enquiryBody(), safety: calm };
      const { id } = await proposeAct(a.enquiries, a.person('ana'), asked);
      const { digest } = await a.db
        .selectFrom('proposal')
        .select('digest')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return (await approveRelease(a.enquiries, a.person('sam', 'supervisor'), id, digest)).messageId;
    };
    const [pushed, mailed] = [await send('xb'), await send('xc')];
    const tries = async () =>
      (await a.db.selectFrom('outbox').select('attempts').where('id', '=', pushed).executeTakeFirst())
        ?.attempts ?? 0;
    await vi.waitFor(async () => expect(await tries()).toBeGreaterThan(0), { timeout: 60_000 });
    await vi.waitFor(async () => expect(await countOf(c, 'set_aside')).toBe(1), { timeout: 60_000 });
    for (const node of [b, c]) {
      expect(await countOf(node, 'act')).toBe(0);
      expect(await countOf(node, 'inbound')).toBe(0);
      // The one that tells whether the keys are there, and that of the index of search.
      expect(await countOf(node, 'data_key')).toBe(2);
    }
    await Promise.all([bringBack(b.vault), bringBack(c.vault)]);
    await a.db.updateTable('outbox').set({ next_attempt_at: 0, claimed_until: 0 }).execute();
    a.ctx.wake.deliver();
    await rouseAside(c.ctx);
    const has = (node: TestNode, id: string) => node.applied.some((document) => document.id === id);
    await b.until(() => has(b, pushed));
    await c.until(() => has(c, mailed));
    await vi.waitFor(async () => expect(await countOf(c, 'set_aside')).toBe(0), { timeout: 60_000 });
    for (const node of [b, c]) expect(await countOf(node, 'act')).toBe(1);
  });
});

describe('ciphertext that was moved (case 63)', () => {
  test('between rows, columns, tables and subjects: refused, and nothing of it is shown', async () => {
    const xa = await open();
    const here = await serveFor(xa);
    const [one, two] = [await ask(xa), await ask(xa)];
    const read = (thread: string) => here.ask(xa.person('sam', 'head'), READ, { thread });
    expect((await read(one.thread)).errors).toEqual([]);
    const moves = [
      sql`update act set body = (select body from act where thread = ${two.thread}) where thread = ${one.thread}`,
      sql`update act set body = (select body from proposal where thread = ${one.thread}) where thread = ${one.thread}`,
      sql`update act set body = (select safety from proposal where thread = ${one.thread}) where thread = ${one.thread}`,
      sql`update act set body = (select content from seal_request where thread = ${one.thread}) where thread = ${one.thread}`,
      sql`update act set body = set_byte(body, 20, get_byte(body, 20) # 1) where thread = ${one.thread}`,
      sql`update act set body = ''::bytea where thread = ${one.thread}`,
    ];
    for (const move of moves) {
      const kept = await xa.db
        .selectFrom('act')
        .select('body')
        .where('thread', '=', one.thread)
        .executeTakeFirstOrThrow();
      await move.execute(xa.db);
      const answer = await read(one.thread);
      expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['MOVED_OR_ALTERED']);
      expect(JSON.stringify(answer)).not.toMatch(/Юсуф|يوسف/);
      await xa.db.updateTable('act').set(kept).where('thread', '=', one.thread).execute();
    }
    // The key of another conversation in the place of this one's.
    await sql`update data_key set wrapped = (select wrapped from data_key where subject = ${conversationKey(two.thread)})
      where subject = ${conversationKey(one.thread)}`.execute(xa.db);
    expect((await read(one.thread)).errors.map(({ extensions }) => extensions.code)).toEqual([
      'KEY_UNAVAILABLE',
    ]);
    expect((await read(two.thread)).errors).toEqual([]);
  });

  test('parts of files: left out, cut off, put in another order, taken from another file', async () => {
    const xa = await open();
    const { vault } = xa.vault;
    const reader = { trx: xa.db, vault };
    const store = async (text: string) =>
      (
        await storeAttachment(xa.ctx, xa.person('ana'), {
          bytes: Buffer.from(`INVENTED ${text}`),
          declaredMedia: 'text/plain',
        })
      ).id;
    const [one, two] = [await store('one'), await store('two')];
    expect(Buffer.from((await readPart(reader, one, 0))!).toString()).toContain('INVENTED one');
    const refused = async () =>
      expect(readPart(reader, one, 0)).rejects.toMatchObject({ code: 'MOVED_OR_ALTERED' });
    const own = await xa.db
      .selectFrom('attachment_part')
      .selectAll()
      .where('attachment_id', '=', one)
      .executeTakeFirstOrThrow();
    await sql`update attachment_part set sealed = (select sealed from attachment_part where attachment_id = ${two}) where attachment_id = ${one}`.execute(
      xa.db,
    );
    await refused();
    await sql`update attachment_part set sealed = substr(${own.sealed}::bytea, 1, length(${own.sealed}::bytea) - 1) where attachment_id = ${one}`.execute(
      xa.db,
    );
    await refused();
    await sql`delete from attachment_part where attachment_id = ${one}`.execute(xa.db);
    await refused();
    // A second part behind the last one: it is not the end any more.
    await xa.db
      .insertInto('attachment_part')
      .values([own, { ...own, n: 1 }])
      .execute();
    await refused();
  });
});

describe('the disk is full (case 54)', () => {
  test.each(['data_key', 'proposal', 'act', 'attachment_part', 'seal_request'])(
    'at %s: nothing half is kept, and afterwards it goes on',
    async (table) => {
      const xa = await open();
      const tables = [
        'proposal',
        'act',
        'attachment',
        'attachment_part',
        'data_key',
        'seal_request',
        'conversation',
      ];
      const counts = () => Promise.all(tables.map((one) => countOf(xa, one)));
      const before = await counts();
      await sql`create function fill_disk() returns trigger language plpgsql as ${sql.lit(`begin
        raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end`)}`.execute(
        xa.db,
      );
      await sql`create trigger full_disk before insert on ${sql.table(table)} for each row execute function fill_disk()`.execute(
        xa.db,
      );
      const upload = () =>
        storeAttachment(xa.ctx, xa.person('ana'), {
          bytes: Buffer.from('INVENTED'),
          declaredMedia: 'text/plain',
        });
      const work = table === 'attachment_part' ? upload : () => ask(xa);
      const stages = table === 'act' || table === 'seal_request' ? 'proposed' : 'nothing';
      await expect(work()).rejects.toMatchObject({ code: '53100' });
      const left = await counts();
      const [keysBefore, keysLeft] = [before[4], left[4]];
      // What waited for its second person had been committed before; of the release nothing is there.
      expect(left).toEqual([stages === 'proposed' ? 1 : 0, 0, 0, 0, keysLeft, 0, 0]);
      expect(keysLeft).toBe(stages === 'proposed' ? keysBefore! + 1 : keysBefore);
      await sql`drop trigger full_disk on ${sql.table(table)}`.execute(xa.db);
      await work();
      await ask(xa);
    },
  );
});

describe('what was erased', () => {
  test('is read by nobody, takes nothing more, and a message for it is refused for good while others go on', async () => {
    const [xa, xb] = [await open('xa'), await open('xb')];
    const here = await serveFor(xb);
    const [gone, stays] = [await ask(xa), await ask(xa)];
    await carry(xa, xb);
    await runOperation(xb.ctx.doors.jobs, xb.ctx.surroundings, (op) =>
      op.vault.erase(op, conversationKey(gone.thread)),
    );
    const codes = async (thread: string) =>
      (await here.ask(xb.person('sam', 'head'), READ, { thread })).errors.map(
        ({ extensions }) => extensions.code,
      );
    expect(await codes(gone.thread)).toEqual(['ERASED']);
    expect(await codes(stays.thread)).toEqual([]);
    await expect(act(xb, { type: 'ACK', thread: gone.thread, body: { re: 1 } })).rejects.toMatchObject({
      code: 'ERASED',
    });
    await act(xa, { type: 'WDR', thread: gone.thread, body: withdrawalBody() });
    await expect(carry(xa, xb)).rejects.toThrow('ACT_NOT_ALLOWED');
    await act(xb, { type: 'ACK', thread: stays.thread, body: { re: 1 } });
    await carry(xb, xa);
  });
});
