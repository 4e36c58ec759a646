/**
 * The command line and the examples of README.md, run as they stand there against a gateway and two nodes that run. What is said to
 * a newcomer is read from the document itself, so that the document is what is tested.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withDatabase } from '#deploy/commands/database.ts';
import { type DemoNetwork, openDemoNetwork } from '#deploy/demo/network.ts';
import { signInAs } from '#deploy/demo/sign-in-as.ts';
import { openTeam, statement, type Team } from '#deploy/demo/team.ts';
import { hasAct, hasStage, waitFor } from '#deploy/demo/wait-for.ts';
import { writeCases } from '#deploy/demo/write-cases.ts';
import { openOfficerClient } from '#deploy/officer-client.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { needsTool } from '../fixtures/tools.ts';
import { type Ended, run } from './run-command.ts';

// Each command is a process of its own that reads the sources.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = 'tests/fixtures/enquiries/03-refused.json';
const ACTS = 'tests/fixtures/acts';
const BYTE = 1;
const readme = await readFile(join(ROOT, 'README.md'), 'utf8');

let folder: string;
let network: DemoNetwork;
let xa: Team;
let xb: Team;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-commands-'));
  network = await openDemoNetwork(join(folder, 'network'));
  await Promise.all([writeCases(join(folder, 'cases')), network.startGateway()]);
  const start = async (code: 'xa' | 'xb') => openTeam(await network.startNode(code));
  [xa, xb] = await Promise.all([start('xa'), start('xb')]);
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A session in which the person has just proved who they are, as `sign-in --demo` gives it. */
const sessionOf = (team: Team, role: string): Promise<string> =>
  signInAs(team.node.officerUrl, `${role}.${team.node.code}`);

/** The command line as a person of `team`. */
async function runAs(team: Team, role: string, args: readonly string[]): Promise<Ended> {
  const session = await sessionOf(team, role);
  return run([...args, '--node', team.node.officerUrl], { FOCALNET_SESSION: session });
}

/** Standard output is one JSON value and nothing else. */
function parseAlone<T>({ out, err }: Ended): T {
  expect(out.trimEnd().split('\n'), err).toHaveLength(1);
  return JSON.parse(out) as T;
}

async function runScript(script: string, env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 8 << 20 };
    execFile('bash', ['-c', script], options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
  });
}

/** The fenced block of README.md in which `mark` stands, with the address of xa's node in it. */
function blockWith(mark: string): string {
  const blocks = [...readme.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);
  const block = blocks.find((text) => text.includes(mark));
  expect(block, `README.md has no example with ${mark}`).toBeDefined();
  return block!.replaceAll('http://127.0.0.1:PORT', xa.node.officerUrl);
}

