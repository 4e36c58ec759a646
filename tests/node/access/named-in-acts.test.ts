/** Whom two States name to each other, held against who represents the child. INVENTED people. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settleConflict } from '#node/access/guardian-link.ts';
import { namedInAct } from '#node/access/named-in-acts.ts';
import { linkConversation } from '#node/cases/link-conversation.ts';
import { openCase } from '#node/cases/open-case.ts';
import { freezeLink } from '#node/representation/freeze-link.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { act } from '../../fixtures/act.ts';
import { enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import {
  askFollowed,
  forGuardian,
  type GuardianWorld,
  givenAnswer,
  questionsOf,
  startGuardianWorld,
} from '../../fixtures/guardian-world.ts';
import { carry, lastAudit, START_MS } from '../../fixtures/loopback.ts';

let world: GuardianWorld;
beforeEach(async () => {
  world = await startGuardianWorld({ ms: START_MS });
  await rename('Khalid Mansour');
});
afterEach(() => world.close());

const rename = (name: string) =>
  world.xa.db.updateTable('person').set({ name }).where('id', '=', world.gus.id).execute();
type Person = BodyOf<'RPT'>['children'][number]['answers'][number]['persons'][number];
const uncle = (given: string, family: string, script = 'Latn'): Person => ({
  names: [
    {
      kind: 'current',
      parts: [
        { kind: 'given', value: given },
        { kind: 'family', value: family },
      ],
      script,
    },
  ],
  relation: 'uncle',
});
const asked = { handling: forGuardian, questions: questionsOf('FAM-04') };
function reportNaming(...persons: Person[]): BodyOf<'RPT'> {
  const body = reportBody();
  body.children[0]!.answers = [givenAnswer('q1', { persons })];
  return body;
}
const report = async (thread: string, ...persons: Person[]) => {
  world.clock.ms += 60_000;
  await act(world.peer, { type: 'RPT', thread, body: reportNaming(...persons) });
  await carry(world.peer, world.xa);
};
const frozenAt = async (id: string) =>
  (
    await world.xa.db
      .selectFrom('guardian_link')
      .select('frozen_at')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).frozen_at;
const conflicts = (id: string) =>
  world.xa.db
    .selectFrom('guardian_link_conflict')
    .select(['id', 'ground', 'about'])
    .where('link', '=', id)
    .orderBy('ground')
    .execute();
const milestones = async () => {
  const { data } = await world.server.ask(
    world.gus,
    '{ representations { conversations { timeline { milestone } } } }',
  );
  type Row = { conversations: { timeline: { milestone: string }[] }[] };
  return (data!.representations as Row[]).flatMap(({ conversations }) =>
    conversations.flatMap(({ timeline }) => timeline.map(({ milestone }) => milestone)),
  );
};

describe('a guardian of conversations that are in no file', () => {
  it('who is named by the other State is held back with that very report, whatever the script, until a third person has looked', async () => {
    const { xa, sam, clock } = world;
    const { thread, link } = await askFollowed(world, asked);
    expect(await milestones()).toEqual(['asked']);
    await report(thread, uncle('خالد', 'منصور', 'Arab'));
    expect(await frozenAt(link)).toBe(clock.ms - 1);
    expect(await milestones()).toEqual(['asked']);
    const [found] = await conflicts(link);
    expect(found).toMatchObject({ ground: 'name-alike', about: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const task = await xa.db
      .selectFrom('task')
      .select(['thread', 'unit', 'about'])
      .where('kind', '=', 'guardian-conflict')
      .execute();
    expect(task).toEqual([{ thread, unit: 'national', about: link }]);
    expect(JSON.stringify(await lastAudit(xa, 'guardian-link.noted'))).not.toMatch(/Khalid|Mansour|خالد/);
    await expect(freezeLink(xa.ctx, sam, link, false)).rejects.toMatchObject({ code: 'CONFLICT_OPEN' });
    await expect(settleConflict(xa.ctx, sam, found!.id, 'INVENTED: not he')).rejects.toMatchObject({
      code: 'SAME_PERSON',
    });
    await settleConflict(xa.ctx, xa.person('sid', 'supervisor'), found!.id, 'INVENTED: another of that name');
    await freezeLink(xa.ctx, sam, link, false);
    expect(await milestones()).toEqual(['asked', 'answered']);
  });

  it('who is not named goes on', async () => {
    const { thread, link } = await askFollowed(world, asked);
    await report(thread, uncle('Petru', 'Albu'));
    expect([await frozenAt(link), await conflicts(link)]).toEqual([null, []]);
    expect(await milestones()).toEqual(['asked', 'answered']);
  });

  it('is held against whom this State itself names, now and when the link is made', async () => {
    const { xa, ana, sam, gus, peer } = world;
    const { thread, link } = await askFollowed(world, asked);
    const persons: BodyOf<'ENQ'>['persons'] = [
      {
        ...{ ref: 'p1', toChildren: ['c1'], life: 'alive', contactPermission: 'never' },
        ...uncle('Khaled', 'Mansur'),
        ...{ contactAlreadyMade: 'no', safetyRisk: 'yes' },
      },
    ];
    const other = await act(xa, {
      type: 'ENQ',
      peer: peer.code,
      body: enquiryBody({
        ...asked,
        persons,
        children: enquiryBody().children.map((child) => ({
          ...child,
          names: uncle('INVENTED', 'Another').names as never,
        })),
      }),
    });
    await expect(
      linkGuardian(xa, [ana, sam], appointmentOf({ person: gus.id, threads: [other.thread] })),
    ).rejects.toMatchObject({ code: 'CONFLICT_OPEN' });
    // The conversation comes into a file that holds the one of the first link.
    expect(await frozenAt(link)).toBeNull();
    const file = await openCase(xa.ctx, ana);
    await linkConversation(xa.ctx, ana, { case: file, thread });
    await linkConversation(xa.ctx, ana, { case: file, thread: other.thread });
    expect(await frozenAt(link)).toBe(world.clock.ms - 1);
    expect(await conflicts(link)).toMatchObject([{ ground: 'name-alike' }]);
  });
});

describe('what another State says of a representative', () => {
  const says = async (thread: string, name: string) => {
    world.clock.ms += 60_000;
    const body: BodyOf<'REP'> = {
      change: 'ended',
      role: 'guardian',
      children: ['c1'],
      from: '2027-01-14',
      name,
    };
    await act(world.peer, { type: 'REP', thread, body });
    await carry(world.peer, world.xa);
  };

  it('is held against every name of ours, and against the organisation that was appointed', async () => {
    const { xa, peer, gus, ana, sam } = world;
    const links: string[] = [];
    const threads: string[] = [];
    for (const change of [
      { otherNames: ['Халид Мансур', 'Karim Haddad'] },
      { organisation: 'Lantern Guardians' },
    ]) {
      const body = enquiryBody({
        ...asked,
        children: enquiryBody().children.map((child) => ({
          ...child,
          names: uncle('INVENTED', `Child ${links.length}`).names as never,
        })),
      });
      const { thread } = await act(xa, { type: 'ENQ', peer: peer.code, body });
      await carry(xa, peer);
      threads.push(thread);
      links.push(
        await linkGuardian(xa, [ana, sam], appointmentOf({ person: gus.id, threads: [thread], ...change })),
      );
    }
    await says(threads[0]!, 'Somebody Else');
    expect(await frozenAt(links[0]!)).toBeNull();
    await says(threads[0]!, 'Kareem Hadad');
    await says(threads[1]!, 'LANTERN guardians');
    expect([await frozenAt(links[0]!), await frozenAt(links[1]!)]).toEqual([
      world.clock.ms - 60_000,
      world.clock.ms,
    ]);
  });
});

describe('who an act names', () => {
  it('are the persons around the child; of the child its family name; readers and representatives are not', () => {
    const body = enquiryBody({
      persons: [
        {
          ...{ ref: 'p1', toChildren: ['c1'], life: 'alive', contactPermission: 'never' },
          ...uncle('Petru', 'Albu'),
          ...{ contactAlreadyMade: 'no', safetyRisk: 'no' },
        },
      ] as never,
      warnings: [
        { code: 'do-not-involve', about: ['c1'], eyesOnly: ['Head (invented)'], named: 'Chief of police' },
      ],
      handling: { ...forGuardian, named: ['Reader (invented)'] },
    });
    const [named] = namedInAct('m', 'ENQ', body);
    expect(named!.names.map(({ parts }) => parts.map(({ value }) => value))).toEqual([['Petru', 'Albu']]);
    expect(named!.familyNames.length).toBeGreaterThan(1);
    expect(named!.lines).toEqual(['Chief of police']);
    expect(namedInAct('m', 'REP', { name: 'Khalid Mansour' })).toEqual([]);
  });
});
