/** A small office never waits for ever: whoever may be its second person from outside is called, told, and called again. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { endDeputy, nameDeputy } from '#node/access/name-deputy.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { noteUndelivered } from '#node/enquiries/note-undelivered.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { runOperation } from '#node/operation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { alertBody, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { days, enterOffice, type Office } from '../../fixtures/office.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

const DAY_MS = 24 * 3_600_000;
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
let peers: Office;
/** A legal adviser of another unit. */
const lex = (node: LoopNode): Actor => {
  const person = node.person('lex', 'legal-adviser');
  return { ...person, unit: 'east', signedInMs: clock.ms };
};
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  [office, peers] = await Promise.all([enterOffice(xa), enterOffice(xb)]);
  for (const node of [xa, xb]) {
    await enterPerson(node, lex(node));
    await giveAddresses(node);
  }
});
afterAll(() => Promise.all([xa.close(), xb.close()]));
beforeEach(async () => {
  for (const node of [xa, xb]) {
    await node.db.updateTable('deputy').set({ ended_at: clock.ms }).where('ended_at', 'is', null).execute();
    await node.db
      .updateTable('proposal')
      .set({ status: 'withdrawn' })
      .where('status', '<>', 'released')
      .execute();
    // What a test before released is no part of this one.
    await node.db.deleteFrom('seal_request').execute();
    await takeTold(node);
  }
});

const deputise = (node: LoopNode, of: Office, person: string, unit: string) =>
  nameDeputy(node.ctx, of.as('hana'), { person, unit, until: days(clock.ms, 30) });
/** What was stated toward one State holds for the next act about the child: clearances are about another. */
const propose = (body = enquiryBody(), safety = calm, peer = 'xb') =>
  proposeAct(xa.ctx, office.as('sue'), { type: 'ENQ', peer, body, safety });
const urgencies = {
  routine: {},
  urgent: { urgency: 'urgent' as const, urgencyReason: { text: 'INVENTED: a hearing', language: 'en' } },
};
const rowOf = (node: LoopNode, id: string) =>
  node.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const growOld = async (node: LoopNode, messageId: string) => {
  await runOperation(node.ctx.doors.exchange, node.ctx.surroundings, (op) =>
    noteUndelivered(node.ctx, op, messageId as MessageId, 'stale', false),
  );
  await takeTold(node);
};

