/** Attacks on erasing: what is held, joined, represented or half done when its time comes. INVENTED children. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveJoin, proposeJoin } from '#node/cases/join-cases.ts';
import { linkConversation } from '#node/cases/link-conversation.ts';
import { closeCase, openCase } from '#node/cases/open-case.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import { freezeLink } from '#node/representation/freeze-link.ts';
import { answerErasure } from '#node/retention/answer-erasure.ts';
import { applyRetention, prepareRetention } from '#node/retention/apply-retention.ts';
import { approveDecision, endDecision, proposeDecision } from '#node/retention/decide.ts';
import { aboutChild } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import { postgresForChild } from '../../fixtures/database.ts';
import { type Clock, carry, START_MS } from '../../fixtures/loopback.ts';
import { days } from '../../fixtures/office.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';
import {
  approveAnswer,
  askErasure,
  DAY_MS,
  type Side,
  startSide,
  workThrough,
} from '../../fixtures/retention.ts';

const clock: Clock = { ms: START_MS };
let xa: Side;
let xb: Side;
let here: PeopleServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startSide('xa', clock), startSide('xb', clock)]);
  here = await servePeople(xa.node);
});
afterAll(async () => {
  await here.close();
  await Promise.all([xa.node.close(), xb.node.close()]);
});

const PROVENANCE = { source: 'document', confidence: 'verified' };
const author = ({ office } = xa) => office.as('ana');
const approver = ({ office } = xa) => office.as('sam');
async function openFile(side = xa): Promise<string> {
  const file = await openCase(side.node.ctx, author(side));
  await writeEntry(side.node.ctx, author(side), {
    ...{ case: file, kind: 'gender', replaces: [], provenance: PROVENANCE },
    value: { gender: 'Feminine' },
  });
  return file;
}
const countEntries = async (files: readonly string[], { node } = xa) =>
  (
    await node.db
      .selectFrom('case_entry')
      .select('id')
      .where('case_id', 'in', [...files])
      .execute()
  ).length;
const closeFile = (file: string) =>
  closeCase(xa.node.ctx, approver(), { case: file, closing: 'opened-in-error' });
async function hold(about: string, count: number, side = xa): Promise<string> {
  const id = await proposeDecision(side.node.ctx, author(side), about, {
    ...{ kind: 'hold', ground: 'criminal-proceedings', authority: 'court', until: days(clock.ms, count) },
    reason: 'INVENTED: file 12/27 of the regional court',
  });
  await approveDecision(side.node.ctx, approver(side), id);
  return id;
}
async function erase(about: string, side = xa): Promise<void> {
  const id = await proposeDecision(side.node.ctx, author(side), about, {
    ...{ kind: 'erase', ground: 'court-order' },
    reason: 'INVENTED: order 3/27',
  });
  await approveDecision(side.node.ctx, approver(side), id);
  await applyRetention(side.retention);
}
/** Two persons read one file with another from now on. */
const join = async (from: string, into: string) =>
  approveJoin(xa.node.ctx, approver(), await proposeJoin(xa.node.ctx, author(), { from, into }));
const represent = (of: { case: string } | { threads: string[] }) =>
  linkGuardian(xa.node, [author(), approver()], appointmentOf({ person: xa.office.id('gil'), ...of }));

