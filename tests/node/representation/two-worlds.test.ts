/**
 * T2 in full: two worlds that differ in protected facts alone answer a guardian the same bytes, whatever the guardian asks: every field
 * of the schema in every language, every mutation with ids that are there and that are not, every route of files, errors, order and
 * counts. Only ids of rows are random: each is replaced by the place at which it first occurs.
 */
import { readFileSync } from 'node:fs';
import { buildSchema, isObjectType } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { storeAttachment } from '#node/attachments/store-attachment.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { freezeLink } from '#node/representation/freeze-link.ts';
import { showGuardian } from '#node/representation/show-guardian.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { act } from '../../fixtures/act.ts';
import { aboutChild, alertBody, calm, enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import {
  askFollowed,
  forGuardian,
  type GuardianWorld,
  givenAnswer,
  questionsOf,
  startGuardianWorld,
} from '../../fixtures/guardian-world.ts';
import { type Code3, carry, enterPerson, START_MS } from '../../fixtures/loopback.ts';
import { everyQuery } from '../../fixtures/walk-schema.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const words = (text: string) => ({ text, language: 'en' });
const schema = buildSchema(readFileSync('schema/guardian.graphql', 'utf8'));
const LANGUAGES = ['en', 'fr', 'ru', 'ar'];
const queries = everyQuery(schema, { language: LANGUAGES.map((language) => `"${language}"`) });

let worlds: GuardianWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.map((world) => world.close()));
  worlds = [];
});

async function begin(peer: Code3 = 'xb'): Promise<GuardianWorld> {
  const world = await startGuardianWorld({ ms: START_MS }, peer);
  worlds.push(world);
  return world;
}

/** Ids by the place at which they first occur, and what names a request. */
function bare(texts: readonly string[]): string[] {
  const seen = new Map<string, string>();
  return texts.map((text) =>
    text
      .replace(/(guardian-link|followed|shown|word)-[0-9a-f]{12,}/g, (id, kind) => {
        if (!seen.has(id)) seen.set(id, `${kind}#${seen.size}`);
        return seen.get(id)!;
      })
      .replace(/"correlationId":"[^"]+"/g, '"correlationId":"#"'),
  );
}

/** Ids a guardian knows, from what they were shown, and some that are not theirs. */
interface Ids {
  readonly followed: string;
  readonly round: string;
  readonly documents: readonly string[];
}

async function idsOf(world: GuardianWorld): Promise<Ids> {
  const { data } = await world.server.ask(
    world.gus,
    '{ representations { conversations { id rounds { id } documents { id } } } }',
  );
  type Row = { id: string; rounds: { id: string }[]; documents: { id: string }[] };
  const [one] = (data!.representations as { conversations: Row[] }[]).flatMap(
    ({ conversations }) => conversations,
  );
  return {
    followed: one?.id ?? 'followed-none',
    round: one?.rounds[0]?.id ?? 'shown-none',
    documents: [...(one?.documents.map(({ id }) => id) ?? []), 'shown-none', one?.rounds[0]?.id ?? 'x'],
  };
}

const FT = '{ text: "INVENTED words of the guardian", language: "en" }';
const mutationsWith = (followed: string, round: string): string[] => [
  `mutation { agreeToQuestions(round: "${round}") }`,
  `mutation { objectToQuestion(round: "${round}", question: 1, reason: ${FT}) }`,
  `mutation { objectToQuestion(round: "${round}", question: 3, reason: ${FT}) }`,
  `mutation { submitChildView(conversation: "${followed}", view: { topic: "return", words: ${FT}, on: "2027-01-14", interpreter: "no" }) }`,
  `mutation { askFocalPoint(conversation: "${followed}", text: ${FT}) }`,
  `mutation { askForPause(conversation: "${followed}", text: ${FT}) }`,
];

