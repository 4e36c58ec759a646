/** The requested State does its part of the main journey, and the asking State brings it to its end. */
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { answerStatus } from '#schema/vocabulary/answers.ts';
import { playSteps, stepOf } from '../play.ts';
import type { Scenario } from '../scenario.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

export async function answer({ mainJourney: play, teamOf, tell }: Story): Promise<void> {
  const { scenario, threads } = play;
  const thread = threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the step before it');
  await teamOf('xb').officer.ask('mutation ($thread: ID!) { markRead(thread: $thread) }', { thread });
  const upTo = (type: string) => scenario.steps.findIndex((step) => step.type === type) + 1;
  const between = (from: string, to: string) => scenario.steps.slice(upTo(from), upTo(to));

  await playSteps(play, between('ENQ', 'FLK'));
  tell('a person in xb acknowledged and gave the first look: known, no immediate danger');
  await playSteps(play, between('FLK', 'CLA'));
  tell(
    'xb asked about a spelling and xa answered; meanwhile only the working clock of that question stood still',
  );
  const { stored } = await playSteps(play, between('CLA', 'RPT'));
  tell(`an interim reply, then the report with ${stored.map(({ media }) => media).join(', ')}:`);
  for (const line of describeAnswers(scenario)) tell(`  ${line}`);
  await playSteps(play, scenario.steps.slice(upTo('RPT')));
  tell(`xa accepted the answer, told the outcome and closed. ${scenario.ending}`);
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
