/** Clocks of what is kept: blocked, told, erased; by two people sooner or not at all; by any number of workers. INVENTED children. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRetention, eraseLogDetails } from '#node/retention/apply-retention.ts';
import { approveDecision, endDecision, proposeDecision } from '#node/retention/decide.ts';
import { openErasedList } from '#node/retention/erased-list.ts';
import { defaultPolicy, RetentionFile, ruleFor } from '#node/retention/policy.ts';
import { sealedDecision } from '#node/retention/tables.ts';
import { openRows } from '#node/vault/sealed-columns.ts';
import { retentionRules } from '#schema/vocabulary/retention.ts';
import { alertBody } from '../../fixtures/act-bodies.ts';
import { postgresForChild } from '../../fixtures/database.ts';
import { type Clock, carry, lastAudit, readerOf, START_MS } from '../../fixtures/loopback.ts';
import { call, days } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { close, DAY_MS, release, type Side, startSide, workThrough } from '../../fixtures/retention.ts';

const clock: Clock = { ms: START_MS };
let xa: Side;
let xb: Side;
let desk: OfficerServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startSide('xa', clock), startSide('xb', clock)]);
  desk = await serveOfficers(xb.node);
});
afterAll(async () => {
  await desk.close();
  await Promise.all([xa.node.close(), xb.node.close()]);
});

const rowOf = ({ node }: Side, id: string) =>
  node.db.selectFrom('retention').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const SHOW = `query ($thread: ID!) { conversation(thread: $thread) { retention { rule blockedAt erasedAt heldUntil }
  acts { type body { ... on EnquiryBody { purpose } } } } }`;
interface Shown {
  retention: { rule: string; blockedAt: string | null; erasedAt: string | null } | null;
  acts: { type: string; body: { purpose: string } | null }[];
}
/** What a person of xb sees of it: whether its words, and since when not. */
async function shows(name: 'ana' | 'bo' | 'sam' | 'hana', thread: string): Promise<boolean> {
  const { data, codes } = await call(desk, xb.office.as(name), SHOW, { thread });
  expect(codes).toEqual([]);
  const { acts } = data.conversation as Shown;
  return acts.find(({ type }) => type === 'ENQ')!.body !== null;
}
const isErased = async (side: Side, thread: string) => (await rowOf(side, thread)).erased_at !== null;

