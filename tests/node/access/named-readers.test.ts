/** What is for named readers: conversations the head opens to few, and warnings that say their detail to whom they name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { accessLimits } from '#node/access/limits.ts';
import { askClearance } from '#node/enquiries/grant-clearance.ts';
import { hideWarnings } from '#node/enquiries/hide-warnings.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import { aboutChild, calm, counselled, enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let here: OfficerServer;
let there: OfficerServer;
let office: Office;
let peers: Office;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  [office, peers] = [await enterOffice(xa), await enterOffice(xb)];
  [here, there] = [await serveOfficers(xa), await serveOfficers(xb)];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await Promise.all([xa.close(), xb.close()]);
});

const ADMIT = 'mutation($thread: ID!, $person: ID!) { admitReader(thread: $thread, person: $person) }';
const REMOVE = 'mutation($thread: ID!, $person: ID!) { removeReader(thread: $thread, person: $person) }';
const SEES = 'query($thread: ID!) { conversation(thread: $thread) { thread } }';

describe('a conversation for named readers', () => {
  const ask = (name: Name, text: string, variables = {}) => call(there, peers.as(name), text, variables);
  const sees = async (name: Name, thread: string) => (await ask(name, SEES, { thread })).codes[0] ?? 'yes';
  const receive = async () => {
    const handling = {
      readers: 'eyes-only' as const,
      named: [' BO  (invented)'],
      onward: 'no' as const,
      mayBeShownTo: [],
    };
    const thread = await office.enquire('ana', { handling });
    await carry(xa, xb);
    return thread;
  };

  it('is read by the head, by whom the peer names, and by whom the head admits, until removed', async () => {
    const thread = await receive();
    expect(
      await Promise.all((['hana', 'bo', 'ana', 'sam'] as const).map((one) => sees(one, thread))),
    ).toEqual(['yes', 'yes', 'CONVERSATION_UNKNOWN', 'CONVERSATION_UNKNOWN']);
    const ana = { thread, person: peers.id('ana') };
    expect((await ask('bo', ADMIT, ana)).codes).toEqual(['NOT_PERMITTED']);
    expect((await call(there, peers.as('hana', 6 * 60_000), ADMIT, ana)).codes).toEqual(['STEP_UP_NEEDED']);
    expect((await ask('hana', ADMIT, ana)).codes).toEqual([]);
    expect(await sees('ana', thread)).toBe('yes');
    expect(await lastAudit(xb, 'reader.admitted')).toEqual({
      thread,
      persons: [peers.id('ana')],
      by: peers.id('hana'),
    });
    const READERS = 'query($thread: ID!) { readers(thread: $thread) { person } }';
    const listed = (await ask('hana', READERS, { thread })).data.readers as { person: string }[];
    expect(listed.map(({ person }) => person).sort()).toEqual([peers.id('ana'), peers.id('bo')]);
    expect((await ask('sam', READERS, { thread })).codes).toEqual(['NOT_FOUND']);
    expect((await ask('hana', REMOVE, ana)).codes).toEqual([]);
    expect(await sees('ana', thread)).toBe('CONVERSATION_UNKNOWN');
    expect((await ask('hana', REMOVE, ana)).codes).toEqual(['NOT_FOUND']);
    expect(await lastAudit(xb, 'reader.removed')).toMatchObject({ thread, person: peers.id('ana') });
  });

  it('has few readers, and only people who work here', async () => {
    const thread = await receive();
    const admit = (name: Name) => ask('hana', ADMIT, { thread, person: peers.id(name) });
    expect((await admit('gil')).codes).toEqual(['PERSON_NOT_FIT']);
    // The peer named one; the limit is what the head may add to.
    for (const name of ['ana', 'eva'] as const) expect((await admit(name)).codes).toEqual([]);
    expect(accessLimits.namedReaders).toBe(3);
    expect((await admit('sue')).codes).toEqual(['READERS_FULL']);
    expect((await admit('ana')).codes).toEqual([]);
  });

  it('as a draft shows itself to the legal adviser whose clearance it needs, once the head has admitted them', async () => {
    const body = enquiryBody({
      ...aboutChild('Counselled Child'),
      handling: { readers: 'eyes-only', named: ['bo (invented)'], onward: 'no', mayBeShownTo: [] },
    });
    const made = proposeAct(xa.ctx, office.as('ana'), {
      type: 'ENQ',
      peer: 'xb',
      body,
      safety: counselled('XB'),
    });
    const { proposal } = await made.then(String, (thrown) => thrown);
    const { thread } = await xa.db
      .selectFrom('proposal')
      .select('thread')
      .where('id', '=', proposal)
      .executeTakeFirstOrThrow();
    const expiresAtMs = clock.ms + 86_400_000;
    const grounds = 'INVENTED: counselled on 10 January';
    const id = await askClearance(xa.ctx, office.as('sam'), {
      kind: 'asylum',
      proposal,
      grounds,
      expiresAtMs,
    });
    const asks = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);
    const LOOK = 'query($id: ID!) { proposal(id: $id) { content } }';
    const sees = async (name: Name) => (await asks(name, LOOK, { id: proposal })).codes[0] ?? 'yes';
    const GRANT = 'mutation($id: ID!) { grantClearance(clearance: $id) }';
    expect([await sees('lea'), await sees('bo')]).toEqual(['PROPOSAL_UNKNOWN', 'PROPOSAL_UNKNOWN']);
    expect((await asks('lea', GRANT, { id })).codes).toEqual(['CLEARANCE_UNKNOWN']);
    const lea = { thread, person: office.id('lea') };
    expect((await asks('sam', ADMIT, lea)).codes).toEqual(['NOT_PERMITTED']);
    expect((await asks('hana', ADMIT, lea)).codes).toEqual([]);
    expect(await sees('lea')).toBe('yes');
    expect((await asks('lea', GRANT, { id })).codes).toEqual([]);
    expect(await resubmitProposal(xa.ctx, office.as('ana'), proposal)).toMatchObject({ id: proposal });
    expect((await asks('hana', REMOVE, lea)).codes).toEqual([]);
    expect(await sees('lea')).toBe('PROPOSAL_UNKNOWN');
  });

  it('lets nobody admit themselves in SQL', async () => {
    const thread = await receive();
    for (const name of ['sam', 'bo', 'lea'] as const) {
      const forced = xb.ctx.doors.withActor(peers.as(name), (trx) =>
        trx
          .insertInto('reader')
          .values({ thread, person: peers.id('sam'), admitted_by: peers.id(name), admitted_at: clock.ms })
          .execute(),
      );
      await expect(forced).rejects.toMatchObject({ code: '42501' });
    }
  });
});

const SECRET = 'INVENTED: the interpreter of the district office is the uncle';
const NAMED = 'INVENTED: Interpreter Uncle';
const warning = {
  code: 'do-not-involve' as const,
  about: ['c1'],
  named: NAMED,
  detail: { text: SECRET, language: 'en' },
  eyesOnly: ['bo (invented)'],
};
const BODY = `body { ... on EnquiryBody { warnings { code about named detail { text } eyesOnly } }
  ... on ReportBody { warnings { code named detail { text } } } }`;
const PLACES = `query($thread: ID!) { conversation(thread: $thread) {
  warnings { code about named detail { text } eyesOnly }
  acts { ${BODY} rendered { label value } }
  proposals { ${BODY} content rendered { label value } } } }`;

/** Which of the places in which words are shown hold what is for named persons alone. */
function placesThatTell(data: Record<string, unknown>): string[] {
  const conversation = data.conversation as Record<string, unknown>;
  const tells = (value: unknown) =>
    JSON.stringify(value).includes(SECRET) || JSON.stringify(value).includes(NAMED);
  const each = (of: 'acts' | 'proposals') =>
    ['body', 'rendered', 'content'].filter((field) =>
      (conversation[of] as Record<string, unknown>[]).some((one) => field in one && tells(one[field])),
    );
  return [
    ...(tells(conversation.warnings) ? ['warnings'] : []),
    ...each('acts').map((field) => `acts.${field}`),
    ...each('proposals').map((field) => `proposals.${field}`),
  ];
}

