/** The officers' endpoint over HTTP: who may, what they see, what it costs. */

import { buildSchema } from 'graphql';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDLE_MS } from '#node/access/sessions.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { printOfficerSdl } from '#node/graphql/officer.ts';
import { responsibilityBasis } from '#schema/vocabulary/answers.ts';
import { questionWording } from '#schema/vocabulary/question-wording.ts';
import { aboutChild, alertBody, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { watchQueries } from '../../fixtures/count-queries.ts';
import {
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let here: OfficerServer;
let there: OfficerServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  [here, there] = await Promise.all([serveOfficers(xa), serveOfficers(xb)]);
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await Promise.all([xa.close(), xb.close()]);
});

const ana = () => xa.person('ana');
const boss = () => xa.person('sam', 'supervisor');
const PROPOSE = `mutation($body: EnquiryBodyInput!, $safety: SafetyStatementInput, $attachments: [ID!]) {
  proposeEnquiry(peer: "xb", body: $body, safety: $safety, attachments: $attachments) {
    id thread status digest office content expiresAt
    peer { state dutyPhones { number languages } mustTell { body when } typicalDays }
    explanations { rule explanation source } stoppedBy { rule } rendered(language: "ru") { depth label value language reviewed } } }`;
const APPROVE = `mutation($id: ID!, $digest: String!) { approveRelease(proposal: $id, digest: $digest) { status messageId approver } }`;

async function send(change = {}): Promise<string> {
  clock.ms += 1000;
  const made = await here.ask(ana(), PROPOSE, { body: enquiryBody(change), safety: calm });
  expect(made.errors).toEqual([]);
  const proposal = made.data!.proposeEnquiry as { id: string; digest: string; thread: string };
  const approved = await here.ask(boss(), APPROVE, { id: proposal.id, digest: proposal.digest });
  expect(approved.errors).toEqual([]);
  return proposal.thread;
}