describe('a deputy', () => {
  it('is told of what waits, and confirms anew what grew old after the first call had run out', async () => {
    await deputise(xa, office, office.id('sid'), 'east');
    const { id } = await propose();
    expect(await takeTold(xa)).toEqual(['hana digest', 'sid digest']);
    const { digest } = await rowOf(xa, id);
    const { messageId } = await approveRelease(xa.ctx, office.as('sid'), id, digest);
    clock.ms += 4 * DAY_MS;
    await growOld(xa, messageId);
    const confirm = () => confirmRelease(xa.ctx, office.as('sid'), id, digest);
    await expect(confirm()).rejects.toMatchObject({ code: 'PROPOSAL_UNKNOWN' });
    await raiseOverdue(xa.ctx);
    expect(await takeTold(xa)).toEqual(['hana digest', 'sid digest']);
    await raiseOverdue(xa.ctx);
    expect(await takeTold(xa)).toEqual([]);
    await confirm();
    expect((await rowOf(xa, id)).status).toBe('released');
    const open = xa.db
      .selectFrom('task')
      .select('kind')
      .where('proposal_id', '=', id)
      .where('closed_at', 'is', null);
    expect(await open.execute()).toEqual([]);
  });

  it('named after something was proposed is called for it, and called again when the time was too short', async () => {
    const { id } = await proposeAct(xa.ctx, office.as('eva'), {
      type: 'URG',
      peer: 'xb',
      body: alertBody('XB'),
      safety: { ...calm, childIsHere: 'not-known' },
    });
    const { digest } = await rowOf(xa, id);
    await deputise(xa, office, office.id('sid'), 'east');
    await takeTold(xa);
    await raiseOverdue(xa.ctx);
    expect(await takeTold(xa)).toEqual(['sid urgent']);
    clock.ms += 2 * DAY_MS;
    const approve = () => approveRelease(xa.ctx, office.as('sid'), id, digest);
    await expect(approve()).rejects.toMatchObject({ code: 'PROPOSAL_UNKNOWN' });
    await raiseOverdue(xa.ctx);
    await approve();
    expect(await rowOf(xa, id)).toMatchObject({ approver: office.id('sid') });
  });

  it('of the legal side decides on a refusal and not on a release; one who decides on releases has no part in a refusal', async () => {
    const enquired = await office.enquire();
    await carry(xa, xb);
    await xb.db
      .updateTable('person')
      .set({ disabled_at: clock.ms })
      .where('id', '=', peers.id('lea'))
      .execute();
    await deputise(xb, peers, lex(xb).id, 'national');
    await deputise(xb, peers, peers.id('sue'), 'national');
    await takeTold(xb);
    const body = { form: 'ground', code: 'court-leave-required' };
    const { id } = await proposeAct(xb.ctx, peers.as('sam'), {
      type: 'REF',
      thread: enquired,
      body,
      safety: calm,
    });
    expect(await takeTold(xb)).toEqual(['lex digest']);
    const { digest } = await rowOf(xb, id);
    const approve = (who: Actor) => approveRelease(xb.ctx, who, id, digest);
    await expect(approve(peers.as('sue'))).rejects.toMatchObject({ code: 'PROPOSAL_UNKNOWN' });
    const { messageId } = await approve(lex(xb));
    clock.ms += 4 * DAY_MS;
    await growOld(xb, messageId);
    await raiseOverdue(xb.ctx);
    await confirmRelease(xb.ctx, lex(xb), id, digest);
    expect((await rowOf(xb, id)).status).toBe('released');
  });

  it.each([
    ['routine', 'digest'],
    ['urgent', 'urgent'],
  ] as const)(
    'of the legal side grants a clearance, also where named after it was asked for: %s',
    async (urgency, how) => {
      await xa.db.updateTable('person').set({ unit: 'east' }).where('id', '=', lex(xa).id).execute();
      const ask = async () => {
        const { proposal } = await propose(enquiryBody(urgencies[urgency]), counselled('XC'), 'xc').catch(
          (error) => error,
        );
        const grounds = 'INVENTED: counselled on 10 January';
        const asked = { kind: 'asylum', proposal, grounds, expiresAtMs: clock.ms + DAY_MS } as const;
        return askClearance(xa.ctx, office.as('sue'), asked);
      };
      const early = await ask();
      const grant = (id: string) => grantClearance(xa.ctx, { ...lex(xa), unit: 'west' }, id);
      await xa.db.updateTable('person').set({ unit: 'west' }).where('id', '=', lex(xa).id).execute();
      await expect(grant(early)).rejects.toMatchObject({ code: 'CLEARANCE_UNKNOWN' });
      const deputy = await deputise(xa, office, lex(xa).id, 'east');
      const late = await ask();
      expect(await takeTold(xa)).toContain(`lex ${how}`);
      await grant(late);
      await takeTold(xa);
      await raiseOverdue(xa.ctx);
      expect(await takeTold(xa)).toContain(`lex ${how}`);
      await grant(early);
      await endDeputy(xa.ctx, office.as('hana'), deputy);
    },
  );

  it('is called for nothing that is for named readers', async () => {
    await deputise(xa, office, office.id('sid'), 'east');
    const handling = {
      readers: 'eyes-only' as const,
      named: ['Head (invented)'],
      onward: 'no' as const,
      mayBeShownTo: [],
    };
    const { id, thread } = await propose(enquiryBody({ handling }));
    const { digest } = await rowOf(xa, id);
    const { messageId } = await approveRelease(xa.ctx, office.as('hana'), id, digest);
    await growOld(xa, messageId);
    await raiseOverdue(xa.ctx);
    const given = xa.db.selectFrom('assignment').select('assignee').where('thread', '=', thread);
    expect(await given.execute()).toEqual([]);
    expect(await takeTold(xa)).toEqual(['hana digest']);
  });
});

describe('an enquiry of another State', () => {
  it.each([
    ['routine', 'digest'],
    ['urgent', 'urgent'],
  ] as const)('that is %s is told to the desk: %s', async (urgency, how) => {
    const { id } = await propose(enquiryBody(urgencies[urgency]));
    await approveRelease(xa.ctx, office.as('hana'), id, (await rowOf(xa, id)).digest);
    await carry(xa, xb);
    expect(await takeTold(xb)).toEqual(['ana', 'bo', 'sam', 'sid'].map((name) => `${name} ${how}`));
  });
});
