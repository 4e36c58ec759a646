/**
 * What surfaces by itself, and to whom alone: the team of the file that was here first. Whether a child is known is seen by nobody
 * else, neither by who opens the inbox nor by the State that asks. INVENTED children.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { surfaceMatches } from '#node/cases/surface-matches.ts';
import { closedVault } from '#node/vault/vault.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { act } from '../../fixtures/act.ts';
import { aboutChild, alertBody, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  auditTypes,
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

interface World {
  readonly clock: Clock;
  readonly xa: LoopNode;
  readonly xb: LoopNode;
  readonly office: Office;
  readonly here: OfficerServer;
  readonly close: () => Promise<void>;
}

async function openWorld(): Promise<World> {
  const clock: Clock = { ms: START_MS };
  const [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  const office = await enterOffice(xa);
  for (const person of [xb.person('ana'), xb.person('sam', 'supervisor')]) await enterPerson(xb, person);
  await giveAddresses(xa);
  const here = await serveOfficers(xa);
  const close = async () => {
    await here.close();
    await Promise.all([xa.close(), xb.close()]);
  };
  return { clock, xa, xb, office, here, close };
}

const nameOf = (written: string) => ({
  kind: 'current' as const,
  script: 'Latn',
  parts: written.split(' ').map((value) => ({ kind: 'undivided' as const, value })),
});
const born = { earliest: '2011-04-05', latest: '2011-04-05', precision: 'day', basis: 'document' };

/** What a person may do in a world. */
function actIn(world: World) {
  const ask = (who: Name, text: string, variables = {}) =>
    call(world.here, world.office.as(who), text, variables);
  const write = async (who: Name, id: string, field: string, type: string, value: object) => {
    const { codes } = await ask(
      who,
      `mutation ($id: ID!, $value: ${type}, $from: ProvenanceInput!) { ${field}(case: $id, value: $value, provenance: $from) { entry { id } } }`,
      { id, value, from: { source: 'document', confidence: 'verified' } },
    );
    expect(codes).toEqual([]);
  };
  const open = async (who: Name) => {
    world.clock.ms += 1000;
    return String((await ask(who, 'mutation { openCase }')).data.openCase);
  };
  return {
    ask,
    open,
    write,
    addName: (who: Name, id: string, written: string) =>
      write(who, id, 'writeCaseName', 'PersonNameInput', nameOf(written)),
    fileOf: async (who: Name, written: string) => {
      const id = await open(who);
      await write(who, id, 'writeCaseName', 'PersonNameInput', nameOf(written));
      const birth = { ...born, disputed: false, presumedMinor: true, findings: [] };
      await write(who, id, 'writeCaseBirth', 'BirthInput', birth);
      return id;
    },
    /** Another State asks about a child of this name, born in the same year. */
    receive: async (written: string, change: Partial<BodyOf<'ENQ'>> = {}) => {
      const [child] = aboutChild(written).children;
      const birth = { ...child!.birth, earliest: '2011-01-01', latest: '2011-12-31' };
      const body = enquiryBody({ children: [{ ...child!, birth }], ...change });
      const { thread } = await act(world.xb, { type: 'ENQ', peer: 'xa', body });
      await carry(world.xb, world.xa);
      return thread;
    },
    look: () => surfaceMatches(world.xa.ctx),
    tasks: async (who: Name) => {
      const { data } = await ask(who, '{ tasks { kind thread about unit } }');
      return (data.tasks as { kind: string; thread: string; about: string; unit: string | null }[]).filter(
        ({ kind }) => kind === 'possible-match',
      );
    },
    matches: async (who: Name, id: string) => {
      const { data } = await ask(
        who,
        `query ($id: ID!) { case(id: $id) { matches { id case { id } other { id } conversation { thread } ofAnotherState child verdict
          fields { field outcome } } } }`,
        { id },
      );
      return (data.case as { matches: Record<string, unknown>[] }).matches;
    },
  };
}

