/**
 * However much a page shows, and however deep: the number of queries does not grow with it. Each page is asked for with little in
 * it and again with much.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { openCase } from '#node/cases/open-case.ts';
import { surfaceMatches } from '#node/cases/surface-matches.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import { askClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { act } from '../../fixtures/act.ts';
import { aboutChild, calm, counselled, enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import { watchQueries } from '../../fixtures/count-queries.ts';
import { exchangePages } from '../../fixtures/counted-pages.ts';
import { carry, enterPerson, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { ORIGIN, type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

const clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let servers: { xa: PeopleServer; xb: PeopleServer };
/** The one conversation in which everything happens again and again. */
let busy: string;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  servers = { xa: await servePeople(xa), xb: await servePeople(xb) };
  await enterPerson(xa, guardian());
  busy = (await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() })).thread;
  await carry(xa, xb);
}, 120_000);
afterAll(async () => {
  await Promise.all([servers.xa.close(), servers.xb.close()]);
  await Promise.all([xa.close(), xb.close()]);
});

const guardian = (): Actor => xa.person('gus', 'guardian');
let made = 0;
const file = [{ index: 0, kind: 'document' }] as never;

async function upload(): Promise<string> {
  const response = await servers.xa.send(xa.person('ana'), '/attachments', {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'x-focalnet': '1' },
    body: 'INVENTED note',
  });
  return ((await response.json()) as { id: string }).id;
}

/** A conversation more with a report, a task and a proposal that waits in it; a stopped draft with a file; a guardian's link. */
async function grow(): Promise<void> {
  made += 1;
  // Of another child each time: its guardian would be asked before the next one.
  const child = aboutChild(`Zoe Counted${made}`);
  const { thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody(child) });
  await carry(xa, xb);
  for (const of of [thread, busy]) {
    await proposeAct(xb.ctx, xb.person('bo'), { type: 'RPT', thread: of, body: reportBody(), safety: calm });
    await xb.db
      .insertInto('task')
      .values(task(`${made}-${of.slice(-8)}`, of))
      .execute();
  }
  const stopped = await proposeAct(xa.ctx, xa.person('ana'), {
    type: 'ENQ',
    peer: 'xb',
    // Of another child each time: what was stated of one counts on.
    body: enquiryBody({ attachments: file, ...aboutChild(`Zora Invented${made}`) }),
    attachmentIds: [await upload()],
    safety: counselled('XB'),
  }).catch((error: Error) => {
    const id = /proposal-[0-9a-f]{24}/.exec(error.message)?.[0];
    if (id === undefined) throw error;
    return { id };
  });
  const about = { kind: 'asylum' as const, proposal: stopped.id, grounds: 'INVENTED: counselled' };
  await askClearance(xa.ctx, xa.person('sam', 'supervisor'), {
    ...about,
    expiresAtMs: clock.ms + 86_400_000,
  });
  await growFile();
  await follow(thread);
  await signCheckpoint(made);
}

/** The one file, another of a child of the same name, and an enquiry about it. */
let caseFile: string;
async function growFile(): Promise<void> {
  const open = async () => {
    const id = await openCase(xb.ctx, xb.person('bo'));
    const provenance = { source: 'document', confidence: 'verified' };
    const value = {
      kind: 'current',
      script: 'Latn',
      parts: [
        { kind: 'given', value: 'Ondina' },
        { kind: 'family', value: 'Counted' },
      ],
    };
    await writeEntry(xb.ctx, xb.person('bo'), { case: id, kind: 'name', replaces: [], value, provenance });
    return id;
  };
  clock.ms += 1000;
  caseFile ??= await open();
  clock.ms += 1000;
  await open();
  await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody(aboutChild('Ondina Counted')) });
  await carry(xa, xb);
  await surfaceMatches(xb.ctx);
}

/** As the sequencer and a witness leave it; of the notes only that they can be read matters here. */
async function signCheckpoint(size: number): Promise<void> {
  const note = `${ORIGIN}\n${size}\nAAAA\n\n${line('log')}`;
  await sql`insert into log_checkpoint (size, old_size, root, note, at)
    values (${size}, ${size - 1}, ${Buffer.alloc(32)}, ${note}, to_timestamp(0))`.execute(xa.db);
  await sql`insert into cosignature (origin, size, witness, line, at)
    values (${ORIGIN}, ${size}, 'w', ${line('w')}, to_timestamp(0))`.execute(xa.db);
}
const line = (name: string) => `\u2014 ${name} ${Buffer.alloc(68).toString('base64')}\n`;