/** Everything the guardian can ask, and the answers byte for byte. */
async function everything(world: GuardianWorld, also: { readonly speak: boolean }): Promise<string[]> {
  const { server, gus } = world;
  const texts: string[] = [];
  const note = async (query: string) => {
    const { status, text } = await server.ask(gus, query);
    texts.push(`${query}\n${status} ${text}`);
  };
  const fetch = async (path: string) => {
    const response = await server.send(gus, path);
    const headers = [...response.headers].filter(([name]) => !['date', 'x-correlation-id'].includes(name));
    const body = await response.text();
    texts.push(`${path}\n${response.status} ${JSON.stringify(headers)}\n${body}`);
  };
  for (const query of queries) await note(query);
  expect(texts.filter((text) => text.includes('"errors"'))).toEqual([]);
  const { followed, round, documents } = await idsOf(world);
  for (const id of documents) await fetch(`/guardian/documents/${id}`);
  for (const id of [followed, 'followed-none'])
    for (const age of [8, 13])
      for (const language of LANGUAGES)
        await fetch(`/guardian/for-child/${id}?age=${age}&language=${language}`);
  for (const mutation of mutationsWith('followed-none', 'shown-none')) await note(mutation);
  if (also.speak) {
    for (const mutation of mutationsWith(followed, round)) await note(mutation);
    for (const query of queries) await note(query);
  }
  await note('{ representations { conversations { thread } } }');
  return bare(texts);
}

const common = { purpose: 'identity-nationality', handling: forGuardian } as const;
const proceedings: BodyOf<'ENQ'>['proceedings'] = [{ kind: 'guardianship', nextHearing: '2027-03-05' }];

/** What a troubled enquiry says besides: a place, persons, warnings, questions that are withheld. */
const protectedFacts = (): Partial<BodyOf<'ENQ'>> => {
  const { children } = enquiryBody();
  const situation = { ...children[0]!.situation, careOfSuspect: 'no' as const };
  return {
    children: [{ ...children[0]!, situation, placeOfBirth: 'CANARY town' }],
    persons: [
      {
        ref: 'p1',
        names: [{ kind: 'current', parts: [{ kind: 'given', value: 'CANARY' }], script: 'Latn' }],
        relation: 'father',
        toChildren: ['c1'],
        life: 'alive',
        lastKnownPlace: 'CANARY village',
        contactPermission: 'never',
        contactAlreadyMade: 'no',
        safetyRisk: 'yes',
      },
    ],
    proceedings: [{ ...proceedings[0]!, before: 'CANARY court' }],
    warnings: [
      { code: 'do-not-contact-family', about: ['p1'], eyesOnly: [], detail: words('CANARY') },
      {
        code: 'do-not-reveal-location',
        about: ['c1'],
        eyesOnly: ['Head (invented)'],
        named: 'CANARY shelter',
      },
    ],
    questions: questionsOf('SAF-06', 'IDN-03', 'IDN-05'),
  };
};
const openFacts = (): Partial<BodyOf<'ENQ'>> => ({ proceedings, questions: questionsOf('IDN-03', 'IDN-05') });

const dates = [
  { earliest: '2011-03-01', latest: '2011-03-31', precision: 'month' as const, basis: 'registry' as const },
];

function answers(troubled: boolean) {
  const canary = troubled && {
    text: words('CANARY said by the aunt'),
    source: 'police' as const,
    confidence: 'claimed' as const,
    worker: 'CANARY worker',
  };
  return troubled
    ? [
        { ...givenAnswer('q1'), status: 'no-information' as const },
        givenAnswer('q2', { dates: [{ ...dates[0]!, from: 'CANARY school' }], ...canary }),
        givenAnswer('q3', { list: [words('CANARY name')], ...canary }),
      ]
    : [givenAnswer('q1', { dates }), givenAnswer('q2', { list: [words('INVENTED name')] })];
}

const interim = (troubled: boolean): BodyOf<'INT'> => ({
  children: [{ child: 'c1', answers: answers(troubled) }],
  careOfSuspect: troubled ? 'yes' : 'unknown',
  attachments: [],
});