let world: World;
let me: ReturnType<typeof actIn>;
beforeAll(async () => {
  world = await openWorld();
  me = actIn(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  await me.look();
  await world.xa.db
    .updateTable('task')
    .set({ closed_at: 0, closed_by: 'test', reason: Buffer.from('x') })
    .execute();
  await takeTold(world.xa);
});

const everybody: readonly Name[] = ['ana', 'bo', 'sam', 'eva', 'sue', 'cas', 'cor', 'lea', 'hana'];
/** Who has a task about a possible match. */
const whoHasTask = async () => {
  const all = await Promise.all(everybody.map(async (who) => [who, (await me.tasks(who)).length] as const));
  return all.filter(([, count]) => count > 0).map(([who]) => who);
};

describe('two files', () => {
  it('of one unit: its team is told once, with both side by side', async () => {
    const first = await me.fileOf('ana', 'Valeriu Doubled');
    const later = await me.fileOf('bo', 'Валерий Doubled');
    expect(await whoHasTask()).toEqual([]);
    await me.look();
    expect(await whoHasTask()).toEqual(['ana', 'bo', 'sam', 'hana']);
    const [task] = await me.tasks('ana');
    const [match] = await me.matches('ana', first);
    expect(task).toMatchObject({ thread: first, about: match!.id });
    expect(match).toMatchObject({ case: { id: first }, other: { id: later }, verdict: null });
    expect((match!.fields as object[])[0]).toEqual({ field: 'names', outcome: 'near' });
    expect(await takeTold(world.xa)).toEqual(['ana digest', 'bo digest', 'sam digest', 'sid digest']);
    await me.addName('bo', later, 'Valery Doubled');
    await me.look();
    expect(await me.tasks('ana')).toEqual([task]);
  });

  it('of two units: the team of the first learns that there is another, the later one’s nothing', async () => {
    const first = await me.fileOf('eva', 'Kiriana Twounits');
    const later = await me.fileOf('ana', 'Kyriana Twounits');
    await me.look();
    expect(await whoHasTask()).toEqual(['eva', 'sue', 'hana']);
    expect(await me.matches('eva', first)).toMatchObject([{ other: null, conversation: null, fields: [] }]);
    expect(await me.matches('ana', later)).toEqual([]);
    expect(await me.matches('hana', later)).toMatchObject([{ case: { id: first }, other: { id: later } }]);
    expect(await takeTold(world.xa)).toEqual(['eva digest', 'hana digest', 'sue digest']);
    // Also where the first one changes, it is the first one that is told.
    await me.addName('eva', first, 'Kiriana Twounits Renamed');
    await me.look();
    expect(await me.matches('ana', later)).toEqual([]);
  });

  it('a case worker who is assigned to the first is of its team', async () => {
    await me.fileOf('cas', 'Radomira Assigned');
    await me.fileOf('ana', 'Radomira Assigned');
    await me.look();
    expect(await whoHasTask()).toEqual(['cas', 'hana']);
    expect(await takeTold(world.xa)).toEqual(['cas digest', 'hana digest']);
  });

  it('the first of them for named readers: they alone are told', async () => {
    const first = await me.fileOf('ana', 'Eudoxia Restricted');
    await me.ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id: first });
    await me.fileOf('bo', 'Eudoxia Restricted');
    await me.look();
    expect(await whoHasTask()).toEqual(['sam', 'hana']);
  });

  it('the later of them for named readers: the head alone is told, and who reads it', async () => {
    const first = await me.fileOf('ana', 'Pankratia Hidden');
    const later = await me.open('bo');
    await me.ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id: later });
    await me.addName('sam', later, 'Pankratia Hidden');
    await me.look();
    expect(await whoHasTask()).toEqual(['hana']);
    expect([await me.matches('ana', first), await me.matches('bo', first)]).toEqual([[], []]);
    expect(await me.matches('sam', first)).toMatchObject([{ other: { id: later } }]);
    expect(await me.matches('hana', first)).toMatchObject([{ other: { id: later } }]);
  });

  it('of which one is blocked, or read with one that is: nobody is told, until it may be read again', async () => {
    const CLOSE = 'mutation ($id: ID!) { closeCase(case: $id, closing: solution_in_place) }';
    const [first, joined] = [await me.fileOf('ana', 'Leokadia Blocked'), await me.open('ana')];
    const PROPOSE = 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }';
    const pair = { from: first, into: joined };
    const join = (await me.ask('sam', PROPOSE, pair)).data.proposeJoin;
    await me.ask('sid', 'mutation ($join: ID!) { approveJoin(join: $join) }', { join });
    expect((await me.ask('sam', CLOSE, { id: joined })).codes).toEqual([]);
    await me.look();
    const fresh = { ground: null, warn_at: null, warned_at: null, erased_at: null, answer: null };
    const clock = {
      kind: 'case' as const,
      id: joined,
      rule: 'case-file' as const,
      closed_at: world.clock.ms,
    };
    const times = { block_at: world.clock.ms, blocked_at: world.clock.ms, erase_at: world.clock.ms + 1e12 };
    await world.xa.db
      .insertInto('retention')
      .values({ ...clock, ...times, ...fresh })
      .execute();
    const later = await me.fileOf('bo', 'Leokadia Blocked');
    await me.look();
    expect(await whoHasTask()).toEqual([]);
    expect(await me.matches('hana', later)).toEqual([]);
    await world.xa.db.deleteFrom('retention').where('id', '=', joined).execute();
    expect(
      (await me.ask('sam', 'mutation ($id: ID!) { reopenCase(case: $id) }', { id: joined })).codes,
    ).toEqual([]);
    await me.addName('bo', later, 'Leokadia Blocked Again');
    await me.look();
    expect(await me.matches('hana', later)).toHaveLength(1);
  });

  it('of children who share a name and are years apart: nobody is told', async () => {
    await me.fileOf('ana', 'Onufria Namesake');
    const later = await me.open('bo');
    await me.addName('bo', later, 'Onufria Namesake');
    const birth = { ...born, earliest: '2001-01-01', latest: '2001-01-01' };
    await me.write('bo', later, 'writeCaseBirth', 'BirthInput', {
      ...birth,
      ...{ disputed: false, presumedMinor: true, findings: [] },
    });
    await me.look();
    expect(await whoHasTask()).toEqual([]);
  });

  it('are decided by who sees both, which settles the task; others are told whom to ask', async () => {
    const first = await me.fileOf('eva', 'Severin Decided');
    await me.fileOf('ana', 'Severin Decided');
    await me.look();
    const [match] = await me.matches('eva', first);
    const SAY =
      'mutation ($match: ID!, $verdict: MatchVerdict!) { decideMatch(match: $match, verdict: $verdict) }';
    const say = (who: Name) => me.ask(who, SAY, { match: match!.id, verdict: 'not_the_same' });
    expect([(await say('eva')).codes, (await say('ana')).codes]).toEqual([
      ['OTHER_UNSEEN'],
      ['MATCH_UNKNOWN'],
    ]);
    expect((await say('hana')).codes).toEqual([]);
    expect(await whoHasTask()).toEqual([]);
    expect(await me.matches('eva', first)).toMatchObject([{ verdict: 'not_the_same' }]);
  });

  it('that somebody says are not the same are joined by nobody who confirms what was said before', async () => {
    const [first] = [await me.fileOf('ana', 'Ludmila Retracted'), await me.fileOf('bo', 'Ludmila Retracted')];
    await me.look();
    const [match] = await me.matches('ana', first);
    const SAY =
      'mutation ($match: ID!, $verdict: MatchVerdict!) { decideMatch(match: $match, verdict: $verdict) }';
    const say = (who: Name, verdict: string) => me.ask(who, SAY, { match: match!.id, verdict });
    const join = (await say('ana', 'same_child')).data.decideMatch;
    expect((await say('bo', 'not_the_same')).codes).toEqual([]);
    const APPROVE = 'mutation ($join: ID!) { approveJoin(join: $join) }';
    expect((await me.ask('sam', APPROVE, { join })).codes).toEqual(['JOIN_UNKNOWN']);
    // Said again, it is proposed again.
    const again = (await say('ana', 'same_child')).data.decideMatch;
    expect((await me.ask('sam', APPROVE, { join: again })).codes).toEqual([]);
  });

  it('by several workers at once: one task', async () => {
    const first = await me.fileOf('ana', 'Ulderico Workers');
    await Promise.all(['a', 'b', 'c'].map(() => me.fileOf('bo', 'Ulderico Workers')));
    await Promise.all([me.look(), me.look(), me.look(), me.look()]);
    const tasks = (await me.tasks('ana')).filter(({ thread }) => thread === first);
    expect(tasks).toHaveLength(3);
    expect(new Set(tasks.map(({ about }) => about)).size).toBe(3);
  });
});

