/**
 * Scenario 12 with the clock of its story: the peer is late, people of both offices are told, somebody telephones and says so, the
 * answer comes late and in part, and the boy stays. Two offices with a database each; every word is that of the scenario's file.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { admitReader } from '#node/access/admit-reader.ts';
import { purposeOf } from '#node/access/purpose.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import { caseFactsOf } from '#schema/conversation/enquiry-file.ts';
import { readEnquiryFile, type Step, scenarios } from '#tests/fixtures/scenarios.ts';
import { calm } from '../../fixtures/act-bodies.ts';
import { type Clock, carry, enterPerson, type LoopNode, startLoopNode } from '../../fixtures/loopback.ts';

const DAY_MS = 86_400_000;
const scenario = scenarios[11];
const file = readEnquiryFile('12-late-answer-insider.json');
const stepOf = (type: string, index = 0): Step => scenario.steps.filter((step) => step.type === type)[index]!;

const clock: Clock = { ms: Date.parse(stepOf('ENQ').at) };
let xa: LoopNode;
let xc: LoopNode;
let thread: string;
beforeAll(async () => {
  [xa, xc] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xc', clock)]);
  for (const node of [xa, xc])
    for (const one of [ana(node), sam(node), lea(node), hana(node)]) await enterPerson(node, one);
});
afterAll(() => Promise.all([xa.close(), xc.close()]));

const person = (node: LoopNode, name: string, role: Actor['role']): Actor => ({
  ...node.person(name, role),
  purpose: purposeOf[role],
  signedInMs: clock.ms,
});
const ana = (node: LoopNode) => person(node, 'ana', 'officer');
const sam = (node: LoopNode) => person(node, 'sam', 'supervisor');
const lea = (node: LoopNode) => person(node, 'lea', 'legal-adviser');
const hana = (node: LoopNode) => person(node, 'hana', 'head');

const { childIsHere, asylum } = caseFactsOf(file, '');
const ours = { ...calm, childIsHere, asylum: [...asylum] };
const bodyOf = (type: string, index = 0) => stepOf(type, index).body;

/** Proposes, has what is stopped cleared by two sides, and releases by a second person where one is needed. */
async function act(node: LoopNode, proposed: ProposedAct): Promise<string> {
  const proposing = proposeAct(node.ctx, ana(node), { safety: node === xa ? ours : calm, ...proposed });
  const made = await proposing.catch(async (error: { code: string; proposal: string }) => {
    expect(error.code).toBe('GATE_CLOSED');
    return cleared(node, error.proposal);
  });
  if (made.messageId === null) {
    const query = node.db.selectFrom('proposal').select('digest').where('id', '=', made.id);
    const { digest } = await query.executeTakeFirstOrThrow();
    await approveRelease(node.ctx, sam(node), made.id, digest);
  }
  await carry(node, node === xa ? xc : xa);
  return made.thread;
}

async function cleared(node: LoopNode, proposal: string) {
  const row = await node.db
    .selectFrom('proposal')
    .select(['thread', 'opens'])
    .where('id', '=', proposal)
    .executeTakeFirstOrThrow();
  // A draft for named readers: the head lets in the legal adviser who must decide.
  if (row.opens) await admitReader(node.ctx, hana(node), { thread: row.thread, person: lea(node).id });
  const grounds = 'INVENTED: counselled, and seeks no protection from there';
  const asked = { kind: 'asylum' as const, proposal, grounds, expiresAtMs: clock.ms + DAY_MS };
  await grantClearance(node.ctx, lea(node), await askClearance(node.ctx, sam(node), asked));
  return resubmitProposal(node.ctx, ana(node), proposal);
}

const at = (step: Step) => {
  clock.ms = Date.parse(step.at);
};
const raise = async () => {
  for (const node of [xa, xc]) await raiseOverdue(node.ctx);
};
const escalations = (node: LoopNode) =>
  node.db.selectFrom('task').selectAll().where('kind', '=', 'escalation').orderBy('detail').execute();
