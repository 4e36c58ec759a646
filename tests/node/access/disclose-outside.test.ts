/** What is given to the police, a court, a service of this State: codes, a ground, two persons; and nothing to immigration enforcement. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FRESH_MS } from '#node/access/decide.ts';
import { giveQuestions } from '#node/local-services/give-questions.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { call, days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
let peers: Office;
let here: OfficerServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  [office, peers] = await Promise.all([enterOffice(xa), enterOffice(xb)]);
  here = await serveOfficers(xa);
  await giveAddresses(xa);
});
afterAll(async () => {
  await here.close();
  await Promise.all([xa.close(), xb.close()]);
});
let thread: string;
beforeEach(async () => {
  thread = await office.enquire();
  await takeTold(xa);
});

const ask = (name: Name, text: string, variables = {}, provedAgoMs = 0) =>
  call(here, office.as(name, provedAgoMs), text, variables);
const DISCLOSE = `mutation($thread: ID!, $body: OutsideBody!, $ground: OutsideGround!, $given: [OutsideClass!]!, $imminent: Boolean, $at: String) {
  discloseOutside(thread: $thread, body: $body, ground: $ground, given: $given, imminent: $imminent, at: $at) }`;
const disclose = (name: Name, change = {}, provedAgoMs = 0) =>
  ask(
    name,
    DISCLOSE,
    { thread, body: 'police', ground: 'court_order', given: ['identity', 'whereabouts'], ...change },
    provedAgoMs,
  );
const APPROVE = 'mutation($id: ID!) { approveOutsideDisclosure(disclosure: $id) }';
const WITHDRAW = 'mutation($id: ID!) { withdrawOutsideDisclosure(disclosure: $id) }';
const LIST = `query($thread: ID) { outsideDisclosures(thread: $thread) {
  id body ground given imminent givenAt statedBy approver withdrawnBy } }`;
const listed = async (name: Name) => (await ask(name, LIST, { thread })).data.outsideDisclosures;
const iso = () => new Date(clock.ms).toISOString();
const tasksAbout = (id: string) =>
  xa.db.selectFrom('task').select(['kind', 'closed_by', 'reason']).where('about', '=', id).execute();

describe('a disclosure outside the network', () => {
  it('is given when a second person has agreed, and not before', async () => {
    const { codes, data } = await disclose('sam');
    expect(codes).toEqual([]);
    const id = String(data.discloseOutside);
    const row = {
      id,
      body: 'police',
      ground: 'court-order',
      given: ['identity', 'whereabouts'],
      imminent: false,
      givenAt: null,
      statedBy: office.id('sam'),
      approver: null,
      withdrawnBy: null,
    };
    expect(await listed('sid')).toEqual([row]);
    expect(await takeTold(xa)).toEqual(['hana digest', 'sid digest']);
    expect((await ask('sam', APPROVE, { id })).codes).toEqual(['SAME_PERSON']);
    expect((await ask('sid', APPROVE, { id }, FRESH_MS + 1)).codes).toEqual(['STEP_UP_NEEDED']);
    expect((await ask('sue', APPROVE, { id })).codes).toEqual(['NOT_FOUND']);
    clock.ms += 1000;
    expect((await ask('sid', APPROVE, { id })).codes).toEqual([]);
    expect(await listed('sid')).toEqual([{ ...row, givenAt: iso(), approver: office.id('sid') }]);
    expect(await tasksAbout(id)).toEqual([
      { kind: 'disclosure-waits', closed_by: office.id('sid'), reason: 'approved' },
    ]);
    for (const again of [APPROVE, WITHDRAW])
      expect((await ask('hana', again, { id })).codes).toEqual(['ALREADY_DECIDED']);
    expect(await lastAudit(xa, 'disclosure.outside')).toEqual({
      id,
      thread,
      body: 'police',
      ground: 'court-order',
      given: ['identity', 'whereabouts'],
      imminent: false,
      actor: office.id('sam'),
    });
    expect(await lastAudit(xa, 'disclosure.outside-approved')).toEqual({
      id,
      thread,
      approver: office.id('sid'),
    });
  });

  it('in imminent danger is given at once, and a second person looks at it afterwards', async () => {
    const danger = { imminent: true, ground: 'imminent_danger', at: days(clock.ms, -1) };
    expect((await disclose('sam', { ...danger, ground: 'court_order' })).codes).toEqual(['INPUT_INVALID']);
    expect((await disclose('sam', { ...danger, at: days(clock.ms, 1) })).codes).toEqual(['TIME_INVALID']);
    const { data } = await disclose('sam', danger);
    const id = String(data.discloseOutside);
    expect(await listed('hana')).toMatchObject([{ givenAt: danger.at, approver: null }]);
    expect((await ask('sam', WITHDRAW, { id })).codes).toEqual(['ALREADY_DECIDED']);
    expect((await ask('hana', APPROVE, { id })).codes).toEqual([]);
    expect(await listed('hana')).toMatchObject([{ givenAt: danger.at, approver: office.id('hana') }]);
  });

  it('that nobody agrees to is taken back, and was never given', async () => {
    const { data } = await disclose('sam');
    const id = String(data.discloseOutside);
    expect((await ask('sid', WITHDRAW, { id })).codes).toEqual([]);
    expect((await ask('hana', APPROVE, { id })).codes).toEqual(['ALREADY_DECIDED']);
    expect(await listed('sam')).toMatchObject([{ givenAt: null, withdrawnBy: office.id('sid') }]);
  });

  it('is for who decides in the unit of the conversation, with a fresh proof, and says what is given', async () => {
    expect((await disclose('ana')).codes).toEqual(['NOT_PERMITTED']);
    expect((await disclose('sue')).codes).toEqual(['NOT_FOUND']);
    expect((await disclose('sam', {}, FRESH_MS + 1)).codes).toEqual(['STEP_UP_NEEDED']);
    expect((await disclose('sam', { given: [] })).codes).toEqual(['INPUT_INVALID']);
    expect((await disclose('sam', { ground: 'asked_by_enquiry' })).codes).toEqual(['INPUT_INVALID']);
    expect((await disclose('sam', { at: days(clock.ms, -1) })).codes).toEqual(['INPUT_INVALID']);
    expect((await ask('ana', LIST, { thread })).codes).toEqual(['NOT_PERMITTED']);
    expect(await listed('sue')).toEqual([]);
    expect(await listed('sam')).toEqual([]);
  });

  it('to immigration enforcement is refused whatever the ground; an incident, and the auditor is told at once', async () => {
    for (const imminent of [false, true]) {
      const ground = imminent ? 'imminent_danger' : 'court_order';
      const tried = await disclose('sam', { body: 'immigration_enforcement', ground, imminent });
      expect(tried.codes).toEqual(['FIREWALL']);
      expect(await takeTold(xa)).toEqual(['aud urgent', 'hana urgent', 'sid urgent']);
    }
    expect(await listed('hana')).toEqual([]);
    expect(await lastAudit(xa, 'disclosure.refused')).toEqual({
      thread,
      body: 'immigration-enforcement',
      ground: 'imminent-danger',
      actor: office.id('sam'),
    });
    const incidents = xa.db
      .selectFrom('task')
      .select('detail')
      .where('kind', '=', 'incident')
      .where('thread', '=', thread);
    expect(await incidents.execute()).toHaveLength(2);
  });

  it('is the database’s rule too: no second person who is the first, none missing, nothing through the firewall', async () => {
    const row = {
      thread,
      body: 'police' as const,
      ground: 'court-order' as const,
      given: ['identity' as const],
      imminent: false,
      given_at: null,
      stated_by: office.id('sam'),
      stated_at: clock.ms,
      approver: null,
      approved_at: null,
      withdrawn_by: null,
      withdrawn_at: null,
    };
    const store = (change: Partial<typeof row> | Record<string, unknown>) =>
      xa.db
        .insertInto('outside_disclosure')
        .values({ ...row, id: `forced-${Math.random()}`, ...change } as never)
        .execute();
    await expect(store({ given_at: clock.ms })).rejects.toMatchObject({
      constraint: 'outside_second_person',
    });
    await expect(store({ approver: office.id('sam'), approved_at: 1 })).rejects.toMatchObject({
      constraint: 'outside_two_persons',
    });
    await expect(store({ body: 'immigration-enforcement' })).rejects.toMatchObject({
      constraint: 'outside_firewall',
    });
    const asAna = (change: Record<string, unknown>) =>
      xa.ctx.doors.withActor(office.as('ana'), (trx) =>
        trx
          .insertInto('outside_disclosure')
          .values({ ...row, id: 'forced-ana', stated_by: office.id('ana'), ...change } as never)
          .execute(),
      );
    await expect(asAna({})).rejects.toMatchObject({ code: '42501' });
    await expect(asAna({ body: 'local-service', stated_by: office.id('sam') })).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('of questions to a local service stands in the register by itself', async () => {
    await carry(xa, xb);
    const asked = { thread, questions: ['q1'], service: 'INVENTED service', language: 'en', days: 3 };
    await giveQuestions(xb.ctx, peers.as('ana'), asked);
    const rows = await xb.ctx.doors.withActor(peers.as('sam'), (trx) =>
      trx.selectFrom('outside_disclosure').selectAll().where('thread', '=', thread).execute(),
    );
    expect(rows).toMatchObject([
      { body: 'local-service', ground: 'asked-by-enquiry', given_at: clock.ms, stated_by: peers.id('ana') },
    ]);
    expect(JSON.stringify(rows)).not.toContain('INVENTED');
  });
});