describe('a hold by law', () => {
  it('on one of two files that are read together keeps both', async () => {
    const [held, other] = [await openFile(), await openFile()];
    await hold(held, 1500);
    await join(held, other);
    await closeFile(other);
    await expect(erase(other)).rejects.toMatchObject({ code: 'LEGAL_HOLD' });
    await applyRetention(xa.retention);
    clock.ms += 1400 * DAY_MS;
    await xa.node.db.updateTable('retention').set({ erase_at: clock.ms }).where('id', '=', other).execute();
    await applyRetention(xa.retention);
    expect(await countEntries([held, other])).toBe(2);
    // Its end gives both files the time in which people are told.
    clock.ms += 101 * DAY_MS;
    await applyRetention(xa.retention);
    expect(await countEntries([held, other])).toBe(2);
    clock.ms += 31 * DAY_MS;
    await applyRetention(xa.retention);
    expect(await countEntries([held, other])).toBe(0);
  });

  it('on a file keeps the conversations it gathers, and the other State is told until when', async () => {
    const file = await openFile(xb);
    const thread = await workThrough(xa, xb);
    await linkConversation(xb.node.ctx, author(xb), { case: file, thread });
    const id = await hold(file, 100, xb);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, author(xb), thread)).id);
    const [answer] = await carry(xb.node, xa.node);
    const keptUntil = new Date(clock.ms + 100 * DAY_MS).toISOString().slice(0, 10);
    expect(answer!.body).toMatchObject({ result: 'held', keptUntil, keptFor: 'court' });
    await expect(erase(thread, xb)).rejects.toMatchObject({ code: 'LEGAL_HOLD' });
    await endDecision(xb.node.ctx, approver(xb), id);
    await erase(thread, xb);
    const acts = await xb.node.db
      .selectFrom('act')
      .select(['type', 'body'])
      .where('thread', '=', thread)
      .execute();
    expect(acts.filter(({ type }) => type !== 'ERS').every(({ body }) => body.length === 0)).toBe(true);
  });
});

describe('a file that two made one', () => {
  it('comes back neither way from a backup of before they were joined', async () => {
    const [from, into] = [await openFile(), await openFile()];
    const kept = await xa.node.db.selectFrom('case_entry').selectAll().where('case_id', '=', from).execute();
    const keys = await xa.node.db
      .selectFrom('data_key')
      .selectAll()
      .where('subject', '=', `case:${from}`)
      .execute();
    await join(from, into);
    await closeFile(into);
    await erase(into);
    expect(await countEntries([from, into])).toBe(0);
    const { db } = xa.node;
    await sql`alter table data_key disable trigger all`.execute(db);
    await db.deleteFrom('retention').where('id', 'in', [from, into]).execute();
    await db.updateTable('case_file').set({ joined_into: null }).where('id', '=', from).execute();
    await db.deleteFrom('data_key').where('subject', '=', `case:${from}`).execute();
    await db.insertInto('data_key').values(keys).execute();
    await sql`alter table data_key enable trigger all`.execute(db);
    await db.insertInto('case_entry').values(kept).execute();
    expect(await prepareRetention(xa.retention)).toBe(1);
    expect(await countEntries([from])).toBe(0);
  });
});

describe('a node that is killed', () => {
  it('after an erasure stood in the list and before it was done tells the other State when it starts again', async () => {
    const thread = await workThrough(xa, xb);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    const child = fork(new URL('./erase-process.ts', import.meta.url), {
      env: { ...process.env, ...(await postgresForChild()) },
      execArgv: ['--import', 'tsx'],
    });
    child.send({ database: xb.node.config.database, vault: xb.node.vault.path, nowMs: clock.ms, staysAt: 1 });
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await prepareRetention(xb.retention)).toBe(1);
    await applyRetention(xb.retention);
    const [answer] = await carry(xb.node, xa.node);
    expect(answer!.body).toMatchObject({ phase: 'answer', result: 'erased' });
    expect(await prepareRetention(xb.retention)).toBe(0);
    expect(await carry(xb.node, xa.node)).toEqual([]);
  });
});

