/** What needs a fresh proof of who one is: the whole list, and the operations behind it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, type Role, roles } from '#node/access/actor.ts';
import { decide, FRESH_MS } from '#node/access/decide.ts';
import { endDeputy, nameDeputy } from '#node/access/name-deputy.ts';
import { isPermitted, type Permission, permissions } from '#node/access/permit.ts';
import { storeUncleaned } from '#node/attachments/store-attachment.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import type { ClearanceKind } from '#node/enquiries/tables.ts';
import { alertBody, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, carry, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
let peers: Office;
let here: OfficerServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  [office, peers] = await Promise.all([enterOffice(xa), enterOffice(xb)]);
  here = await serveOfficers(xa);
  await giveAddresses(xa);
});
afterAll(async () => {
  await here.close();
  await Promise.all([xa.close(), xb.close()]);
});

/** Somebody whose proof is a moment too old, and the same with a fresh one. */
const both = async (of: Office, name: Name, work: (actor: Actor) => Promise<unknown>) => {
  await expect(work(of.as(name, FRESH_MS + 1))).rejects.toMatchObject({ code: 'STEP_UP_NEEDED' });
  await work(of.as(name));
};
const digestOf = async (node: LoopNode, id: string) =>
  (await node.db.selectFrom('proposal').select('digest').where('id', '=', id).executeTakeFirstOrThrow())
    .digest;
/** What was stated toward one State holds for the next act about the child: clearances are about another. */
const propose = (peer = 'xb', safety = calm) =>
  proposeAct(xa.ctx, office.as('ana'), { type: 'ENQ', peer, body: enquiryBody(), safety });

