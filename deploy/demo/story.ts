/**
 * What the steps of the journey share, and their order. Each step does what people do and then looks whether it held.
 */
import type { Code } from './found-network.ts';
import type { DemoNetwork } from './network.ts';
import { type Play, startPlay } from './play.ts';
import { readScenario } from './scenario.ts';
import { expect } from './step-error.ts';
import { answer } from './story/answer.ts';
import { caseFile } from './story/case-file.ts';
import { crossing } from './story/crossing.ts';
import { erased } from './story/erased.ts';
import { evidence } from './story/evidence.ts';
import { followed } from './story/followed.ts';
import { locate } from './story/locate.ts';
import { offline } from './story/offline.ts';
import { refused } from './story/refused.ts';
import { represented } from './story/represented.ts';
import { send } from './story/send.ts';
import { stopped } from './story/stopped.ts';
import { urgent } from './story/urgent.ts';
import { withdrawn } from './story/withdrawn.ts';
import { openTeam, type Team } from './team.ts';

export interface Story {
  readonly network: DemoNetwork;
  /** The invented cases as files. */
  readonly cases: string;
  readonly tell: (line: string) => void;
  /** People of a State whose node runs. @throws StepError */
  readonly teamOf: (code: string) => Team;
  readonly startTeam: (code: Code) => Promise<Team>;
  readonly stopTeam: (code: Code) => Promise<void>;
  readonly teams: () => readonly Team[];
  /** A scenario from its beginning; the main journey goes on where an earlier step left it. */
  readonly play: (name: string) => Play;
  readonly mainJourney: Play;
  /** Paths of the bundles written. */
  readonly evidence: string[];
}

export interface StoryStep {
  readonly name: string;
  readonly title: string;
  readonly run: (story: Story) => Promise<void>;
}

export const steps: readonly StoryStep[] = [
  { name: 'send', title: 'An officer in xa asks xb about a child', run: send },
  { name: 'answer', title: 'xb acknowledges, asks back, replies, reports', run: answer },
  { name: 'case-file', title: 'The child’s file, in which two write at once', run: caseFile },
  { name: 'represented', title: 'A guardian is linked, and follows what was asked', run: represented },
  { name: 'followed', title: 'The guardian follows the child’s matter in two States', run: followed },
  { name: 'offline', title: 'xc is down, then fetches its mail and answers', run: offline },
  { name: 'refused', title: 'An enquiry that cannot be answered, and the way to ask', run: refused },
  { name: 'withdrawn', title: 'Agreement is withdrawn', run: withdrawn },
  { name: 'stopped', title: 'An enquiry that must not leave', run: stopped },
  { name: 'locate', title: 'A father asks where his child is', run: locate },
  { name: 'urgent', title: 'An alert overtakes fifty routine messages', run: urgent },
  { name: 'crossing', title: 'A report and a withdrawal cross', run: crossing },
  { name: 'evidence', title: 'Both States prove the first exchange', run: evidence },
  { name: 'erased', title: 'The file is erased, and both States prove it', run: erased },
];

export function openStory(network: DemoNetwork, cases: string, tell: (line: string) => void): Story {
  const teams = new Map<string, Team>();
  const teamOf = (code: string) => {
    const team = teams.get(code);
    expect(team !== undefined, `the node of ${code} does not run`);
    return team;
  };
  const play = (name: string) => startPlay(readScenario(name), cases, teamOf);
  return {
    network,
    cases,
    tell,
    teamOf,
    startTeam: async (code) => {
      const team = teams.get(code) ?? (await openTeam(await network.startNode(code)));
      teams.set(code, team);
      return team;
    },
    stopTeam: async (code) => {
      await teams.get(code)?.node.stop();
      teams.delete(code);
    },
    teams: () => [...teams.values()].sort((a, b) => a.node.code.localeCompare(b.node.code)),
    play,
    mainJourney: play('01-main-journey'),
    evidence: [],
  };
}
