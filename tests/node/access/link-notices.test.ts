/** Who represents a child has begun, changed or ended: drafts for the other States, what these say of theirs, and the end at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeGuardianLink } from '#node/access/guardian-link.ts';
import { watchLinks } from '#node/access/watch-links.ts';
import { linkConversation } from '#node/cases/link-conversation.ts';
import { openCase } from '#node/cases/open-case.ts';
import { watchAges } from '#node/cases/watch-ages.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { act } from '../../fixtures/act.ts';
import { aboutChild } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import { type Clock, carry, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { enterOffice, type Office } from '../../fixtures/office.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
let here: PeopleServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  office = await enterOffice(xa);
  here = await servePeople(xa);
});
afterAll(async () => {
  await here.close();
  await Promise.all([xa.close(), xb.close()]);
});

/** Of another child each time: the guardian of one is asked before the next enquiry about it. */
let children = 0;
const enquire = () => office.enquire('ana', aboutChild(`Child ${children++} Invented`));
const PROVENANCE = { source: 'document', confidence: 'verified' };
async function fileWith(): Promise<{ file: string; thread: string }> {
  clock.ms += 60_000;
  const [file, thread] = [await openCase(xa.ctx, office.as('ana')), await enquire()];
  await carry(xa, xb);
  await linkConversation(xa.ctx, office.as('ana'), { case: file, thread });
  clock.ms += 60_000;
  return { file, thread };
}
const link = (file: string, change = {}) =>
  linkGuardian(
    xa,
    [office.as('ana'), office.as('sam')],
    appointmentOf({ person: office.id('gil'), case: file, ...change }),
  );
const look = async () => {
  await Promise.all([watchLinks(xa.ctx), watchLinks(xa.ctx)]);
  await watchLinks(xa.ctx);
};
const tasks = (thread: string, kind: 'notice-draft' | 'representative-ended' = 'notice-draft') =>
  xa.db
    .selectFrom('task')
    .select(['id', 'detail', 'about'])
    .where('thread', '=', thread)
    .where('kind', '=', kind)
    .where('closed_at', 'is', null)
    .orderBy('opened_at')
    .orderBy('id')
    .execute();
const DRAFT = `query($of: ID!) { noticeDraft(task: $of) { thread type
  representative { change role children from until name formerName appointedBy scope { text language } }
  status { status child on careOfSuspect } } }`;
const draft = async (task: string, by: 'ana' | 'eva' | 'cas' = 'ana') => {
  const { data, errors } = await here.ask(office.as(by), DRAFT, { of: task });
  return (data?.noticeDraft ?? errors[0]!.extensions.code) as {
    representative: BodyOf<'REP'>;
    status: BodyOf<'STA'>;
  };
};
const bare = (value: object) => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
const revoke = (id: string) =>
  revokeGuardianLink(xa.ctx, office.as('ana'), id, 'INVENTED: the court has ended it');
const rename = (name: string) =>
  xa.db.updateTable('person').set({ name }).where('id', '=', office.id('gil')).execute();

describe('a link', () => {
  it('that begins is put before the team of each open conversation, with a draft that passes as it is', async () => {
    const { file, thread } = await fileWith();
    const id = await link(file, { endsOn: '2028-01-12' });
    await look();
    const found = await tasks(thread);
    expect(found).toMatchObject([{ detail: 'REP:appointed', about: id }]);
    const { representative } = await draft(found[0]!.id);
    expect(bare(representative)).toEqual({
      change: 'appointed',
      role: 'guardian',
      children: ['c1'],
      from: '2027-01-12',
      until: '2028-01-12',
      name: 'gil (invented)',
      appointedBy: 'Guardianship court (INVENTED), 4 VIII 12/27',
      scope: { text: 'Care of the person, representation in proceedings', language: 'und' },
    });
    // Nothing has left by itself.
    const sent = await xa.db.selectFrom('act').select('type').where('thread', '=', thread).execute();
    expect(sent).toEqual([{ type: 'ENQ' }]);
    await act(xa, { type: 'REP', thread, body: bare(representative) as BodyOf<'REP'> });
    expect(await draft(found[0]!.id, 'eva')).toBe('NOT_FOUND');
  });

  it('that ends is told of as ended, one that follows as a change of the former', async () => {
    const { file, thread } = await fileWith();
    const former = await link(file, { person: office.id('gus') });
    await look();
    clock.ms += 60_000;
    await revoke(former);
    await look();
    const [, ended] = await tasks(thread);
    expect(bare((await draft(ended!.id)).representative)).toMatchObject({
      change: 'ended',
      name: 'gus (invented)',
      until: '2027-01-15',
    });
    clock.ms += 60_000;
    await link(file);
    await look();
    const found = await tasks(thread);
    expect(found.map(({ detail }) => detail)).toEqual(['REP:appointed', 'REP:ended', 'REP:appointed']);
    expect((await draft(found[2]!.id)).representative).toMatchObject({
      ...{ change: 'changed', name: 'gil (invented)', formerName: 'gus (invented)' },
    });
  });

  it('is told of in no conversation that is over, or began after it', async () => {
    const { file, thread } = await fileWith();
    await xa.db.updateTable('conversation').set({ state: 'CLOSED' }).where('thread', '=', thread).execute();
    await link(file);
    clock.ms += 60_000;
    const later = await enquire();
    await linkConversation(xa.ctx, office.as('ana'), { case: file, thread: later });
    await look();
    expect([await tasks(thread), await tasks(later)]).toEqual([[], []]);
  });

  it('that the child’s majority ends is told of as ended that day, and the child as an adult', async () => {
    const { file, thread } = await fileWith();
    const birth = { earliest: '2009-03-01', latest: '2009-06-01', precision: 'range', basis: 'document' };
    await writeEntry(xa.ctx, office.as('ana'), {
      ...{ case: file, kind: 'birth', replaces: [], provenance: PROVENANCE },
      value: { ...birth, disputed: false, presumedMinor: true, findings: [] },
    });
    await link(file);
    const before = clock.ms;
    clock.ms = Date.parse('2027-06-01T00:00:00Z') - 1;
    await look();
    await watchAges(xa.ctx);
    expect((await tasks(thread)).map(({ detail }) => detail)).toEqual(['REP:appointed']);
    clock.ms += 1;
    await look();
    await watchAges(xa.ctx);
    const found = await tasks(thread);
    expect(found.map(({ detail }) => detail).sort()).toEqual([
      'REP:appointed',
      'REP:ended',
      'STA:reached-18',
    ]);
    const of = (detail: string) => draft(found.find((one) => one.detail === detail)!.id);
    expect((await of('REP:ended')).representative).toMatchObject({ change: 'ended', until: '2027-06-01' });
    expect((await of('STA:reached-18')).status).toEqual({
      ...{ status: 'reached-18', child: 'c1', on: '2027-06-01', careOfSuspect: 'unknown' },
    });
    clock.ms = before;
  });
});

