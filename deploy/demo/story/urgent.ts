/** An alert is applied before routine messages that were sent, and wait, ahead of it. */
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { safetyOf } from '../../act.ts';
import { playStep, stepOf } from '../play.ts';
import { enquiryOf } from '../scenario.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import { release } from '../team.ts';
import { actOf, hasAct, hasStage, type SeenConversation, waitFor } from '../wait-for.ts';

const NOTES = 50;
const notesOf = ({ acts }: SeenConversation) => acts.filter(({ type }) => type === 'PRG');

export async function urgent(story: Story): Promise<void> {
  const { tell, teamOf } = story;
  await story.startTeam('xc');
  const play = story.play('11-stateless-three-states');
  const enquiry = play.scenario.steps.find(({ thread }) => thread === 'c')!;
  const { proposal } = await playStep(play, enquiry);
  await story.stopTeam('xc');
  const thread = proposal.thread;
  await sendNotes(story, thread, safetyOf(enquiryOf(play.scenario, enquiry)!));
  tell(`xc is down; ${NOTES} progress notes for it wait in the mailbox`);
  const alert = await raiseAlert(story);
  tell('then an alert: a boy is on a coach to xc with a known recruiter; one officer may send it alone');
  const { officer } = await story.startTeam('xc');
  const alerted = await waitFor(officer, alert, 'the alert at xc', hasAct('URG'));
  const noted = await waitFor(officer, thread, 'the notes at xc', (seen) => notesOf(seen).length === NOTES);
  const alertAt = actOf(alerted, 'URG').deliveredAt!;
  const firstNoteAt = notesOf(noted)
    .map(({ deliveredAt }) => deliveredAt!)
    .sort()[0]!;
  expect(alertAt <= firstNoteAt, `the alert was applied at ${alertAt}, the first note at ${firstNoteAt}`);
  const back = await waitFor(teamOf('xa').officer, alert, 'the receipt', hasStage('URG', 'delivered'));
  tell(
    `xc is back: alert applied ${alertAt}, first note ${firstNoteAt}; at xa the alert is ${actOf(back, 'URG').stage}`,
  );
}

async function sendNotes({ teamOf }: Story, thread: string, safety: Record<string, unknown>): Promise<void> {
  for (let i = 0; i < NOTES; i++) {
    // A note without content says nothing about a child, beyond that somebody works on the case.
    const note = { thread, body: { status: 'working' }, safety };
    await release(teamOf('xa'), 'PRG', note, ['asylum']);
  }
  await waitFor(
    teamOf('xa').officer,
    thread,
    'the notes in the mailbox',
    (seen) => notesOf(seen).filter(({ stage }) => stage === 'relayed').length === NOTES,
  );
}

/** The alert of scenario 05, as if the coach went to xc. @returns its thread */
async function raiseAlert({ play, teamOf }: Story): Promise<string> {
  const { scenario } = play('05-urgent-overtakes');
  const step = stepOf(scenario, 'URG');
  const written = step.body as BodyOf<'URG'>;
  const body = { ...written, believed: { ...written.believed, country: 'XC' } };
  const asylum = [{ country: 'XC', status: 'counselled-not-sought' }];
  const safety = { ...safetyOf(enquiryOf(scenario, step)!), asylum };
  const { thread } = await release(teamOf('xa'), 'URG', { peer: 'xc', body, safety }, ['asylum']);
  await waitFor(teamOf('xa').officer, thread, 'the alert in the mailbox', hasStage('URG', 'relayed'));
  return thread;
}