/** Rows of the table of README.md whose head begins with `head`, as cells. */
function tableOf(head: string): string[][] {
  const lines = readme.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  expect(at, `README.md has no table ${head}`).toBeGreaterThan(0);
  const rows = lines.slice(at + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in code marks. */
const codeIn = (cell: string): string => /`([^`]+)`/.exec(cell)![1]!;

interface Sent {
  id: string;
  thread: string;
  status: string;
  digest: string;
  messageId: string | null;
}

/** Proposes the enquiry of README.md by command and takes it past the gate and to xb. */
async function sendReleased(): Promise<string> {
  const { id, thread } = parseAlone<Sent>(
    await runAs(xa, 'officer', ['enquiry', 'send', '--file', FILE, '--json']),
  );
  await walkTable(id);
  await waitFor(xa.officer, thread, 'delivery', hasStage('ENQ', 'delivered'));
  return thread;
}

/** Who stands in the table of clearances, by their ids at the demo's provider. */
const PEOPLE: Readonly<Record<string, string>> = {
  'a supervisor': 'supervisor',
  'a legal adviser': 'legal-adviser',
  'the officer who proposed': 'officer',
  'another supervisor, or the same': 'supervisor',
};

/** Each person of the table does what it says of them, with the ids that the answers before gave. */
async function walkTable(proposal: string): Promise<unknown> {
  const given: Record<string, string> = { proposal };
  let last: unknown;
  for (const [who, does] of tableOf('Who | Does')) {
    const role = PEOPLE[who!];
    expect(role, `README.md names ${who}, whom the demo does not have`).toBeDefined();
    const operation = codeIn(does!)
      .replace(/"proposal-…"/, `"${given.proposal}"`)
      .replace(/"clearance-…"/, `"${given.clearance}"`)
      .replace(/digest: "…"/, `digest: "${given.digest}"`)
      .replace(/"…"/, '"INVENTED: decided by two people"');
    const client = openOfficerClient(xa.node.officerUrl, await sessionOf(xa, role!));
    const data = await client.ask<Record<string, unknown>>(`mutation { ${operation} }`);
    [last] = Object.values(data);
    if (typeof last === 'string') given.clearance = last;
    if (typeof last === 'object') given.digest = (last as { digest?: string }).digest ?? given.digest!;
  }
  return last;
}

describe('the examples of README.md, as they stand there', () => {
  test('sign-in by command and an enquiry that a gate stops', async () => {
    const script = `${blockWith('--demo officer.xa')}\n${blockWith('enquiry send')}`;
    const { code, out, err } = await runScript(script);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/proposal proposal-[0-9a-f]+: stopped/);
    expect(out).toMatch(/stopped by G\d+/);
  });

  test('the script under "By GraphQL", and the people who take the stopped proposal on', async () => {
    const session = await sessionOf(xa, 'officer');
    const { code, out, err } = await runScript(blockWith("node --input-type=module <<'END'"), {
      FOCALNET_SESSION: session,
    });
    expect([code, err]).toEqual([0, '']);
    const { errors } = JSON.parse(out) as { errors: { message: string; extensions: { code: string } }[] };
    expect(errors[0]!.extensions.code).toBe('GATE_CLOSED');
    const [proposal] = /proposal-[0-9a-f]+/.exec(errors[0]!.message)!;
    const look = /`(proposal\(id\) [^`]+)`/.exec(readme)![1]!.replace('(id)', '(id: $id)');
    const shown = await xa.officer.ask<{ proposal: { rendered: unknown[]; peer: { mustTell: unknown[] } } }>(
      `query ($id: ID!) { ${look} }`,
      { id: proposal },
    );
    expect(shown.proposal.rendered.length).toBeGreaterThan(20);
    expect(shown.proposal.peer.mustTell.length).toBeGreaterThan(0);
    expect(await walkTable(proposal)).toEqual({ status: 'released', messageId: expect.any(String) });
    const { inbox } = await xa.officer.ask<{ inbox: { edges: unknown[] } }>(blockWith('{ inbox(first: 10)'));
    expect(inbox.edges.length).toBeGreaterThan(0);
  });

  test.skipIf(!needsTool('curl'))('the call by curl of a guardian', async () => {
    const session = await sessionOf(xa, 'guardian');
    const call = blockWith('/guardian/graphql');
    const { code, out } = await runScript(call, { FOCALNET_SESSION: session });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ data: { me: { role: 'guardian' }, representations: [] } });
  });

  test('a first question of every role, at the address of that role', async () => {
    for (const [who, address, question] of tableOf('Who (in the demo)')) {
      if (!address!.startsWith('`/')) continue;
      const person = who!.startsWith('`') ? codeIn(who!) : 'case-worker.xa';
      const session = await signInAs(xa.node.officerUrl, person);
      const response = await fetch(`${xa.node.officerUrl}${codeIn(address!)}`, {
        method: 'POST',
        headers: {
          cookie: `__Host-focalnet=${session}`,
          'content-type': 'application/json',
          'x-focalnet': '1',
        },
        body: JSON.stringify({ query: codeIn(question!) }),
      });
      expect([person, await response.json()]).toEqual([person, { data: expect.any(Object) }]);
    }
  });
});