describe('what another State says of a representative', () => {
  const says = async (thread: string, change: Partial<BodyOf<'REP'>>) => {
    const body = {
      change: 'ended',
      role: 'guardian',
      children: ['c1'],
      from: '2027-01-14',
      ...change,
    } as BodyOf<'REP'>;
    await act(xb, { type: 'REP', thread, body });
    await carry(xb, xa);
  };
  const frozen = async (id: string) =>
    (
      await xa.db
        .selectFrom('guardian_link')
        .select('frozen_at')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).frozen_at;

  it('that one of ours is none any more holds that one back at once, whatever the script, and a decider looks', async () => {
    await rename('Khalid Mansour');
    const { file, thread } = await fileWith();
    const [gil, gus] = [
      await link(file),
      await link(file, { person: office.id('gus'), kind: 'legal-adviser' }),
    ];
    await says(thread, { name: 'خالد منصور' });
    expect([await frozen(gil), await frozen(gus)]).toEqual([clock.ms, null]);
    expect(await tasks(thread, 'representative-ended')).toMatchObject([{ about: gil }]);
    await revoke(gil);
    expect(await tasks(thread, 'representative-ended')).toEqual([]);
  });

  it('who has taken the place of another counts for the other', async () => {
    const { file, thread } = await fileWith();
    const id = await link(file);
    await says(thread, { change: 'changed', name: 'Khalid Mansour', formerName: 'Somebody Else' });
    await says(thread, { change: 'appointed', name: 'Khalid Mansour' });
    expect(await frozen(id)).toBeNull();
    await says(thread, { change: 'changed', name: 'Somebody Else', formerName: 'Khaled Mansur' });
    expect(await frozen(id)).toBe(clock.ms);
  });
});

describe('the end at once', () => {
  it('of a link, a person or a session is there with the next request, in the middle of a session (fault 40)', async () => {
    const { file, thread } = await fileWith();
    const id = await link(file);
    const QUERY = '{ representations { id conversations { milestone } } }';
    const shown = async () => {
      const { data, errors } = await here.ask(office.as('gil'), QUERY);
      return (
        errors[0]?.extensions.code ??
        (data!.representations as { id: string }[]).filter((one) => one.id === id).length
      );
    };
    expect(await shown()).toBe(1);
    await revoke(id);
    expect(await shown()).toBe(0);
    expect(thread).toBeDefined();
    const other = await link(file);
    const seen = async () =>
      ((await here.ask(office.as('gil'), QUERY)).data!.representations as { id: string }[]).some(
        (one) => one.id === other,
      );
    expect(await seen()).toBe(true);
    await xa.db
      .updateTable('person')
      .set({ disabled_at: clock.ms })
      .where('id', '=', office.id('gil'))
      .execute();
    expect(await seen()).toBe(false);
    await xa.db.updateTable('person').set({ disabled_at: null }).where('id', '=', office.id('gil')).execute();
  });

  it('has nothing that outlives it: their endpoint has no stream', async () => {
    const { errors } = await here.ask(office.as('gil'), 'subscription { conversationChanged { thread } }');
    expect(errors).not.toEqual([]);
  });
});
