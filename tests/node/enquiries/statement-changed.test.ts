/** Who was stopped does not get past the gate by saying something else of the same child. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, enterPerson, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  await enterPerson(xa, lea());
});
afterAll(() => xa.close());

const ana = () => xa.person('ana');
const sam = () => xa.person('sam', 'supervisor');
const lea = () => xa.person('lea', 'legal-adviser');
const pending = {
  ...calm,
  childIsHere: 'yes' as const,
  asylum: [{ country: 'XB', status: 'pending' as const }],
};
/** The same child under a name that only this test uses. */
const about = (name: string) => enquiryBody(aboutChild(name));
const propose = (name: string, more: object = {}) => {
  clock.ms += 1000;
  return proposeAct(xa.ctx, ana(), { type: 'ENQ', peer: 'xb', body: about(name), safety: calm, ...more });
};
const stoppedBy = async (proposing: Promise<unknown>) => {
  const error = await proposing.then(String, (thrown) => thrown);
  return { gates: error.stoppedBy?.map((one: { gate: string }) => one.gate), proposal: error.proposal };
};
const digestOf = async (id: string) =>
  (await xa.db.selectFrom('proposal').select('digest').where('id', '=', id).executeTakeFirstOrThrow()).digest;

describe('a statement about a child', () => {
  it('stays when the enquiry is proposed again with another word, also after the stopped one was withdrawn', async () => {
    const first = await stoppedBy(propose('Amira', { safety: pending }));
    expect(first.gates).toEqual(['protection-state']);
    expect((await stoppedBy(propose('Amira'))).gates).toEqual(['statement-changed']);
    await withdrawProposal(xa.ctx, ana(), first.proposal);
    const spelled = { body: about('AMIRA') };
    expect((await stoppedBy(propose('Amira', spelled))).gates).toEqual(['statement-changed']);
    // Another child, and another State, are another matter.
    expect((await propose('Bilal')).id).toBeDefined();
    expect((await propose('Amira', { peer: 'xc' })).id).toBeDefined();
  });

  it('is confirmed as changed by a supervisor and a legal adviser, and what is confirmed holds', async () => {
    await stoppedBy(propose('Dina', { safety: pending }));
    const { proposal } = await stoppedBy(propose('Dina'));
    const asked = { kind: 'asylum' as const, proposal, grounds: 'INVENTED: entered for the wrong child' };
    const id = await askClearance(xa.ctx, sam(), { ...asked, expiresAtMs: clock.ms + 86_400_000 });
    await expect(resubmitProposal(xa.ctx, ana(), proposal)).rejects.toMatchObject({ code: 'GATE_CLOSED' });
    await grantClearance(xa.ctx, lea(), id);
    const { thread } = await resubmitProposal(xa.ctx, ana(), proposal);
    await approveRelease(xa.ctx, sam(), proposal, await digestOf(proposal));
    const body = { phase: 'ask', children: ['c1'], text: { text: 'INVENTED', language: 'en' } };
    const measure = { type: 'MSR' as const, thread, peer: undefined, body };
    expect((await propose('Dina', measure)).id).toBeDefined();
    const worse = await stoppedBy(propose('Dina', { ...measure, safety: pending }));
    expect(worse.gates).toEqual(['protection-state']);
    expect((await stoppedBy(propose('Dina', measure))).gates).toEqual(['statement-changed']);
  });

  it('holds in every unit, also where it is for named readers, and nothing of it is told to who does not see it', async () => {
    const of = (unit: string, who: Actor): Actor => ({ ...who, unit, id: `${unit}.${who.id}` });
    const eve = () => of('east', ana());
    await enterPerson(xa, eve());
    const byEast = (name: string) => {
      clock.ms += 1000;
      const act = { type: 'ENQ' as const, peer: 'xb', body: about(name), safety: calm };
      return proposeAct(xa.ctx, eve(), act).catch((thrown) => thrown);
    };
    await stoppedBy(propose('Gul', { safety: pending }));
    const handling = {
      ...about('Hanan'),
      handling: { ...about('Hanan').handling, readers: 'eyes-only', named: ['INVENTED'] },
    };
    await stoppedBy(propose('Hanan', { safety: pending, body: handling }));
    for (const name of ['Gul', 'Hanan']) {
      const { stoppedBy: gates } = await byEast(name);
      expect(gates).toMatchObject([
        { gate: 'statement-changed', explanation: expect.stringContaining('ask the head') },
      ]);
      expect(gates[0].explanation).not.toMatch(/pending|protection from/i);
    }
    // What each sees is told.
    const { stoppedBy: own } = await propose('Gul').catch((thrown) => thrown);
    expect(own[0].explanation).toContain('under the protection of this State');
    expect((await byEast('Iman')).id).toBeDefined();
  });

  it('holds of a child whom a third State protects', async () => {
    const third = { ...pending, childIsHere: 'no' as const };
    expect((await stoppedBy(propose('Jamal', { safety: third }))).gates).toEqual(['protection-state']);
    expect((await stoppedBy(propose('Jamal'))).gates).toEqual(['statement-changed']);
  });

  it('is asked again when the second person approves', async () => {
    const { id } = await propose('Farah');
    await stoppedBy(propose('Farah', { safety: pending }));
    await expect(approveRelease(xa.ctx, sam(), id, await digestOf(id))).rejects.toMatchObject({
      code: 'GATE_CLOSED',
    });
  });
});
