/** The roster, alerts and questions for local services through the officers' endpoint: what is refused says its code and what to do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { alertBody, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const HOUR_MS = 3_600_000;
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let there: OfficerServer;
let thread: string;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  there = await serveOfficers(xb);
  for (const person of [bo(), sam()]) await enterPerson(xb, person);
  const asked = { type: 'ENQ' as const, peer: 'xb', body: enquiryBody(), safety: calm };
  const sent = await proposeAct(xa.ctx, xa.person('ana'), asked);
  thread = sent.thread;
  const { digest } = await xa.db.selectFrom('proposal').select('digest').executeTakeFirstOrThrow();
  await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), sent.id, digest);
  await carry(xa, xb);
});
afterAll(async () => {
  await there.close();
  await Promise.all([xa.close(), xb.close()]);
});

const bo = () => xb.person('bo');
const sam = () => xb.person('sam', 'supervisor');
const iso = (ms: number) => new Date(ms).toISOString();
/** Code, and the words with it. */
async function refusal(actor: ReturnType<typeof bo>, query: string, variables: Record<string, unknown> = {}) {
  const { errors, data } = await there.ask(actor, query, variables);
  expect(errors, JSON.stringify(data)).toHaveLength(1);
  return { code: errors[0]!.extensions.code, message: errors[0]!.message };
}

const SET = `mutation($person: ID!, $rank: Int!, $from: String!, $until: String!) {
  setDuty(person: $person, rank: $rank, from: $from, until: $until) }`;

describe('the roster', () => {
  const shift = (change = {}) => ({
    person: bo().id,
    rank: 1,
    from: iso(clock.ms),
    until: iso(clock.ms + HOUR_MS),
    ...change,
  });

  it('is set, read and ended; each refusal has its code and says what to do', async () => {
    expect(await refusal(sam(), SET, shift({ person: 'nobody' }))).toEqual({
      code: 'PERSON_UNSUITABLE',
      message: expect.stringContaining('Name an officer'),
    });
    expect(await refusal(sam(), SET, shift({ rank: 3 }))).toMatchObject({ code: 'RANK_INVALID' });
    expect(await refusal(sam(), SET, shift({ until: 'tomorrow' }))).toMatchObject({ code: 'TIMES_INVALID' });
    expect(await refusal(bo(), SET, shift())).toMatchObject({ code: 'NOT_PERMITTED' });
    const { data, errors } = await there.ask(sam(), SET, shift({ rank: 2 }));
    expect(errors).toEqual([]);
    const roster = await there.ask(bo(), '{ dutyRoster { id person rank unit } }');
    expect(roster.data!.dutyRoster).toEqual([
      { id: data!.setDuty, person: bo().id, rank: 2, unit: 'national' },
    ]);
    const end = 'mutation($shift: ID!) { endDuty(shift: $shift) }';
    expect((await there.ask(sam(), end, { shift: data!.setDuty })).data).toEqual({ endDuty: true });
    expect(await refusal(sam(), end, { shift: data!.setDuty })).toMatchObject({ code: 'SHIFT_UNKNOWN' });
  });
});

const CONFIRM =
  'mutation($thread: ID!, $alert: ID) { confirmAlert(thread: $thread, alert: $alert) { type status messageId } }';

describe('an alert', () => {
  it('is confirmed by name or all at once; where none waits the answer says so', async () => {
    expect(await refusal(bo(), CONFIRM, { thread })).toEqual({
      code: 'NO_ALERT',
      message: expect.stringContaining('no alert'),
    });
    const raised: string[] = [];
    for (let n = 0; n < 2; n++) {
      const alert = { type: 'URG' as const, thread, body: alertBody('XB'), safety: calm };
      raised.push((await proposeAct(xa.ctx, xa.person('ana'), alert)).messageId!);
    }
    await carry(xa, xb);
    const left = { type: 'ACK', status: 'released', messageId: expect.any(String) };
    expect((await there.ask(bo(), CONFIRM, { thread, alert: raised[1] })).data).toEqual({
      confirmAlert: [left],
    });
    expect((await there.ask(bo(), CONFIRM, { thread })).data).toEqual({ confirmAlert: [left] });
    expect(await refusal(bo(), CONFIRM, { thread })).toMatchObject({ code: 'NO_ALERT' });
    const task = { kind: 'call-duty-phone', closed_by: bo().id };
    const closed = xb.db
      .selectFrom('task')
      .select(['kind', 'closed_by'])
      .where('kind', '=', task.kind as never);
    expect(await closed.execute()).toEqual([task, task]);
  });
});

const GIVE = `mutation($thread: ID!, $questions: [String!]!, $days: Int!) {
  giveQuestions(thread: $thread, questions: $questions, service: "Town youth office (invented)", days: $days) {
    id path link page number children { names born } warnings } }`;

describe('questions for a local service', () => {
  it('are given, listed and withdrawn; each refusal has its code and says what to do', async () => {
    expect(await refusal(bo(), GIVE, { thread, questions: ['q9'], days: 3 })).toEqual({
      code: 'QUESTIONS_UNSUITABLE',
      message: expect.stringContaining('by their references'),
    });
    expect(await refusal(bo(), GIVE, { thread, questions: ['q1'], days: 15 })).toMatchObject({
      code: 'TIME_INVALID',
    });
    const { data, errors } = await there.ask(bo(), GIVE, { thread, questions: ['q1'], days: 3 });
    expect(errors).toEqual([]);
    const given = data!.giveQuestions as Record<'id' | 'path' | 'link' | 'page' | 'number', string>;
    const { id, page, link } = given;
    expect(data!.giveQuestions).toMatchObject({
      children: [
        { names: ['\u2068يوسف الحسن\u2069 (\u2068Yusuf al-Hasan\u2069)', 'Юсуф'], born: '2010-2012' },
      ],
      warnings: [],
    });
    expect(page.replaceAll('<wbr>', '')).toContain(link);
    expect(page).not.toContain(given.number);
    const withdraw = 'mutation($id: ID!) { withdrawQuestions(request: $id) }';
    expect((await there.ask(bo(), withdraw, { id })).data).toEqual({ withdrawQuestions: true });
    expect(await refusal(bo(), withdraw, { id })).toMatchObject({ code: 'REQUEST_UNKNOWN' });
    const list = 'query($thread: ID!) { localRequests(thread: $thread) { id withdrawnAt answers { text } } }';
    expect((await there.ask(bo(), list, { thread })).data!.localRequests).toEqual([
      { id, withdrawnAt: iso(clock.ms), answers: [] },
    ]);
  });
});
