/**
 * Faults 39 and 41: somebody else's conversation, asked for in every way there is, answers exactly like one that does not exist.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { assign } from '#node/access/assign.ts';
import { askClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { runOperation } from '#node/operation.ts';
import { act } from '../../fixtures/act.ts';
import { calm, counselled, enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import { watchQueries } from '../../fixtures/count-queries.ts';
import {
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let server: PeopleServer;
/** What is there, and of the unit `national`; eve works in `north`. */
const there = { thread: '', proposal: '', message: '', task: '', clearance: '', attachment: '' };
const absent = {
  thread: '01900000-0000-7000-8000-000000000000',
  proposal: `proposal-${'0'.repeat(24)}`,
  message: '01900000-0000-7000-8000-000000000001',
  task: `task-${'0'.repeat(24)}`,
  clearance: `clearance-${'0'.repeat(24)}`,
  attachment: 'a'.repeat(32),
};
type Ids = typeof there;

const north = (actor: Actor): Actor => ({ ...actor, id: `${actor.id}.north`, unit: 'north' });
const eve = () => north(xa.person('eve'));
const boss = () => north(xa.person('bea', 'supervisor'));
const lea = () => north(xa.person('lea', 'legal-adviser'));

beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  server = await servePeople(xa);
  const file = await server.send(xa.person('ana'), '/attachments', {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'x-focalnet': '1' },
    body: 'INVENTED note',
  });
  const { id: attachment } = (await file.json()) as { id: string };
  const asked = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
  await carry(xa, xb);
  await act(xb, { type: 'RPT', thread: asked.thread, body: reportBody() });
  await carry(xb, xa);
  const stopped = await proposeAct(xa.ctx, xa.person('ana'), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody(),
    safety: counselled('XB'),
  }).catch(({ message }: Error) => ({ id: /proposal-[0-9a-f]{24}/.exec(message)![0] }));
  await enterPerson(xa, lea());
  const clearance = await askClearance(xa.ctx, xa.person('sam', 'supervisor'), {
    kind: 'asylum',
    proposal: stopped.id,
    grounds: 'INVENTED: counselled',
    expiresAtMs: clock.ms + 86_400_000,
  });
  const task = await xa.db
    .insertInto('task')
    .values({
      id: `task-${'1'.repeat(24)}`,
      kind: 'escalation',
      thread: asked.thread,
      message_id: null,
      proposal_id: null,
      detail: null,
      opened_at: clock.ms,
      due_at: clock.ms,
      assigned_to: null,
      closed_at: null,
      closed_by: null,
      reason: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  Object.assign(there, {
    thread: asked.thread,
    proposal: stopped.id,
    message: asked.messageId,
    task: task.id,
    clearance,
    attachment,
  });
});
afterAll(async () => {
  await server.close();
  await Promise.all([xa.close(), xb.close()]);
});

const CONVERSATION =
  'fragment C on Conversation { thread state acts { body { __typename } rendered { value } } }';
const queries: Record<string, (ids: Ids) => readonly [string, Record<string, unknown>?]> = {
  'by id': ({ thread }) => ['query($t: ID!) { conversation(thread: $t) { state } }', { t: thread }],
  'by alias': ({ thread }) => [
    `query($t: ID!) { mine: conversation(thread: $t) { state } again: conversation(thread: $t) { peerState } }`,
    { t: thread },
  ],
  'by a fragment': ({ thread }) => [
    `query($t: ID!) { conversation(thread: $t) { ...C } } ${CONVERSATION}`,
    { t: thread },
  ],
  'by an inline fragment at the root': ({ thread }) => [
    `query($t: ID!) { ... on Query { conversation(thread: $t) { ... on Conversation { state } } } }`,
    { t: thread },
  ],
  'by its proposal, nested': ({ proposal }) => [
    `query($p: ID!) { proposal(id: $p) { status content conversation { ...C } } } ${CONVERSATION}`,
    { p: proposal },
  ],
  'by tasks, nested': () => [`{ tasks { thread conversation { ...C } } } ${CONVERSATION}`],
  'by what waits, nested': () => [`{ waitingProposals { thread conversation { ...C } } } ${CONVERSATION}`],
  'by the inbox': () => [`{ inbox { edges { node { ...C } } } } ${CONVERSATION}`],
  'by a cursor of another person': ({ thread }) => [
    'query($a: String) { inbox(after: $a) { edges { node { thread } } pageInfo { hasNextPage endCursor } } }',
    { a: Buffer.from(`${clock.ms + 1}/${thread}`).toString('base64url') },
  ],
  'by what nobody has read': () => ['{ unreadUrgent { thread } }'],
  'marking it read': ({ thread }) => ['mutation($t: ID!) { markRead(thread: $t) }', { t: thread }],
  'acting in it': ({ thread }) => [
    'mutation($t: ID!) { acknowledge(thread: $t, body: { re: 1 }) { id } }',
    { t: thread },
  ],
  'proposing in it': ({ thread }) => [
    'mutation($t: ID!, $b: ReportBodyInput!) { proposeReport(thread: $t, body: $b) { id } }',
    { t: thread, b: reportBody() },
  ],
  approving: ({ proposal }) => [
    'mutation($p: ID!) { approveRelease(proposal: $p, digest: "x") { id } }',
    { p: proposal },
  ],
  'taking back': ({ proposal }) => [
    'mutation($p: ID!) { withdrawProposal(proposal: $p) { id } }',
    { p: proposal },
  ],
  'putting it again': ({ proposal }) => [
    'mutation($p: ID!) { resubmitProposal(proposal: $p) { id } }',
    { p: proposal },
  ],
  'asking a clearance': ({ proposal }) => [
    'mutation($p: ID!) { askClearance(kind: asylum, proposal: $p, grounds: "INVENTED", days: 1) }',
    { p: proposal },
  ],
  'granting a clearance': ({ clearance }) => [
    'mutation($c: ID!) { grantClearance(clearance: $c) }',
    { c: clearance },
  ],
  'closing a task': ({ task }) => [
    'mutation($t: ID!) { closeTask(task: $t, reason: "INVENTED reason") }',
    { t: task },
  ],
  'attaching its file': ({ attachment }) => [
    `mutation($b: EnquiryBodyInput!, $s: SafetyStatementInput, $f: [ID!]) { proposeEnquiry(peer: "xb", body: $b, safety: $s, attachments: $f) { id } }`,
    {
      b: enquiryBody({
        attachments: [{ index: 0, kind: 'document' }] as never,
      }),
      s: calm,
      f: [attachment],
    },
  ],
};

