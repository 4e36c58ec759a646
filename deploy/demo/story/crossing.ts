/** A report and a withdrawal leave at the same moment; both sides must end in the same state. */
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { approve, safetyOf } from '../../act.ts';
import { type Play, playSteps, proposeStep, stepOf, stepsUpTo } from '../play.ts';
import { enquiryOf, readScenario } from '../scenario.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import { release } from '../team.ts';
import { actOf, hasAct, type SeenConversation, waitFor } from '../wait-for.ts';

const TRIES = 5;

export async function crossing(story: Story): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const play = story.play('08-family-involved');
    await playSteps(play, stepsUpTo(play.scenario, 'REP'));
    const [atXa, atXb] = await crossOnce(story, play);
    expect(atXa.state === atXb.state, `xa says ${atXa.state}, xb says ${atXb.state}`);
    // Who wrote the report had seen the withdrawal already: they did not cross.
    if (actOf(atXa, 'RPT').seen >= actOf(atXa, 'WDR').n) continue;
    expect(atXa.state === 'WITHDRAWN', `withdrawal prevails, but the state is ${atXa.state}`);
    story.tell('neither had seen the other when it left; withdrawal prevails, the report stays as evidence');
    story.tell(`xa says ${atXa.state}, xb says ${atXb.state}`);
    return;
  }
  expect(false, `the two acts did not cross in ${TRIES} tries`);
}

async function crossOnce(story: Story, play: Play): Promise<readonly [SeenConversation, SeenConversation]> {
  const [xa, xb] = [story.teamOf('xa'), story.teamOf('xb')];
  const report = await proposeStep(play, stepOf(play.scenario, 'RPT'));
  const thread = report.proposal.thread;
  const safety = safetyOf(enquiryOf(play.scenario, { thread: 'a' })!);
  // A withdrawal leaves at once, a report when it is approved: both now.
  await Promise.all([
    approve(xb.supervisor, report.proposal),
    release(xa, 'WDR', { thread, body: noLongerNeeded(), safety }, ['asylum']),
  ]);
  const both = (seen: SeenConversation) => hasAct('RPT')(seen) && hasAct('WDR')(seen);
  return Promise.all([
    waitFor(xa.officer, thread, 'both acts at xa', both),
    waitFor(xb.officer, thread, 'both acts at xb', both),
  ]);
}

/** The withdrawal of scenario 04, for another reason. */
function noLongerNeeded(): Record<string, unknown> {
  const written = stepOf(readScenario('04-consent-withdrawn'), 'WDR').body as BodyOf<'WDR'>;
  const circumstances = { ...written.circumstances, saidBy: 'other', how: ['in-writing'] };
  return { ...written, reason: 'no-longer-needed', circumstances };
}