const report = (troubled: boolean): BodyOf<'RPT'> => {
  const body = reportBody();
  body.children[0]!.answers = answers(troubled);
  if (!troubled) return body;
  const header = { ...body.header, worker: 'CANARY', office: 'CANARY office', personsSeen: ['CANARY'] };
  return {
    ...body,
    header,
    conclusion: { ...body.conclusion, opinion: words('CANARY'), careOfSuspect: 'yes' },
  };
};

/** Other matters of the office: another child, another guardian, a link of theirs that is frozen, a draft that waits. */
async function otherMatters({ xa, peer, ana, sam }: GuardianWorld): Promise<void> {
  const mal = xa.person('mal', 'guardian');
  await enterPerson(xa, mal);
  const body = enquiryBody({ ...aboutChild('CANARY other child'), handling: forGuardian });
  const { thread } = await act(xa, { type: 'ENQ', peer: peer.code, body });
  const link = await linkGuardian(xa, [ana, sam], appointmentOf({ person: mal.id, threads: [thread] }));
  await freezeLink(xa.ctx, sam, link, true);
}

/** An alert, a missing child, a stand-still: what moves what officers are shown. */
async function trouble(world: GuardianWorld, thread: string): Promise<void> {
  const { xa, peer, clock } = world;
  await act(xa, { type: 'URG', thread, body: alertBody(peer.code.toUpperCase()) });
  clock.ms += 5 * HOUR_MS;
  await carry(xa, peer);
  await act(peer, { type: 'PRG', thread, body: { status: 'awaiting-child' } });
  await carry(peer, xa);
  const missing = {
    phase: 'opened',
    openedBy: 'requester',
    episode: 1,
    children: ['c1'],
    since: '2027-01-16T08:00:00.000Z',
  };
  await act(xa, { type: 'MIS', thread, body: missing });
  const ended = { ...missing, phase: 'ended', outcome: 'found-safe' };
  await act(xa, { type: 'MIS', thread, body: ended });
  await act(xa, {
    type: 'STP',
    thread,
    body: { phase: 'ask', reason: words('CANARY'), nothingDone: false, acts: [] },
  });
  await act(xa, { type: 'STP', thread, body: { phase: 'lift', nothingDone: false, acts: [] } });
  const calmAgain = { ...alertBody(peer.code.toUpperCase()), phase: 'ended' as const };
  await act(xa, { type: 'URG', thread, body: calmAgain });
  await carry(xa, peer);
}

async function live(world: GuardianWorld, troubled: boolean): Promise<void> {
  const { xa, peer, clock, ana, sam, server, gus } = world;
  const { thread } = await askFollowed(world, { ...common, ...(troubled ? protectedFacts() : openFacts()) });
  const stored = await storeAttachment(xa.ctx, sam, {
    bytes: Buffer.from('INVENTED decision\n'),
    declaredMedia: 'text/plain',
  });
  clock.ms = START_MS + DAY_MS;
  if (troubled) await otherMatters(world);
  if (troubled) await trouble(world, thread);
  if (!troubled) {
    await act(peer, { type: 'ACK', thread, body: { re: 1 } });
    await carry(peer, xa);
  }
  clock.ms = START_MS + (troubled ? 9 : 4) * DAY_MS;
  await act(peer, { type: 'INT', thread, body: interim(troubled) });
  await carry(peer, xa);
  clock.ms = START_MS + 12 * DAY_MS;
  const show = (item: Record<string, unknown>) =>
    showGuardian(xa.ctx, sam, thread, { tell: 'with-care', ...item });
  await show({ kind: 'note', text: words('INVENTED note') });
  await show({ kind: 'document', title: 'INVENTED decision', attachment: stored.id, file: 'document' });
  await show({ kind: 'expected', text: words('INVENTED: say what you think'), on: '2027-02-01' });
  // A second enquiry about the child to another State, which the guardian is asked about.
  const second = { ...common, ...(troubled ? protectedFacts() : openFacts()) };
  const { id } = await proposeAct(xa.ctx, ana, {
    ...{ type: 'ENQ', peer: peer.code === 'xb' ? 'xc' : 'xb', safety: calm },
    body: enquiryBody(second),
  });
  const round = (await idsOf(world)).round;
  const { data } = await server.ask(gus, mutationsWith('', round)[1]!);
  const ANSWER = `mutation ($word: ID!) { answerGuardian(word: $word, result: question_stays, reason: ${FT}) }`;
  expect((await server.ask(sam, ANSWER, { word: data!.objectToQuestion })).errors).toEqual([]);
  const { digest } = await xa.db
    .selectFrom('proposal')
    .select('digest')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (troubled) await approveRelease(xa.ctx, sam, id, digest);
  clock.ms = START_MS + 40 * DAY_MS + (troubled ? HOUR_MS : 0);
  await act(peer, { type: 'RPT', thread, body: report(troubled) });
  await carry(peer, xa);
  clock.ms = START_MS + 41 * DAY_MS;
}