/** As it came, without what differs from request to request. */
const bare = (text: string) => text.replace(/"correlationId":"[^"]*"/g, '"correlationId":""');

describe.each(Object.entries(queries))('%s', (_way, query) => {
  it.each([
    ['an officer', () => eve()],
    ['a supervisor', () => boss()],
    ['a legal adviser', () => lea()],
  ])('%s of elsewhere gets what is not there', async (_who, person) => {
    const [text, foreign] = query(there);
    const [, nothing] = query(absent);
    const forbidden = await server.ask(person(), text, foreign);
    const unknown = await server.ask(person(), text, nothing);
    expect([forbidden.status, bare(forbidden.text)]).toEqual([unknown.status, bare(unknown.text)]);
    expect(forbidden.text).not.toContain(there.thread);
    expect(forbidden.errors.map(({ extensions }) => extensions.code)).not.toContain('INTERNAL');
  });
});

describe('files of it', () => {
  it.each([
    ['an attachment', (ids: Ids) => `/attachments/${ids.attachment}`],
    ['evidence', (ids: Ids) => `/evidence/${ids.thread}`],
  ])('%s is not there', async (_what, path) => {
    const [forbidden, unknown] = await Promise.all([
      server.send(boss(), path(there)),
      server.send(boss(), path(absent)),
    ]);
    expect(forbidden.status).toBe(404);
    expect(unknown.status).toBe(404);
    expect(bare(await forbidden.text())).toBe(bare(await unknown.text()));
  });

  it('are there for those who may', async () => {
    expect((await server.send(xa.person('ana'), `/attachments/${there.attachment}`)).status).toBe(200);
    const own = await server.ask(xa.person('ana'), ...queries['by a fragment']!(there));
    expect(own.data).toMatchObject({ conversation: { thread: there.thread, acts: [{}, {}] } });
  });
});

describe('a subscription', () => {
  const SUBSCRIPTION = 'subscription($t: ID!) { conversationChanged(thread: $t) { state } }';
  const subscribe = (person: Actor, thread: string, signal?: AbortSignal) =>
    server.send(person, '/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-focalnet': '1', accept: 'text/event-stream' },
      body: JSON.stringify({ query: SUBSCRIPTION, variables: { t: thread } }),
      ...(signal && { signal }),
    });
  const eventsOf = (text: string) =>
    bare(text)
      .split('\n')
      .filter((line) => line.startsWith('data: '));

  it('to somebody else’s says once that it is not there, and ends: no change of it is told', async () => {
    const [forbidden, unknown] = await Promise.all([
      subscribe(eve(), there.thread),
      subscribe(eve(), absent.thread),
    ]);
    const [told, untold] = [eventsOf(await forbidden.text()), eventsOf(await unknown.text())];
    expect(told).toEqual(untold);
    expect(told.join()).toContain('CONVERSATION_UNKNOWN');
  });

  const advance = () => {
    clock.ms += 7_200_000;
  };
  it('ends when the assignment does, and when the session does', async () => {
    const cases: [Actor, () => void][] = [
      [north(xa.person('wim', 'case-worker')), advance],
      [north(xa.person('zoe', 'case-worker')), () => server.signOut(north(xa.person('zoe', 'case-worker')))],
    ];
    for (const [worker, end] of cases) {
      const given = { thread: there.thread, assignee: worker.id, by: 'sam', untilMs: clock.ms + 3_600_000 };
      await runOperation(xa.db, xa.ctx.surroundings, (op) => assign(op, given));
      const response = await subscribe(worker, there.thread);
      let text = '';
      const reading = (async () => {
        for await (const piece of response.body!) text += Buffer.from(piece).toString();
      })();
      while (!text.includes('"state"')) await new Promise((resolve) => setImmediate(resolve));
      end();
      xa.ctx.changes.publish(there.thread);
      await reading;
      expect(text.match(/"state"/g)).toHaveLength(1);
    }
  });
});

describe('what is done', () => {
  it.each(Object.entries(queries))(
    'does not tell it either: the database is asked the same of both, %s',
    async (_way, query) => {
      const done = async (ids: Ids) => {
        const [text, variables] = query(ids);
        return watchQueries(() => server.ask(eve(), text, variables));
      };
      const forbidden = await done(there);
      expect(forbidden).toEqual(await done(absent));
    },
  );

  it('is seen here: of what may be read the database is asked more', async () => {
    const [text, variables] = queries['by a fragment']!(there);
    const asked = await watchQueries(() => server.ask(xa.person('ana'), text, variables));
    const refused = await watchQueries(() => server.ask(eve(), text, variables));
    expect(asked.length).toBeGreaterThan(refused.length);
  });
});
