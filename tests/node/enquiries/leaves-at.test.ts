/** "No information can be communicated" leaves at times that say nothing of the child, and only when a person has released it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import type { SafetyStatement } from '#node/enquiries/safety-statement.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  START_MS,
  startLoopNode,
  takeReleased,
} from '../../fixtures/loopback.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let clock: Clock;
let xa: LoopNode;
let xb: LoopNode;
beforeEach(async () => {
  // A Monday.
  clock = { ms: START_MS + 3 * DAY_MS };
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterEach(() => Promise.all([xa.close(), xb.close()]));

const known: SafetyStatement = {
  ...calm,
  childIsHere: 'yes',
  asylum: [{ country: 'XA', status: 'recognised' }],
};
/** xa asks where a child is. */
async function ask(name: string): Promise<string> {
  const body = enquiryBody({ ...aboutChild(name), purpose: 'locate-child' });
  const questions = [{ ...body.questions[0]!, code: 'LOC-01' as const }];
  const enquiry = { type: 'ENQ' as const, peer: 'xb', body: { ...body, questions }, safety: calm };
  const { id, thread } = await proposeAct(xa.ctx, xa.person('ana'), enquiry);
  await approve(xa, id);
  await carry(xa, xb);
  return thread;
}
async function approve(node: LoopNode, id: string): Promise<void> {
  const query = node.db.selectFrom('proposal').select('digest').where('id', '=', id);
  const { digest } = await query.executeTakeFirstOrThrow();
  await approveRelease(node.ctx, node.person('sam', 'supervisor'), id, digest);
}
/** xb decides on its answer after so long. @returns when it leaves, counted from the receipt of the enquiry */
async function answer(thread: string, afterMs: number, safety: SafetyStatement): Promise<number> {
  const receivedMs = clock.ms;
  clock.ms += afterMs;
  const body = { statement: 'no-information-can-be-communicated' };
  const { id } = await proposeAct(xb.ctx, xb.person('ana'), { type: 'NIC', thread, body, safety });
  await approve(xb, id);
  const row = await xb.db
    .selectFrom('seal_request')
    .select(['not_before', 'approved_until'])
    .executeTakeFirstOrThrow();
  expect(await takeReleased(xb, xa)).toEqual([]);
  expect(row.approved_until).toBe(row.not_before + 72 * HOUR_MS);
  clock.ms = row.not_before - 1;
  expect(await takeReleased(xb, xa)).toEqual([]);
  clock.ms = row.not_before;
  expect(await carry(xb, xa)).toMatchObject([{ type: 'NIC@1' }]);
  return row.not_before - receivedMs;
}

describe('no information', () => {
  it('leaves at the same time for a child who is known and one who is not, however soon somebody decided', async () => {
    const times = [
      await answer(await ask('Known Child'), HOUR_MS, known),
      await answer(await ask('Other Child'), 2 * DAY_MS, calm),
    ];
    // Both enquiries came at the same hour of a day; three working days each, the second over a weekend.
    expect(times[0]).toBe(3 * DAY_MS);
    expect(times[1]).toBe(5 * DAY_MS);
    const [row] = await xa.db.selectFrom('conversation').select('state').distinct().execute();
    expect(row).toEqual({ state: 'ANSWERED' });
  });

  it('decided later leaves at the next step, and nothing leaves that nobody decided', async () => {
    const thread = await ask('Late Child');
    clock.ms += 10 * DAY_MS;
    expect(await takeReleased(xb, xa)).toEqual([]);
    clock.ms -= 10 * DAY_MS;
    expect(await answer(thread, 3 * DAY_MS + 2 * HOUR_MS, known)).toBe(4 * DAY_MS);
    // Both offices hold one time for it.
    const at = async (node: LoopNode) =>
      (await node.db.selectFrom('act').select('at').where('type', '=', 'NIC').executeTakeFirstOrThrow()).at;
    expect(await at(xb)).toBe(clock.ms);
  });
});
