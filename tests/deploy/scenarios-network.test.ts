/**
 * The twelve invented scenarios, played to their end by people of three States on a real network: a gateway and three nodes,
 * each a process with a PostgreSQL of its own, over HTTP. One network for all of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codes } from '#deploy/demo/found-network.ts';
import { type DemoNetwork, openDemoNetwork } from '#deploy/demo/network.ts';
import { awaitLogEntry, countLogEntries } from '#deploy/demo/node-log.ts';
import { awaitStep, type Play, playStep, releaseStep, startPlay } from '#deploy/demo/play.ts';
import type { Scenario, Step } from '#deploy/demo/scenario.ts';
import { openTeam, type Team } from '#deploy/demo/team.ts';
import { hasStage, type SeenConversation, waitFor } from '#deploy/demo/wait-for.ts';
import { writeCases } from '#deploy/demo/write-cases.ts';
import { scenarios } from '#tests/fixtures/scenarios.ts';

// Every act is sealed, sent, opened, receipted and witnessed; the machine may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const [, , , , , asylumPossible] = scenarios;
let folder: string;
let cases: string;
let network: DemoNetwork;
const teams = new Map<string, Team>();
const teamOf = (code: string): Team => teams.get(code)!;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-scenarios-'));
  cases = join(folder, 'cases');
  network = await openDemoNetwork(join(folder, 'network'));
  await Promise.all([writeCases(cases), network.startGateway()]);
  await Promise.all(codes.map(startTeam));
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

async function startTeam(code: (typeof codes)[number]): Promise<void> {
  teams.set(code, await openTeam(await network.startNode(code)));
}

/** The second of two acts arrives first: the peer is away, and its mailbox gives it what is urgent before the rest. */
async function playOvertaking(play: Play, slow: Step, fast: Step): Promise<void> {
  const { requested } = play.scenario.states[slow.thread]!;
  await teamOf(requested).node.stop();
  const released = [await releaseStep(play, slow), await releaseStep(play, fast)];
  const [{ proposal }] = released as [(typeof released)[0]];
  await waitFor(
    teamOf('xa').officer,
    proposal.thread,
    'both in the mailbox',
    (seen) => hasStage(slow.type, 'relayed')(seen) && hasStage(fast.type, 'relayed')(seen),
  );
  await startTeam(requested as 'xb');
  const { expectState, ...early } = fast;
  await awaitStep(play, early, released[1]!);
  const { peer } = await awaitStep(play, { ...slow, expectState }, released[0]!);
  const deliveredAt = (type: string) => peer.acts.find((act) => act.type === type)!.deliveredAt!;
  expect(deliveredAt(fast.type) <= deliveredAt(slow.type)).toBe(true);
}

async function playToItsEnd(scenario: Scenario): Promise<Play> {
  const play = startPlay(scenario, cases, teamOf);
  const waiting = [...scenario.steps];
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    if (waiting[0]?.overtakes) await playOvertaking(play, step, waiting.shift()!);
    else await playStep(play, step);
  }
  return play;
}

describe('the twelve scenarios on a real network', () => {
  test.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', async (_, scenario) => {
    const play = await playToItsEnd(scenario);
    const leave = scenario.steps.filter(({ expectBlocked }) => expectBlocked === undefined);
    expect(new Set(play.threads.keys())).toEqual(new Set(leave.map(({ thread }) => thread)));
    for (const [name, thread] of play.threads) {
      const { requester, requested } = scenario.states[name]!;
      const closedAt = (code: string) =>
        waitFor(teamOf(code).officer, thread, 'the end', ({ state }) => state === 'CLOSED');
      const [asking, asked] = [await closedAt(requester!), await closedAt(requested!)];
      expect([asking.danger, asked.danger]).toEqual([false, false]);
      const told = leave.filter((step) => step.thread === name).map(({ type, side }) => `${side} ${type}`);
      const heldBy = ({ acts }: SeenConversation) =>
        acts.map(({ id, n, side, type }) => ({ id, n, side, type }));
      expect(heldBy(asked)).toEqual(heldBy(asking));
      expect(asking.acts.map(({ type, side }) => `${side} ${type}`).sort()).toEqual(told.sort());
      for (const act of [...asking.acts, ...asked.acts])
        expect([act.type, act.withoutEffect, act.ours ? act.stage : 'delivered']).toEqual([
          act.type,
          false,
          'delivered',
        ]);
    }
  });

  test('06: nothing of it left, and the log shows it', async () => {
    const { officer, node } = teamOf('xa');
    const before = await countLogEntries(node.machineUrl!);
    const play = startPlay(asylumPossible, cases, teamOf);
    const stopped = [];
    for (const step of asylumPossible.steps) {
      const counted = await countLogEntries(node.machineUrl!);
      stopped.push((await releaseStep(play, step)).proposal);
      await awaitLogEntry(node.machineUrl!, counted, 'act.stopped');
      if (step.takenBack) await awaitLogEntry(node.machineUrl!, counted, 'proposal.withdrawn');
    }
    const after = await countLogEntries(node.machineUrl!);
    expect(after.get('message.sealed')).toBe(before.get('message.sealed'));
    expect(after.get('act.released')).toBe(before.get('act.released'));
    const proposal = stopped[0]!;
    const look = 'query ($thread: ID!) { conversation(thread: $thread) { state } }';
    const unknown = { code: 'CONVERSATION_UNKNOWN' };
    for (const { officer: anyone } of teams.values())
      await expect(anyone.ask(look, { thread: proposal.thread })).rejects.toMatchObject(unknown);
    const { proposal: kept } = await officer.ask<{ proposal: { status: string; messageId: string | null } }>(
      'query ($id: ID!) { proposal(id: $id) { status messageId } }',
      { id: proposal.id },
    );
    expect(kept).toEqual({ status: 'stopped', messageId: null });
  });
});
