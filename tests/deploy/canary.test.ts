/**
 * An invented child's names and story go through two nodes and a gateway while much goes wrong. Operators see log lines, metrics,
 * status and error bodies: nothing of the child is in any of them, nor the id of a conversation or message in what runs on.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { approve, type Proposal, propose } from '#deploy/act.ts';
import { type DemoNetwork, openDemoNetwork, type RunningNode } from '#deploy/demo/network.ts';
import { openTeam, type Team } from '#deploy/demo/team.ts';
import { hasStage, waitFor } from '#deploy/demo/wait-for.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { makeSecret } from '#node/access/secret.ts';
import { findEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { aboutChild, calm, enquiryBody } from '#tests/fixtures/act-bodies.ts';
import { run } from './run-command.ts';

// Every act is sealed, sent, opened, receipted and witnessed; the machine may be busy with other tests.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Words that occur nowhere else. INVENTED. */
const WORDS = ['Zorvath', 'Quillimane', 'Зорват', 'زورفات', 'Tannerysmith', 'cobaltdoor', 'Quillhaven'];

const [given, family, cyrillic, arabic, ...story] = WORDS as [string, string, string, string, ...string[]];
const told = `INVENTED: ${story.join(' ')}`;
const child = enquiryBody().children[0]!;
const body = (change = {}) =>
  enquiryBody({
    children: [
      {
        ...child,
        names: [
          {
            kind: 'current',
            parts: [
              { kind: 'given', value: given },
              { kind: 'family', value: family },
            ],
            script: 'Latn',
          },
          { kind: 'alias', parts: [{ kind: 'given', value: cyrillic }], script: 'Cyrl' },
          { kind: 'alias', parts: [{ kind: 'given', value: arabic }], script: 'Arab', romanised: given },
        ],
      } as typeof child,
    ],
    reasons: { text: told, language: 'en' },
    ...change,
  });

let folder: string;
let network: DemoNetwork;
let gatewayOperations: string;
let xa: Team;
let xb: Team;
/** Everything the processes printed, and every body of an error that was provoked. */
let printed = '';
const errorBodies: string[] = [];
const ids: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-canary-'));
  vi.stubEnv('FOCALNET_LOG', 'debug');
  network = await openDemoNetwork(join(folder, 'network'), {
    onOutput: (text) => {
      printed += text;
    },
  });
  gatewayOperations = await network.startGateway();
  const start = async (code: 'xa' | 'xb') => openTeam(await network.startNode(code));
  [xa, xb] = await Promise.all([start('xa'), start('xb')]);
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

/** As a superuser of a node's own database: to break things in it. */
async function inDatabase<T>(node: RunningNode, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const config = await findEmbeddedPostgres(node.env.FOCALNET_DATABASE!.replace('embedded:', ''));
  const client = new pg.Client(config!);
  await client.connect();
  return work(client).finally(() => client.end());
}

/** A call as a person makes it; what is refused is kept. */
async function provoke(url: string, init: RequestInit, session?: string): Promise<number> {
  const headers = {
    ...(session ? { cookie: `${SESSION_COOKIE}=${encodeURIComponent(session)}` } : {}),
    'content-type': 'application/json',
    'x-focalnet': '1',
    ...init.headers,
  };
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  if (!response.ok || text.includes('"errors"')) errorBodies.push(text);
  return response.status;
}

async function provokeAct(team: Team, variables: object): Promise<string> {
  const query = `mutation ($body: EnquiryBodyInput!, $safety: SafetyStatementInput, $peer: String) {
    proposeEnquiry(peer: $peer, body: $body, safety: $safety) { id } }`;
  const before = errorBodies.length;
  const init = { method: 'POST', body: JSON.stringify({ query, variables }) };
  await provoke(`${team.node.officerUrl}/graphql`, init, team.sessions.officer);
  return errorBodies[before] ?? '';
}

async function release(peer: string): Promise<Proposal> {
  const proposal = await propose(xa.officer, 'ENQ', { peer, body: body(), safety: calm as never });
  const released = await approve(xa.supervisor, proposal);
  ids.push(proposal.thread, released.messageId!);
  return released;
}

