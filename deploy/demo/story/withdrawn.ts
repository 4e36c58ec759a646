/** A child's agreement is withdrawn, by telephone and with somebody else in the room. */
import { playStep, playSteps, stepOf, stepsUpTo } from '../play.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import { waitFor } from '../wait-for.ts';

export async function withdrawn(story: Story): Promise<void> {
  const { tell } = story;
  const play = story.play('04-consent-withdrawn');
  const { proposal } = await playSteps(play, stepsUpTo(play.scenario, 'WDR'));
  const hasTask = (code: string, kind: string) =>
    waitFor(story.teamOf(code).officer, proposal.thread, `the task ${kind} at ${code}`, ({ tasks }) =>
      tasks.some((task) => task.kind === kind),
    );
  await hasTask('xb', 'account-owed');
  tell('withdrawn by telephone, with a man heard in the room: at xb everything asked stands still');
  await playStep(play, stepOf(play.scenario, 'STP'));
  const told = await hasTask('xa', 'safety-review');
  expect(told.state === 'WITHDRAWN', `the conversation should be WITHDRAWN, it is ${told.state}`);
  tell('xb told what it had done by then and whom it had spoken to; at xa a safety review is open');
}
