/** A refusal names its ground and the proper way to ask. */
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { refusalGround } from '#schema/vocabulary/refusals.ts';
import { playSteps, stepOf, stepsUpTo } from '../play.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

interface Shown {
  conversation: {
    state: string;
    acts: {
      type: string;
      body: Partial<Pick<BodyOf<'REF'>, 'form' | 'code' | 'wayToAsk' | 'wayToAskText'>>;
      rendered: { label: string; value: string | null }[];
    }[];
  };
}

export async function refused(story: Story): Promise<void> {
  const play = story.play('03-refused');
  const { proposal } = await playSteps(play, stepsUpTo(play.scenario, 'REF'));
  const { conversation } = await story.teamOf('xa').officer.ask<Shown>(
    `query ($thread: ID!) { conversation(thread: $thread) { state acts { type rendered { label value }
        body { ... on RefusalBody { form code wayToAsk wayToAskText { text language } } } } } }`,
    { thread: proposal.thread },
  );
  const refusal = conversation.acts.find(({ type }) => type === 'REF')!;
  const given = stepOf(play.scenario, 'REF').body as BodyOf<'REF'>;
  const { form, code, wayToAsk, wayToAskText } = refusal.body;
  expect(conversation.state === 'REFUSED', 'what cannot be answered must be shown as that');
  expect(form === 'ground' && code === given.code, 'the officer who asked must see the ground');
  expect(
    wayToAsk === given.wayToAsk &&
      wayToAskText?.text === given.wayToAskText?.text &&
      wayToAskText !== undefined,
    'the officer who asked must see the proper way to ask',
  );
  const shown = refusal.rendered.map(({ value }) => value);
  for (const words of [refusalGround.labels('court-leave-required').en.text, given.wayToAskText!.text])
    expect(
      shown.some((value) => value?.includes(words)),
      'ground and way must be in words the officer can read',
    );
  story.tell(`both sides say ${conversation.state}; what the officer in xa reads:`);
  for (const { label, value } of refusal.rendered) if (value !== null) story.tell(`  ${label}: ${value}`);
}