describe('an enquiry of another State', () => {
  it('about a child known to another unit: its team is told, and nobody of the inbox', async () => {
    const file = await me.fileOf('eva', 'Domenica Enquired');
    await me.look();
    const thread = await me.receive('Доменика Enquired');
    await me.look();
    expect(await whoHasTask()).toEqual(['eva', 'sue', 'hana']);
    expect(await me.matches('eva', file)).toMatchObject([
      { ofAnotherState: true, child: 'c1', conversation: null, fields: [] },
    ]);
    const [seen] = await me.matches('hana', file);
    expect(seen).toMatchObject({ conversation: { thread } });
    expect((seen!.fields as object[]).length).toBe(4);
  });

  it('and an alert surface where the file is opened only afterwards, too', async () => {
    await me.receive('Filomena Before');
    const people = [
      { ref: 'p1', names: [nameOf('Theofania Alerted')], description: { text: 'INVENTED', language: 'en' } },
    ];
    await act(world.xb, { type: 'URG', peer: 'xa', body: { ...alertBody('XA'), people } as BodyOf<'URG'> });
    await carry(world.xb, world.xa);
    await me.look();
    expect(await whoHasTask()).toEqual([]);
    const [one, two] = [
      await me.fileOf('eva', 'Filomena Before'),
      await me.fileOf('eva', 'Theofania Alerted'),
    ];
    await me.look();
    expect((await me.tasks('eva')).map((task) => task.thread).sort()).toEqual([one, two].sort());
  });

  it('that is put with the file already, or opened it, is no news', async () => {
    const thread = await me.receive('Yolanda Linked');
    const OPEN = 'mutation ($thread: ID!) { openCaseOf(thread: $thread, child: "c1") }';
    expect((await me.ask('ana', OPEN, { thread })).codes).toEqual([]);
    await me.look();
    expect(await whoHasTask()).toEqual([]);
  });

  it('that is of the same child is put with its file', async () => {
    const file = await me.fileOf('ana', 'Zenobia Linked');
    const thread = await me.receive('Zenobia Linked');
    await me.look();
    const [match] = await me.matches('ana', file);
    const SAY = 'mutation ($match: ID!) { decideMatch(match: $match, verdict: same_child) }';
    expect(await me.ask('ana', SAY, { match: match!.id })).toEqual({
      codes: [],
      data: { decideMatch: null },
    });
    const { data } = await me.ask('ana', 'query ($id: ID!) { case(id: $id) { conversations { thread } } }', {
      id: file,
    });
    expect(data.case).toEqual({ conversations: [{ thread }] });
    expect(await whoHasTask()).toEqual([]);
    const OTHERWISE = 'mutation ($match: ID!) { decideMatch(match: $match, verdict: not_the_same) }';
    expect((await me.ask('bo', OTHERWISE, { match: match!.id })).codes).toEqual([]);
    const after = await me.ask('ana', 'query ($id: ID!) { case(id: $id) { conversations { thread } } }', {
      id: file,
    });
    expect(after.data.case).toEqual({ conversations: [] });
  });

  it('in a conversation that is blocked surfaces no more', async () => {
    const thread = await me.receive('Apolonia Blocked');
    const fresh = { ground: null, warn_at: null, warned_at: null, erased_at: null, answer: null };
    const clock = { kind: 'conversation' as const, id: thread, rule: 'peer-copy' as const };
    const at = world.clock.ms;
    const times = { closed_at: at, block_at: at, blocked_at: at, erase_at: at + 1e12 };
    await world.xa.db
      .insertInto('retention')
      .values({ ...clock, ...times, ...fresh })
      .execute();
    await me.fileOf('eva', 'Apolonia Blocked');
    await me.look();
    expect(await whoHasTask()).toEqual([]);
  });

  it('for named readers is the head’s to put before others', async () => {
    const file = await me.fileOf('eva', 'Walburga Secret');
    const handling = { ...enquiryBody().handling, readers: 'eyes-only' as const, named: ['INVENTED head'] };
    await me.receive('Walburga Secret', { handling });
    await me.look();
    expect(await whoHasTask()).toEqual(['hana']);
    expect(await me.matches('eva', file)).toEqual([]);
    expect(await me.matches('hana', file)).toMatchObject([{ ofAnotherState: true }]);
  });
});

