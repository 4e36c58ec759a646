/**
 * Every role of the catalogue signs in at a running node of the demo's network and follows README.md: the queries are taken out of
 * it, so that it is the document that is tested. What each may see and do is that of the table of roles in the design; the other
 * endpoints answer WRONG_ENDPOINT.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { personId } from '#deploy/demo/invented-people.ts';
import { type DemoNetwork, openDemoNetwork } from '#deploy/demo/network.ts';
import { signInAs, walkSignIn } from '#deploy/demo/sign-in-as.ts';
import { represented } from '#deploy/demo/story/represented.ts';
import { send } from '#deploy/demo/story/send.ts';
import { openStory, type Story } from '#deploy/demo/story.ts';
import type { Team } from '#deploy/demo/team.ts';
import { writeCases } from '#deploy/demo/write-cases.ts';
import { type Role, roles } from '#node/access/actor.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { needsTool } from '../fixtures/tools.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const run = promisify(execFile);
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const section = (title: string): string => readme.split(`### ${title}\n`)[1]!.split(/\n##+ /)[0]!;

type Row = { readonly role: string; readonly path: string | null; readonly query: string | null };
/** The table of roles, as the document has it. */
const rows: readonly Row[] = [
  ...section('As somebody else').matchAll(
    /^\| `([a-z-]+)\.xa` \| (?:`([^`]+)`|none) \| (?:`([^`]+)`)? ?\|/gm,
  ),
].map(([, role, path, query]) => ({ role: role!, path: path ?? null, query: query ?? null }));
const rowOf = (role: Role): Row => rows.find((row) => row.role === role)!;
const paths = ['/graphql', '/guardian/graphql', '/ministry/graphql', '/auditor/graphql'];

let folder: string;
let network: DemoNetwork;
let story: Story;
let xa: Team;
let thread: string;
const sessions = new Map<Role, string>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-roles-'));
  network = await openDemoNetwork(join(folder, 'network'));
  story = openStory(network, join(folder, 'cases'), () => {});
  await Promise.all([writeCases(story.cases), network.startGateway()]);
  [xa] = await Promise.all([story.startTeam('xa'), story.startTeam('xb')]);
  await send(story);
  await represented(story);
  thread = story.mainJourney.threads.get('a')!;
  for (const role of roles)
    if (role !== 'panel-member') sessions.set(role, await signInAs(xa.node.officerUrl, personId(role, 'xa')));
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Whatever the questions of the document answer. */
interface Data {
  readonly me: { role: string; may: string[] };
  readonly inbox: { edges: { node: { thread: string } }[] };
  readonly people: { role: string }[];
  readonly waitingProposals: unknown[];
  readonly representations: { conversations: Record<string, unknown>[] }[];
  readonly releases: unknown[];
  readonly definitions: unknown[];
  readonly checkpoints: unknown[];
  readonly policy: unknown[];
  readonly proposal: { rendered: unknown[] };
  readonly askClearance: string;
  readonly resubmitProposal: { status: string; digest: string };
  readonly approveRelease: { status: string; messageId: string | null };
}
interface Answer {
  readonly status: number;
  readonly data: Data | null;
  readonly code: string | undefined;
}

