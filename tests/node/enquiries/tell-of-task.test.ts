/** Who is told of each kind of task: one table, every kind, in an office with two units. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endHandOver, handOver } from '#node/access/hand-over.ts';
import { nameDeputy } from '#node/access/name-deputy.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { askClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { type TaskKind, taskKinds } from '#node/enquiries/tables.ts';
import { insertTask, type NewTask } from '#node/enquiries/task.ts';
import { runOperation } from '#node/operation.ts';
import { alertBody, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { days, enterOffice, type Office } from '../../fixtures/office.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

const HOUR_MS = 3_600_000;
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let office: Office;
/** Of the unit `east`, where Eva is the officer and Sue the supervisor, and Sid of `national` is the deputy. */
let thread: string;
/** The same, for named readers: Eva wrote it and Sue approved it. */
let closed: string;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  await giveAddresses(xa);
  const until = days(clock.ms, 30);
  await nameDeputy(xa.ctx, office.as('hana'), { person: office.id('sid'), unit: 'east', until });
  thread = await office.enquire('eva');
  const handling = {
    readers: 'eyes-only' as const,
    named: ['Head (invented)'],
    onward: 'no' as const,
    mayBeShownTo: [],
  };
  closed = await office.enquire('eva', { handling });
});
afterAll(() => xa.close());
beforeEach(() => takeTold(xa));

const open = (task: NewTask) =>
  runOperation(xa.db, xa.ctx.surroundings, (op) => insertTask(op, { messageId: `m${clock.ms++}`, ...task }));
/** Who of the office's own people was told; auditors are told beside them. */
const names = async () =>
  (await takeTold(xa)).map((line) => line.split(' ')[0]!).filter((name) => name !== 'aud');
type Row = { readonly task: () => Omit<NewTask, 'kind'>; readonly told: readonly string[] };
const ofThread = () => ({ thread });
const ofUnit = () => ({ unit: 'east' });
const toEva = () => ({ thread, assignedTo: office.id('eva') });

const table: Readonly<Record<TaskKind, Row>> = {
  'call-duty-phone': { task: ofThread, told: ['eva urgent', 'sue urgent'] },
  'account-owed': { task: ofThread, told: ['eva urgent', 'sue urgent'] },
  'missing-notice': { task: ofThread, told: ['eva urgent', 'sue urgent'] },
  undelivered: { task: toEva, told: ['eva digest'] },
  'expired-release': { task: toEva, told: ['eva digest'] },
  'arrived-after-all': { task: toEva, told: ['eva urgent'] },
  'local-answer': { task: toEva, told: ['eva digest'] },
  'safety-review': { task: ofThread, told: ['hana urgent', 'sue urgent'] },
  'second-approval-due': {
    task: () => ({ thread, except: [office.id('eva')] }),
    told: ['hana urgent', 'sid urgent', 'sue urgent'],
  },
  'approval-waits': {
    task: () => ({ thread, may: 'act.approve', except: [office.id('sue')] }),
    told: ['hana digest', 'sid digest'],
  },
  'proposal-lapsed': { task: toEva, told: ['eva digest', 'hana digest', 'sue digest'] },
  'clearance-asked': {
    task: () => ({ thread, may: 'clearance.grant', except: [office.id('sue')] }),
    told: ['hana digest', 'sid digest'],
  },
  incident: {
    task: () => ({ thread, except: [office.id('sue')] }),
    told: ['aud urgent', 'hana urgent', 'sid urgent'],
  },
  escalation: { task: () => ({ thread, detail: 'ours:first-look:supervisor' }), told: ['sue digest'] },
  'need-review': { task: () => ({ ...ofUnit(), thread }), told: ['aud urgent', 'hana urgent', 'sue urgent'] },
  'need-overdue': { task: () => ({ ...ofUnit(), thread }), told: ['hana urgent'] },
  'reading-review': { task: () => ({ ...ofUnit(), except: [office.id('sue')] }), told: ['hana digest'] },
  'many-searches': {
    task: () => ({ ...ofUnit(), except: [office.id('sue')] }),
    told: ['aud digest', 'hana digest'],
  },
  'many-readings': {
    task: () => ({ ...ofUnit(), except: [office.id('sue')] }),
    told: ['aud digest', 'hana digest'],
  },
  'work-left': { task: ofUnit, told: ['hana digest', 'sue digest'] },
  'deferral-review': { task: ofThread, told: ['hana digest', 'sue digest'] },
  'conversation-moved': {
    task: () => ({ thread: closed, unit: 'national' }),
    told: ['eva digest', 'hana digest', 'sue digest'],
  },
  breach: { task: ofUnit, told: ['hana urgent', 'sue urgent'] },
  'breach-due': { task: ofUnit, told: ['hana urgent', 'sue urgent'] },
  'disclosure-waits': {
    task: () => ({ thread, except: [office.id('sue')] }),
    told: ['hana digest', 'sid digest'],
  },
  'breach-overdue': { task: ofUnit, told: ['aud urgent', 'hana urgent', 'sue urgent'] },
  'possible-match': { task: ofThread, told: ['eva digest', 'sue digest'] },
  'guardian-conflict': { task: () => ({ ...ofUnit(), thread }), told: ['hana urgent', 'sue urgent'] },
  'representative-ended': { task: ofThread, told: ['hana urgent', 'sue urgent'] },
  'child-complaint': { task: () => ({ ...ofUnit(), except: [office.id('sue')] }), told: ['hana urgent'] },
  'reaching-18': { task: ofThread, told: ['eva digest', 'sue digest'] },
  'adult-consents': { task: ofThread, told: ['eva digest', 'sue digest'] },
  'notice-draft': { task: ofThread, told: ['eva digest', 'sue digest'] },
  'measure-against-child': { task: ofThread, told: ['hana urgent', 'sue urgent'] },
  'guardian-said': { task: ofThread, told: ['eva digest', 'sue digest'] },
};