const open = async (node: LoopNode) =>
  (await escalations(node)).filter((task) => task.closed_at === null).map((task) => task.detail);
const states = async () => {
  const stateOf = async (node: LoopNode) =>
    (await node.db.selectFrom('conversation').select('state').executeTakeFirstOrThrow()).state;
  return [await stateOf(xa), await stateOf(xc)];
};

it('leaves for named readers, cleared by two sides', async () => {
  thread = await act(xa, { type: 'ENQ', peer: 'xc', body: bodyOf('ENQ') });
  expect(await states()).toEqual(['SENT', 'SENT']);
  // There, the head alone reads it, and lets in who works on it.
  for (const one of [ana(xc), sam(xc)]) await admitReader(xc.ctx, hana(xc), { thread, person: one.id });
});

it('nobody acknowledges it: both offices are told, and after a day the heads', async () => {
  clock.ms += 10 * DAY_MS;
  await raise();
  expect(await open(xa)).toEqual(
    expect.arrayContaining(['theirs:acknowledgement-routine:supervisor:call-peer']),
  );
  expect(await open(xc)).toEqual(expect.arrayContaining(['ours:acknowledgement-routine:supervisor']));
  clock.ms += DAY_MS + 1;
  await raise();
  expect(await open(xa)).toContain('theirs:acknowledgement-routine:head:call-peer');
});

it('a person acknowledges late, and then nothing comes: the wall of the law passes', async () => {
  at(stepOf('ACK'));
  await act(xc, { type: 'ACK', thread, body: bodyOf('ACK') });
  expect((await open(xa)).some((detail) => detail!.includes('acknowledgement'))).toBe(false);
  clock.ms = Date.parse(stepOf('PRG').at);
  await raise();
  clock.ms += DAY_MS + 1;
  await raise();
  expect(await open(xa)).toContain('theirs:answer-routine:head:call-peer');
  expect(await open(xc)).toContain('ours:answer-routine:head');
  expect(await states()).toEqual(['ACKNOWLEDGED', 'ACKNOWLEDGED']);
});

it('the head telephones, says so to the peer and in the task', async () => {
  await act(xa, { type: 'PRG', thread, body: bodyOf('PRG') });
  const [task] = (await escalations(xa)).filter(
    ({ detail, closed_at }) => closed_at === null && detail === 'theirs:answer-routine:head:call-peer',
  );
  await closeTask(xa.ctx, hana(xa), task!.id, 'INVENTED: telephoned the head of office of xc today.');
  expect(await open(xa)).not.toContain('theirs:answer-routine:head:call-peer');
  // Told of once: the same limit does not come back, and the other office still owes.
  await raise();
  expect(await open(xa)).not.toContain('theirs:answer-routine:supervisor:call-peer');
  expect(await open(xc)).toContain('ours:answer-routine:head');
});

it('the answer comes late, in part; what was late is settled, and it is brought to its end', async () => {
  at(stepOf('RPT'));
  await act(xc, { type: 'RPT', thread, body: bodyOf('RPT') });
  expect(await states()).toEqual(['ANSWERED', 'ANSWERED']);
  expect([await open(xa), await open(xc)]).toEqual([[], []]);
  const report = bodyOf('RPT') as { children: { answers: { status: string }[] }[] };
  const unsafe = report.children[0]!.answers.filter(({ status }) => status === 'not-asked-unsafe');
  expect([unsafe.length, report.children[0]!.answers.length]).toEqual([5, 9]);
  const steps: Step[] = [stepOf('ACK', 1), stepOf('OUT'), stepOf('CLS')];
  for (const step of steps) {
    at(step);
    await act(xa, { type: step.type, thread, body: step.body });
  }
  expect(await states()).toEqual(['CLOSED', 'CLOSED']);
});
