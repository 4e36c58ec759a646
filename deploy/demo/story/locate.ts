/** Somebody the child fled from has the State ask where the child is: the answer must not tell whether it is known. */
import { playSteps, startPlay } from '../play.ts';
import type { Scenario, Step } from '../scenario.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

export async function locate(story: Story): Promise<void> {
  const { scenario } = story.play('07-locate-as-a-weapon');
  const known = upToAnswer(scenario);
  const stoppedTypes = known
    .filter(({ expectBlocked }) => expectBlocked !== undefined)
    .map(({ type }) => type);
  story.tell(
    `in xa the child is safe, in care; these answers would betray it and are stopped: ${stoppedTypes.join(', ')}`,
  );
  const whereKnown = await playSteps(startPlay(scenario, story.cases, story.teamOf), known);
  // The same question about a child xa has never heard of; "not traced" would tell it from the first.
  const elsewhere: Scenario = { ...scenario, requestedKnows: { childIsHere: 'no', asylum: [] } };
  const unknown = known.filter(({ type }) => ['ENQ', 'ACK', 'NEG', 'NIC'].includes(type));
  const whereUnknown = await playSteps(startPlay(elsewhere, story.cases, story.teamOf), unknown);
  expect(
    whereKnown.proposal.content === whereUnknown.proposal.content,
    'known and unknown must be answered alike, byte for byte',
  );
  story.tell(
    '"no information can be communicated": the same bytes for a child who is there and for one who is not',
  );
}

const upToAnswer = ({ steps }: Scenario): readonly Step[] =>
  steps.slice(0, steps.findIndex(({ type }) => type === 'NIC') + 1);
