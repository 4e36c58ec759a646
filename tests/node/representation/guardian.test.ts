/** T2 as far as guardians exist here: what a guardian sees, what they cannot, and that neither tells the other. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revokeGuardianLink } from '#node/access/guardian-link.ts';
import { freezeLink } from '#node/representation/freeze-link.ts';
import { showGuardian } from '#node/representation/show-guardian.ts';
import { myMilestones } from '#node/representation/shown-tables.ts';
import { act } from '../../fixtures/act.ts';
import { alertBody, enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian, noConflicts } from '../../fixtures/appointment.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

const DAY_MS = 86_400_000;
const QUERY = `{ me { id role } representations { id authority scope since until conversations {
  with(language: "fr") milestone label(language: "ru") timeline { milestone label(language: "ar") date } } } }`;

let clock: Clock;
let nodes: LoopNode[] = [];
let servers: PeopleServer[] = [];
beforeEach(() => {
  clock = { ms: START_MS };
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await Promise.all(nodes.map((node) => node.close()));
  nodes = [];
  servers = [];
});

async function world() {
  const [xa, xb, xc] = await Promise.all(
    (['xa', 'xb', 'xc'] as const).map((code) => startLoopNode(code, clock)),
  );
  nodes.push(xa!, xb!, xc!);
  const server = await servePeople(xa!);
  servers.push(server);
  return { xa: xa!, xb: xb!, xc: xc!, server };
}
type World = Awaited<ReturnType<typeof world>>;

const guardian = (node: LoopNode, name = 'gus') => node.person(name, 'guardian');

/** Two officers enter and approve it. @returns its id */
async function link({ xa }: World, threads: string[], endsOn?: string): Promise<string> {
  const person = guardian(xa).id;
  await xa.db
    .insertInto('person')
    .values({
      id: person,
      issuer: 'https://invented.example',
      subject: person,
      name: 'Gus Fernwood',
      role: 'guardian',
      unit: 'outside',
      office: 'outside',
      email: null,
      language: 'en',
      created_at: 0,
      disabled_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const appointment = appointmentOf({
    ...{ person, threads, authority: 'Family court of xa (invented)', appointedOn: '2027-01-02' },
    scope: 'all personal matters',
    ...(endsOn !== undefined && { endsOn }),
    conflicts: { ...noConflicts, lookedInto: 'Canary: who pays was looked at' },
  });
  return linkGuardian(xa, [xa.person('ana'), xa.person('sam', 'supervisor')], appointment);
}

/** Ids are random: two worlds may differ in them. */
const bare = (text: string): string => text.replace(/(guardian-link|followed|shown|word)-[0-9a-f]+/g, '$1');

describe('a guardian', () => {
  it('sees the appointment, and how far the questions have come: a decision by its day, the rest by its month', async () => {
    const here = await world();
    const { thread } = await act(here.xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    await carry(here.xa, here.xb);
    clock.ms += 20 * DAY_MS;
    await act(here.xb, { type: 'RPT', thread, body: reportBody() });
    await carry(here.xb, here.xa);
    const id = await link(here, [thread]);
    const { data, errors, text } = await here.server.ask(guardian(here.xa), QUERY);
    expect(errors).toEqual([]);
    expect(data!.representations).toEqual([
      {
        id,
        authority: 'Family court of xa (invented)',
        scope: 'all personal matters',
        since: '2027-01-02',
        until: null,
        conversations: [
          {
            with: 'Un autre État',
            milestone: 'answered',
            label: 'Получен ответ',
            timeline: [
              { milestone: 'asked', label: 'تم توجيه الطلب', date: '2027-01' },
              { milestone: 'answered', label: 'ورد رد', date: '2027-02' },
            ],
          },
        ],
      },
    ]);
    expect(text).not.toMatch(/Canary|xb|ana|sam|0[0-9a-f]{7}-/);
    expect(await lastAudit(here.xa, 'reading.answered')).toMatchObject({
      actor: guardian(here.xa).id,
      purpose: 'representation',
      threads: [thread],
      rows: { representation: 1 },
    });
  });

  it('sees no link of another, none that waits, is over or was revoked; with the next request', async () => {
    const here = await world();
    const { thread } = await act(here.xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    const id = await link(here, [thread], '2027-01-20');
    const seen = async (name = 'gus') =>
      ((await here.server.ask(guardian(here.xa, name), QUERY)).data!.representations as unknown[]).length;
    expect([await seen(), await seen('mal')]).toEqual([1, 0]);
    clock.ms += 6 * DAY_MS;
    expect(await seen()).toBe(0);
    clock.ms -= 6 * DAY_MS;
    expect(await seen()).toBe(1);
    await revokeGuardianLink(here.xa.ctx, here.xa.person('ana'), id, 'INVENTED: the court has taken it back');
    expect(await seen()).toBe(0);
    const waits = {
      approver: null,
      approved_at: null,
      revoked_by: null,
      revoked_at: null,
      revoke_reason: null,
    };
    await here.xa.db.updateTable('guardian_link').set(waits).execute();
    expect(await seen()).toBe(0);
  });

  it('sees nothing of a conversation that no link of theirs names, by the database too', async () => {
    const here = await world();
    const mine = await act(here.xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    const other = await act(here.xa, { type: 'ENQ', peer: 'xc', body: enquiryBody() });
    await link(here, [mine.thread]);
    const { doors } = here.xa.ctx;
    const threads = await doors.withActor(guardian(here.xa), (trx) =>
      trx.selectFrom(myMilestones).select('thread').execute(),
    );
    expect(threads).toEqual([{ thread: mine.thread }]);
    for (const table of [
      'conversation',
      'act',
      'proposal',
      'attachment',
      'task',
      'person',
      'session',
      'milestone',
      'followed',
      'shown',
      'guardian_hold',
    ] as const)
      await expect(
        doors.withActor(guardian(here.xa), (trx) =>
          trx
            .selectFrom(table)
            .select(({ lit }) => lit(1).as('x'))
            .execute(),
        ),
      ).rejects.toThrow(/permission denied/);
    for (const column of ['content', 'frozen_at', 'authors'] as const)
      await expect(
        doors.withActor(guardian(here.xa), (trx) => trx.selectFrom('guardian_link').select(column).execute()),
      ).rejects.toThrow(/permission denied/);
    expect(other.thread).not.toBe(mine.thread);
  });
});

describe('two worlds that differ in protected facts alone', () => {
  /** The same questions and the same answer; all the rest is the difference. */
  async function tell(
    here: World,
    peer: 'xb' | 'xc',
    alsoHappens: (thread: string, node: LoopNode) => Promise<void>,
  ) {
    const node = here[peer];
    const warnings =
      peer === 'xc' ? [{ code: 'do-not-contact-family' as const, about: ['c1'], eyesOnly: [] }] : [];
    const { thread } = await act(here.xa, { type: 'ENQ', peer, body: enquiryBody({ warnings }) });
    await carry(here.xa, node);
    await act(node, { type: 'ACK', thread, body: { re: 1 } });
    await carry(node, here.xa);
    await alsoHappens(thread, node);
    clock.ms = START_MS + 40 * DAY_MS;
    await act(node, { type: 'RPT', thread, body: reportBody() });
    await carry(node, here.xa);
    await link(here, [thread]);
  }

  it('answer the same bytes: another State, another hour, warnings, an alert, a stand-still, a missing child', async () => {
    const [calm, troubled] = [await world(), await world()];
    await tell(calm, 'xb', async () => {});
    clock.ms = START_MS + 3_600_000;
    await tell(troubled, 'xc', async (thread, xc) => {
      clock.ms += DAY_MS;
      await act(troubled.xa, { type: 'URG', thread, body: alertBody('XC') });
      await carry(troubled.xa, xc);
      await act(xc, { type: 'PRG', thread, body: { status: 'awaiting-child' } });
      await carry(xc, troubled.xa);
      const reason = { text: 'INVENTED', language: 'en' };
      await act(troubled.xa, {
        type: 'STP',
        thread,
        body: { phase: 'ask', reason, nothingDone: false, acts: [] },
      });
      const missing = {
        phase: 'opened',
        openedBy: 'requester',
        episode: 1,
        children: ['c1'],
        since: '2027-01-16T08:00:00.000Z',
      };
      await act(troubled.xa, { type: 'MIS', thread, body: missing });
      await carry(troubled.xa, xc);
      const { state } = await troubled.xa.db
        .selectFrom('conversation')
        .select('state')
        .executeTakeFirstOrThrow();
      // What an officer is shown has moved.
      expect(['ALERT', 'ON_HOLD_SAFETY', 'AWAITING_CHILD']).toContain(state);
    });
    const answers = await Promise.all(
      [calm, troubled].map(({ server, xa }) => server.ask(guardian(xa), QUERY)),
    );
    expect(answers[0]!.errors).toEqual([]);
    expect(answers[0]!.text).toContain('answered');
    expect(bare(answers[1]!.text)).toBe(bare(answers[0]!.text));
  });

  it('show what two links held back from one moment on as if it had come when the last was let through', async () => {
    const here = await world();
    const { thread } = await act(here.xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    await carry(here.xa, here.xb);
    const links = [await link(here, [thread]), await link(here, [thread])];
    const sam = here.xa.person('sam', 'supervisor');
    for (const id of links) await freezeLink(here.xa.ctx, sam, id, true);
    const say = async (text: string) => {
      clock.ms += DAY_MS;
      await showGuardian(here.xa.ctx, sam, thread, {
        kind: 'note',
        text: { text, language: 'en' },
        tell: 'with-care',
      });
      clock.ms += DAY_MS;
    };
    await say('INVENTED first');
    await freezeLink(here.xa.ctx, sam, links[0]!, false);
    await say('INVENTED second');
    await freezeLink(here.xa.ctx, sam, links[1]!, false);
    const QUERY = '{ representations { conversations { notes { on } } } }';
    const { data } = await here.server.ask(guardian(here.xa), QUERY);
    const [first] = data!.representations as { conversations: { notes: { on: string }[] }[] }[];
    const on = new Date(clock.ms).toISOString().slice(0, 10);
    expect(first!.conversations[0]!.notes).toEqual([{ on }, { on }]);
  });

  it('answer the same bytes: a frozen link, and no news', async () => {
    const [quiet, frozen] = [await world(), await world()];
    const threads: string[] = [];
    const ids: string[] = [];
    for (const here of [quiet, frozen]) {
      clock.ms = START_MS;
      const { thread } = await act(here.xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
      await carry(here.xa, here.xb);
      ids.push(await link(here, [thread]));
      threads.push(thread);
    }
    const boss = frozen.xa.person('sam', 'supervisor');
    const FREEZE = `mutation($f: Boolean!) { freezeRepresentation(link: "${ids[1]}", frozen: $f) }`;
    const refused = await frozen.server.ask(frozen.xa.person('ana'), FREEZE, { f: true });
    expect(refused.errors[0]!.extensions.code).toBe('NOT_PERMITTED');
    expect((await frozen.server.ask(boss, FREEZE, { f: true })).errors).toEqual([]);
    expect(await lastAudit(frozen.xa, 'guardian-link.noted')).toEqual({
      id: ids[1],
      what: 'frozen',
      actor: boss.id,
    });
    clock.ms += DAY_MS;
    await act(frozen.xb, { type: 'RPT', thread: threads[1]!, body: reportBody() });
    await carry(frozen.xb, frozen.xa);
    // Even news that are older than the freeze, if they come after it.
    await frozen.xa.db
      .updateTable('milestone')
      .set({ at: START_MS - DAY_MS })
      .where('n', '=', 2)
      .execute();
    const ask = ({ server, xa }: World) => server.ask(guardian(xa), QUERY);
    const [silence, ice] = [await ask(quiet), await ask(frozen)];
    expect(silence.text).toContain('asked');
    expect(bare(ice.text)).toBe(bare(silence.text));
    expect((await frozen.server.ask(boss, FREEZE, { f: false })).errors).toEqual([]);
    expect((await ask(frozen)).text).toContain('answered');
  });
});