async function ask(role: Role, path: string, query: string, variables = {}): Promise<Answer> {
  const response = await fetch(`${xa.node.officerUrl}${path}`, {
    method: 'POST',
    headers: {
      cookie: `${SESSION_COOKIE}=${sessions.get(role)}`,
      'content-type': 'application/json',
      'x-focalnet': '1',
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors, code } = (await response.json()) as {
    data?: Answer['data'];
    errors?: { extensions: { code: string } }[];
    code?: string;
  };
  return { status: response.status, data: data ?? null, code: errors?.[0]?.extensions.code ?? code };
}

async function get(
  role: Role,
  path: string,
): Promise<{ status: number; code: string | undefined; text: string }> {
  const response = await fetch(`${xa.node.officerUrl}${path}`, {
    headers: { cookie: `${SESSION_COOKIE}=${sessions.get(role)}` },
  });
  const text = await response.text();
  const code = response.headers.get('content-type')?.includes('application/json')
    ? (JSON.parse(text) as { code?: string }).code
    : undefined;
  return { status: response.status, code, text };
}

/** The document's own question of this role. */
const askFirst = async (role: Role): Promise<Data> => {
  const { path, query } = rowOf(role);
  const answer = await ask(role, path!, query!);
  expect([role, answer.status, answer.code]).toEqual([role, 200, undefined]);
  return answer.data!;
};

const threadsIn = ({ inbox }: Pick<Data, 'inbox'>): string[] => inbox.edges.map(({ node }) => node.thread);

it('is a table of every role', () => {
  expect(rows.map(({ role }) => role).sort()).toEqual([...roles].sort());
});

describe('at other endpoints than their own', () => {
  it.each(roles.filter((role) => role !== 'panel-member'))('%s is sent elsewhere', async (role) => {
    const own = rowOf(role).path;
    for (const path of paths.filter((one) => one !== own)) {
      const { status, code } = await ask(role, path, '{ me { id } }');
      expect([path, status, code]).toEqual([path, 403, 'WRONG_ENDPOINT']);
    }
    const files = own === '/graphql' ? [] : [`/attachments/${'a'.repeat(32)}`, `/evidence/${thread}`];
    const trail = own === '/auditor/graphql' ? [] : ['/auditor/audit-events?from=2020-01-01&to=2040-01-01'];
    for (const path of [...files, ...trail]) {
      const { status, code } = await get(role, path);
      expect([path, status, code]).toEqual([path, 403, 'WRONG_ENDPOINT']);
    }
  });

  it('a panel member has no session at all', async () => {
    expect(rowOf('panel-member')).toMatchObject({ path: null });
    const page = await walkSignIn(xa.node.officerUrl, personId('panel-member', 'xa'));
    expect([page.status, page.text.includes('NO_ENDPOINT')]).toEqual([403, true]);
    expect(readme).toMatch(/`panel-member\.xa` \| none \|.*`NO_ENDPOINT`/);
  });

  it('an operator has a session that opens nothing, and a listener that tells no content', async () => {
    expect((await get('operator', '/session')).text).toContain('"role":"operator"');
    const status = await (await fetch(`${xa.node.operationsUrl}/status`)).text();
    expect(status).toContain('"peers"');
    for (const kept of [thread, 'Officer One', 'guardian.xa']) expect(status).not.toContain(kept);
  });
});

describe('officers’ endpoint', () => {
  it('an officer sees the enquiries of the State’s unit and approves nothing', async () => {
    const { me, inbox } = await askFirst('officer');
    expect(threadsIn({ inbox })).toEqual([thread]);
    expect(me.role).toBe('officer');
    expect(me.may).toEqual(expect.arrayContaining(['act.propose', 'guardian.propose', 'local.give']));
    for (const never of ['act.approve', 'clearance.grant', 'person.manage', 'reader.admit'])
      expect(me.may).not.toContain(never);
  });

  it('a supervisor sees what waits for a second person, and the head everybody', async () => {
    const { me, waitingProposals } = await askFirst('supervisor');
    expect(waitingProposals).toEqual([]);
    expect(me.may).toEqual(expect.arrayContaining(['act.approve', 'task.close-safety']));
    for (const never of ['person.manage', 'reader.admit']) expect(me.may).not.toContain(never);
    const { me: head, people } = await askFirst('head');
    expect(head.may).toEqual(expect.arrayContaining(['person.manage', 'reader.admit', 'deputy.name']));
    expect(people.map(({ role }) => role).sort()).toEqual([...roles].sort());
  });

  it('a case worker sees nothing until assigned, then that one', async () => {
    const { me, inbox } = await askFirst('case-worker');
    expect(threadsIn({ inbox })).toEqual([]);
    expect(me.may).toContain('act.propose');
    for (const never of ['act.approve', 'clearance.grant', 'assignment.give', 'evidence.export'])
      expect(me.may).not.toContain(never);
    const look = 'query ($thread: ID!) { conversation(thread: $thread) { state } }';
    expect(await ask('case-worker', '/graphql', look, { thread })).toMatchObject({
      code: 'CONVERSATION_UNKNOWN',
    });
    const assign = 'mutation ($thread: ID!, $to: ID!) { assignConversation(thread: $thread, person: $to) }';
    await xa.supervisor.ask(assign, { thread, to: personId('case-worker', 'xa') });
    expect(threadsIn(await askFirst('case-worker'))).toEqual([thread]);
  });

  it('a legal adviser sees the one that was put before them, and proposes nothing', async () => {
    const { me, inbox } = await askFirst('legal-adviser');
    // The story asked them to clear it.
    expect(threadsIn({ inbox })).toEqual([thread]);
    expect(me.may).toEqual(expect.arrayContaining(['clearance.grant-asylum', 'act.approve-refusal']));
    for (const never of ['act.approve', 'act.propose']) expect(me.may).not.toContain(never);
  });
});

describe('endpoints of their own', () => {
  it('a guardian sees where the child’s matter stands, the questions by codes, and no word beside', async () => {
    const { representations } = await askFirst('guardian');
    const month = expect.stringMatching(/^\d{4}-\d\d$/);
    const label = 'The question has been put';
    const [{ questions, ...followed }] = representations[0]!.conversations as [Record<string, unknown>];
    expect(representations).toHaveLength(1);
    expect(followed).toEqual({
      ...{ label, decisions: [], rounds: [] },
      holder: { text: 'The focal point of another State' },
      next: { text: 'An answer is expected' },
      answerDue: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      timeline: [{ label, date: month, tell: { text: 'May be told to the child' } }],
    });
    // Two of the eight ask who may have harmed the child.
    expect(questions).toEqual(
      Array.from({ length: 6 }, () => ({ question: { text: expect.any(String) }, answer: null })),
    );
    for (const beside of [
      'inbox { edges { node { thread } } }',
      'people { id }',
      'conversation(thread: "x") { state }',
    ])
      expect((await ask('guardian', '/guardian/graphql', `{ ${beside} }`)).status).toBe(400);
  });

  it('the call in the document works as it stands', async () => {
    if (!needsTool('curl')) return;
    const [, call] = /```\n(curl -s [^`]*)```/.exec(section('As somebody else'))!;
    const { stdout } = await run('sh', ['-c', call!.replace('http://127.0.0.1:PORT', xa.node.officerUrl)], {
      env: { ...process.env, FOCALNET_SESSION: sessions.get('guardian') },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      data: { me: { role: 'guardian' }, representations: [{ scope: expect.stringContaining('INVENTED') }] },
    });
  });

  it('an analyst sees what is published and what it counts', async () => {
    const { releases, definitions } = await askFirst('analyst');
    expect(releases).toEqual([]);
    expect(definitions.length).toBeGreaterThan(3);
    expect(
      (await ask('analyst', '/ministry/graphql', '{ inbox { edges { node { thread } } } }')).status,
    ).toBe(400);
  });

  it('an auditor sees proofs, counts and policy, no content, and exports the trail', async () => {
    const { checkpoints, policy } = await askFirst('auditor');
    expect(checkpoints).toHaveLength(3);
    expect(policy).toContainEqual({ permission: 'act.approve', roles: ['supervisor', 'head'] });
    const [, path] = /`GET (\/auditor\/audit-events\S*)`/.exec(section('As somebody else'))!;
    const exported = await get('auditor', path!);
    expect(exported.status).toBe(200);
    expect(exported.text).toContain('"resourceType":"AuditEvent"');
    // The child, the family and the words of the enquiry are nowhere in it.
    const enquiry = await readFile(join(story.cases, 'enquiries', '01-main-journey.json'), 'utf8');
    const names = [...enquiry.matchAll(/"value":\s*"([^"]+)"/g)].map(([, value]) => value!);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) expect(exported.text).not.toContain(name);
    expect((await ask('auditor', '/auditor/graphql', '{ inbox { edges { node { thread } } } }')).status).toBe(
      400,
    );
  });
});

describe('an enquiry of one’s own, as the document tells it', () => {
  const text = section('By GraphQL');
  const told = [...text.matchAll(/^\| ([^|]+) \| `([^`]+)` \|$/gm)].map(([, who, field]) => ({
    who: who!,
    field: field!,
  }));
  /** Runs the script of the document. @returns the proposal that a gate stopped */
  async function proposeAs(role: Role): Promise<string> {
    const [, script] = /```\nexport OFFICER=http:\/\/127\.0\.0\.1:PORT\n([\s\S]*?)```/.exec(text)!;
    const { stdout } = await run('sh', ['-c', script!], {
      cwd: new URL('../..', import.meta.url),
      env: { ...process.env, OFFICER: xa.node.officerUrl, FOCALNET_SESSION: sessions.get(role) },
    });
    expect(stdout).toContain('GATE_CLOSED');
    return /proposal-[0-9a-f]{24}/.exec(stdout)![0];
  }
  /** One line of the document's table, with its gaps filled, by somebody who has just proved who they are. */
  async function act(role: Role, line: number, gaps: Record<string, string>): Promise<Answer> {
    sessions.set(role, await signInAs(xa.node.officerUrl, personId(role, 'xa'), { query: '?step-up=1' }));
    const filled = told[line]!.field.replace(/"([^"]*…)"/g, (_whole, gap: string) =>
      JSON.stringify(gaps[gap]),
    );
    return ask(role, '/graphql', `mutation { ${filled} }`);
  }
  const grounds = 'INVENTED: counselled, not sought';

  it('is stopped, cleared, put again, approved by another, and leaves', async () => {
    expect(told.map(({ who }) => who)).toEqual([
      'a supervisor',
      'a legal adviser',
      'the officer who proposed',
      'another supervisor, or the same',
    ]);
    const proposal = await proposeAs('officer');
    const ofIt = { 'proposal-…': proposal };
    const look = `{ proposal(id: "${proposal}") { status } }`;
    // Nothing that was not put before them is theirs to see.
    for (const role of ['legal-adviser', 'case-worker'] as const)
      expect(await ask(role, '/graphql', look)).toMatchObject({ code: 'PROPOSAL_UNKNOWN' });
    const { askClearance } = (await act('supervisor', 0, { ...ofIt, '…': grounds })).data!;
    expect(await ask('legal-adviser', '/graphql', look)).toMatchObject({ code: undefined });
    expect((await act('legal-adviser', 1, { 'clearance-…': askClearance })).code).toBeUndefined();
    const { resubmitProposal } = (await act('officer', 2, ofIt)).data!;
    expect(resubmitProposal.status).toBe('waiting');
    const shown = /`(proposal\(id\) \{[^`]+\})`/.exec(text)![1]!.replace('(id)', `(id: "${proposal}")`);
    const seen = await ask('supervisor', '/graphql', `{ ${shown} }`);
    expect(seen.data!.proposal.rendered.length).toBeGreaterThan(5);
    const approval = { ...ofIt, '…': resubmitProposal.digest };
    for (const role of ['officer', 'legal-adviser'] as const)
      expect(await act(role, 3, approval)).toMatchObject({ code: 'NOT_PERMITTED' });
    const { approveRelease } = (await act('supervisor', 3, approval)).data!;
    expect(approveRelease).toMatchObject({ status: 'released', messageId: expect.any(String) });
    const inbox = /```graphql\n(\{ inbox[^`]+)```/.exec(text)![1]!;
    expect(threadsIn((await ask('officer', '/graphql', inbox)).data!)).toHaveLength(2);
  });

  it('of a supervisor is approved by another than its author', async () => {
    const ofIt = { 'proposal-…': await proposeAs('supervisor') };
    const { askClearance } = (await act('supervisor', 0, { ...ofIt, '…': grounds })).data!;
    await act('legal-adviser', 1, { 'clearance-…': askClearance });
    const { resubmitProposal } = (await act('supervisor', 2, ofIt)).data!;
    const approval = { ...ofIt, '…': resubmitProposal.digest };
    expect(await act('supervisor', 3, approval)).toMatchObject({ code: 'SAME_PERSON' });
    expect((await act('head', 3, approval)).data!.approveRelease.status).toBe('released');
  });
});