describe('a warning for named persons', () => {
  it('says its detail in no place to anybody else, and everywhere that it is there', async () => {
    const thread = await office.enquire('ana', { warnings: [warning] });
    await carry(xa, xb);
    const at = async (server: OfficerServer, actor: Actor) => {
      const { codes, data } = await call(server, actor, PLACES, { thread });
      expect(codes).toEqual([]);
      const { warnings } = data.conversation as { warnings: unknown[] };
      expect(warnings).toMatchObject([{ code: warning.code, about: ['c1'], eyesOnly: warning.eyesOnly }]);
      return placesThatTell(data);
    };
    const acts = ['warnings', 'acts.body', 'acts.rendered'];
    const proposals = ['proposals.body', 'proposals.rendered', 'proposals.content'];
    expect(await at(there, peers.as('bo'))).toEqual(acts);
    expect(await at(there, peers.as('hana'))).toEqual(acts);
    expect(await at(there, peers.as('ana'))).toEqual([]);
    expect(await at(there, peers.as('sam'))).toEqual([]);
    // Here: who wrote it and who approved it, and the head; another officer and supervisor of the unit not.
    for (const name of ['ana', 'sam', 'hana', 'bo'] as const)
      expect(await at(here, office.as(name)), name).toEqual([...acts, ...proposals]);
    expect(await at(here, office.as('sid'))).toEqual([]);
    expect((await call(here, office.as('hana'), ADMIT, { thread, person: office.id('sid') })).codes).toEqual(
      [],
    );
    expect(await at(here, office.as('sid'))).toEqual([...acts, ...proposals]);
    expect((await call(here, office.as('hana'), REMOVE, { thread, person: office.id('sid') })).codes).toEqual(
      [],
    );
    expect(await at(here, office.as('sid'))).toEqual([]);
  });

  it('is whole for who is to approve it, as long as it waits, and for no other officer', async () => {
    const PROPOSE = `mutation($body: EnquiryBodyInput!, $safety: SafetyStatementInput) {
      proposeEnquiry(peer: "xb", body: $body, safety: $safety) { id digest content } }`;
    const PROPOSAL = 'query($id: ID!) { proposal(id: $id) { content rendered { value } } }';
    const body = enquiryBody({ warnings: [{ ...warning, eyesOnly: ['cas (invented)'] }] });
    const made = await call(here, office.as('ana'), PROPOSE, { body, safety: calm });
    const { id, digest, content } = made.data.proposeEnquiry as {
      id: string;
      digest: string;
      content: string;
    };
    expect(content).toContain(SECRET);
    const shown = async (name: Name, ago = 0) =>
      JSON.stringify((await call(here, office.as(name, ago), PROPOSAL, { id })).data.proposal).split(SECRET)
        .length - 1;
    // Before they have proved anew who they are, they must read what they will decide on.
    expect(await shown('sam', 3_600_000)).toBe(2);
    expect(await shown('bo')).toBe(0);
    const APPROVE =
      'mutation($id: ID!, $digest: String!) { approveRelease(proposal: $id, digest: $digest) { content } }';
    const approved = await call(here, office.as('sid'), APPROVE, { id, digest });
    expect(JSON.stringify(approved.data)).toContain(SECRET);
    expect(await shown('sid')).toBe(2);
    expect(await shown('ana')).toBe(2);
    expect(await shown('sam')).toBe(0);
  });

  it('is hidden in reports as in enquiries, by one function', () => {
    const body = { ...reportBody(), warnings: [warning, { ...warning, eyesOnly: [] }] };
    const reader = { name: 'Ana', role: 'officer' as const, isReader: false, isAuthor: false };
    const [hidden, open] = hideWarnings(body, reader).warnings;
    expect(hidden).toEqual({ code: warning.code, about: ['c1'], eyesOnly: warning.eyesOnly });
    expect(open).toEqual({ ...warning, eyesOnly: [] });
    for (const change of [
      { role: 'head' as const },
      { isReader: true },
      { isAuthor: true },
      { name: '  BO (Invented)' },
    ])
      expect(hideWarnings(body, { ...reader, ...change })).toEqual(body);
    expect(hideWarnings(body, { ...reader, role: 'supervisor' }).warnings[0]).not.toHaveProperty('detail');
  });
});
