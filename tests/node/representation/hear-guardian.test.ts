/** Questions are put before the guardian before they are sent, and nothing leaves over an objection without an answer. */
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { freezeLink } from '#node/representation/freeze-link.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  askFollowed,
  type GuardianWorld,
  questionsOf,
  startGuardianWorld,
} from '../../fixtures/guardian-world.ts';
import { auditTypes, type Clock, enterPerson, lastAudit, START_MS } from '../../fixtures/loopback.ts';

const HOUR_MS = 3_600_000;
const ROUNDS = `{ representations { conversations { rounds { id until open questions { n question(language: "fr") { code text } } }
  said { kind round question words { text } answer { result { code } reason { text language } } } } } }`;
const OBJECT = `mutation ($round: ID!, $n: Int!) { objectToQuestion(round: $round, question: $n,
  reason: { text: "INVENTED: the child does not want this asked", language: "en" }) }`;
const AGREE = 'mutation ($round: ID!) { agreeToQuestions(round: $round) }';
const ANSWER = `mutation ($word: ID!, $result: GuardianWordResult!) { answerGuardian(word: $word, result: $result,
  reason: { text: "INVENTED: without it nobody can say who may decide", language: "en" }) }`;

let clock: Clock;
let world: GuardianWorld;
beforeEach(async () => {
  clock = { ms: START_MS };
  world = await startGuardianWorld(clock);
});
afterEach(() => world.close());

interface Shown {
  readonly rounds: readonly {
    readonly id: string;
    readonly until: string;
    readonly open: boolean;
    readonly questions: readonly { readonly n: number; readonly question: { readonly code: string } }[];
  }[];
  readonly said: readonly Record<string, unknown>[];
}

async function look(): Promise<Shown> {
  const { data, errors } = await world.server.ask(world.gus, ROUNDS);
  expect(errors).toEqual([]);
  return (data!.representations as { conversations: Shown[] }[])[0]!.conversations[0]!;
}

/** A second enquiry about the same child, to another State. */
async function propose(change: Partial<BodyOf<'ENQ'>> = {}): Promise<{ id: string; digest: string }> {
  const questions = questionsOf('IDN-03', 'SAF-06', 'IDN-05');
  const body = enquiryBody({ purpose: 'identity-nationality', questions, ...change });
  const { id } = await proposeAct(world.xa.ctx, world.ana, { type: 'ENQ', peer: 'xc', body, safety: calm });
  const query = world.xa.db.selectFrom('proposal').select('digest').where('id', '=', id);
  return { id, digest: (await query.executeTakeFirstOrThrow()).digest };
}

const approve = ({ id, digest }: { id: string; digest: string }) =>
  approveRelease(world.xa.ctx, world.sam, id, digest);
const NOT_HEARD = { code: 'GUARDIAN_NOT_HEARD' };
const ask = (query: string, variables: Record<string, unknown>, by = world.gus) =>
  world.server.ask(by, query, variables);