describe('a fresh proof', () => {
  const fresh: readonly Permission[] = [
    'act.approve',
    'act.approve-refusal',
    'attachment.store-uncleaned',
    'case.approve-join',
    'clearance.grant',
    'clearance.grant-asylum',
    'clearance.grant-place',
    'deputy.name',
    'disclosure.approve-outside',
    'disclosure.outside',
    'glass.break',
    'guardian.approve',
    'guardian.settle-conflict',
    'person.manage',
    'reader.admit',
    'representation.show-warned',
    'retention.decide',
  ];
  it('is needed for exactly these', () => {
    const actor = (role: Role): Actor => ({ ...office.as('ana', FRESH_MS + 1), role });
    const needs = permissions.filter((action) => {
      const role = roles.find((one) => isPermitted(one, action))!;
      const decision = decide(actor(role), action, {}, clock.ms);
      return !decision.allow && decision.code === 'STEP_UP_NEEDED';
    });
    expect([...needs].sort()).toEqual(fresh);
  });

  it('is asked of who approves a release', async () => {
    const { id } = await propose();
    const digest = await digestOf(xa, id);
    await both(office, 'sam', (actor) => approveRelease(xa.ctx, actor, id, digest));
  });

  it('is asked of nobody who sends an alert in danger, and of the second person who follows', async () => {
    const proved = office.as('ana', 11 * 3_600_000);
    const safety = { ...calm, childIsHere: 'not-known' as const };
    const alert = { type: 'URG' as const, peer: 'xb', body: alertBody('XB'), safety };
    const sent = await proposeAct(xa.ctx, proved, alert);
    expect(sent.messageId).not.toBeNull();
    const digest = await digestOf(xa, sent.id);
    await both(office, 'sam', (actor) => approveRelease(xa.ctx, actor, sent.id, digest));
  });

  it('is asked of who approves a refusal; a supervisor approves none, in code or in the database', async () => {
    const thread = await office.enquire();
    await carry(xa, xb);
    const body = { form: 'ground', code: 'court-leave-required' };
    const { id } = await proposeAct(xb.ctx, peers.as('sam'), { type: 'REF', thread, body, safety: calm });
    const digest = await digestOf(xb, id);
    for (const name of ['sid', 'hana'] as const)
      await expect(approveRelease(xb.ctx, peers.as(name), id, digest)).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
      });
    const forced = (approver_role: string | null) =>
      xb.db
        .updateTable('proposal')
        .set({
          approver: peers.id('sid'),
          approver_role,
          approved_at: clock.ms,
          status: 'released',
          message_id: 'm',
        })
        .where('id', '=', id)
        .execute();
    for (const role of ['supervisor', 'officer', null])
      await expect(forced(role)).rejects.toMatchObject({
        code: '23514',
        constraint: expect.stringMatching(/^proposal_(with_role|refusal_by_two_sides)$/),
      });
    await both(peers, 'lea', (actor) => approveRelease(xb.ctx, actor, id, digest));
    const row = await xb.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      status: 'released',
      approver: peers.id('lea'),
      approver_role: 'legal-adviser',
    });
  });

  it.each([
    ['asylum', 'lea'],
    ['presence', 'sid'],
  ] as const)('is asked of who grants a clearance: %s', async (kind: ClearanceKind, granter: Name) => {
    const { proposal } = await propose('xc', counselled('XC')).catch((error) => error);
    const grounds = 'INVENTED: counselled on 10 January';
    const asked = { kind, proposal, grounds, expiresAtMs: clock.ms + 3_600_000 };
    const id = await askClearance(xa.ctx, office.as('sam'), asked);
    await takeTold(xa);
    await both(office, granter, (actor) => grantClearance(xa.ctx, actor, id));
    // Whoever opens a gate is looked at.
    expect(await takeTold(xa)).toEqual(['aud digest']);
  });

  it('is asked of who names a deputy, or ends one', async () => {
    let id = '';
    const asked = { person: office.id('sid'), unit: 'east', until: days(clock.ms, 3) };
    await both(office, 'hana', async (actor) => {
      id = await nameDeputy(xa.ctx, actor, asked);
    });
    await both(office, 'hana', (actor) => endDeputy(xa.ctx, actor, id));
  });

  it('is asked of who answers for a file that was not cleaned, and who approves the release is shown it', async () => {
    const reason = 'INVENTED: a signed court order, cleaning breaks the signature';
    const pieces = async function* () {
      yield new TextEncoder().encode('INVENTED');
    };
    let file = '';
    await takeTold(xa);
    const store = { doors: xa.ctx.doors, surroundings: xa.ctx.surroundings };
    await both(office, 'sam', async (actor) => {
      const stored = await storeUncleaned(store, actor, {
        pieces: pieces(),
        declaredMedia: 'application/pdf',
        reason,
      });
      file = stored.id;
    });
    expect(await takeTold(xa)).toEqual(['aud digest']);
    const thread = await office.enquire();
    const { id } = await proposeAct(xa.ctx, office.as('sam'), {
      type: 'SUP',
      thread,
      body: {
        phase: 'correct',
        questions: [],
        text: { text: 'INVENTED: see the file', language: 'en' },
        children: [],
        attachments: [{ index: 0, kind: 'document' }],
      },
      attachmentIds: [file],
      safety: calm,
    });
    const SHOWN =
      'query($id: ID!) { proposal(id: $id) { attachments { uncleanedReason } explanations { rule } } }';
    const { codes, data } = await call(here, office.as('sid'), SHOWN, { id });
    expect(codes).toEqual([]);
    expect(data.proposal).toMatchObject({ attachments: [{ uncleanedReason: reason }] });
    expect((data.proposal as { explanations: unknown[] }).explanations).toContainEqual({
      rule: 'file-uncleaned',
    });
  });
});

