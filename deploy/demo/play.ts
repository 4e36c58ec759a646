/**
 * Plays the acts of an invented scenario on a running network, as the people of both States do them, over the officers'
 * endpoints. The demo and the tests of scenarios play through this.
 */
import { join } from 'node:path';
import { type Proposal, propose, proposeFile, readEnquiryFile, safetyOf, uploadFile } from '../act.ts';
import type { OfficerClient, StoredFile } from '../officer-client.ts';
import { enquiryOf, type Scenario, type Step } from './scenario.ts';
import { expect } from './step-error.ts';
import { admit, proposerOf, settle, statement, type Team } from './team.ts';
import { type SeenConversation, waitFor } from './wait-for.ts';

export interface Play {
  readonly scenario: Scenario;
  /** Where its files lie: `enquiries`, `scenarios` and `attachments`. */
  readonly folder: string;
  /** People of a State; asked each time, since a node may have been started anew. */
  readonly teamOf: (code: string) => Team;
  /** Threads by the scenario's own names for its conversations. */
  readonly threads: Map<string, string>;
}

export interface Played {
  readonly proposal: Proposal;
  /** What became of its attachments. */
  readonly stored: readonly StoredFile[];
}

export const startPlay = (scenario: Scenario, folder: string, teamOf: Play['teamOf']): Play => ({
  scenario,
  folder,
  teamOf,
  threads: new Map(),
});

const codesOf = ({ scenario }: Play, step: Step): { author: string; peer: string } => {
  const { requester, requested } = scenario.states[step.thread]!;
  return step.side === 'requester'
    ? { author: requester, peer: requested }
    : { author: requested, peer: requester };
};
const authorOf = (play: Play, step: Step): Team => play.teamOf(codesOf(play, step).author);

/** Proposes the act of a step, with its files; nobody has cleared or approved anything yet. */
export async function proposeStep(play: Play, step: Step): Promise<Played> {
  const team = authorOf(play, step);
  const officer = proposerOf(team, step.type);
  if (step.file !== undefined) {
    const path = join(play.folder, 'enquiries', step.file);
    const file = await readEnquiryFile(path);
    return proposeFile(officer, path, { ...file, caseFacts: { ...file.caseFacts, ...step.knows } });
  }
  const stored: StoredFile[] = [];
  for (const path of step.attachments)
    stored.push(await uploadFile(officer, join(play.folder, 'scenarios', path)));
  const thread = play.threads.get(step.thread);
  const proposal = await propose(officer, step.type, {
    ...(thread === undefined ? { peer: codesOf(play, step).peer } : { thread }),
    body: step.body,
    attachments: stored.map(({ id }) => id),
    safety: statementOf(play, step),
  });
  return { proposal, stored };
}

/** What an officer states beside the act: from the enquiry's file on the side that asks, else what the scenario says. */
function statementOf({ scenario }: Play, step: Step): Record<string, unknown> {
  if (step.side === 'requested') return statement(scenario.requestedKnows);
  const enquiry = enquiryOf(scenario, step);
  return enquiry ? { ...safetyOf(enquiry), harm: statement().harm } : statement();
}

function clearancesOf({ scenario }: Play, step: Step): string[] {
  const written = step.side === 'requester' ? (enquiryOf(scenario, step)?.caseFacts.clearances ?? []) : [];
  return [...new Set([...step.cleared, ...written.map(({ kind }) => kind)])];
}

/** Releases the act of a step; one that a gate must stop is only proposed. @throws StepError; OfficerError */
export async function releaseStep(play: Play, step: Step): Promise<Played> {
  const { proposal, stored } = await proposeStep(play, step);
  if (step.expectBlocked !== undefined) {
    const gates = proposal.stoppedBy.map(({ gate }) => gate);
    expect(gates.includes(step.expectBlocked), `${step.type} should be stopped by ${step.expectBlocked}`);
    expect(proposal.messageId === null, 'what is stopped becomes no message');
    if (step.takenBack) await takeBack(authorOf(play, step).officer, proposal, step.takenBack);
    return { proposal, stored };
  }
  return { proposal: await settleStep(play, step, proposal), stored };
}

/** An enquiry for named readers closes its conversation to the rest of both offices. */
const isForNamed = ({ scenario }: Play, step: Step): boolean =>
  step.type === 'ENQ' && enquiryOf(scenario, step)?.body.handling.readers === 'eyes-only';

