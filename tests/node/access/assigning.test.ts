/** Who works on what: assigning, moving, standing in, deputies, and what waits for somebody who is not there. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { sees as policy } from '#node/access/decide.ts';
import { accessLimits } from '#node/access/limits.ts';
import { readStandings } from '#node/access/standing.ts';
import { aboutChild, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let here: OfficerServer;
let office: Office;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
});
afterAll(async () => {
  await here.close();
  await xa.close();
});

const as = (name: Name, ago?: number) => office.as(name, ago);
const ask = (name: Name, text: string, variables = {}) => call(here, as(name), text, variables);

const SEES = 'query($thread: ID!) { conversation(thread: $thread) { thread } }';
const sees = async (name: Name, thread: string) => (await ask(name, SEES, { thread })).codes[0] ?? 'yes';
/** The same question, put to the database without the code. */
const rowsSeen = (actor: Actor, thread: string) =>
  xa.ctx.doors.withActor(actor, async (trx) => {
    const rows = await trx.selectFrom('conversation').select('thread').where('thread', '=', thread).execute();
    return rows.length;
  });
const ASSIGN = `mutation($thread: ID!, $person: ID!, $until: String) {
  assignConversation(thread: $thread, person: $person, until: $until) }`;
const assign = (by: Name, thread: string, person: string, until?: string) =>
  ask(by, ASSIGN, { thread, person, until });

describe('an assignment', () => {
  it('lets a local case worker, an adviser and another unit work on one conversation, and on no other', async () => {
    const [thread, other] = [await office.enquire(), await office.enquire()];
    for (const name of ['cas', 'lea', 'eva'] as const) {
      expect(await sees(name, thread)).toBe('CONVERSATION_UNKNOWN');
      expect((await assign('sam', thread, office.id(name))).codes).toEqual([]);
      expect([await sees(name, thread), await rowsSeen(as(name), thread)]).toEqual(['yes', 1]);
      expect([await sees(name, other), await rowsSeen(as(name), other)]).toEqual(['CONVERSATION_UNKNOWN', 0]);
    }
    const { data } = await ask(
      'sam',
      'query($thread: ID!) { assignments(thread: $thread) { assignee givenBy until } }',
      {
        thread,
      },
    );
    const listed = data.assignments as { assignee: string }[];
    expect(listed.sort((a, b) => a.assignee.localeCompare(b.assignee))).toEqual(
      ['cas', 'eva', 'lea'].map((name) => ({
        assignee: office.id(name as Name),
        givenBy: office.id('sam'),
        until: null,
      })),
    );
    const mine = await ask('cas', '{ myAssignments { thread } }');
    expect(mine.data.myAssignments).toContainEqual({ thread });
    expect(await lastAudit(xa, 'assignment.given')).toMatchObject({
      thread,
      assignee: office.id('eva'),
      by: office.id('sam'),
    });
  });

  it('is over with the next request once it is ended, and by itself when its time is over', async () => {
    const thread = await office.enquire();
    const { data } = await assign('sam', thread, office.id('cas'));
    expect(await sees('cas', thread)).toBe('yes');
    const END = 'mutation($id: ID!) { endAssignment(assignment: $id) }';
    const id = data.assignConversation;
    expect((await ask('eva', END, { id })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('sue', END, { id })).codes).toEqual(['NOT_FOUND']);
    expect((await ask('sam', END, { id })).codes).toEqual([]);
    expect([await sees('cas', thread), await rowsSeen(as('cas'), thread)]).toEqual([
      'CONVERSATION_UNKNOWN',
      0,
    ]);
    expect((await ask('sam', END, { id })).codes).toEqual(['ALREADY_DECIDED']);

    await assign('sam', thread, office.id('lea'), days(clock.ms, 1));
    expect(await sees('lea', thread)).toBe('yes');
    clock.ms += 86_400_000;
    expect([await sees('lea', thread), await rowsSeen(as('lea'), thread)]).toEqual([
      'CONVERSATION_UNKNOWN',
      0,
    ]);
    // Given again it is another decision, with another entry.
    await assign('sam', thread, office.id('lea'), days(clock.ms, 2));
    expect(await sees('lea', thread)).toBe('yes');
    expect(await lastAudit(xa, 'assignment.given')).toMatchObject({
      assignee: office.id('lea'),
      untilMs: clock.ms + 2 * 86_400_000,
    });
  });

  it('is given by who decides in the unit, to who can take it on, for a time to come', async () => {
    const thread = await office.enquire();
    expect((await assign('ana', thread, office.id('cas'))).codes).toEqual(['NOT_PERMITTED']);
    expect((await assign('sue', thread, office.id('cas'))).codes).toEqual(['NOT_FOUND']);
    // Being assigned does not make a decider of another unit one of this.
    await assign('sam', thread, office.id('sue'));
    expect((await assign('sue', thread, office.id('cas'))).codes).toEqual(['NOT_PERMITTED']);
    expect((await assign('sam', thread, 'nobody.xa')).codes).toEqual(['NO_SUCH_PERSON']);
    for (const name of ['gil', 'aud'] as const)
      expect((await assign('sam', thread, office.id(name))).codes).toEqual(['PERSON_NOT_FIT']);
    for (const until of [days(clock.ms, -1), days(clock.ms, 400), 'tomorrow', '2027-02-01T10:00:00'])
      expect((await assign('sam', thread, office.id('cas'), until)).codes).toEqual(['TIME_INVALID']);
    expect(await sees('cas', thread)).toBe('CONVERSATION_UNKNOWN');
  });

  it('is written by nobody in SQL who does not see the conversation', async () => {
    const thread = await office.enquire();
    const row = { id: 'assignment-x', thread, assignee: office.id('eva'), given_by: office.id('eva') };
    const forced = xa.ctx.doors.withActor(as('eva'), (trx) =>
      trx
        .insertInto('assignment')
        .values({ ...row, given_at: clock.ms, until: null, ended_at: null })
        .execute(),
    );
    await expect(forced).rejects.toMatchObject({ code: '42501' });
  });

  it('opens nothing that is for named readers', async () => {
    const thread = await office.enquire('ana', {
      handling: { readers: 'eyes-only', named: ['Head (invented)'], onward: 'no', mayBeShownTo: [] },
    });
    expect(await sees('bo', thread)).toBe('CONVERSATION_UNKNOWN');
    expect((await assign('hana', thread, office.id('bo'))).codes).toEqual(['ADMIT_A_READER']);
    expect((await assign('sid', thread, office.id('bo'))).codes).toEqual(['NOT_FOUND']);
  });
});