describe('closing', () => {
  it('by one person does not leave: it waits for a second, who is another', async () => {
    const thread = await office.enquire();
    const safetyCheck = { by: 'S. Invented', at: '2027-01-15T09:00:00Z' };
    await proposeAct(xa.ctx, office.as('ana'), {
      type: 'WDR',
      thread,
      body: {
        reason: 'no-longer-needed',
        scope: 'everything-asked',
        questions: [],
        circumstances: {
          saidBy: 'other',
          how: ['by-telephone'],
          on: '2027-01-14',
          heardBy: 'W. Invented',
          alone: 'no',
          interpreter: 'no',
          guardianPresent: 'no',
        },
      },
      safety: calm,
    });
    const closing = { ground: 'withdrawn', safetyCheck };
    const made = await proposeAct(xa.ctx, office.as('sam'), {
      type: 'CLS',
      thread,
      body: closing,
      safety: calm,
    });
    expect(made.messageId).toBeNull();
    const state = async () =>
      (
        await xa.db
          .selectFrom('conversation')
          .select('state')
          .where('thread', '=', thread)
          .executeTakeFirstOrThrow()
      ).state;
    const digest = await digestOf(xa, made.id);
    await expect(approveRelease(xa.ctx, office.as('sam'), made.id, digest)).rejects.toMatchObject({
      code: 'SAME_PERSON',
    });
    const forced = xa.db
      .updateTable('proposal')
      .set({ status: 'released', message_id: 'm' })
      .where('id', '=', made.id)
      .execute();
    await expect(forced).rejects.toMatchObject({ constraint: 'proposal_second_person' });
    expect(await state()).not.toBe('CLOSED');
    await approveRelease(xa.ctx, office.as('sid'), made.id, digest);
    expect(await state()).toBe('CLOSED');
  });
});

describe('a proposal that takes the place of another', () => {
  const PROPOSE = `mutation($body: EnquiryBodyInput!, $safety: SafetyStatementInput, $replaces: ID) {
    proposeEnquiry(peer: "xb", body: $body, safety: $safety, replaces: $replaces) { id digest } }`;
  const APPROVE =
    'mutation($id: ID!, $digest: String!) { approveRelease(proposal: $id, digest: $digest) { status } }';
  const CHANGED = 'query($id: ID!) { proposal(id: $id) { replaces changedSince { field before after } } }';
  const made = async (name: Name, replaces: string | null, language = 'en') => {
    const body = enquiryBody({ reasons: { text: `INVENTED: in ${language}`, language } });
    const { codes, data } = await call(here, office.as(name), PROPOSE, { body, safety: calm, replaces });
    return { codes, ...(data.proposeEnquiry as { id: string; digest: string }) };
  };

  it('shows who approves what has changed, and the old one does not leave any more', async () => {
    const old = await made('ana', null);
    const anew = await made('ana', old.id, 'fr');
    expect((await call(here, office.as('sam'), CHANGED, { id: old.id })).data.proposal).toEqual({
      replaces: null,
      changedSince: null,
    });
    expect((await call(here, office.as('sam'), CHANGED, { id: anew.id })).data.proposal).toEqual({
      replaces: old.id,
      changedSince: [
        { field: 'body.reasons.language', before: '"en"', after: '"fr"' },
        { field: 'body.reasons.text', before: '"INVENTED: in en"', after: '"INVENTED: in fr"' },
      ],
    });
    // Eva, of another unit, sees neither.
    expect((await call(here, office.as('eva'), CHANGED, { id: anew.id })).codes).toEqual([
      'PROPOSAL_UNKNOWN',
    ]);
    expect((await call(here, office.as('sam'), APPROVE, old)).codes).toEqual(['PROPOSAL_DECIDED']);
    expect((await call(here, office.as('sam'), APPROVE, anew)).codes).toEqual([]);
    const tasks = await xa.db
      .selectFrom('task')
      .select('closed_by')
      .where('proposal_id', '=', old.id)
      .execute();
    expect(tasks).toEqual([{ closed_by: office.id('ana') }]);
  });

  it('is by the same person, of the same type, and for nothing that has left', async () => {
    const old = await made('ana', null);
    expect((await made('bo', old.id)).codes).toEqual(['NOT_REPLACEABLE']);
    expect((await made('eva', old.id)).codes).toEqual(['PROPOSAL_UNKNOWN']);
    expect((await made('ana', 'proposal-none')).codes).toEqual(['PROPOSAL_UNKNOWN']);
    await call(here, office.as('sam'), APPROVE, old);
    expect((await made('ana', old.id)).codes).toEqual(['NOT_REPLACEABLE']);
  });
});
