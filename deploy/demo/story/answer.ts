/** The requested State does its part of the main journey, and the asking State brings it to its end. */
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { answerStatus } from '#schema/vocabulary/answers.ts';
import { playSteps, stepOf } from '../play.ts';
import type { Scenario } from '../scenario.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

export async function answer(story: Story): Promise<void> {
  const { mainJourney: play, teamOf, tell } = story;
  const { scenario, threads } = play;
  const thread = threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the step before it');
  await teamOf('xb').officer.ask('mutation ($thread: ID!) { markRead(thread: $thread) }', { thread });
  const upTo = (type: string) => scenario.steps.findIndex((step) => step.type === type) + 1;
  const between = (from: string, to: string) => scenario.steps.slice(upTo(from), upTo(to));

  await playSteps(play, between('ENQ', 'FLK'));
  tell('a person in xb acknowledged and gave the first look: known, no immediate danger');
  const before = await clocksOf(story, thread);
  await playSteps(play, between('FLK', 'CLR'));
  expectPause(scenario, before, await clocksOf(story, thread));
  await playSteps(play, between('CLR', 'CLA'));
  expectLegal(before, await clocksOf(story, thread));
  tell(
    'xb asked about a spelling and xa answered; meanwhile only the working clock of that question stood still',
  );
  const { stored } = await playSteps(play, between('CLA', 'RPT'));
  tell(`an interim reply, then the report with ${stored.map(({ media }) => media).join(', ')}:`);
  for (const line of describeAnswers(scenario)) tell(`  ${line}`);
  await playSteps(play, scenario.steps.slice(upTo('RPT')));
  tell(`xa accepted the answer, told the outcome and closed. ${scenario.ending}`);
}

interface Clock {
  event: string;
  clock: 'legal' | 'working';
  dueAt: string;
  questions: string[];
}

/** The clocks that run for the answer, as both sides show them. */
const clocksOf = ({ teamOf }: Story, thread: string): Promise<Clock[][]> =>
  Promise.all(
    ['xa', 'xb'].map(async (code) => {
      const query =
        'query ($thread: ID!) { conversation(thread: $thread) { clocks { event clock dueAt questions } } }';
      const { conversation } = await teamOf(code).officer.ask<{ conversation: { clocks: Clock[] } }>(query, {
        thread,
      });
      return conversation.clocks.filter(({ event }) => event === 'answer-routine');
    }),
  );

const legalOf = (clocks: readonly Clock[]) => clocks.find(({ clock }) => clock === 'legal')?.dueAt;

/** The clock of the law falls due when it did. @throws StepError */
function expectLegal(before: readonly Clock[][], now: readonly Clock[][]): void {
  for (const [side, clocks] of now.entries()) {
    const due = legalOf(clocks);
    expect(
      due !== undefined && due === legalOf(before[side]!),
      'a clarification must not stop the clock of the law',
    );
  }
}

/** Only the questions that a clarification names wait, on both sides. @throws StepError */
function expectPause(scenario: Scenario, before: readonly Clock[][], now: readonly Clock[][]): void {
  expectLegal(before, now);
  const { asks } = stepOf(scenario, 'CLR').body as BodyOf<'CLR'>;
  const named = asks.map(({ question }) => question).sort();
  for (const clocks of now) {
    const working = clocks.filter(({ clock }) => clock === 'working');
    const waiting = working.flatMap(({ questions }) => questions).sort();
    expect(
      waiting.join() === named.join(),
      'the working clock must wait for the questions named, and for no other',
    );
    const later = working.every(({ dueAt }) => dueAt > legalOf(clocks)!);
    expect(later, 'a working clock that waited must fall due later');
  }
}

/** What became of each question: answered, partly, could not, refused with its ground, or not asked. */
function describeAnswers(scenario: Scenario): string[] {
  const { questions } = stepOf(scenario, 'ENQ').body as BodyOf<'ENQ'>;
  const answers = (['INT', 'RPT'] as const).flatMap((type) => {
    const { children } = stepOf(scenario, type).body as BodyOf<typeof type>;
    return children.flatMap((child) => child.answers);
  });
  return answers.map(({ question, status, refusalGround }) => {
    const { code } = questions.find(({ ref }) => ref === question)!;
    const ground = refusalGround === undefined ? '' : ` (${refusalGround})`;
    return `${question} ${code ?? 'free'}: ${answerStatus.labels(status).en.text}${ground}`;
  });
}