describe('who represented the child', () => {
  const REPRESENTATIONS = '{ representations { id } }';
  const LINKS = 'query($of: ID!) { guardianLinks(thread: $of) { id } }';
  const shown = async () => {
    const { data, errors } = await here.ask(xa.office.as('gil'), REPRESENTATIONS);
    expect(errors).toEqual([]);
    return (data!.representations as { id: string }[]).map(({ id }) => id);
  };
  const sealedOf = async (id: string) => {
    const query = xa.node.db.selectFrom('guardian_link').select(['content', 'shown']).where('id', '=', id);
    const { content, shown: own } = await query.executeTakeFirstOrThrow();
    return [content!.length, own!.length];
  };

  it('of a file that was erased represents nobody by it any more, and goes on for other children', async () => {
    const [gone, stays] = [await openFile(), await openFile()];
    const thread = await xa.office.enquire('ana', aboutChild('INVENTED Dana'));
    await linkConversation(xa.node.ctx, author(), { case: gone, thread });
    const [first, second] = [await represent({ case: gone }), await represent({ case: stays })];
    expect(await shown()).toEqual(expect.arrayContaining([first, second]));
    await closeFile(gone);
    await erase(gone);
    expect(await shown()).toEqual([second]);
    expect(await sealedOf(first)).toEqual([0, 0]);
    // No access outlives the file in which the child's birthday stood.
    const { rows } = await xa.node.ctx.doors.withActor(xa.office.as('gil'), (trx) =>
      sql`select 1 from app_my_represented() where thread = ${thread}`.execute(trx),
    );
    expect(rows).toEqual([]);
    for (const of of [gone, thread]) {
      const { errors, data } = await here.ask(approver(), LINKS, { of });
      expect([errors, data]).toEqual([[], { guardianLinks: [] }]);
    }
  });

  it('of conversations alone does so until the last of them is erased; then the act of appointment goes too', async () => {
    const [first, last] = [await workThrough(xa, xb), await workThrough(xa, xb)];
    const id = await represent({ threads: [first, last] });
    await erase(first);
    expect([(await shown()).includes(id), (await sealedOf(id))[0]! > 0]).toEqual([true, true]);
    await erase(last);
    expect([(await shown()).includes(id), await sealedOf(id)]).toEqual([false, [0, 0]]);
    const key = await xa.node.db
      .selectFrom('data_key')
      .select('wrapped')
      .where('subject', '=', `link:${id}`)
      .execute();
    expect(key).toEqual([{ wrapped: null }]);
  });
});

describe('the child’s side', () => {
  const QUERY = '{ representations { id conversations { erasedFrom } } }';
  const told = async (link: string) => {
    const { data, errors } = await here.ask(xa.office.as('gus'), QUERY);
    expect(errors).toEqual([]);
    type Row = { id: string; conversations: { erasedFrom: string | null }[] };
    const found = (data!.representations as Row[]).find(({ id }) => id === link);
    return found?.conversations.map(({ erasedFrom }) => erasedFrom);
  };
  const details = async (about: string) => {
    const query = xa.node.db.selectFrom('task').select('detail').where('about', '=', about);
    return (await query.where('kind', '=', 'erasure-due').orderBy('opened_at').execute()).map(
      (one) => one.detail,
    );
  };
  const eraseIn = (id: string, count: number) =>
    xa.node.db
      .updateTable('retention')
      .set({ erase_at: clock.ms + count * DAY_MS, warn_at: clock.ms + (count - 30) * DAY_MS })
      .where('id', '=', id)
      .execute();
  const dayIn = (count: number) => new Date(clock.ms + count * DAY_MS).toISOString().slice(0, 10);

  it('reads a month before from which day nothing can be read, and that it is kept after all', async () => {
    const [thread, frozen, alone] = [
      await workThrough(xa, xb),
      await workThrough(xa, xb),
      await workThrough(xa, xb),
    ];
    const represent = (of: string) =>
      linkGuardian(
        xa.node,
        [author(), approver()],
        appointmentOf({ person: xa.office.id('gus'), threads: [of] }),
      );
    const [link, held] = [await represent(thread), await represent(frozen)];
    await freezeLink(xa.node.ctx, approver(), held, true);
    await applyRetention(xa.retention);
    for (const one of [thread, frozen, alone]) await eraseIn(one, 29);
    expect(await told(link)).toEqual([null]);
    await applyRetention(xa.retention);
    expect([await told(link), await details(thread)]).toEqual([[dayIn(29)], ['child-side-told']]);
    // Whom nobody represents, or who is not to hear anything new now, is told by a person.
    expect([await details(alone), await details(frozen)]).toEqual([
      ['child-side-to-tell'],
      ['child-side-to-tell'],
    ]);
    expect(await told(held)).toEqual([null]);
    // A court keeps it: nothing is said to be erased, and nobody is told while it stands.
    await hold(thread, 10);
    expect(await told(link)).toEqual([null]);
    clock.ms += 11 * DAY_MS;
    await applyRetention(xa.retention);
    expect(await told(link)).toEqual([dayIn(30)]);
    clock.ms += 31 * DAY_MS;
    await applyRetention(xa.retention);
    expect(await told(link)).toBeUndefined();
  });
});
