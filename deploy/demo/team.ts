/**
 * The invented people of one State and what they do together: one proposes, others clear, another approves.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Role } from '#node/access/actor.ts';
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import { type ActRequest, approve, clear, isMessageCode, type Proposal, propose } from '../act.ts';
import { type OfficerClient, OfficerError, openOfficerClient } from '../officer-client.ts';
import { personId } from './invented-people.ts';
import type { RunningNode } from './network.ts';
import { signInAs } from './sign-in-as.ts';
import { StepError } from './step-error.ts';

export interface Team {
  readonly node: RunningNode;
  readonly officer: OfficerClient;
  readonly supervisor: OfficerClient;
  readonly adviser: OfficerClient;
  readonly head: OfficerClient;
  /** Value of the session cookie of each of these people, and of the head of the office. */
  readonly sessions: Readonly<Record<TeamRole, string>>;
}

/** Roles of the story. */
export const teamRoles = [
  'officer',
  'supervisor',
  'legal-adviser',
  'head',
] as const satisfies readonly Role[];
export type TeamRole = (typeof teamRoles)[number];

/** They sign in as people do. Once the node knows the network: a moment after its start it has the trust list, and with it its peers. @throws StepError */
export async function openTeam(node: RunningNode): Promise<Team> {
  const signedIn = teamRoles.map(
    async (role) => [role, await signInAs(node.officerUrl, personId(role, node.code))] as const,
  );
  const sessions = Object.fromEntries(await Promise.all(signedIn)) as Record<TeamRole, string>;
  const client = (role: TeamRole) => openDesk(node, role, sessions[role]);
  const officer = client('officer');
  await awaitPeers(node.code, officer);
  return {
    node,
    sessions,
    officer,
    supervisor: client('supervisor'),
    adviser: client('legal-adviser'),
    head: client('head'),
  };
}

/** A person at work: who is asked for a fresh proof gives it, and does again what it was needed for. */
function openDesk({ officerUrl, code }: RunningNode, role: TeamRole, session: string): OfficerClient {
  const client = openOfficerClient(officerUrl, session);
  let fresh = client;
  return {
    ...client,
    ask: async <T>(query: string, variables?: Record<string, unknown>) => {
      try {
        return await fresh.ask<T>(query, variables);
      } catch (error) {
        if (!(error instanceof OfficerError && error.code === 'STEP_UP_NEEDED')) throw error;
        const steppedUp = await signInAs(officerUrl, personId(role, code), { query: '?step-up=1' });
        fresh = openOfficerClient(officerUrl, steppedUp);
        return fresh.ask<T>(query, variables);
      }
    },
  };
}

async function awaitPeers(code: string, officer: OfficerClient): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const { peers } = await officer.ask<{ peers: { reachable: boolean }[] }>('{ peers { reachable } }');
    if (peers.some(({ reachable }) => reachable)) return;
    await delay(50);
  }
  throw new StepError(`${code} has not received the trust list within half a minute`);
}

const NO_HARM = {
  answer: 'not-likely-to-endanger',
  reasons: 'INVENTED: nothing in it tells where the child is.',
};

/** What an officer states beside an act who was asked about a child that is elsewhere, unless `known` says otherwise. */
export const statement = (known: { childIsHere?: string; asylum?: readonly unknown[] } = {}) => ({
  childIsHere: known.childIsHere ?? 'no',
  asylum: known.asylum ?? [],
  harm: NO_HARM,
});

const isApprovedAfterwards = ({ type }: Proposal): boolean =>
  isMessageCode(type) && messageRow(type).secondWithinHours !== undefined;

/** Who proposes an act: of a refusal, a supervisor; the legal adviser lets it leave. */
export const proposerOf = (team: Team, type: string): OfficerClient =>
  type === 'REF' ? team.supervisor : team.officer;

/** The head lets these people of the office read what is for named readers: a draft too, of which one must grant a clearance (PRACTICE.md A15). */
export async function admit(team: Team, thread: string, who: readonly TeamRole[]): Promise<void> {
  for (const role of who)
    await team.head.ask(
      'mutation ($thread: ID!, $person: ID!) { admitReader(thread: $thread, person: $person) }',
      { thread, person: personId(role, team.node.code) },
    );
}

/**
 * Clears what a gate stopped, if the story says that it was cleared; then it waits for its second person.
 * @param kinds clearances that are given
 * @throws StepError when a gate stops it for good; OfficerError
 */
export async function passGates(team: Team, proposed: Proposal, kinds: readonly string[]): Promise<Proposal> {
  let proposal = proposed;
  if (proposal.status === 'stopped' && kinds.length > 0) {
    const people = {
      asks: team.supervisor,
      // A place is released by a decider; all else here is the legal adviser's word.
      grants: (kind: string) => (kind === 'place' ? team.head : team.adviser),
      proposes: proposerOf(team, proposal.type),
    };
    const grounds = 'INVENTED: decided by two people for exactly this act and this State.';
    proposal = await clear({ kinds, grounds, ...people }, proposal);
  }
  if (proposal.status === 'stopped') {
    const rules = proposal.stoppedBy.map(({ rule }) => rule).join(', ');
    throw new StepError(`${proposal.type} was stopped by ${rules}`);
  }
  return proposal;
}

/**
 * Takes a proposal on to its release: past the gates, and a second person approves.
 * @throws as passGates
 */
export async function settle(team: Team, proposed: Proposal, kinds: readonly string[]): Promise<Proposal> {
  const proposal = await passGates(team, proposed, kinds);
  const isWaiting = proposal.status === 'waiting';
  // What one person may send in danger has left already; a second looks at it afterwards.
  if (!isWaiting && !isApprovedAfterwards(proposal)) return proposal;
  return approve(proposal.type === 'REF' ? team.adviser : team.supervisor, proposal);
}

/** Proposes an act and takes it on to its release. @throws as `settle` */
export async function release(
  team: Team,
  type: MessageCode,
  request: ActRequest,
  kinds: readonly string[] = [],
): Promise<Proposal> {
  return settle(team, await propose(proposerOf(team, type), type, request), kinds);
}
