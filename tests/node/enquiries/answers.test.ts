/** Answers are held against what was asked: by who writes them, and by who receives them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { calm, enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import {
  apply,
  type Clock,
  carry,
  type LoopNode,
  START_MS,
  startLoopNode,
  takeReleased,
} from '../../fixtures/loopback.ts';
import { serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

async function release(node: LoopNode, proposed: ProposedAct) {
  clock.ms += 1000;
  const made = await proposeAct(node.ctx, node.person('ana'), { safety: calm, ...proposed });
  const query = node.db.selectFrom('proposal').select('digest').where('id', '=', made.id);
  const { digest } = await query.executeTakeFirstOrThrow();
  await approveRelease(node.ctx, node.person('sam', 'supervisor'), made.id, digest);
  return made;
}
const asked = (ref: string) => ({ ...enquiryBody().questions[0]!, ref });
async function ask(): Promise<string> {
  const body = enquiryBody({ questions: [asked('q1'), asked('q2')] });
  const { thread } = await release(xa, { type: 'ENQ', peer: 'xb', body });
  await carry(xa, xb);
  return thread;
}
/** A report whose answers are to these questions, each changed. */
function report(refs: readonly string[], change = {}) {
  const body = reportBody();
  const [child] = body.children as [(typeof body.children)[number]];
  const answers = refs.map((question) => ({ ...child.answers[0]!, ...change, question }));
  return { ...body, children: [{ ...child, answers }] };
}
const fieldsOf = async (proposing: Promise<unknown>) => {
  const error = await proposing.then(String, (thrown) => thrown);
  expect(error).toMatchObject({ code: 'BODY_INVALID' });
  return error.stoppedBy.map(({ rule }: { rule: string }) => rule);
};
const proposeReport = (thread: string, body: unknown) =>
  proposeAct(xb.ctx, xb.person('ana'), { type: 'RPT', thread, body, safety: calm });

describe('a report', () => {
  it('is refused to its author with the place of each fault, and nothing of the content', async () => {
    const thread = await ask();
    expect(await fieldsOf(proposeReport(thread, report(['q1'])))).toEqual(['c1.q2']);
    expect(await fieldsOf(proposeReport(thread, report(['q1', 'q9'])))).toEqual(['c1.q9', 'c1.q2']);
    expect(await fieldsOf(proposeReport(thread, report(['q1', 'q2'], { codes: ['by-magic'] })))).toEqual([
      'c1.q1',
      'c1.q2',
    ]);
    const interim = { children: [{ child: 'c1', answers: [] }], careOfSuspect: 'no', attachments: [] };
    const proposing = proposeAct(xb.ctx, xb.person('ana'), {
      type: 'INT',
      thread,
      body: interim,
      safety: calm,
    });
    expect(await fieldsOf(proposing)).toEqual(['children']);
  });

  it('may be split: what an interim answer has answered need not stand again', async () => {
    const thread = await ask();
    const { children } = report(['q1']);
    const answers = children.map(({ child, answers }) => ({ child, answers }));
    const interim = { children: answers, careOfSuspect: 'no', attachments: [] };
    await release(xb, { type: 'INT', thread, body: interim });
    await release(xb, { type: 'RPT', thread, body: report(['q2']) });
    await carry(xb, xa);
    const query = xa.db.selectFrom('conversation').select('state').where('thread', '=', thread);
    expect(await query.executeTakeFirst()).toEqual({ state: 'ANSWERED' });
  });

  it('that a careless node sends is refused where nobody could read it', async () => {
    const bodies = [report(['q1', 'q9']), report(['q1', 'q2'], { codes: ['by-magic'] }), report([])];
    for (const body of bodies) {
      const thread = await ask();
      await release(xb, { type: 'RPT', thread, body: report(['q1', 'q2']) });
      const [document] = await takeReleased(xb, xa);
      expect(await apply(xb, xa, { ...document!, body })).toBe('BODY_INVALID');
      const query = xa.db.selectFrom('conversation').select('state').where('thread', '=', thread);
      expect(await query.executeTakeFirst()).toEqual({ state: 'SENT' });
    }
  });

  it('that leaves something open is taken, and what it leaves open is shown beside it', async () => {
    const thread = await ask();
    await release(xb, { type: 'RPT', thread, body: report(['q1', 'q2']) });
    const [document] = await takeReleased(xb, xa);
    expect(await apply(xb, xa, { ...document!, body: report(['q1']) })).toBeUndefined();
    const officers = await serveOfficers(xa);
    const { data, errors } = await officers.ask(
      xa.person('ana'),
      `{ conversation(thread: "${thread}") { state acts { type remarks { rule explanation } } } }`,
    );
    await officers.close();
    expect(errors).toEqual([]);
    const { state, acts } = data!.conversation as { state: string; acts: { remarks: { rule: string }[] }[] };
    expect(state).toBe('ANSWERED');
    expect(acts.map(({ remarks }) => remarks.map(({ rule }) => rule))).toEqual([[], ['not-covered']]);
  });
});
