/** An enquiry that may not be passed on is not, until the State that asked has given leave for that office. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, carry, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

async function act(from: LoopNode, to: LoopNode, proposed: ProposedAct) {
  clock.ms += 1000;
  const made = await proposeAct(from.ctx, from.person('ana'), { safety: calm, ...proposed });
  const query = from.db.selectFrom('proposal').select('digest').where('id', '=', made.id);
  const { digest } = await query.executeTakeFirstOrThrow();
  await approveRelease(from.ctx, from.person('sam', 'supervisor'), made.id, digest);
  await carry(from, to);
  return made.thread;
}

describe('an enquiry whose onward transfer is "no"', () => {
  it('is forwarded with the leave of the asking State for that office, and to no other', async () => {
    const thread = await act(xa, xb, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    const forward = (office: string): ProposedAct => ({
      type: 'FWD',
      thread,
      body: { route: 'local-service', office, boundByOurLimits: true },
    });
    const stopped = { code: 'GATE_CLOSED', stoppedBy: [{ gate: 'onward' }] };
    await expect(act(xb, xa, forward('Youth office'))).rejects.toMatchObject(stopped);
    const part = { text: 'INVENTED: all of it', language: 'en' };
    const use = { use: 'pass-to-authority', part, shownTo: ['Youth office'] };
    await act(xb, xa, { type: 'USE', thread, body: { ...use, phase: 'ask' } });
    await expect(act(xb, xa, forward('Youth office'))).rejects.toMatchObject(stopped);
    await act(xa, xb, { type: 'USE', thread, body: { ...use, phase: 'answer', re: 1, result: 'granted' } });
    await expect(act(xb, xa, forward('Another office'))).rejects.toMatchObject(stopped);
    await act(xb, xa, forward('Youth office'));
    const query = xa.db.selectFrom('conversation').select('state').where('thread', '=', thread);
    expect(await query.executeTakeFirst()).toEqual({ state: 'FORWARDED' });
  });
});