describe('an officer of another unit (fault 41)', () => {
  it('gets the same from every door, open or closed, as for what is not there', async () => {
    const thread = await office.enquire('eva');
    await xa.db.updateTable('conversation').set({ state: 'CLOSED' }).where('thread', '=', thread).execute();
    const one = <T extends 'act' | 'proposal'>(table: T) =>
      xa.db
        .selectFrom(table as 'act')
        .selectAll()
        .where('thread', '=', thread)
        .executeTakeFirstOrThrow();
    const [act, proposal] = [await one('act'), (await one('proposal')) as unknown as { id: string }];
    const head = {
      // Never opened: nobody who asks here may see it.
      name: Buffer.from('INVENTED'),
      media: 'application/pdf',
      sha256: '0'.repeat(64),
      removed: '[]',
    };
    const file = {
      ...head,
      id: 'attachment-east',
      message_id: act.message_id,
      bytes: 1,
      created_at: clock.ms,
    };
    await xa.db.insertInto('attachment').values(file).execute();
    const nothing = '01900000-0000-7000-8000-000000000000';
    const doors: [string, string, string][] = [
      ['query($id: ID!) { conversation(thread: $id) { state } }', thread, nothing],
      ['query($id: ID!) { a: conversation(thread: $id) { acts { n } } }', thread, nothing],
      ['query($id: ID!) { proposal(id: $id) { status } }', proposal.id, 'proposal-x'],
      ['query($id: ID!) { assignments(thread: $id) { id } }', thread, nothing],
      ['query($id: ID!) { readers(thread: $id) { person } }', thread, nothing],
      ['query($id: ID!) { guardianLinks(thread: $id) { id } }', thread, nothing],
      ['mutation($id: ID!) { markRead(thread: $id) }', thread, nothing],
      ['mutation($id: ID!) { withdrawProposal(proposal: $id) { id } }', proposal.id, 'proposal-x'],
    ];
    for (const [text, theirs, none] of doors) {
      const answers = await Promise.all([theirs, none].map((id) => here.ask(as('bo'), text, { id })));
      const [said, same] = answers.map(({ data, errors }) => [data, errors.map(({ message }) => message)]);
      expect(said, text).toEqual(same);
      expect(said![1], text).toHaveLength(1);
    }
    const lists =
      '{ inbox(first: 100) { edges { node { thread } } } tasks { thread } waitingProposals { thread } }';
    expect(JSON.stringify((await ask('bo', lists)).data)).not.toContain(thread);
    const get = async (id: string) => {
      const response = await fetch(`${here.url}/attachments/${id}`, {
        headers: await here.headers(as('bo')),
      });
      const { correlationId: _, ...body } = (await response.json()) as Record<string, unknown>;
      return [response.status, body];
    };
    expect(await get('attachment-east')).toEqual(await get('attachment-none'));
    const watch = async (id: string) => {
      const going = new AbortController();
      const query = 'subscription($id: ID!) { conversationChanged(thread: $id) { state } }';
      const response = await fetch(`${here.url}/graphql`, {
        method: 'POST',
        headers: { ...(await here.headers(as('bo'))), accept: 'text/event-stream' },
        body: JSON.stringify({ query, variables: { id } }),
        signal: going.signal,
      });
      let text = '';
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString();
        if (text.includes('CONVERSATION_UNKNOWN')) break;
      }
      going.abort();
      // Lines that only keep the connection open come with time.
      return text.replace(/"correlationId":"[^"]*"/, '').replaceAll(':\n\n', '');
    };
    expect(await watch(thread)).toEqual(await watch(nothing));
  });
});