describe('whether a child is known', () => {
  const known = ['Aurelia Whether', 'Somebody Unrelated'] as const;
  let worlds: World[];
  beforeAll(async () => {
    worlds = await Promise.all([openWorld(), openWorld()]);
  });
  afterAll(() => Promise.all(worlds.map((one) => one.close())));

  /** Ids and digests by the order in which they come up: two worlds have others. */
  function normal(text: string): string {
    const seen = new Map<string, number>();
    return text.replace(
      /[0-9a-f]{8}-[0-9a-f-]{27}|(?:task|proposal|match|join)-[0-9a-f]{24}|[0-9a-f]{64}/g,
      (id) => `#${seen.get(id) ?? seen.set(id, seen.size).get(id)}`,
    );
  }
  const PAGES = [
    `{ inbox(first: 50) { edges { node { thread state unread awaitingUs dueAt overdue allowedActs updatedAt tasks { kind dueAt }
      acts { id type at readAt stage } } } } }`,
    '{ tasks { id kind thread messageId detail about unit dueAt } cases(first: 100) { nodes { id updatedAt matches { id } tasks { kind } } } }',
    '{ searchCases(sought: { names: [{ written: "Aurelia Whether" }] }) { case { id } } unreadUrgent { thread } waitingProposals { id } }',
  ];

  it('shows in no byte that the officer of the inbox gets, nor in the types of what is published', async () => {
    const answers: string[][] = [];
    const types: string[][] = [];
    const rows: number[] = [];
    for (const [n, one] of worlds.entries()) {
      const in1 = actIn(one);
      await in1.fileOf('eva', known[n]!);
      await in1.look();
      const from = (await auditTypes(one.xa)).length;
      const thread = await in1.receive('Aurelia Whether');
      // The officer of the inbox opens a file of their own of that child, too.
      await in1.fileOf('bo', 'Aurelia Whether');
      await in1.look();
      types.push((await auditTypes(one.xa)).slice(from));
      const shown: string[] = [];
      for (const who of ['ana', 'sam', 'cas'] as const)
        for (const page of PAGES)
          shown.push(normal(JSON.stringify(await one.here.ask(one.office.as(who), page))));
      const OF =
        'query ($thread: ID!) { searchCases(thread: $thread, child: "c1") { case { id } fields { outcome } } }';
      shown.push(normal(JSON.stringify(await one.here.ask(one.office.as('ana'), OF, { thread }))));
      answers.push(shown);
      rows.push((await one.xa.db.selectFrom('case_match').select('id').execute()).length);
      // And what waits to leave for the State that asked.
      const waiting = await one.xa.db.selectFrom('seal_request').select('id').execute();
      expect(waiting).toEqual([]);
    }
    expect(rows).toEqual([3, 1]);
    expect(answers[0]).toEqual(answers[1]);
    expect(types[0]).toEqual(types[1]);
  });

  it('is in no entry by a name', async () => {
    expect(await lastAudit(worlds[0]!.xa, 'match.looked')).toMatchObject({ failed: false });
    const details = await worlds[0]!.xa.db.selectFrom('audit_entry').select('detail').execute();
    for (const word of ['Aurelia', 'Whether', '2011']) expect(JSON.stringify(details)).not.toContain(word);
  });
});

describe('a look', () => {
  it('waits where no key can be had, and goes on where one record cannot be read', async () => {
    const first = await me.fileOf('ana', 'Gundula Keyless');
    const later = await me.fileOf('bo', 'Gundula Keyless');
    const { ctx } = world.xa;
    const away = { ...ctx, surroundings: { ...ctx.surroundings, vault: closedVault } };
    await expect(surfaceMatches(away)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    const waiting = await world.xa.db.selectFrom('match_pending').select('source').execute();
    expect(new Set(waiting.map(({ source }) => source))).toEqual(new Set([first, later]));
    await world.xa.db
      .updateTable('case_entry')
      .set({ sealed: Buffer.from('broken') })
      .where('case_id', '=', later)
      .execute();
    await me.look();
    expect(await world.xa.db.selectFrom('match_pending').select('source').execute()).toEqual([]);
    expect(await whoHasTask()).toEqual([]);
  });
});
