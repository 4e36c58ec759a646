/** A State that opens no port and is away: its mailbox holds what was sent until it comes. */

import { findListeningPorts } from '../listening-ports.ts';
import type { RunningNode } from '../network.ts';
import { awaitStep, playSteps, releaseStep, stepOf } from '../play.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import { hasStage, waitFor } from '../wait-for.ts';
import { linkGuardian } from './represented.ts';

export async function offline(story: Story): Promise<void> {
  const { teamOf, tell } = story;
  await story.stopTeam('xc');
  const play = story.play('02-offline-state');
  const enquiry = stepOf(play.scenario, 'ENQ');
  const sent = await releaseStep(play, enquiry);
  await waitFor(
    teamOf('xa').officer,
    sent.proposal.thread,
    'the mailbox to hold the enquiry',
    hasStage('ENQ', 'relayed'),
  );
  tell('xc is down: the gateway holds the sealed enquiry for it and has signed that it does');
  const { node } = await story.startTeam('xc');
  await awaitStep(play, enquiry, sent);
  tell('xc started and fetched it; its signed receipt came back through the gateway');
  await requireNoOpenPort(node, tell);
  await playSteps(play, play.scenario.steps.slice(1));
  tell(`xc answered the same way. ${play.scenario.ending}`);
  await linkGuardian(teamOf('xa'), sent.proposal.thread);
  tell('the guardian of xa represents this child, too, and can follow her matter when the story is over');
}

/** Outbound-only: whatever xc has started, only what is for its own people on this machine listens: officers and operator. */
async function requireNoOpenPort(node: RunningNode, tell: Story['tell']): Promise<void> {
  expect(node.machineUrl === null, 'xc must have no machine endpoint');
  const own = [node.officerUrl, node.operationsUrl]
    .map((url) => Number(new URL(url).port))
    .sort((a, b) => a - b);
  const ports = await findListeningPorts(node.pid);
  if (ports === null) return tell('which ports xc listens on was not looked at: this system has no /proc');
  expect(
    ports.join() === own.join(),
    `xc listens on ${ports.join(', ')}; only its officers' and its operator's ${own.join(', ')} may be open`,
  );
  tell(
    `looked up in /proc: of all processes of xc only the ports of its officers and its operator listen (${own.join(', ')}), none for other nodes`,
  );
}