describe('a conversation that moves', () => {
  const MOVE = 'mutation($thread: ID!, $unit: String!) { moveConversation(thread: $thread, unit: $unit) }';

  it('is the other unit’s, which is told; who moved it can be asked for a week', async () => {
    const thread = await office.enquire();
    await xa.db
      .insertInto('task')
      .values({
        id: 'task-moves',
        kind: 'undelivered',
        thread,
        message_id: null,
        proposal_id: null,
        detail: null,
        opened_at: clock.ms,
        due_at: clock.ms,
        assigned_to: office.id('ana'),
        closed_at: null,
        closed_by: null,
        reason: null,
      })
      .execute();
    expect((await ask('ana', MOVE, { thread, unit: 'east' })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('sue', MOVE, { thread, unit: 'east' })).codes).toEqual(['NOT_FOUND']);
    expect((await ask('sam', MOVE, { thread, unit: 'nowhere' })).codes).toEqual(['UNIT_EMPTY']);
    expect((await ask('sam', MOVE, { thread, unit: 'town' })).codes).toEqual(['UNIT_EMPTY']);
    expect((await ask('sam', MOVE, { thread, unit: 'national' })).codes).toEqual(['INPUT_INVALID']);
    expect((await ask('sam', MOVE, { thread, unit: 'east' })).codes).toEqual([]);
    const who = async (names: Name[]) => Promise.all(names.map((name) => sees(name, thread)));
    expect(await who(['eva', 'sue', 'sam', 'ana'])).toEqual(['yes', 'yes', 'yes', 'CONVERSATION_UNKNOWN']);
    const tasks = await ask('sue', '{ tasks { id kind thread unit assignedTo } }');
    expect(tasks.data.tasks).toContainEqual(
      expect.objectContaining({ kind: 'conversation-moved', thread, unit: 'east' }),
    );
    expect(tasks.data.tasks).toContainEqual(expect.objectContaining({ id: 'task-moves', assignedTo: null }));
    const officers = await ask('eva', '{ tasks { kind } }');
    expect(officers.data.tasks).not.toContainEqual({ kind: 'conversation-moved' });
    expect(await lastAudit(xa, 'conversation.moved')).toEqual({
      thread,
      from: 'national',
      to: 'east',
      actor: office.id('sam'),
    });
    clock.ms += accessLimits.moverStaysMs;
    expect(await sees('sam', thread)).toBe('CONVERSATION_UNKNOWN');
    expect((await ask('sue', MOVE, { thread, unit: 'national' })).codes).toEqual([]);
    expect(await sees('ana', thread)).toBe('yes');
  });

  it('is moved in SQL neither by an officer nor by who is only assigned', async () => {
    const thread = await office.enquire();
    await assign('sam', thread, office.id('sue'));
    for (const name of ['ana', 'sue'] as const) {
      const forced = xa.ctx.doors.withActor(as(name), (trx) =>
        trx.updateTable('conversation').set({ unit: 'east' }).where('thread', '=', thread).execute(),
      );
      await expect(forced).rejects.toMatchObject({ code: '42501' });
    }
  });
});