describe('a task', () => {
  it.each(taskKinds)('%s is told to whom the table says', async (kind) => {
    await open({ kind, ...table[kind].task() });
    expect(await takeTold(xa)).toEqual(table[kind].told);
  });

  it.each(taskKinds)(
    '%s without a conversation and a unit is told to heads, and to no unit',
    async (kind) => {
      await open({ kind });
      expect(await names()).toEqual(['hana']);
    },
  );

  it.each(taskKinds)('%s of a conversation for named readers is told to those alone', async (kind) => {
    await open({ kind, thread: closed });
    const told = await names();
    expect(['hana', 'eva', 'sue']).toEqual(expect.arrayContaining(told));
    expect(told).not.toEqual([]);
  });

  it.each(taskKinds)('%s is never told to whom it is about, assigned or not', async (kind) => {
    await open({ kind, ...table[kind].task(), assignedTo: office.id('eva'), except: [office.id('eva')] });
    expect((await takeTold(xa)).join()).not.toContain('eva');
  });

  it.each(taskKinds)('%s is told to the head where nobody of the unit can be told', async (kind) => {
    await xa.db.updateTable('person').set({ email: null }).where('unit', '=', 'east').execute();
    await xa.db
      .updateTable('deputy')
      .set({ until: clock.ms - 1 })
      .execute();
    await open({ kind, ...table[kind].task(), thread });
    expect(await names()).toEqual(kind === 'conversation-moved' ? ['hana', 'sam', 'sid'] : ['hana']);
    await giveAddresses(xa);
  });

  it('is told to who stands in as well; where nobody does, it does not wait for the absent alone', async () => {
    const away = (to: string | undefined) =>
      handOver(xa.ctx, office.as('sue'), { from: office.id('sue'), to, until: days(clock.ms, 3) });
    const escalate = (of: string) =>
      open({ kind: 'escalation', thread: of, detail: 'ours:first-look:supervisor' });
    await away(office.id('eva'));
    await escalate(thread);
    expect(await takeTold(xa)).toEqual(['eva digest', 'sue digest']);
    // What is for named readers is no part of the work handed over.
    await xa.db.deleteFrom('reader').where('person', '=', office.id('eva')).execute();
    await escalate(closed);
    expect(await takeTold(xa)).toEqual(['hana digest', 'sue digest']);
    // Whom it is about is not told by way of standing in either.
    await open({ kind: 'many-readings', unit: 'east', except: [office.id('eva')] });
    expect(await takeTold(xa)).toEqual(['aud digest', 'hana digest', 'sue digest']);
    const last = await away(undefined);
    await escalate(thread);
    expect(await takeTold(xa)).toEqual(['hana digest', 'sue digest']);
    await open({ kind: 'undelivered', thread, assignedTo: office.id('sue') });
    expect(await takeTold(xa)).toEqual(['eva digest', 'sue digest']);
    await endHandOver(xa.ctx, office.as('sue'), last);
  });

  it('of an alert of the other State is told step by step, and not by this', async () => {
    await open({ kind: 'call-duty-phone', thread, detail: 'theirs' });
    expect(await takeTold(xa)).toEqual([]);
  });

  it('that not even a head can be told of is told to auditors, and to the operator where there is none', async () => {
    const of = {
      kind: 'escalation',
      unit: 'east',
      detail: 'x',
      except: [office.id('hana'), office.id('sue')],
    } as const;
    await open(of);
    expect(await takeTold(xa)).toEqual(['aud digest']);
    const lines: unknown[] = [];
    const log = { warn: (...line: unknown[]) => lines.push(line) };
    const unheard = (task: NewTask) =>
      runOperation(xa.db, { ...xa.ctx.surroundings, log }, (op) => insertTask(op, task));
    await unheard(of);
    expect(lines).toEqual([]);
    await xa.db.updateTable('person').set({ email: null }).execute();
    await unheard(of);
    expect(lines).toEqual([['task-told-nobody', { code: 'escalation' }]]);
    // What is taken back was never to be told.
    const failed = runOperation(xa.db, { ...xa.ctx.surroundings, log }, async (op) => {
      await insertTask(op, of);
      throw new Error('taken back');
    });
    await expect(failed).rejects.toThrow('taken back');
    expect(lines).toHaveLength(1);
    await giveAddresses(xa);
    await takeTold(xa);
  });

  it('of what a lone head sent alone reaches the deputy, who closes it, and the auditor', async () => {
    const away = xa.db.updateTable('person').where('unit', '=', 'east').where('role', '=', 'supervisor');
    await away.set({ disabled_at: 1 }).execute();
    const until = days(clock.ms, 30);
    await nameDeputy(xa.ctx, office.as('hana'), { person: office.id('sid'), unit: 'east', until });
    const of = await office.enquire('ana');
    await xa.db.updateTable('conversation').set({ unit: 'east' }).where('thread', '=', of).execute();
    const safety = { ...calm, childIsHere: 'not-known' as const };
    const sent = await proposeAct(xa.ctx, office.as('hana'), {
      type: 'URG',
      thread: of,
      body: alertBody('XB'),
      safety,
    });
    expect(sent.messageId).not.toBeNull();
    expect(await takeTold(xa)).toContain('sid urgent');
    clock.ms += 24 * HOUR_MS + 1;
    await raiseOverdue(xa.ctx);
    const told = await takeTold(xa);
    expect(told).toEqual(expect.arrayContaining(['sid urgent', 'aud urgent']));
    const { id } = await xa.db
      .selectFrom('task')
      .select('id')
      .where('kind', '=', 'incident')
      .where('proposal_id', '=', sent.id)
      .executeTakeFirstOrThrow();
    const close = (name: 'hana' | 'sid') => closeTask(xa.ctx, office.as(name), id, 'INVENTED: looked at it');
    await expect(close('hana')).rejects.toMatchObject({ code: 'SAME_PERSON' });
    await close('sid');
    await xa.db.updateTable('person').set({ disabled_at: null }).execute();
  });

  it('that nobody of the unit has answered goes to the head, who is told at once', async () => {
    await open({
      kind: 'escalation',
      thread,
      detail: 'ours:first-look:supervisor',
      dueAtMs: clock.ms + 24 * HOUR_MS,
    });
    expect(await takeTold(xa)).toEqual(['sue digest']);
    clock.ms += 24 * HOUR_MS + 1;
    await raiseOverdue(xa.ctx);
    expect(await takeTold(xa)).toContain('hana urgent');
  });

  it('to clear for a State the child may fear reaches the legal adviser who has to grant it', async () => {
    const { proposal } = await proposeAct(xa.ctx, office.as('ana'), {
      type: 'ENQ',
      peer: 'xb',
      body: enquiryBody(),
      safety: counselled('XB'),
    }).catch((error) => error);
    const grounds = 'INVENTED: counselled on 10 January';
    const asked = { kind: 'asylum', proposal, grounds, expiresAtMs: clock.ms + HOUR_MS } as const;
    await askClearance(xa.ctx, office.as('sam'), asked);
    expect(await takeTold(xa)).toEqual(['lea digest']);
  });
});