describe('a release through the endpoint', () => {
  it('shows exactly what would leave, to which office, and whom that State is bound to tell', async () => {
    const { data, errors } = await here.ask(ana(), PROPOSE, { body: enquiryBody(), safety: calm });
    expect(errors).toEqual([]);
    const proposal = data!.proposeEnquiry as Record<string, unknown>;
    expect(proposal).toMatchObject({
      status: 'waiting',
      office: 'Child Protection Directorate of xb (invented)',
      stoppedBy: [],
    });
    expect(JSON.parse(proposal.content as string)).toEqual(JSON.parse(JSON.stringify(enquiryBody())));
    expect(proposal.peer).toMatchObject({
      state: 'xb',
      typicalDays: 35,
      mustTell: [{ body: 'court' }, { body: 'parents' }],
    });
    const lines = proposal.rendered as { label: string; value: string | null }[];
    expect(lines).toContainEqual(expect.objectContaining({ value: 'Положение семьи' }));
    expect(lines).toContainEqual(
      expect.objectContaining({
        value: '\u2068يوسف الحسن\u2069 (\u2068Yusuf al-Hasan\u2069)',
        language: 'ar',
      }),
    );
  });

  it('is taken back by its proposer for a coded reason, with a plain answer', async () => {
    const thread = await send();
    const look = `query($thread: ID!) { conversation(thread: $thread) { acts { id stage stageCode recalledAt mayHaveArrived } } }`;
    const acts = async () => {
      const { data } = await here.ask(ana(), look, { thread });
      return (data!.conversation as { acts: { id: string }[] }).acts;
    };
    const [act] = await acts();
    const recall = (reason: string) =>
      here.ask(
        ana(),
        `mutation($act: ID!) { recallAct(act: $act, reason: "${reason}") { outcome advice } }`,
        {
          act: act!.id,
        },
      );
    expect((await recall('because')).errors).toHaveLength(1);
    const { data } = await recall('wrong-child');
    expect(data!.recallAct).toMatchObject({
      outcome: 'taken_back',
      advice: expect.stringContaining('Nobody there has received it'),
    });
    expect(await acts()).toMatchObject([
      { stage: 'undelivered', stageCode: 'recalled', mayHaveArrived: false, recalledAt: expect.any(String) },
    ]);
    await xa.db.deleteFrom('seal_request').execute();
  });

  it('two persons, and the peer sees it in its inbox and reads it in its own language', async () => {
    const thread = await send();
    await carry(xa, xb);
    const bo = xb.person('bo');
    const inbox = await there.ask(
      bo,
      `{ inbox(filter: { unread: true, peer: ["xa"] }, first: 10) {
      edges { cursor node { thread state stateLabel(language: "ar") purpose unread awaitingUs } } pageInfo { hasNextPage endCursor } } }`,
    );
    expect(inbox.errors).toEqual([]);
    const nodes = (inbox.data!.inbox as { edges: { node: { thread: string } }[] }).edges.map(
      (edge) => edge.node,
    );
    expect(nodes).toContainEqual({
      thread,
      state: 'SENT',
      stateLabel: 'أرسل',
      purpose: 'family-situation',
      unread: 1,
      awaitingUs: expect.any(Boolean),
    });
    const read = await there.ask(
      bo,
      `query($thread: ID!) { conversation(thread: $thread) { side allowedActs acts {
      type typeLabel(language: "fr") ours authorName body { __typename ... on EnquiryBody { purpose children { names { parts { kind value } script romanised } } } } } } }`,
      { thread },
    );
    expect(read.errors).toEqual([]);
    const conversation = read.data!.conversation as { acts: unknown[]; allowedActs: string[] };
    expect(conversation.acts).toMatchObject([
      {
        type: 'ENQ',
        typeLabel: 'Demande d’enquête sociale',
        ours: false,
        authorName: 'ana (invented)',
        body: { __typename: 'EnquiryBody', purpose: 'family-situation' },
      },
    ]);
    expect(conversation.allowedActs).toEqual(expect.arrayContaining(['ACK', 'FLK', 'RPT', 'NIC', 'REF']));
    expect(conversation.allowedActs).not.toContain('WDR');
    const marked = await there.ask(bo, `mutation($thread: ID!) { markRead(thread: $thread) }`, { thread });
    expect(marked.data).toEqual({ markRead: 1 });
    const acknowledged = await there.ask(
      bo,
      `mutation($thread: ID!) { acknowledge(thread: $thread, body: { re: 1 }) { status messageId } }`,
      { thread },
    );
    expect(acknowledged.errors).toEqual([]);
    expect(acknowledged.data!.acknowledge).toMatchObject({
      status: 'released',
      messageId: expect.any(String),
    });
  });

  it('shows a coded answer by the list of its question, before it leaves too', async () => {
    const thread = await send();
    await carry(xa, xb);
    const answer = { question: 'q1', status: 'answered', source: 'register', obtained: '2027-01-12' };
    const lists = { each: [], dates: [], persons: [], list: [] };
    const made = await there.ask(
      xb.person('bo'),
      `mutation($thread: ID!, $body: InterimBodyInput!, $safety: SafetyStatementInput) {
        proposeInterimReply(thread: $thread, body: $body, safety: $safety) { rendered(language: "fr") { label value reviewed } } }`,
      {
        thread,
        safety: calm,
        body: {
          children: [
            {
              child: 'c1',
              answers: [{ ...answer, ...lists, confidence: 'verified', codes: ['judgment'] }],
            },
          ],
          careOfSuspect: 'no',
          attachments: [],
        },
      },
    );
    expect(made.errors).toEqual([]);
    const { rendered } = made.data!.proposeInterimReply as { rendered: { label: string; value: string }[] };
    expect(rendered).toContainEqual({
      label: 'Réponses codées',
      value: responsibilityBasis.labels('judgment').fr.text,
      reviewed: false,
    });
    const question = rendered.find(({ label }) => label === 'Question');
    expect(question?.value).toContain(questionWording.labels('FAM-01').fr.text);
  });

  it('shows the lane that it would take now', async () => {
    const thread = await send();
    const query = `query($id: ID!) { proposal(id: $id) { lane digest } }`;
    const note = { thread, safety: calm };
    const made = await here.ask(
      ana(),
      `mutation($thread: ID!, $safety: SafetyStatementInput) { proposeSupplement(thread: $thread, safety: $safety,
        body: { phase: correct, questions: [], children: [], attachments: [], text: { text: "INVENTED", language: "en" } }) { id lane digest } }`,
      note,
    );
    expect(made.errors).toEqual([]);
    const { id, digest } = made.data!.proposeSupplement as { id: string; digest: string };
    const shown = async () => (await here.ask(boss(), query, { id })).data!.proposal;
    expect(await shown()).toEqual({ lane: 'routine', digest });
    const alert = { type: 'URG', thread, body: alertBody('XB'), safety: calm } as const;
    await proposeAct(xa.ctx, ana(), alert);
    expect(await shown()).toEqual({ lane: 'urgent', digest });
  });

  it('shows when a peer works', async () => {
    const { data, errors } = await here.ask(ana(), '{ peers { state weekend nextHolidays } }');
    expect(errors).toEqual([]);
    expect(data!.peers).toEqual([
      { state: 'xb', weekend: [0, 6], nextHolidays: [] },
      // START_MS is in January 2027.
      {
        state: 'xc',
        weekend: [5, 6],
        nextHolidays: ['2027-03-21', '2027-06-13', '2027-09-05', '2027-12-19'],
      },
    ]);
  });

  it('shows warnings first, and both clocks', async () => {
    const warnings = [{ code: 'do-not-contact-family' as const, about: ['c1'], eyesOnly: [] }];
    const thread = await send({ warnings });
    await carry(xa, xb);
    const { data, errors } = await there.ask(
      xb.person('bo'),
      `query($thread: ID!) { conversation(thread: $thread) { warnings { code about } clocks { event label(language: "fr") clock dueAt overdue ours source mark } } }`,
      { thread },
    );
    expect(errors).toEqual([]);
    const { warnings: shown, clocks } = data!.conversation as {
      warnings: unknown;
      clocks: { event: string }[];
    };
    expect(shown).toEqual([{ code: 'do-not-contact-family', about: ['c1'] }]);
    expect(clocks[0]).toMatchObject({
      event: 'acknowledgement-routine',
      clock: 'legal',
      overdue: false,
      ours: true,
    });
    expect(clocks.map((clock) => clock.event)).toContain('answer-routine');
  });

  it('a gate answers with its code, its rule and its source, and nothing of the content', async () => {
    const { errors, data } = await here.ask(ana(), PROPOSE, {
      body: enquiryBody(aboutChild('Counselled Child')),
      safety: counselled('XB'),
    });
    expect(data).toBeNull();
    expect(errors[0]!.extensions.code).toBe('GATE_CLOSED');
    expect(errors[0]!.message).toMatch(/\[protection-state G10\].*CRC GC6 para\. 80.*proposal-[0-9a-f]{24}/);
    expect(errors[0]!.message).not.toMatch(/[\u0400-\u06ff]/);
    const id = /proposal-[0-9a-f]{24}/.exec(errors[0]!.message)![0];
    const kept = await here.ask(
      boss(),
      `query($id: ID!) { proposal(id: $id) { status stoppedBy { gate rule source } } }`,
      { id },
    );
    expect(kept.data!.proposal).toMatchObject({
      status: 'stopped',
      stoppedBy: [{ gate: 'protection-state', rule: 'G10' }],
    });
    const ask = `mutation($id: ID!) { askClearance(kind: asylum, proposal: $id, grounds: "INVENTED: counselled", days: 3) }`;
    await enterPerson(xa, xa.person('lea', 'legal-adviser'));
    const asked = await here.ask(boss(), ask, { id });
    expect(asked.errors).toEqual([]);
    const shown = await here.ask(
      xa.person('lea', 'legal-adviser'),
      `query($id: ID!) { tasks { kind proposalId detail assignedTo }
        clearances { id status proposalId }
        proposal(id: $id) { safety { childIsHere asylum { country status } harm { answer reasons } }
          clearances { kind status grounds askedBy { id name } grantedBy { id } expiresAt revokedAt } } }`,
      { id },
    );
    expect(shown.errors).toEqual([]);
    const clearance = asked.data!.askClearance;
    expect(shown.data!.tasks).toContainEqual({
      kind: 'clearance-asked',
      proposalId: id,
      detail: clearance,
      assignedTo: null,
    });
    expect(shown.data!.clearances).toContainEqual({ id: clearance, status: 'asked', proposalId: id });
    expect(shown.data!.proposal).toEqual({
      safety: {
        childIsHere: 'yes',
        asylum: [{ country: 'XB', status: 'counselled-not-sought' }],
        harm: calm.harm,
      },
      clearances: [
        {
          kind: 'asylum',
          status: 'asked',
          grounds: 'INVENTED: counselled',
          askedBy: { id: 'sam.xa', name: 'sam (invented)' },
          grantedBy: null,
          expiresAt: new Date(clock.ms + 3 * 86_400_000).toISOString(),
          revokedAt: null,
        },
      ],
    });
    const grant = `mutation($id: ID!) { grantClearance(clearance: $id) }`;
    const granted = await here.ask(xa.person('lea', 'legal-adviser'), grant, {
      id: asked.data!.askClearance,
    });
    expect(granted.errors).toEqual([]);
    const again = await here.ask(ana(), `mutation($id: ID!) { resubmitProposal(proposal: $id) { status } }`, {
      id,
    });
    expect(again.data).toEqual({ resubmitProposal: { status: 'waiting' } });
    const revoke = `mutation($id: ID!) { revokeClearance(clearance: $id, reason: "INVENTED: reopened") }`;
    expect((await here.ask(ana(), revoke, { id: clearance })).errors[0]!.extensions.code).toBe(
      'NOT_PERMITTED',
    );
    expect((await here.ask(boss(), revoke, { id: clearance })).data).toEqual({ revokeClearance: true });
    const after = await here.ask(
      ana(),
      `query($id: ID!) { proposal(id: $id) { stoppedBy { rule } clearances { status revokedBy { name } revokeReason } } }`,
      { id },
    );
    expect(after.data!.proposal).toEqual({
      stoppedBy: [{ rule: 'G10' }],
      clearances: [
        { status: 'revoked', revokedBy: { name: 'sam (invented)' }, revokeReason: 'INVENTED: reopened' },
      ],
    });
  });
});