const PROPOSE = `mutation($body: EnquiryBodyInput!, $safety: SafetyStatementInput) {
  proposeEnquiry(peer: "xb", body: $body, safety: $safety) { id thread digest } }`;
const APPROVE =
  'mutation($id: ID!, $digest: String!) { approveRelease(proposal: $id, digest: $digest) { status approver } }';
type Proposed = { id: string; thread: string; digest: string };
const propose = async (name: Name): Promise<Proposed> => {
  const { codes, data } = await ask(name, PROPOSE, { body: enquiryBody(), safety: calm });
  expect(codes).toEqual([]);
  return data.proposeEnquiry as Proposed;
};

describe('standing in', () => {
  const HAND = `mutation($from: ID!, $to: ID, $until: String!, $note: String) {
    handOver(from: $from, to: $to, until: $until, note: $note) }`;
  const hand = (by: Name, from: Name, to: Name | null, until: string) =>
    ask(by, HAND, { from: office.id(from), to: to && office.id(to), until, note: 'INVENTED: see the file' });

  it('passes on assignments, tasks and waiting proposals, and ends by itself', async () => {
    const thread = await office.enquire();
    await assign('sam', thread, office.id('cas'));
    expect(await sees('cor', thread)).toBe('CONVERSATION_UNKNOWN');
    expect((await hand('cas', 'cas', 'cor', days(clock.ms, 3))).codes).toEqual([]);
    expect([await sees('cor', thread), await rowsSeen(as('cor'), thread)]).toEqual(['yes', 1]);
    const { data } = await ask('cor', '{ myAssignments { thread assignee } myStandIns { from to note } }');
    expect(data.myAssignments).toContainEqual({ thread, assignee: office.id('cas') });
    expect(data.myStandIns).toEqual([
      { from: office.id('cas'), to: office.id('cor'), note: 'INVENTED: see the file' },
    ]);
    clock.ms += 3 * 86_400_000;
    expect([await sees('cor', thread), await rowsSeen(as('cor'), thread)]).toEqual([
      'CONVERSATION_UNKNOWN',
      0,
    ]);
    expect((await ask('cor', '{ myStandIns { from } }')).data.myStandIns).toEqual([]);
  });

  it('lets the stand-in withdraw and submit again what waits, and see the draft, and approve only as who they are', async () => {
    const { codes } = await call(here, as('ana'), PROPOSE, {
      body: enquiryBody(aboutChild('Counselled Child')),
      safety: counselled('XB'),
    });
    expect(codes).toEqual(['GATE_CLOSED']);
    const stopped = await xa.db
      .selectFrom('proposal')
      .select(['id', 'digest'])
      .where('status', '=', 'stopped')
      .orderBy('proposed_at', 'desc')
      .executeTakeFirstOrThrow();
    const { id } = stopped;
    const RESUBMIT = 'mutation($id: ID!) { resubmitProposal(proposal: $id) { status } }';
    const WITHDRAW = 'mutation($id: ID!) { withdrawProposal(proposal: $id) { status } }';
    expect((await ask('bo', RESUBMIT, { id })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('bo', WITHDRAW, { id })).codes).toEqual(['NOT_PERMITTED']);
    const handed = await hand('sam', 'ana', 'bo', days(clock.ms, 3));
    expect(handed.codes).toEqual([]);
    expect((await ask('bo', '{ myProposals { id proposer } }')).data.myProposals).toContainEqual({
      id,
      proposer: office.id('ana'),
    });
    // The gate is asked again, and still says no: the right to submit is there, the clearance is not.
    expect((await ask('bo', RESUBMIT, { id })).codes).toEqual(['GATE_CLOSED']);
    expect((await ask('bo', APPROVE, { id, digest: stopped.digest })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('bo', WITHDRAW, { id })).data.withdrawProposal).toEqual({ status: 'withdrawn' });
    const END = 'mutation($id: ID!) { endHandOver(handOver: $id) }';
    expect((await ask('eva', END, { id: handed.data.handOver })).codes).toEqual(['NOT_FOUND']);
    expect((await ask('ana', END, { id: handed.data.handOver })).codes).toEqual([]);
    const next = await propose('ana');
    expect((await ask('bo', WITHDRAW, { id: next.id })).codes).toEqual(['NOT_PERMITTED']);
  });

  it('never lets who proposed approve, whoever stands in for whom', async () => {
    const own = await propose('sid');
    expect((await hand('sam', 'sam', 'sid', days(clock.ms, 1))).codes).toEqual([]);
    expect((await ask('sid', APPROVE, { id: own.id, digest: own.digest })).codes).toEqual(['SAME_PERSON']);
    const back = await ask('sam', '{ myStandIns { id } }');
    const [{ id }] = back.data.myStandIns as [{ id: string }];
    await ask('sam', 'mutation($id: ID!) { endHandOver(handOver: $id) }', { id });
  });

  it('is between two of a unit, by one of them who goes or by who decides there', async () => {
    const until = days(clock.ms, 2);
    expect((await hand('bo', 'ana', 'bo', until)).codes).toEqual(['NOT_PERMITTED']);
    expect((await hand('sue', 'ana', 'bo', until)).codes).toEqual(['NOT_PERMITTED']);
    expect((await hand('ana', 'ana', 'eva', until)).codes).toEqual(['PERSON_NOT_FIT']);
    expect((await hand('ana', 'ana', 'ana', until)).codes).toEqual(['PERSON_NOT_FIT']);
    expect((await hand('ana', 'ana', 'bo', days(clock.ms, -1))).codes).toEqual(['TIME_INVALID']);
    expect((await hand('bo', 'bo', null, until)).codes).toEqual([]);
    // Whoever is away stands in for nobody.
    expect((await hand('ana', 'ana', 'bo', until)).codes).toEqual(['PERSON_NOT_FIT']);
    clock.ms += 2 * 86_400_000;
  });

  it('is written by nobody else in SQL', async () => {
    const forced = xa.ctx.doors.withActor(as('eva'), (trx) =>
      trx
        .insertInto('hand_over')
        .values({
          id: 'x',
          from_person: office.id('ana'),
          to_person: office.id('eva'),
          unit: 'national',
          given_by: office.id('eva'),
          given_at: clock.ms,
          until: clock.ms + 1000,
          note: null,
          ended_at: null,
        })
        .execute(),
    );
    await expect(forced).rejects.toMatchObject({ code: '42501' });
  });
});

