/** A refusal names its ground and the proper way to ask. */
import { playSteps, stepsUpTo } from '../play.ts';
import type { Story } from '../story.ts';

interface Shown {
  conversation: {
    state: string;
    acts: { type: string; rendered: { label: string; value: string | null }[] }[];
  };
}

export async function refused(story: Story): Promise<void> {
  const play = story.play('03-refused');
  const { proposal } = await playSteps(play, stepsUpTo(play.scenario, 'REF'));
  const { conversation } = await story
    .teamOf('xa')
    .officer.ask<Shown>(
      'query ($thread: ID!) { conversation(thread: $thread) { state acts { type rendered { label value } } } }',
      { thread: proposal.thread },
    );
  const refusal = conversation.acts.find(({ type }) => type === 'REF')!;
  story.tell(`both sides say ${conversation.state}; what the officer in xa reads:`);
  for (const { label, value } of refusal.rendered) if (value !== null) story.tell(`  ${label}: ${value}`);
}