function expectSame(one: readonly string[], other: readonly string[]): void {
  expect(other.length).toBe(one.length);
  // One after the other: the first that differs says where.
  for (const [n, text] of one.entries()) expect(other[n]).toBe(text);
}

describe('two worlds that differ in protected facts alone', () => {
  it('are asked for every field there is', () => {
    expect(queries.length).toBeGreaterThan(20);
    const all = queries.join(' ');
    for (const type of Object.values(schema.getTypeMap()))
      if (isObjectType(type) && !/^__|Mutation/.test(type.name))
        for (const field of Object.keys(type.getFields())) expect(all).toMatch(new RegExp(`\\b${field}\\b`));
    for (const language of LANGUAGES)
      for (const age of ['ABOUT_8', 'ABOUT_13'])
        expect(all).toContain(`forChild(age: ${age}, language: "${language}")`);
  });

  it('answer the same bytes: place, warnings, persons, the other State, an alert, a missing child, a stand-still, other children, the hour of acts, a withheld question', async () => {
    const [calmWorld, troubled] = [await begin('xb'), await begin('xc')];
    await live(calmWorld, false);
    await live(troubled, true);
    const [one, other] = [
      await everything(calmWorld, { speak: true }),
      await everything(troubled, { speak: true }),
    ];
    expect(one.join('\n')).toMatch(/INVENTED note[\s\S]*question-stays/);
    expectSame(one, other);
    expect(other.join('\n')).not.toMatch(/CANARY|SAF-06|\bx[bc]\b|ana\.|sam\./);
  }, 300_000);

  it('answer the same bytes while a link is frozen, as if there were no news, and afterwards as if they had come then', async () => {
    const [quiet, frozen] = [await begin(), await begin()];
    const later = async (world: GuardianWorld, thread: string) => {
      await act(world.peer, { type: 'INT', thread, body: interim(false) });
      await carry(world.peer, world.xa);
      const item = { kind: 'note', text: words('INVENTED note'), tell: 'may-be-told' };
      await showGuardian(world.xa.ctx, world.sam, thread, item);
      await act(world.peer, { type: 'RPT', thread, body: report(false) });
      await carry(world.peer, world.xa);
    };
    const begun = new Map<GuardianWorld, { thread: string; link: string }>();
    for (const world of [quiet, frozen]) {
      begun.set(world, await askFollowed(world, { ...common, ...openFacts() }));
      world.clock.ms += DAY_MS;
    }
    const { thread, link } = begun.get(frozen)!;
    await freezeLink(frozen.xa.ctx, frozen.sam, link, true);
    frozen.clock.ms = START_MS + 5 * DAY_MS;
    await later(frozen, thread);
    for (const world of [quiet, frozen]) world.clock.ms = START_MS + 20 * DAY_MS;
    expectSame(await everything(quiet, { speak: true }), await everything(frozen, { speak: true }));
    for (const world of [quiet, frozen]) world.clock.ms = START_MS + 60 * DAY_MS;
    await freezeLink(frozen.xa.ctx, frozen.sam, link, false);
    await later(quiet, begun.get(quiet)!.thread);
    const [one, other] = [
      await everything(quiet, { speak: false }),
      await everything(frozen, { speak: false }),
    ];
    expect(one.join('\n')).toContain('INVENTED note');
    expectSame(one, other);
  }, 300_000);
});