describe('nothing waits in one person’s inbox', () => {
  const LEFT = '{ unattended { kind id thread person why } }';
  type Left = { kind: string; id: string; thread: string; person: string; why: string }[];
  const left = async (name: Name = 'sam') => (await ask(name, LEFT)).data.unattended as Left;

  it('what is assigned only to who is away shows until somebody stands in', async () => {
    const thread = await office.enquire();
    await assign('sam', thread, office.id('cas'));
    const { id } = await propose('ana');
    const about = async () => (await left()).filter((one) => one.thread === thread || one.id === id);
    expect(await about()).toEqual([]);
    const HAND =
      'mutation($from: ID!, $to: ID, $until: String!) { handOver(from: $from, to: $to, until: $until) }';
    const until = days(clock.ms, 2);
    for (const from of ['cas', 'ana'] as const)
      expect((await ask('hana', HAND, { from: office.id(from), until })).codes).toEqual([]);
    expect(await about()).toMatchObject([
      { kind: 'assignment', person: office.id('cas'), why: 'away', thread },
      { kind: 'proposal', person: office.id('ana'), why: 'away', id },
    ]);
    expect((await left('sue')).filter((one) => one.thread === thread)).toEqual([]);
    expect((await ask('ana', LEFT)).codes).toEqual(['NOT_PERMITTED']);
    await ask('hana', HAND, { from: office.id('ana'), to: office.id('bo'), until });
    await assign('sam', thread, office.id('lea'));
    expect(await about()).toEqual([]);
    clock.ms += 2 * 86_400_000;
  });

  it('a person is disabled at once, and what waits for them becomes a task of their unit', async () => {
    const thread = await office.enquire();
    await assign('sam', thread, office.id('cor'));
    const session = { id_hash: 'f'.repeat(64), person: office.id('cor'), audience: 'officer' as const };
    const times = { auth_time: clock.ms, created_at: clock.ms, seen_at: clock.ms, expires_at: clock.ms * 2 };
    await xa.db
      .insertInto('session')
      .values({ ...session, sid: null, acr: null, ...times, ended_at: null })
      .execute();
    const DISABLE =
      'mutation($person: ID!, $reason: String!) { disablePerson(person: $person, reason: $reason) }';
    const reason = 'INVENTED: has left the office';
    const disable = (by: Name, name: Name, why = reason) =>
      ask(by, DISABLE, { person: office.id(name), reason: why });
    expect((await disable('sam', 'cor')).codes).toEqual(['NOT_PERMITTED']);
    expect((await disable('hana', 'cor', 'gone')).codes).toEqual(['REASON_MISSING']);
    expect((await disable('hana', 'hana')).codes).toEqual(['SAME_PERSON']);
    const old = { person: office.id('cor'), reason };
    expect((await call(here, as('hana', 6 * 60_000), DISABLE, old)).codes).toEqual(['STEP_UP_NEEDED']);
    expect((await disable('hana', 'cor')).codes).toEqual([]);
    const sessions = xa.db.selectFrom('session').select('ended_at').where('person', '=', office.id('cor'));
    const ended = (await sessions.execute()).map((one) => one.ended_at);
    expect([...new Set(ended)]).toEqual([clock.ms]);
    expect(await left()).toContainEqual(
      expect.objectContaining({ kind: 'assignment', thread, person: office.id('cor'), why: 'disabled' }),
    );
    const { data } = await ask('hana', '{ tasks { kind unit about detail } people { id } }');
    expect(data.tasks).toContainEqual(
      expect.objectContaining({ kind: 'work-left', unit: 'town', about: office.id('cor'), detail: '1' }),
    );
    expect(data.people).not.toContainEqual({ id: office.id('cor') });
    expect(data.people).toContainEqual({ id: office.id('cas') });
    expect((await assign('sam', thread, office.id('cor'))).codes).toEqual(['PERSON_NOT_FIT']);
    expect((await disable('hana', 'cor')).codes).toEqual(['ALREADY_DECIDED']);
    expect(await lastAudit(xa, 'person.disabled')).toEqual({
      person: office.id('cor'),
      actor: office.id('hana'),
    });
    const forced = xa.ctx.doors.withActor(as('sam'), (trx) =>
      trx.updateTable('person').set({ disabled_at: 1 }).where('id', '=', office.id('ana')).execute(),
    );
    expect((await forced)[0]!.numUpdatedRows).toBe(0n);
  });

  it('people are shown for choosing: colleagues to all, guardians to who links them, everybody to the head', async () => {
    const roles = async (name: Name) => {
      const { data } = await ask(name, '{ people { role } }');
      return [...new Set((data.people as { role: string }[]).map(({ role }) => role))].sort();
    };
    const colleagues = ['case-worker', 'head', 'legal-adviser', 'officer', 'supervisor'];
    expect(await roles('cas')).toEqual(colleagues);
    expect(await roles('ana')).toEqual([...colleagues, 'guardian'].sort());
    expect(await roles('hana')).toEqual([...colleagues, 'guardian', 'auditor'].sort());
    const { data } = await ask('ana', '{ people(unit: "east", role: "officer") { id name office unit } }');
    const eva = { id: office.id('eva'), name: 'eva (invented)', office: 'Office of xa', unit: 'east' };
    expect(data.people).toEqual([eva]);
  });

  it('a pool without anybody in it shows too', async () => {
    const thread = await office.enquire('eva');
    await xa.db
      .insertInto('assignment')
      .values({
        id: 'assignment-pool',
        thread,
        assignee: 'role:legal-adviser@east',
        given_by: office.id('eva'),
        given_at: clock.ms,
        until: null,
        ended_at: null,
      })
      .execute();
    expect(await left('sue')).toContainEqual(
      expect.objectContaining({ kind: 'assignment', thread, why: 'nobody-of-that-role' }),
    );
  });
});

