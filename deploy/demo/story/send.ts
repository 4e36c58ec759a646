/** A sealed enquiry with files leaves xa once it is cleared and a second person has approved it. */
import { awaitStep, proposeStep, settleStep, stepOf } from '../play.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

export async function send({ mainJourney: play, tell }: Story): Promise<void> {
  const enquiry = stepOf(play.scenario, 'ENQ');
  const { proposal, stored } = await proposeStep(play, enquiry);
  tell(`from ${enquiry.file}, as \`focalnet enquiry send --file\` sends it`);
  for (const { media, bytes, removed } of stored) {
    const traces = removed.map(({ kind }) => kind).join(', ');
    tell(`${media}, ${megabytes(bytes)} after cleaning; taken out: ${traces}`);
  }
  expect(proposal.status === 'stopped', 'without a clearance the enquiry is stopped');
  tell(`stopped: ${proposal.stoppedBy[0]!.explanation}`);
  const released = await settleStep(play, enquiry, proposal);
  tell('cleared by a supervisor and a legal adviser, approved by a second person, sealed to xb alone');
  const { author, peer } = await awaitStep(play, enquiry, { proposal: released, stored });
  const receipt = author.acts[0]!;
  tell(`xb's signed receipt: ${receipt.stage} at ${receipt.deliveredAt}; both sides say ${peer.state}`);
}