describe('a local service without an account', () => {
  it('opens its link with the number, sees the minimum and the limits, and answers once', async () => {
    const [, field] = /`(giveQuestions\([^`]+\})`/.exec(section('As somebody else'))!;
    const values = [thread, 'Youth office (INVENTED)'];
    const filled = field!.replace(/"…"/g, () => JSON.stringify(values.shift()));
    const xb = story.teamOf('xb');
    const { giveQuestions: given } = await xb.officer.ask<{
      giveQuestions: { page: string; link: string; number: string };
    }>(`mutation { ${filled} }`);
    const link = new URL(given.link, xb.node.officerUrl);
    const post = async (form: Record<string, string>) => {
      const response = await fetch(link, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      return { status: response.status, text: await response.text() };
    };
    const first = await (await fetch(link)).text();
    expect(first).toContain('name="pin"');
    expect(given.page.indexOf('id="limits"')).toBeGreaterThan(0);
    expect(given.page).not.toContain(given.number);
    const wrong = given.number === '000000' ? '111111' : '000000';
    expect((await post({ pin: wrong })).status).toBe(403);
    const letter = await post({ pin: given.number });
    expect(letter.status).toBe(200);
    expect(letter.text.indexOf('id="limits"')).toBeLessThan(letter.text.indexOf('name="q:q1"'));
    expect(letter.text.match(/<fieldset>/g)).toHaveLength(1);
    // No file, no other question, nobody of the asking office.
    for (const beside of ['Officer One', 'q:q2', 'attachment']) expect(letter.text).not.toContain(beside);
    const answer = {
      pin: given.number,
      answer: '1',
      'answered-by': 'INVENTED',
      'q:q1': 'INVENTED: known here',
    };
    expect((await post(answer)).status).toBe(200);
    expect((await post(answer)).status).toBe(404);
  });
});
