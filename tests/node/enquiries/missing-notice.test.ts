/** A child goes missing: every State with open business about it is to be told within the hour, and none learns of another. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
});
afterAll(() => xa.close());

async function ask(peer: string, name: string): Promise<string> {
  const body = enquiryBody(aboutChild(name));
  const { id, thread } = await proposeAct(xa.ctx, xa.person('ana'), {
    type: 'ENQ',
    peer,
    body,
    safety: calm,
  });
  const query = xa.db.selectFrom('proposal').select('digest').where('id', '=', id);
  const { digest } = await query.executeTakeFirstOrThrow();
  await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), id, digest);
  return thread;
}
const report = (thread: string) =>
  proposeAct(xa.ctx, xa.person('ana'), {
    type: 'MIS',
    thread,
    body: {
      phase: 'opened',
      openedBy: 'requester',
      episode: 1,
      children: ['c1'],
      since: '2027-01-15T08:00:00Z',
    },
    safety: calm,
  });
const tasks = () =>
  xa.db
    .selectFrom('task')
    .select(['thread', 'due_at', 'closed_at', 'closed_by'])
    .where('kind', '=', 'missing-notice')
    .execute();

it('a task in every other open conversation about the child, which the same report there settles', async () => {
  const [first, second] = [await ask('xb', 'Missing Child'), await ask('xc', 'Child MISSING')];
  await ask('xc', 'Other Child');
  await report(first);
  expect(await tasks()).toEqual([
    { thread: second, due_at: clock.ms + 3_600_000, closed_at: null, closed_by: null },
  ]);
  clock.ms += 1000;
  await report(second);
  expect(await tasks()).toEqual([
    { thread: second, due_at: clock.ms - 1000 + 3_600_000, closed_at: clock.ms, closed_by: 'ana.xa' },
  ]);
});
