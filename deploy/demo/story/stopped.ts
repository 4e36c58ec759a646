/** An enquiry to a State the child may fear: a gate stops it, and the log shows that nothing left. */
import { approve } from '../../act.ts';
import { awaitLogEntry, countLogEntries } from '../node-log.ts';
import { releaseStep, stepOf } from '../play.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

export async function stopped({ play: open, teamOf, tell }: Story): Promise<void> {
  const { supervisor, node } = teamOf('xa');
  const before = await countLogEntries(node.machineUrl!);
  const play = open('06-asylum-possible');
  const { proposal } = await releaseStep(play, stepOf(play.scenario, 'ENQ'));
  for (const rule of proposal.stoppedBy) tell(`${rule.rule}: ${rule.explanation} (${rule.source})`);
  const refusal = await approve(supervisor, proposal).catch((error: Error) => error);
  expect(refusal instanceof Error, 'nobody can approve what a gate has stopped');
  tell('a supervisor who tries to approve it all the same is refused');
  const after = await awaitLogEntry(node.machineUrl!, before, 'act.stopped');
  const sealed = (after.get('message.sealed') ?? 0) - (before.get('message.sealed') ?? 0);
  expect(sealed === 0, 'nothing may have been sealed meanwhile');
  tell("xa's public log has one more act.stopped and not one more message.sealed: nothing left");
}