describe('an enquiry of one’s own, by command line alone', () => {
  test('people of the table of README.md take it from stopped to released, and only shown what they decide', async () => {
    const sent = parseAlone<Sent>(await runAs(xa, 'officer', ['enquiry', 'send', '--file', FILE, '--json']));
    expect(sent.status).toBe('stopped');
    const ids: Record<string, string> = { proposal: sent.id };
    const rows = tableOf('As');
    expect(rows.map(([, command]) => codeIn(command!).split(' ').slice(0, 2).join(' '))).toEqual([
      ...['enquiry clear', 'enquiry clear', 'enquiry resubmit', 'enquiry answer', 'enquiry show'],
    ]);
    for (const [who, cell] of rows) {
      const [role] = codeIn(who!).split('.');
      const words = codeIn(cell!).match(/"[^"]*"|\S+/g)!;
      const args = words.map((word) =>
        word === '…' ? sent.thread : (ids[word.replace('-…', '')] ?? word.replaceAll('"', '')),
      );
      if (args.includes('--grant') || args.includes('--approve')) {
        const unasked = await runAs(xa, role!, args);
        expect([unasked.code, unasked.out]).toEqual([2, '']);
        expect(unasked.err).toMatch(/That State is bound to tell: \S+/);
        if (args.includes('--grant')) expect(unasked.err).toContain('why it may leave all the same');
        args.push('--yes');
      }
      const ended = await runAs(xa, role!, args);
      expect([args.join(' '), ended.code, ended.err.includes('focalnet:')]).toEqual([
        args.join(' '),
        0,
        false,
      ]);
      const [clearance] = /^clearance-[0-9a-f]+/.exec(ended.out) ?? [];
      ids.clearance ??= clearance!;
    }
    await waitFor(xa.officer, sent.thread, 'delivery', hasStage('ENQ', 'delivered'));
  });

  test('what was not cleared is stopped again; who may not grant is refused', async () => {
    const send = ['enquiry', 'send', '--file', FILE, '--json'];
    const { id } = parseAlone<Sent>(await runAs(xa, 'officer', send));
    const again = await runAs(xa, 'officer', ['enquiry', 'resubmit', id]);
    expect([again.code, again.err]).toEqual([1, '']);
    expect(again.out).toContain('focalnet enquiry clear');
    const ask = ['enquiry', 'clear', '--kind', 'asylum', '--reason', 'INVENTED: counselled', '--json'];
    expect((await runAs(xa, 'officer', [...ask, id])).code).toBe(1);
    const asked = parseAlone<{ clearance: string }>(await runAs(xa, 'supervisor', [...ask, id]));
    const grant = ['enquiry', 'clear', '--grant', asked.clearance, '--yes'];
    expect((await runAs(xa, 'supervisor', grant)).code).toBe(1);
    expect((await runAs(xa, 'supervisor', [...ask, '--days', '0', id])).code).toBe(2);
  });

  test('an alert opens a conversation with a State that is named; an answer does not', async () => {
    const opening = ['enquiry', 'answer', '--peer', 'xb', '--file', `${ACTS}/alert.json`, '--json'];
    const ended = await runAs(xa, 'officer', [...opening, '--type', 'URG']);
    const { type, status, thread } = parseAlone<Sent & { type: string }>(ended);
    expect([type, status]).toEqual(['URG', 'released']);
    // Who has sent it reads whom to ring, until somebody there has confirmed it.
    const show = async () => (await runAs(xa, 'officer', ['enquiry', 'show', '--thread', thread])).out;
    expect(await show()).toMatch(/ring if it stays so\n {4}XB {2}\S?\+44 1632 960002/);
    await waitFor(xb.officer, thread, 'the alert', hasAct('URG'));
    const confirmed = await runAs(xb, 'officer', [
      ...['enquiry', 'answer', '--thread', thread, '--type', 'ACK'],
      ...['--file', `${ACTS}/acknowledgement.json`],
    ]);
    expect([confirmed.code, confirmed.err]).toEqual([0, '']);
    await waitFor(xa.officer, thread, 'who has it', hasAct('ACK'));
    expect(await show()).not.toContain('+44 1632 960002');
    const nothing = join(folder, 'nothing.json');
    await writeFile(nothing, JSON.stringify({ body: { phase: 'invented' } }));
    const faults = await runAs(xa, 'officer', [...opening, '--type', 'URG', '--file', nothing]);
    expect(faults.err).toMatch(/"account"[\s\S]*"asked"[\s\S]*"telephone"/);
    const unsaid = join(folder, 'unsaid.json');
    const { body } = JSON.parse(await readFile(`${ACTS}/alert.json`, 'utf8'));
    await writeFile(unsaid, JSON.stringify({ body, safety: { childIsHere: 'no', asylum: [] } }));
    const stopped = await runAs(xa, 'officer', [
      ...['enquiry', 'answer', '--peer', 'xb', '--type', 'URG', '--file', unsaid],
    ]);
    expect(stopped.out).toMatch(/G-HARM[\s\S]*under "harm"/);
    expect(stopped.out).not.toContain('enquiry clear');
    const answer = await runAs(xa, 'officer', [...opening, '--type', 'ACK']);
    expect([answer.code, answer.out]).toEqual([2, '']);
    expect(answer.err).toContain('--thread');
    const both = await runAs(xa, 'officer', [...opening, '--type', 'URG', '--thread', 'any']);
    expect(both.code).toBe(2);
  });

  test('a file that an enquiry names and that is not there is named, and where those of the demo are', async () => {
    const ended = await runAs(xa, 'officer', [
      ...['enquiry', 'send', '--file', 'tests/fixtures/enquiries/01-main-journey.json'],
    ]);
    expect([ended.code, ended.out]).toEqual([1, '']);
    expect(ended.err).toMatch(/photograph\.jpg is not there.*cases/);
  });
});