const arrive = (thread: string) => waitFor(xa.officer, thread, 'its receipt', hasStage('ENQ', 'delivered'));

describe('a child goes through the network', () => {
  test('in the ordinary way, and into the mailbox of a State that is away', async () => {
    const { thread } = await release('xb');
    await arrive(thread);
    await propose(xb.officer, 'ACK', { thread, body: { re: 1 } });
    const away = await release('xc');
    await waitFor(xa.officer, away.thread, 'the mailbox', hasStage('ENQ', 'relayed'));
    const { conversation } = await xb.officer.ask<{
      conversation: { acts: { rendered: { value: string }[] }[] };
    }>('($t: ID!) { conversation(thread: $t) { acts { rendered { value } } } }'.replace(/^/, 'query '), {
      t: thread,
    });
    // It is there, for those who may read it: otherwise nothing below would mean anything.
    for (const word of WORDS.slice(0, 3)) expect(JSON.stringify(conversation)).toContain(word);
  });

  test('while its writer makes mistakes, and rules stop what is written', async () => {
    expect(await provokeAct(xa, { peer: 'xb', body: body({ legalBasis: [told] }), safety: calm })).toContain(
      'errors',
    );
    expect(
      await provokeAct(xa, {
        peer: 'xb',
        body: body({ reasons: { text: told.repeat(3000), language: 'en' } }),
        safety: calm,
      }),
    ).not.toBe('');
    expect(await provokeAct(xa, { peer: 'xb', body: body({ questions: [] }), safety: calm })).not.toBe('');
    expect(await provokeAct(xa, { peer: family, body: body(), safety: calm })).toContain('PEER_UNKNOWN');
    const feared = { ...calm, childIsHere: 'yes', asylum: [{ country: 'XB', status: 'pending' }] };
    // Of another child: what is stated here would stop what follows.
    const other = body(aboutChild('Counselled Child'));
    expect(await provokeAct(xa, { peer: 'xb', body: other, safety: feared })).toContain('GATE_CLOSED');
    const upload = (media: string) =>
      provoke(
        `${xa.node.officerUrl}/attachments`,
        { method: 'POST', body: `${told} ${given}`, headers: { 'content-type': media } },
        xa.sessions.officer,
      );
    expect(await upload('image/png')).toBe(422);
    expect(await upload(`text/${family}`)).toBeGreaterThanOrEqual(400);
  });

  test('while strangers try words on every door', async () => {
    const doors = [
      xa.node.officerUrl,
      xa.node.machineUrl!,
      xa.node.operationsUrl,
      network.gatewayUrl,
      gatewayOperations,
    ];
    for (const url of doors) {
      for (const word of WORDS.slice(0, 3)) {
        const encoded = encodeURIComponent(word);
        await provoke(
          `${url}/attachments/${encoded}?name=${encoded}`,
          { method: 'GET', headers: { 'x-child': given } },
          given,
        );
        await provoke(`${url}/parts/${encoded}/${encoded}/${encoded}`, { method: 'PUT', body: word });
        await provoke(`${url}/${encoded}`, { method: 'DELETE' });
        await provoke(`${url}/attachments`, { method: 'POST', body: word }, makeSecret(randomBytes));
      }
      if (url === xa.node.officerUrl) continue;
      for (const query of [
        `{ ${given} }`,
        `{ ${told}`,
        `mutation { deliver(messages: [{envelope: "${told}", sealed: "${given}"}]) { id } }`,
      ])
        await provoke(`${url}/graphql`, {
          method: 'POST',
          body: JSON.stringify({ query, variables: { [given]: told } }),
        });
    }
  });

  test('while a database refuses rows and says why with the row in it', async () => {
    // PostgreSQL's DETAIL of a failed check holds the whole row.
    await inDatabase(xa.node, (client) =>
      client.query('alter table proposal add constraint broken check (length(body) < 10) not valid'),
    );
    expect(await provokeAct(xa, { peer: 'xb', body: body(), safety: calm })).toContain('INTERNAL');
    await inDatabase(xa.node, (client) => client.query('alter table proposal drop constraint broken'));
    await inDatabase(xb.node, (client) =>
      client.query('alter table act add constraint broken check (length(body) < 10) not valid'),
    );
    const { thread } = await release('xb');
    await expect.poll(() => /"name":"node-xb".*"23514"/.test(printed), { timeout: 60_000 }).toBe(true);
    await inDatabase(xb.node, (client) => client.query('alter table act drop constraint broken'));
    await arrive(thread);
  });

  test('while connections are cut and a peer is down', async () => {
    const cut = (node: RunningNode) =>
      inDatabase(node, (client) =>
        client.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = $1',
          ['client backend'],
        ),
      );
    for (let i = 0; i < 5; i++) {
      const acts = [provokeAct(xa, { peer: 'xb', body: body(), safety: calm }), cut(xa.node)];
      await Promise.all(acts);
    }
    await xb.node.stop();
    const { thread } = await release('xb');
    await waitFor(xa.officer, thread, 'the mailbox', hasStage('ENQ', 'relayed'));
    xb = await openTeam(await network.startNode('xb'));
    await arrive(thread);
  });
});