describe('access', () => {
  it('asks for a session of this node that is in use', async () => {
    const body = JSON.stringify({ query: '{ me { id } }' });
    const call = (headers: Record<string, string>) =>
      fetch(`${here.url}/graphql`, { method: 'POST', body, headers });
    const code = async (headers: Record<string, string>) => {
      const response = await call(headers);
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    const { cookie, ...others } = await here.headers(ana());
    expect(await code(others)).toEqual([401, 'SIGN_IN_NEEDED']);
    const { cookie: elsewhere } = await there.headers(ana());
    expect(await code({ ...others, cookie: elsewhere! })).toEqual([401, 'SESSION_OVER']);
    expect((await call({ ...others, cookie: cookie! })).status).toBe(200);
    clock.ms += IDLE_MS;
    expect(await code({ ...others, cookie: cookie! })).toEqual([401, 'SESSION_OVER']);
  });

  it('lets a legal adviser read, and propose nothing', async () => {
    const lea = xa.person('lea', 'legal-adviser');
    expect((await here.ask(lea, '{ inbox { edges { cursor } } }')).errors).toEqual([]);
    const refused = await here.ask(lea, PROPOSE, { body: enquiryBody(), safety: calm });
    expect(refused.errors[0]!.extensions.code).toBe('NOT_PERMITTED');
  });

  it('says the same of a conversation that is not there and of an id that is none', async () => {
    const query = `query($thread: ID!) { conversation(thread: $thread) { thread } }`;
    for (const thread of ['00000000-0000-7000-8000-000000000000', "' or 1=1 --"]) {
      expect((await here.ask(ana(), query, { thread })).errors[0]!.extensions.code).toBe(
        'CONVERSATION_UNKNOWN',
      );
    }
  });
});

describe('a conversation', () => {
  it('has the state of the acts shown beside it, although the row was read a moment before them', async () => {
    const thread = await send();
    const query = 'query($thread: ID!) { conversation(thread: $thread) { state acts { type } } }';
    const before = await here.ask(ana(), query, { thread });
    // As if an act had been applied between the two readings.
    await xa.db.updateTable('conversation').set({ state: 'CLOSED' }).where('thread', '=', thread).execute();
    expect(await here.ask(ana(), query, { thread })).toEqual(before);
  });
});

describe('the inbox', () => {
  it('costs the same number of queries for two conversations as for fifty', async () => {
    for (let i = 0; i < 50; i++) await send();
    const page = (first: number) =>
      here.ask(
        ana(),
        `query($first: Int) { inbox(first: $first) { edges { node { thread state peer { state } unread
        familyQuestionsPaused allowedActs acts { type stage attachments { id } rendered { label } } tasks { kind } proposals { status } } } } }`,
        { first },
      );
    const few = await watchQueries(async () => expect((await page(2)).errors).toEqual([]));
    const many = await watchQueries(async () => {
      const { data } = await page(50);
      expect((data!.inbox as { edges: unknown[] }).edges).toHaveLength(50);
    });
    expect(many).toHaveLength(few.length);
    expect(many.length).toBeGreaterThan(2);
    expect(many.length).toBeLessThan(10);
  });

  it('gives every conversation once, page by page, also while others change', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: { data: Record<string, unknown> | null } = await here.ask(
        ana(),
        `query($after: String) { inbox(first: 7, after: $after) { edges { node { thread } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      const { edges, pageInfo } = data!.inbox as {
        edges: { node: { thread: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      seen.push(...edges.map((edge) => edge.node.thread));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from conversation`.execute(xa.db);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(rows[0]!.n);
    const bad = await here.ask(ana(), `{ inbox(after: "xyz") { edges { cursor } } }`);
    expect(bad.errors[0]!.extensions.code).toBe('CURSOR_INVALID');
  });
});

describe('subscriptions', () => {
  it('tell of a change while it happens', async () => {
    const thread = await send();
    const going = new AbortController();
    const response = await fetch(`${here.url}/graphql`, {
      method: 'POST',
      headers: { ...(await here.headers(ana())), accept: 'text/event-stream' },
      body: JSON.stringify({
        query: `subscription($thread: ID!) { conversationChanged(thread: $thread) { state acts { stage } } }`,
        variables: { thread },
      }),
      signal: going.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = readData(response);
    expect((await events.next()).value).toMatchObject({
      data: { conversationChanged: { state: 'SENT', acts: [{ stage: 'queued' }] } },
    });
    await carry(xa, xb);
    let event = (await events.next()).value;
    while (!JSON.stringify(event).includes('delivered')) event = (await events.next()).value;
    expect(event).toMatchObject({ data: { conversationChanged: { acts: [{ stage: 'delivered' }] } } });
    going.abort();
  });

  it('end with the session, before another word', async () => {
    const query = `subscription($thread: ID!) { conversationChanged(thread: $thread) { state } }`;
    for (const end of [
      () => xa.db.updateTable('session').set({ ended_at: clock.ms }).execute(),
      () => xa.db.updateTable('person').set({ disabled_at: clock.ms }).execute(),
    ]) {
      const thread = await send();
      const response = await fetch(`${here.url}/graphql`, {
        method: 'POST',
        headers: { ...(await here.headers(ana())), accept: 'text/event-stream' },
        body: JSON.stringify({ query, variables: { thread } }),
      });
      const events = readData(response);
      expect((await events.next()).value).toMatchObject({ data: { conversationChanged: { state: 'SENT' } } });
      await end();
      await carry(xa, xb);
      expect(await events.next()).toEqual({ done: true, value: undefined });
      await xa.db.updateTable('person').set({ disabled_at: null }).execute();
    }
  });
});

async function* readData(response: Response): AsyncGenerator<unknown, void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = block
        .split('\n')
        .find((line) => line.startsWith('data:'))
        ?.slice(5)
        .trim();
      if (data) yield JSON.parse(data);
    }
  }
}

describe('the printed schema', () => {
  it('has one mutation for each type of act and no field without a description of its body', () => {
    const sdl = printOfficerSdl();
    expect(sdl).toContain('proposeEnquiry(');
    expect(sdl).toContain('union ActBody =');
    expect(buildSchema(sdl).getMutationType()).toBeDefined();
  });
});