describe('enquiry send, answer, show', () => {
  let thread: string;
  beforeAll(async () => {
    thread = await sendReleased();
  });

  test('what a gate stops ends with 1, and with --json standard output is the proposal alone', async () => {
    const ended = await runAs(xa, 'officer', ['enquiry', 'send', '--file', FILE, '--json']);
    expect(ended.code).toBe(1);
    expect(parseAlone<Sent>(ended)).toMatchObject({
      status: 'stopped',
      stoppedBy: [{ gate: 'protection-state' }],
    });
  });

  test('files go with an enquiry, and what was taken out of them is told beside the result', async () => {
    const file = join(folder, 'cases', 'enquiries', '01-main-journey.json');
    const ended = await runAs(xa, 'officer', ['enquiry', 'send', '--file', file, '--json']);
    expect(ended.err).toMatch(/bytes; taken out: .*(exif|gps|EXIF)/i);
    expect(parseAlone<Sent>(ended).id).toMatch(/^proposal-/);
  });

  test('an answer with a file waits; approving shows content and whom the peer must tell, and asks', async () => {
    const ack = join(folder, 'ack.json');
    await writeFile(ack, JSON.stringify({ body: { re: 1 } }));
    const answer = ['enquiry', 'answer', '--thread', thread];
    const acknowledged = await runAs(xb, 'officer', [...answer, '--type', 'ACK', '--file', ack, '--json']);
    expect([acknowledged.code, parseAlone<Sent>(acknowledged).status]).toEqual([0, 'released']);
    const interim = join(folder, 'interim.json');
    const attachments = [{ index: 0, kind: 'document' }];
    const nothing = { codes: [], each: [], dates: [], persons: [], list: [] };
    const answers = [{ ...nothing, question: 'q1', status: 'not-asked-unsafe' }];
    const body = { children: [{ child: 'c1', answers }], careOfSuspect: 'no', attachments };
    await writeFile(interim, JSON.stringify({ body, safety: statement() }));
    const file = join(folder, 'cases', 'attachments', 'register-extract.pdf');
    const proposed = await runAs(xb, 'officer', [
      ...answer,
      ...['--type', 'INT', '--file', interim, '--attach', file, '--json'],
    ]);
    expect(proposed.err).toMatch(/bytes; taken out: /);
    const proposal = parseAlone<Sent>(proposed);
    expect([proposed.code, proposal.status]).toEqual([0, 'waiting']);
    const approve = ['enquiry', 'answer', '--approve', proposal.id, '--language', 'fr', '--json'];
    const unasked = await runAs(xb, 'supervisor', approve);
    expect([unasked.code, unasked.out]).toEqual([2, '']);
    expect(unasked.err).toContain('--yes');
    expect(unasked.err).toMatch(/Aux mains d’un suspect: Non/);
    expect(unasked.err).toMatch(/file attachment-1\.pdf: \d+ bytes/);
    expect(unasked.err).toMatch(/That State is bound to tell: \S+/);
    expect(unasked.err).toContain(proposal.digest);
    const approved = await runAs(xb, 'supervisor', [...approve, '--yes']);
    expect([approved.code, parseAlone<Sent>(approved).status]).toEqual([0, 'released']);
    await waitFor(xb.officer, thread, 'delivery', hasStage('INT', 'delivered'));
  });

  test('a file that is no answer is a fault of usage and is not repeated', async () => {
    const bad = join(folder, 'bad.json');
    await writeFile(bad, '{"childsName": ');
    const args = ['enquiry', 'answer', '--thread', thread, '--type', 'ACK', '--file', bad];
    const ended = await runAs(xb, 'officer', args);
    expect(ended.code).toBe(2);
    expect(ended.err).not.toContain('childsName');
  });

  test('a conversation is shown in the reader’s language, and one that is not there ends with 1', async () => {
    const show = ['enquiry', 'show', '--thread', thread, '--language', 'ru'];
    const text = await runAs(xa, 'officer', show);
    expect([text.code, text.err]).toEqual([0, '']);
    expect(text.out).toContain('Кто может читать: ');
    // Warnings stand before anything else.
    expect(text.out.split('\n')[1]).toMatch(/^! Не связываться с семьёй/);
    expect(text.out).toContain(
      'Focal point of xa (INVENTED)\u2069: Запрос о социальном обследовании (доставлено)',
    );
    expect(text.out).not.toMatch(/^ *[a-z][a-zA-Z ]+:/m);
    const json = parseAlone<{ state: string; acts: { type: string }[] }>(
      await runAs(xa, 'officer', [...show, '--json']),
    );
    expect(json.acts.map(({ type }) => type)).toEqual(['ENQ', 'ACK', 'INT']);
    const other = thread.endsWith('0') ? '1' : '0';
    const nowhere = ['enquiry', 'show', '--thread', `${thread.slice(0, -1)}${other}`];
    const unknown = await runAs(xa, 'officer', nowhere);
    expect([unknown.code, unknown.out]).toEqual([1, '']);
  });

  test('its evidence is exported, proved against the anchor, and fails where one byte is flipped', async () => {
    const bundle = join(folder, 'evidence.json');
    let exported: { complete: boolean; bytes: number };
    do {
      const ended = await runAs(xa, 'supervisor', [
        ...['evidence', 'export', '--thread', thread, '--out', bundle, '--json'],
      ]);
      expect(ended.code).toBe(0);
      exported = parseAlone(ended);
    } while (!exported.complete);
    const verify = ['evidence', 'verify', '--anchor', network.anchorPath];
    const proved = await run([...verify, bundle]);
    expect([proved.code, proved.err]).toEqual([0, '']);
    expect(proved.out).toMatch(/PROVED/);
    expect(parseAlone(await run([...verify, bundle, '--json']))).toMatchObject({ verdict: 'PROVED' });
    const bytes = await readFile(bundle);
    expect(bytes.length).toBe(exported.bytes);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle]! ^ BYTE;
    const flipped = join(folder, 'flipped.json');
    await writeFile(flipped, bytes);
    const failed = await run([...verify, flipped]);
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/^FAILED .*\[[A-Z_]+, \S+\]$/m);
    const { verdict, lines } = parseAlone<{
      verdict: string;
      lines: { ok: boolean | null; where?: string }[];
    }>(await run([...verify, flipped, '--json']));
    expect([verdict, lines.find(({ ok }) => ok === false)?.where]).toEqual(['FAILED', expect.any(String)]);
  });
});

test('log fsck holds for a node that runs, and names the row that was edited', async () => {
  const { FOCALNET_DATABASE: database, FOCALNET_KEYS: keys } = xb.node.env as Record<string, string>;
  const fsck = ['log', 'fsck', '--database', database!, '--keys', keys!];
  const whole = await run(fsck);
  expect([whole.code, whole.err]).toEqual([0, '']);
  expect(whole.out).toMatch(/The log holds: \d+ entries/);
  await withDatabase(database!, async (config) => {
    const db = openDatabase<Record<string, never>>(config);
    await sql`update audit_entry set detail = '{}' where idx = 2`.execute(db);
    await db.destroy();
  });
  const edited = await run(fsck);
  expect(edited.code).toBe(1);
  expect(edited.out).toMatch(/does NOT hold: \S+, first bad entry 2/);
  const json = parseAlone(await run([...fsck, '--json']));
  expect(json).toMatchObject({ ok: false, firstBad: { index: 2 } });
});