const follow = (thread: string): Promise<string> =>
  linkGuardian(
    xa,
    [xa.person('ana'), xa.person('sam', 'supervisor')],
    appointmentOf({ person: guardian().id, threads: [thread] }),
  );

const task = (id: string, thread: string) => ({
  id: `task-${id}`,
  kind: 'escalation' as const,
  thread,
  message_id: null,
  proposal_id: null,
  detail: null,
  opened_at: clock.ms,
  due_at: clock.ms,
  assigned_to: null,
  closed_at: null,
  closed_by: null,
  reason: null,
});

type List = readonly unknown[];
interface Data {
  readonly inbox: { edges: List };
  readonly conversation: { proposals: List };
  readonly waitingProposals: List;
  readonly tasks: List;
  readonly clearances: List;
  readonly searchCases: List;
  readonly case: { matches: List };
  readonly checkpoints: List;
  readonly representations: List;
}
type Page = { node: 'xa' | 'xb'; by: () => Actor; rows: (data: Data) => number };
const pages: Record<keyof typeof exchangePages, Page> = {
  'the inbox with everything in it': {
    node: 'xb',
    by: () => xb.person('bo'),
    rows: ({ inbox }) => inbox.edges.length,
  },
  'one conversation with everything in it': {
    node: 'xb',
    by: () => xb.person('bo'),
    rows: ({ conversation }) => conversation.proposals.length,
  },
  'what waits, with files': {
    node: 'xa',
    by: () => xa.person('sam', 'supervisor'),
    rows: ({ waitingProposals }) => waitingProposals.length,
  },
  'what waits in conversations': {
    node: 'xb',
    by: () => xb.person('sam', 'supervisor'),
    rows: ({ waitingProposals }) => waitingProposals.length,
  },
  tasks: { node: 'xb', by: () => xb.person('bo'), rows: ({ tasks }) => tasks.length },
  'a search': { node: 'xb', by: () => xb.person('bo'), rows: ({ searchCases }) => searchCases.length },
  'a file with what may be of the same child': {
    node: 'xb',
    by: () => xb.person('bo'),
    rows: (data) => data.case.matches.length,
  },
  clearances: {
    node: 'xa',
    by: () => xa.person('sam', 'supervisor'),
    rows: ({ clearances }) => clearances.length,
  },
  'an auditor’s checkpoints': {
    node: 'xa',
    by: () => xa.person('aud', 'auditor'),
    rows: ({ checkpoints }) => checkpoints.length,
  },
  'a guardian’s representations': {
    node: 'xa',
    by: guardian,
    rows: ({ representations }) => representations.length,
  },
};
const names = Object.keys(pages) as (keyof typeof pages)[];

describe('the number of queries', () => {
  const before = new Map<string, { rows: number; queries: string[] }>();
  const look = async (name: keyof typeof pages) => {
    const { node, by, rows } = pages[name];
    const { query } = exchangePages[name];
    let shown = 0;
    const queries = await watchQueries(async () => {
      const { data, errors } = await servers[node].ask(
        by(),
        query.replace('BUSY', busy).replace('FILE', caseFile),
      );
      expect(errors).toEqual([]);
      shown = rows(data as unknown as Data);
    });
    return { rows: shown, queries };
  };

  it('is taken of pages with little in them', async () => {
    await enterPerson(xa, xa.person('lea', 'legal-adviser'));
    for (let i = 0; i < 2; i++) await grow();
    for (const name of names) before.set(name, await look(name));
    for (let i = 0; i < 10; i++) await grow();
  }, 240_000);

  it.each(names)('does not grow: %s', async (name) => {
    const few = before.get(name)!;
    const many = await look(name);
    expect(many.rows).toBeGreaterThanOrEqual(few.rows + 10);
    expect(many.queries.length, many.queries.join('\n')).toBe(few.queries.length);
    expect(many.queries.length).toBeGreaterThan(0);
  });
});