describe('a deputy', () => {
  const NAME = `mutation($person: ID!, $unit: String!, $until: String!) {
    nameDeputy(person: $person, unit: $unit, until: $until) }`;
  const name = (by: Name, person: Name, unit = 'east', until = days(clock.ms, 30)) =>
    ask(by, NAME, { person: office.id(person), unit, until });

  it('is the second person for a small unit, sees what waits, and nothing else', async () => {
    const other = await office.enquire('eva');
    expect((await name('sam', 'sid')).codes).toEqual(['NOT_PERMITTED']);
    expect((await name('hana', 'bo')).codes).toEqual(['PERSON_NOT_FIT']);
    expect((await name('hana', 'sue')).codes).toEqual(['PERSON_NOT_FIT']);
    expect((await name('hana', 'sid', 'nowhere')).codes).toEqual(['UNIT_EMPTY']);
    const named = await name('hana', 'sid');
    expect(named.codes).toEqual([]);
    const made = await propose('sue');
    expect((await ask('sue', APPROVE, made)).codes).toEqual(['SAME_PERSON']);
    // Another supervisor of the deputy's own unit has no part in it.
    expect((await ask('sam', APPROVE, made)).codes).toEqual(['PROPOSAL_UNKNOWN']);
    expect((await ask('sid', APPROVE, made)).data.approveRelease).toEqual({
      status: 'released',
      approver: office.id('sid'),
    });
    const row = await xa.db
      .selectFrom('conversation')
      .select('unit')
      .where('thread', '=', made.thread)
      .executeTakeFirstOrThrow();
    expect(row.unit).toBe('east');
    expect(await sees('sid', other)).toBe('CONVERSATION_UNKNOWN');
    clock.ms += 72 * 3_600_000;
    expect(await sees('sid', made.thread)).toBe('CONVERSATION_UNKNOWN');
    const END = 'mutation($id: ID!) { endDeputy(deputy: $id) }';
    expect((await ask('hana', END, { id: named.data.nameDeputy })).codes).toEqual([]);
    const next = await propose('sue');
    expect((await ask('sid', APPROVE, next)).codes).toEqual(['PROPOSAL_UNKNOWN']);
  });

  it('is named in SQL by nobody but the head', async () => {
    const forced = xa.ctx.doors.withActor(as('sue'), (trx) =>
      trx
        .insertInto('deputy')
        .values({
          id: 'deputy-x',
          person: office.id('sid'),
          unit: 'east',
          given_by: office.id('sue'),
          given_at: clock.ms,
          until: clock.ms + 1000,
          ended_at: null,
        })
        .execute(),
    );
    await expect(forced).rejects.toMatchObject({ code: '42501' });
  });
});

describe('both walls', () => {
  it('say the same of every conversation to everybody of the office, after all of this', async () => {
    const all = await xa.db.selectFrom('conversation').select('thread').execute();
    expect(all.length).toBeGreaterThan(10);
    for (const who of ['ana', 'bo', 'sam', 'sid', 'hana', 'lea', 'eva', 'sue', 'cas', 'cor'] as const) {
      const actor = as(who);
      const threads = all.map(({ thread }) => thread);
      // As the superuser: nothing is left out, so the policy alone decides.
      const standings = await xa.db.transaction().execute(async (trx) => {
        await sql`select set_config('app.person', ${actor.id}, true), set_config('app.role', ${actor.role}, true),
          set_config('app.unit', ${actor.unit}, true), set_config('app.now', ${String(clock.ms)}, true)`.execute(
          trx,
        );
        return readStandings(trx, threads);
      });
      const byCode = threads.filter((thread) => policy(actor, standings.get(thread)!));
      const bySql = await xa.ctx.doors.withActor(actor, (trx) =>
        trx.selectFrom('conversation').select('thread').execute(),
      );
      expect(bySql.map(({ thread }) => thread).sort(), who).toEqual([...byCode].sort());
    }
  });
});