describe('the copy of what another State asked', () => {
  it('is blocked after six months, told a month before, erased after three years', async () => {
    const thread = await workThrough(xa, xb);
    await applyRetention(xb.retention);
    expect(await rowOf(xb, thread)).toMatchObject({
      rule: 'peer-copy',
      blocked_at: null,
      closed_at: clock.ms,
    });
    await applyRetention(xa.retention);
    expect(await rowOf(xa, thread)).toMatchObject({ rule: 'own-conversation' });
    expect(await shows('ana', thread)).toBe(true);
    clock.ms += 184 * DAY_MS;
    await applyRetention(xb.retention);
    expect([await shows('ana', thread), await shows('hana', thread)]).toEqual([false, false]);
    expect(await lastAudit(xb.node, 'content.blocked')).toEqual({ kind: 'conversation', id: thread });
    // The database gives no key to a person, whatever the code asks; to the work of the node it does.
    const keys = (doors: Promise<unknown[]>) => doors.then((rows) => rows.length);
    const ofThread = { subject: `conversation:${thread}` };
    const asPerson = xb.node.ctx.doors.withActor(xb.office.as('hana'), (trx) =>
      trx.selectFrom('data_key').selectAll().where('subject', '=', ofThread.subject).execute(),
    );
    const asNode = xb.node.ctx.doors.exchange
      .selectFrom('data_key')
      .selectAll()
      .where('subject', '=', ofThread.subject)
      .execute();
    expect([await keys(asPerson), await keys(asNode)]).toEqual([0, 1]);
    clock.ms += (1096 - 184 - 29) * DAY_MS;
    await applyRetention(xb.retention);
    const told = await xb.node.db.selectFrom('task').selectAll().where('about', '=', thread).execute();
    expect(told.map(({ kind, unit }) => [kind, unit])).toEqual([['erasure-due', 'national']]);
    expect(await isErased(xb, thread)).toBe(false);
    clock.ms += 30 * DAY_MS;
    await applyRetention(xb.retention);
    expect(await isErased(xb, thread)).toBe(true);
    expect(await lastAudit(xb.node, 'content.erased')).toMatchObject({ id: thread, rule: 'peer-copy' });
  });

  it('may be read for a day by two who said why, and by nobody else', async () => {
    const thread = await workThrough(xa, xb);
    await applyRetention(xb.retention);
    const lift = (name: 'ana' | 'bo') =>
      proposeDecision(xb.node.ctx, xb.office.as(name), thread, {
        kind: 'lift',
        reason: 'INVENTED: the child has been met again',
      });
    await expect(lift('ana')).rejects.toMatchObject({ code: 'NOT_BLOCKED' });
    clock.ms += 184 * DAY_MS;
    await applyRetention(xb.retention);
    const id = await lift('ana');
    await expect(approveDecision(xb.node.ctx, xb.office.as('bo'), id)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    expect(await shows('ana', thread)).toBe(false);
    await approveDecision(xb.node.ctx, xb.office.as('sam'), id);
    expect([await shows('ana', thread), await shows('sam', thread), await shows('bo', thread)]).toEqual([
      true,
      true,
      false,
    ]);
    clock.ms += DAY_MS + 1;
    expect(await shows('ana', thread)).toBe(false);
    // Nobody writes in it either: it is opened again by people who may read it.
    await expect(
      release(xb, 'PRG', { thread, body: { status: 'working' } }).catch((error) => {
        throw error;
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/BLOCKED|ACT_NOT_ALLOWED/) });
  });

  it('is read again at once where the other State has an alarm', async () => {
    const thread = await workThrough(xa, xb);
    clock.ms += 184 * DAY_MS;
    await applyRetention(xb.retention);
    expect(await shows('ana', thread)).toBe(false);
    await release(xa, 'STP', { thread, body: { phase: 'ask', nothingDone: true, acts: [] } });
    await carry(xa.node, xb.node);
    expect(await shows('ana', thread)).toBe(true);
    expect(await lastAudit(xb.node, 'retention.ended')).toEqual({ id: thread, wasBlocked: true });
  });

  it('is kept by a hold that two set, and blocked all the same', async () => {
    const thread = await workThrough(xa, xb);
    await applyRetention(xb.retention);
    const until = days(clock.ms, 1500);
    const hold = await proposeDecision(xb.node.ctx, xb.office.as('ana'), thread, {
      kind: 'hold',
      ground: 'compensation',
      authority: 'compensation-authority',
      until,
      reason: 'INVENTED: file 7/27',
    });
    await approveDecision(xb.node.ctx, xb.office.as('sam'), hold);
    clock.ms += 1200 * DAY_MS;
    await applyRetention(xb.retention);
    const row = await rowOf(xb, thread);
    expect([row.blocked_at, row.erased_at]).toEqual([clock.ms, null]);
    await expect(
      proposeDecision(xb.node.ctx, xb.office.as('ana'), thread, {
        kind: 'erase',
        ground: 'period-over',
        reason: 'INVENTED reason',
      }).then((id) => approveDecision(xb.node.ctx, xb.office.as('sid'), id)),
    ).rejects.toMatchObject({ code: 'LEGAL_HOLD' });
    await endDecision(xb.node.ctx, xb.office.as('sid'), hold);
    // Whoever ends it alone does not erase by that: people are told, and have their time.
    await applyRetention(xb.retention);
    const due = xb.node.db
      .selectFrom('task')
      .select('detail')
      .where('about', '=', thread)
      .where('kind', '=', 'erasure-due');
    expect([await isErased(xb, thread), await due.execute()]).toEqual([
      false,
      [{ detail: 'child-side-to-tell' }],
    ]);
    clock.ms += 31 * DAY_MS;
    await applyRetention(xb.retention);
    expect(await isErased(xb, thread)).toBe(true);
    // Why it was kept goes with it.
    const reasons = await xb.node.db
      .selectFrom('retention_decision')
      .selectAll()
      .where('about', '=', thread)
      .execute();
    const opened = await openRows(readerOf(xb.node), sealedDecision, reasons);
    expect(opened.map(({ reason }) => reason)).toEqual(['', '']);
  });

  it('goes at once where the child was never known, and after thirty days where an alert was unfounded', async () => {
    const thread = await xa.office.enquire();
    await carry(xa.node, xb.node);
    await release(xb, 'NEG', { thread, body: { result: 'nothing-found', searched: ['S0'] } });
    await carry(xb.node, xa.node);
    const { n } = await xa.node.db
      .selectFrom('act')
      .select('n')
      .where('thread', '=', thread)
      .where('type', '=', 'NEG')
      .executeTakeFirstOrThrow();
    await release(xa, 'ACK', { thread, body: { re: n } });
    await close(xa, thread);
    await carry(xa.node, xb.node);
    await applyRetention(xb.retention);
    expect(await rowOf(xb, thread)).toMatchObject({ rule: 'nothing-found', erased_at: clock.ms });
    await applyRetention(xa.retention);
    expect(await rowOf(xa, thread)).toMatchObject({ rule: 'own-conversation', erased_at: null });
    const alert = await release(xa, 'URG', { peer: 'xb', body: alertBody('XB') });
    const raised = { thread: alert.thread };
    await release(xa, 'URG', { ...raised, body: { ...alertBody('XB'), phase: 'ended' } });
    await close(xa, alert.thread, 'alert-unfounded');
    await carry(xa.node, xb.node);
    for (const side of [xa, xb]) {
      await applyRetention(side.retention);
      expect(await rowOf(side, alert.thread)).toMatchObject({ rule: 'false-alarm', erased_at: null });
    }
    clock.ms += 31 * DAY_MS;
    for (const side of [xa, xb]) await applyRetention(side.retention);
    expect([await isErased(xa, alert.thread), await isErased(xb, alert.thread)]).toEqual([true, true]);
  });
});

describe('a child’s file', () => {
  it('is erased by two people with all that was found by it, joined files too', async () => {
    const ask = (text: string, variables = {}) => call(desk, xb.office.as('sam'), text, variables);
    const open = async () =>
      String((await call(desk, xb.office.as('ana'), 'mutation { openCase }')).data.openCase);
    const id = await open();
    const other = await open();
    const from = { source: 'document', confidence: 'verified' };
    const WRITE = `mutation ($case: ID!, $from: ProvenanceInput!) { writeCaseGender(case: $case, value: { gender: Feminine },
      provenance: $from) { entry { id } } }`;
    for (const file of [id, other]) {
      const written = await call(desk, xb.office.as('ana'), WRITE, {
        case: file,
        from,
      });
      expect(written.codes).toEqual([]);
      await xb.node.db
        .insertInto('search_token')
        .values({ kind: 1, token: Buffer.from('abc'), case_id: file })
        .execute();
    }
    await xb.node.db.updateTable('case_file').set({ joined_into: id }).where('id', '=', other).execute();
    const propose = () =>
      proposeDecision(xb.node.ctx, xb.office.as('ana'), id, {
        kind: 'erase',
        ground: 'court-order',
        reason: 'INVENTED: order 3/27',
      });
    await expect(propose()).rejects.toMatchObject({ code: 'NOT_ENDED' });
    const closed = await ask('mutation ($id: ID!) { closeCase(case: $id, closing: opened_in_error) }', {
      id,
    });
    expect(closed.codes).toEqual([]);
    await approveDecision(xb.node.ctx, xb.office.as('sam'), await propose());
    await applyRetention(xb.retention);
    expect(await lastAudit(xb.node, 'content.erased')).toMatchObject({
      kind: 'case',
      id,
      ground: 'court-order',
    });
    for (const table of ['case_entry', 'search_token'] as const)
      expect(
        await xb.node.db.selectFrom(table).select('case_id').where('case_id', 'in', [id, other]).execute(),
      ).toEqual([]);
    const { data, codes } = await ask(
      'query ($id: ID!) { case(id: $id) { closing items { kind } } retention(of: $id) { erasedAt } }',
      { id },
    );
    expect(codes).toEqual([]);
    expect(data).toMatchObject({
      case: { closing: 'opened_in_error', items: [] },
      retention: { erasedAt: new Date(clock.ms).toISOString() },
    });
    const again = await call(desk, xb.office.as('ana'), WRITE, { case: id, from });
    expect(again.codes).toEqual(['CASE_CLOSED']);
  });
});

describe('workers', () => {
  it('that run at once erase each thing once', async () => {
    const threads = [];
    for (let i = 0; i < 4; i++) threads.push(await workThrough(xa, xb));
    await applyRetention(xb.retention);
    clock.ms += 1200 * DAY_MS;
    await Promise.all([1, 2, 3].map(() => applyRetention(xb.retention)));
    for (const thread of threads) {
      const { rows } =
        await sql`select 1 from audit_entry where type = 'content.erased' and detail like ${`%${thread}%`}`.execute(
          xb.node.db,
        );
      expect(rows).toHaveLength(1);
      expect(await isErased(xb, thread)).toBe(true);
    }
  });

  it('one of which is killed at any moment are gone on from by the next', async () => {
    const threads = [];
    for (let i = 0; i < 6; i++) threads.push(await workThrough(xa, xb));
    await applyRetention(xb.retention);
    clock.ms += 1200 * DAY_MS;
    const child = fork(new URL('./erase-process.ts', import.meta.url), {
      env: { ...process.env, ...(await postgresForChild()) },
      execArgv: ['--import', 'tsx'],
    });
    child.send({ database: xb.node.config.database, vault: xb.node.vault.path, nowMs: clock.ms });
    // It says when the first is done, and dies in the middle of the next.
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await applyRetention(xb.retention);
    for (const thread of threads) {
      const bodies = await xb.node.db.selectFrom('act').select('body').where('thread', '=', thread).execute();
      expect(bodies.every(({ body }) => body.length === 0)).toBe(true);
      expect(await isErased(xb, thread)).toBe(true);
    }
    const list = await openErasedList(xb.node.vault.path).read();
    expect(list.map(({ id }) => id)).toEqual(expect.arrayContaining(threads));
  });
});

describe('the periods', () => {
  it('are data with source and mark; a State sets its own, also for one peer', () => {
    for (const { source, mark } of retentionRules)
      expect([source.length > 10, /^[SKDP]$/.test(mark)]).toEqual([true, true]);
    const file = RetentionFile.parse({
      rules: { 'case-file': { blockDays: 10, eraseDays: 20, source: 'INVENTED law' } },
      peers: { xb: { 'peer-copy': { eraseDays: 5, source: 'INVENTED agreement' } } },
    });
    expect(ruleFor(file, 'case-file')).toMatchObject({ blockDays: 10, eraseDays: 20 });
    expect(ruleFor(file, 'peer-copy', 'xb').eraseDays).toBe(5);
    expect(ruleFor(file, 'peer-copy', 'xc').eraseDays).toBe(ruleFor(defaultPolicy, 'peer-copy').eraseDays);
    const logs = { 'log-details': { eraseDays: 100, source: 'INVENTED' } };
    const cases = { 'case-file': { blockDays: 30, eraseDays: 20, source: 'INVENTED' } };
    expect(
      RetentionFile.safeParse({ rules: { ...logs, 'case-file': { eraseDays: 200, source: 'x' } } }).success,
    ).toBe(false);
    expect(RetentionFile.safeParse({ rules: cases }).success).toBe(false);
  });

  it('of the log’s details leave the hash that cannot be linked', async () => {
    const count = async () => {
      const { rows } = await sql<{
        n: number;
      }>`select count(*)::int as n from audit_entry where detail is null`.execute(xb.node.db);
      return rows[0]!.n;
    };
    const before = await count();
    // Entries get their place in the log by the sequencer, which does not run here.
    await sql`update audit_entry set idx = id where idx is null`.execute(xb.node.db);
    await eraseLogDetails(xb.retention);
    expect(await count()).toBe(before);
    clock.ms += 31 * 366 * DAY_MS;
    await eraseLogDetails(xb.retention);
    expect(await count()).toBeGreaterThan(before + 10);
    expect(await lastAudit(xb.node, 'log.details-erased')).toEqual({ count: expect.any(Number) });
  });

  it('have a list of what is erased that reads past a line a crash cut off, and no damage', async () => {
    const path = `${xb.node.vault.path}.x`;
    const list = openErasedList(path);
    const id = '0192aaaa-0000-7000-8000-000000000000';
    await list.add({ kind: 'case', id });
    await appendFile(`${path}.erased`, '\nconversat');
    await list.add({ kind: 'message', id });
    expect(await list.read()).toEqual([
      { kind: 'case', id },
      { kind: 'message', id },
    ]);
    await appendFile(`${path}.erased`, 'damage\n');
    await expect(list.read()).rejects.toThrow(/restore the file/);
    expect(await readFile(`${path}.erased`, 'utf8')).not.toMatch(/[A-Z]/);
  });
});