describe('and nothing of it is seen by operators', () => {
  const forms = WORDS.flatMap((word) => [
    word.toLowerCase(),
    encodeURIComponent(word).toLowerCase(),
    Buffer.from(word).toString('base64').replace(/=+$/, '').slice(0, -1).toLowerCase(),
    Buffer.from(word).toString('hex'),
    JSON.stringify(word)
      .replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .slice(1, -1)
      .toLowerCase(),
  ]);
  const findWords = (text: string) => forms.filter((form) => text.toLowerCase().includes(form));
  const findIds = (text: string) => [...new Set(ids)].filter((id) => text.includes(id));

  test('not in log lines, although the faults are there', async () => {
    for (const event of ['delivery-failed', 'resolver failed', 'list-accepted', '23514', 'UNREACHABLE'])
      expect([event, printed.includes(event)]).toEqual([event, true]);
    expect(printed.split('\n').length).toBeGreaterThan(15);
    expect(findWords(printed)).toEqual([]);
    expect(findIds(printed)).toEqual([]);
  });

  test('not in error bodies', () => {
    expect(errorBodies.length).toBeGreaterThan(60);
    for (const code of [
      'GATE_CLOSED',
      'BODY_INVALID',
      'INTERNAL',
      'NOT_FOUND',
      'SIGN_IN_NEEDED',
      'SESSION_OVER',
    ])
      expect(errorBodies.join('\n')).toContain(code);
    for (const text of errorBodies) expect([findWords(text), text]).toEqual([[], text]);
  });

  test('not in metrics, status and health, over HTTP and by the command line', async () => {
    // What was noted of contacts is written down within seconds.
    await delay(100);
    const pages = [xa.node.operationsUrl, xb.node.operationsUrl, gatewayOperations].flatMap((url) =>
      ['metrics', 'status', 'livez', 'readyz'].map((page) => `${url}/${page}`),
    );
    const texts = await Promise.all(pages.map(async (url) => (await fetch(url)).text()));
    const env = { ...xa.node.env } as Record<string, string>;
    for (const args of [[], ['--json']]) {
      const { out, err } = await run(['node', 'status', ...args], env);
      expect([err, out]).toEqual(['', expect.stringContaining('xb')]);
      texts.push(out);
    }
    const all = texts.join('\n');
    expect(all).toContain('focalnet_deliveries_total{peer="xb",place="peer",outcome="taken"}');
    expect(all).toMatch(/focalnet_deliveries_total\{peer="xb",place="peer",outcome="unreachable"\} [1-9]/);
    expect(all).toMatch(
      /focalnet_graphql_operations_total\{endpoint="officer",type="mutation",outcome="failed"\} [1-9]/,
    );
    expect(all).toMatch(/focalnet_mailbox_held_items\{recipient="xc",lane="routine",kind="message"\} [1-9]/);
    expect(findWords(all)).toEqual([]);
    expect(findIds(all)).toEqual([]);
  });
});