/** Records that the family is traced outside State channels, and takes back what was stopped. @throws StepError; OfficerError */
async function takeBack(
  officer: OfficerClient,
  { id }: Proposal,
  { outsideBy, reason }: NonNullable<Step['takenBack']>,
): Promise<void> {
  const { withdrawProposal } = await officer.ask<{
    withdrawProposal: { status: string; outsideBy: string | null; withdrawReason: string | null };
  }>(
    `mutation ($id: ID!, $outsideBy: TracingWay, $reason: String) {
      withdrawProposal(proposal: $id, outsideBy: $outsideBy, reason: $reason) { status outsideBy withdrawReason } }`,
    { id, outsideBy, reason },
  );
  const { status, ...kept } = withdrawProposal;
  expect(status === 'withdrawn', 'what was stopped should have been taken back');
  expect(
    kept.outsideBy === outsideBy && kept.withdrawReason === reason,
    'who traces the family must be on record',
  );
}

/** Takes a step's proposal on to its release, with the clearances that the story says were given. */
export async function settleStep(play: Play, step: Step, proposal: Proposal): Promise<Proposal> {
  const kinds = clearancesOf(play, step);
  if (isForNamed(play, step) && kinds.length > 0)
    await admit(authorOf(play, step), proposal.thread, ['legal-adviser']);
  const released = await settle(authorOf(play, step), proposal, kinds);
  play.threads.set(step.thread, released.thread);
  return released;
}

export interface Both {
  readonly author: SeenConversation;
  readonly peer: SeenConversation;
}

/** Waits until a released act is at both sides and its receipt is back. @throws StepError, also where the state is not as told */
export async function awaitStep(play: Play, step: Step, { proposal }: Played): Promise<Both> {
  const codes = codesOf(play, step);
  const { thread, messageId } = proposal;
  const what = `${step.type} of ${codes.author}`;
  const [peer, author] = await Promise.all([
    awaitAtPeer(play, step, thread, `${what} at ${codes.peer}`, messageId!),
    waitFor(authorOf(play, step).officer, thread, `the receipt for ${what}`, ({ acts }) =>
      acts.some(({ id, stage }) => id === messageId && (stage === 'delivered' || stage === 'opened')),
    ),
  ]);
  for (const { state } of step.expectState === undefined ? [] : [peer, author])
    expect(
      state === step.expectState,
      `after ${what} the conversation should be ${step.expectState}, it is ${state}`,
    );
  return { author, peer };
}

/** What is for named readers is closed there to all but the head (PRACTICE.md A15), who lets in those who work on it. */
async function awaitAtPeer(play: Play, step: Step, thread: string, what: string, messageId: string) {
  const team = play.teamOf(codesOf(play, step).peer);
  const isClosed = step.type === 'LSW' || isForNamed(play, step);
  const seen = await waitFor(isClosed ? team.head : team.officer, thread, what, ({ acts }) =>
    acts.some(({ id }) => id === messageId),
  );
  if (isClosed) await admit(team, thread, ['officer', 'supervisor', 'legal-adviser']);
  return seen;
}

/** Releases an act and waits until it is at both sides. An act that must be stopped leaves nothing to wait for. */
export async function playStep(play: Play, step: Step): Promise<Played> {
  const played = await releaseStep(play, step);
  if (step.expectBlocked === undefined) await awaitStep(play, step, played);
  return played;
}

/** Plays the steps one after the other. @returns the last one */
export async function playSteps(play: Play, steps: readonly Step[]): Promise<Played> {
  let last: Played | undefined;
  for (const step of steps) last = await playStep(play, step);
  expect(last !== undefined, 'the scenario has no such step');
  return last;
}

/** Steps from the first up to and with the first of a type. */
export function stepsUpTo({ steps }: Scenario, type: Step['type']): readonly Step[] {
  return steps.slice(
    0,
    steps.findIndex((step) => step.type === type && step.expectBlocked === undefined) + 1,
  );
}

export function stepOf({ steps }: Scenario, type: Step['type']): Step {
  const step = steps.find((one) => one.type === type);
  expect(step !== undefined, `the scenario has no ${type}`);
  return step;
}