describe('questions about a child whom a guardian represents', () => {
  it('are shown before they are sent, those withheld left out without a gap; an objection needs an answer by who approves', async () => {
    await askFollowed(world);
    const proposal = await propose();
    const { rounds } = await look();
    expect(rounds).toEqual([
      {
        id: expect.stringMatching(/^shown-/),
        until: new Date(START_MS + 48 * HOUR_MS).toISOString(),
        open: true,
        questions: [
          { n: 1, question: { code: 'IDN-03', text: expect.stringContaining('dates de naissance') } },
          { n: 2, question: { code: 'IDN-05', text: expect.any(String) } },
        ],
      },
    ]);
    await expect(approve(proposal)).rejects.toMatchObject({
      ...NOT_HEARD,
      stoppedBy: [{ rule: 'guardian-awaited' }],
    });
    const round = rounds[0]!.id;
    expect((await ask(OBJECT, { round, n: 3 })).errors[0]!.extensions.code).toBe('INPUT_INVALID');
    const { data } = await ask(OBJECT, { round, n: 2 });
    expect((await ask(OBJECT, { round, n: 2 })).errors[0]!.extensions.code).toBe('ALREADY_DECIDED');
    expect((await ask(AGREE, { round })).errors[0]!.extensions.code).toBe('ALREADY_DECIDED');
    await expect(approve(proposal)).rejects.toMatchObject({
      ...NOT_HEARD,
      stoppedBy: [{ rule: 'objection-unanswered' }],
    });
    // Not even the end of the time lets it leave over an objection.
    clock.ms += 49 * HOUR_MS;
    await expect(approve(proposal)).rejects.toMatchObject(NOT_HEARD);

    await raiseOverdue(world.xa.ctx);
    const word = data!.objectToQuestion;
    const tasks = world.xa.db.selectFrom('task').select(['about', 'detail', 'closed_at']);
    const told = tasks.where('kind', '=', 'guardian-said');
    expect(await told.execute()).toEqual([{ about: word, detail: 'objection', closed_at: null }]);
    const seen = await world.server.ask(
      world.sam,
      'query ($id: ID!) { proposal(id: $id) { guardianRounds { questions { n ref code } words { id kind question words { text } } } } }',
      { id: proposal.id },
    );
    expect(seen.data).toEqual({
      proposal: {
        guardianRounds: [
          {
            questions: [
              { n: 1, ref: 'q1', code: 'IDN-03' },
              { n: 2, ref: 'q3', code: 'IDN-05' },
            ],
            words: [
              {
                id: word,
                kind: 'objection',
                question: 2,
                words: { text: 'INVENTED: the child does not want this asked' },
              },
            ],
          },
        ],
      },
    });
    const own = await ask(ANSWER, { word, result: 'question_stays' }, world.ana);
    expect(own.errors[0]!.extensions.code).toBe('NOT_PERMITTED');
    const unfit = await ask(ANSWER, { word, result: 'granted' }, world.sam);
    expect(unfit.errors[0]!.extensions.code).toBe('INPUT_INVALID');
    expect((await ask(ANSWER, { word, result: 'question_stays' }, world.sam)).errors).toEqual([]);
    expect((await told.executeTakeFirstOrThrow()).closed_at).toBe(clock.ms);
    expect((await approve(proposal)).messageId).toEqual(expect.any(String));
    expect((await look()).said).toEqual([
      {
        kind: 'objection',
        round,
        question: 2,
        words: { text: 'INVENTED: the child does not want this asked' },
        answer: {
          result: { code: 'question-stays' },
          reason: { text: 'INVENTED: without it nobody can say who may decide', language: 'en' },
        },
      },
    ]);
    expect(await lastAudit(world.xa, 'guardian.noted')).toEqual({
      what: 'answered',
      word,
      thread: expect.any(String),
      result: 'question-stays',
      actor: world.sam.id,
    });
  });

  it('leave when the guardian agrees, or has let the time go by', async () => {
    await askFollowed(world);
    const [agreed, waited] = [await propose(), await propose({ neededBy: '2027-03-01' })];
    const [round] = (await look()).rounds;
    await ask(AGREE, { round: round!.id });
    await approve(agreed);
    await expect(approve(waited)).rejects.toMatchObject(NOT_HEARD);
    clock.ms += 48 * HOUR_MS;
    await approve(waited);
    const late = await ask(AGREE, { round: (await look()).rounds[1]!.id });
    expect(late.errors[0]!.extensions.code).toBe('TIME_INVALID');
  });

  it('wait for nobody where it is urgent, about another child, or the link is frozen', async () => {
    const { link } = await askFollowed(world);
    const urgencyReason = { text: 'INVENTED: she is to be moved', language: 'en' };
    await approve(await propose({ urgency: 'urgent', urgencyReason }));
    await approve(await propose(aboutChild('Somebody Else')));
    await freezeLink(world.xa.ctx, world.sam, link, true);
    clock.ms += 1;
    await approve(await propose());
    await freezeLink(world.xa.ctx, world.sam, link, false);
    expect((await look()).rounds).toEqual([]);
    expect(await auditTypes(world.xa)).not.toContain('guardian.noted');
  });

  it('are nothing to a guardian of another child: the round is not there', async () => {
    await askFollowed(world);
    await propose();
    const [round] = (await look()).rounds;
    const mal = world.xa.person('mal', 'guardian');
    await enterPerson(world.xa, mal);
    for (const [query, more] of [
      [OBJECT, { n: 1 }],
      [AGREE, {}],
    ] as const)
      expect((await ask(query, { round: round!.id, ...more }, mal)).errors[0]!.extensions.code).toBe(
        'NOT_FOUND',
      );
  });

  it('wait while a pause holds that the guardian asked for and the office granted', async () => {
    const { thread } = await askFollowed(world);
    const id = (
      (await world.server.ask(world.gus, '{ representations { conversations { id } } }')).data!
        .representations as { conversations: { id: string }[] }[]
    )[0]!.conversations[0]!.id;
    const { data, errors } = await ask(
      `mutation ($id: ID!) { askForPause(conversation: $id, text: { text: "INVENTED: the child is in hospital", language: "en" }) }`,
      { id },
    );
    expect(errors).toEqual([]);
    expect((await ask(ANSWER, { word: data!.askForPause, result: 'granted' }, world.ana)).errors).toEqual([]);
    const proposal = await propose();
    await ask(AGREE, { round: (await look()).rounds[0]!.id });
    await expect(approve(proposal)).rejects.toMatchObject({ ...NOT_HEARD, stoppedBy: [{ rule: 'paused' }] });
    const END = `mutation ($word: ID!) { endPause(word: $word, reason: { text: "INVENTED: the child is well again", language: "en" }) }`;
    expect((await ask(END, { word: data!.askForPause }, world.ana)).errors).toEqual([]);
    await approve(proposal);
    expect((await look()).said[0]).toMatchObject({
      kind: 'pause',
      answer: { result: { code: 'pause-ended' } },
    });
    expect(thread).toEqual(expect.any(String));
  });

  it('are over once they have left: nothing is objected to that cannot be stopped any more, and a promise is kept', async () => {
    await askFollowed(world);
    const proposal = await propose();
    const round = (await look()).rounds[0]!.id;
    const { data } = await ask(OBJECT, { round, n: 1 });
    const word = data!.objectToQuestion;
    expect((await ask(ANSWER, { word, result: 'question_goes' }, world.sam)).errors).toEqual([]);
    // Answered, and not as this proposal does it.
    await expect(approve(proposal)).rejects.toMatchObject({
      ...NOT_HEARD,
      stoppedBy: [{ rule: 'question-goes' }],
    });
    await withdrawProposal(world.xa.ctx, world.ana, proposal.id);
    const again = await propose({ questions: questionsOf('IDN-05') });
    const next = (await look()).rounds.find(({ questions }) => questions.length === 1)!;
    expect(next.open).toBe(true);
    await ask(AGREE, { round: next.id });
    await approve(again);
    expect((await look()).rounds.find(({ id }) => id === next.id)).toMatchObject({ open: false });
    expect((await ask(OBJECT, { round: next.id, n: 1 })).errors[0]!.extensions.code).toBe('TIME_INVALID');
  });

  it('that are objected to while they are approved do not leave: the two wait for each other', async () => {
    await askFollowed(world);
    const proposal = await propose();
    const round = (await look()).rounds[0]!.id;
    const { data } = await ask(OBJECT, { round, n: 1 });
    await ask(ANSWER, { word: data!.objectToQuestion, result: 'question_stays' }, world.sam);
    const { db } = world.xa;
    const waiting = async (what: string) => {
      const { rows } = await sql`select 1 from pg_locks where not granted and ${sql.raw(what)}`.execute(db);
      return rows.length;
    };
    // Words can be read and not written while this transaction is open, so the second objection stands still in the middle.
    let objection: Promise<unknown> | undefined;
    let approval: Promise<unknown> | undefined;
    await db.transaction().execute(async (trx) => {
      await sql`lock table guardian_word in share mode`.execute(trx);
      objection = ask(OBJECT, { round, n: 2 });
      await expect.poll(() => waiting(`locktype = 'relation'`), { timeout: 20_000 }).toBe(1);
      approval = approve(proposal).catch((error) => error);
      await expect.poll(() => waiting(`locktype = 'advisory'`), { timeout: 20_000 }).toBe(1);
    });
    expect(await objection).toMatchObject({ errors: [] });
    expect(await approval).toMatchObject({ ...NOT_HEARD, stoppedBy: [{ rule: 'objection-unanswered' }] });
  });

  it('approved by two at once leave once', async () => {
    await askFollowed(world);
    const proposal = await propose();
    await ask(AGREE, { round: (await look()).rounds[0]!.id });
    const sid = world.xa.person('sid', 'supervisor');
    const done = await Promise.allSettled([
      approve(proposal),
      approveRelease(world.xa.ctx, sid, proposal.id, proposal.digest),
    ]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'PROPOSAL_DECIDED' },
    });
    const acts = world.xa.db.selectFrom('act').select('message_id').where('proposal_id', '=', proposal.id);
    expect(await acts.execute()).toHaveLength(1);
  });
});
